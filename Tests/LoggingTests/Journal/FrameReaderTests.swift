import TestSupport
import Testing
import Units

@testable import Logging

@Suite struct FrameReaderTests {
    let scene = Scene()

    /// Reads a segment made of these bytes after a header.
    func read(
        _ bytes: [UInt8], bufferBytes: Int = 3 * JournalFrame.bytesMax
    ) throws -> (
        numbers: [Int64], damaged: Int, torn: Int
    ) {
        let path = JournalFolder.segmentPath(1, in: scene.root)
        Files.write([UInt8](repeating: 0, count: SegmentHeader.bytes) + bytes, to: path)
        let file = try #require(SegmentFile(1, in: scene.root))
        var reader = FrameReader(bufferBytes: bufferBytes)
        var numbers: [Int64] = []
        while reader.nextOffset < file.size {
            let before = reader.nextOffset
            try reader.read(file, upTo: file.size)
            numbers += reader.frames.map(\.view.sequence)
            try #require(reader.nextOffset > before)
        }
        return (numbers, reader.damagedBytes, reader.tornBytes)
    }

    func frame(_ number: Int64) -> [UInt8] {
        var record = AttemptRecord.sample()
        record.sequence = number
        record.user = String(repeating: "u", count: Int(number * 37 % 500))
        return JournalFrameTests.encode(record)
    }

    @Test func everyWholeFrameBeforeACutIsFoundAndNothingElse() throws {
        let frames = (1...2).map { frame(Int64($0)) }
        let bytes = frames.flatMap { $0 }
        for count in 0...bytes.count {
            var whole: [Int64] = []
            var used = 0
            for (index, frame) in frames.enumerated() where used + frame.count <= count && whole.count == index {
                used += frame.count
                whole.append(Int64(index + 1))
            }
            let found = try read(Array(bytes.prefix(count)))
            #expect(found.numbers == whole)
            #expect(found.torn == count - used && found.damaged == 0)
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5]) func damageCostsOnlyTheFramesItTouches(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let frames = (1...60).map { frame(Int64($0)) }
        for _ in 0..<8 {
            var bytes = frames.flatMap { $0 }
            var touched: Set<Int64> = []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let start = Int.random(in: 0..<bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 1...2000, using: &random))
                for index in start..<end { bytes[index] = UInt8.random(in: 0...255, using: &random) }
                var offset = 0
                for (index, frame) in frames.enumerated() {
                    if offset < end, offset + frame.count > start { touched.insert(Int64(index + 1)) }
                    offset += frame.count
                }
            }
            let found = try read(bytes, bufferBytes: Int.random(in: 2...8, using: &random) * JournalFrame.bytesMax)
            #expect(found.numbers == (1...60).filter { !touched.contains($0) }, "seed \(seed)")
            #expect(found.damaged + found.torn > 0)
        }
    }

    @Test func aTextCannotImitateAFrame() throws {
        // The magic has bytes that no UTF-8 text has: what a client sends can't be taken for a record after damage.
        let inner = frame(99)
        var outer = AttemptRecord.sample()
        outer.user = String(decoding: inner, as: UTF8.self)
        var bytes = JournalFrameTests.encode(outer)
        bytes[20] ^= 1
        #expect(try read(bytes).numbers == [])
    }

    @Test func lengthsThatLieAreNotFollowed() throws {
        var bytes = frame(1)
        let end = bytes.count
        bytes += frame(2)
        bytes += frame(3)
        for length: UInt32 in [0, 1, 159, 4000, 5000, .max] {
            var lying = bytes
            withUnsafeBytes(of: length.littleEndian) { lying.replaceSubrange(end + 8..<end + 12, with: $0) }
            #expect(try read(lying).numbers == [1, 3])
        }
    }
}
