import Glibc
import Units

/// The first 64 bytes of a journal segment.
///
///     0  "TGJOURN1"            8  identity: random, so that a drained position can't be mistaken for another file's
///    16  highest attempt id made in the slot before this segment      24  sequence of the segment's first attempt
///    32  when it was made, ns since 1970      40  slot      48  zeros      60  CRC-32C of the bytes before it
struct SegmentHeader {
    static let bytes = 64
    private static let magic: UInt64 = 0x314e_5255_4f4a_4754

    var identity: Int64
    var highestID: AttemptID
    var nextSequence: Int64
    var createdAt: Timestamp
    var slot: Int

    func write(to start: UnsafeMutableRawPointer) {
        memset(start, 0, Self.bytes)
        start.put(Self.magic, at: 0)
        start.put(identity, at: 8)
        start.put(highestID.rawValue, at: 16)
        start.put(nextSequence, at: 24)
        start.put(createdAt.nanosecondsSince1970, at: 32)
        start.put(Int64(slot), at: 40)
        start.put(CRC32C.of(UnsafeRawBufferPointer(start: start, count: 60)), at: 60)
    }

    init(identity: Int64, highestID: AttemptID, nextSequence: Int64, createdAt: Timestamp, slot: Int) {
        self.identity = identity
        self.highestID = highestID
        self.nextSequence = nextSequence
        self.createdAt = createdAt
        self.slot = slot
    }

    /// Makes a segment file that holds this header and nothing else, or none at all.
    func makeFile(_ path: String) throws(JournalError) -> Int32 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, errno: errno) }
        let count = withUnsafeTemporaryAllocation(byteCount: Self.bytes, alignment: 8) { buffer in
            write(to: buffer.baseAddress!)
            return pwrite(descriptor, buffer.baseAddress, Self.bytes, 0)
        }
        guard count == Self.bytes else {
            let failure = count < 0 ? errno : ENOSPC
            close(descriptor)
            unlink(path)
            throw .writeFailed(errno: failure)
        }
        return descriptor
    }

    /// Random, and positive so that it reads well in the Store.
    static func newIdentity() -> Int64 {
        var random = SystemRandomNumberGenerator()
        return Int64(random.next() >> 1)
    }

    /// - Returns: nil for a header that was not written to its end, or is damaged.
    init?(_ buffer: UnsafeRawBufferPointer) {
        guard buffer.count >= Self.bytes, let start = buffer.baseAddress,
            start.number(UInt64.self, at: 0) == Self.magic,
            start.number(UInt32.self, at: 60) == CRC32C.of(UnsafeRawBufferPointer(start: start, count: 60))
        else { return nil }
        identity = start.number(Int64.self, at: 8)
        highestID = AttemptID(rawValue: start.number(Int64.self, at: 16))
        nextSequence = start.number(Int64.self, at: 24)
        createdAt = Timestamp(nanosecondsSince1970: start.number(Int64.self, at: 32))
        slot = Int(start.number(Int64.self, at: 40))
    }
}

/// One segment file, open for reading.
final class SegmentFile {
    let number: UInt32
    let descriptor: Int32
    let header: SegmentHeader?

    /// - Returns: nil if the file is gone or can't be read.
    init?(_ number: UInt32, in slotPath: String) {
        let descriptor = open(JournalFolder.segmentPath(number, in: slotPath), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        self.number = number
        self.descriptor = descriptor
        header = withUnsafeTemporaryAllocation(byteCount: SegmentHeader.bytes, alignment: 8) { buffer in
            let count = pread(descriptor, buffer.baseAddress, SegmentHeader.bytes, 0)
            return SegmentHeader(UnsafeRawBufferPointer(rebasing: buffer[0..<max(count, 0)]))
        }
    }

    deinit { close(descriptor) }

    /// Bytes in the file now.
    var size: Int {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? Int(facts.st_size) : 0
    }

    /// When it was last written to.
    var writtenAt: Timestamp {
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else { return Timestamp(nanosecondsSince1970: 0) }
        return Timestamp(
            nanosecondsSince1970: Int64(facts.st_mtim.tv_sec) * 1_000_000_000 + Int64(facts.st_mtim.tv_nsec))
    }
}

/// What a slot's journal was up to, read from its files.
struct SlotHistory {
    var highestID: AttemptID?
    var nextSequence: Int64 = 1

    /// Reads the newest segment whose header is whole, and what comes after it. Older ones hold only lower ids.
    init(slotPath: String) {
        for number in JournalFolder.segments(in: slotPath).reversed() {
            guard let file = SegmentFile(number, in: slotPath) else { continue }
            let isWhole = file.header != nil
            if let header = file.header, header.highestID.rawValue > 0 {
                note(header.highestID, header.nextSequence - 1)
            }
            var reader = FrameReader(bufferBytes: 1 << 20)
            let size = file.size
            while reader.nextOffset < size {
                guard (try? reader.read(file, upTo: size)) != nil else { break }
                for frame in reader.frames where frame.kind != nil {
                    note(frame.view.id, frame.view.sequence)
                }
            }
            if isWhole { return }
        }
    }

    private mutating func note(_ id: AttemptID, _ sequence: Int64) {
        highestID = max(highestID ?? id, id)
        nextSequence = max(nextSequence, sequence + 1)
    }
}
