import TestSupport
import Testing
import Units

@testable import Logging

@Suite struct JournalFrameTests {
    static func encode(_ record: AttemptRecord, as kind: JournalFrame.Kind = .close) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: JournalFrame.bytesMax, alignment: 8)
        defer { buffer.deallocate() }
        let count = JournalFrame.encode(record, as: kind, to: buffer.baseAddress!)
        return Array(buffer.prefix(count))
    }

    static func decode(_ bytes: [UInt8]) -> AttemptRecord? {
        bytes.withUnsafeBytes { JournalFrameView(in: $0, at: 0).flatMap { $0.isReadable ? $0.record() : nil } }
    }

    static func random(using random: inout SeededRandom) -> AttemptRecord {
        func text(_ random: inout SeededRandom) -> String {
            let alphabet = Array("abcé中😀\"\\\n\u{0}")
            return String(
                (0..<Int.random(in: 0...40, using: &random)).map { _ in alphabet.randomElement(using: &random)! })
        }
        func number(_ random: inout SeededRandom) -> Int64 { Int64.random(in: 0 ... .max, using: &random) }
        var record = AttemptRecord(
            requestID: text(&random), keyID: number(&random), endpoint: text(&random), model: text(&random),
            provider: text(&random), upstreamModel: text(&random),
            startedAt: Timestamp(nanosecondsSince1970: number(&random)))
        record.id = AttemptID(rawValue: number(&random))
        record.sequence = number(&random)
        record.attemptNumber = Int.random(in: 1...1000, using: &random)
        record.flags = AttemptFlags(rawValue: UInt16.random(in: 0...15, using: &random))
        record.priceID = text(&random)
        record.user = Bool.random(using: &random) ? text(&random) : nil
        record.errorCode = Bool.random(using: &random) ? text(&random) : nil
        record.firstByteAt = Bool.random(using: &random) ? Timestamp(nanosecondsSince1970: number(&random)) : nil
        record.endedAt = Timestamp(nanosecondsSince1970: number(&random))
        record.status = Int.random(in: 0...599, using: &random)
        record.cost = NanoUSD(nanos: number(&random))
        record.held = NanoUSD(nanos: number(&random))
        record.tokens.input = TokenCount(number(&random))
        record.tokens.cachedInput = TokenCount(number(&random))
        record.tokens.cacheWrite5m = TokenCount(number(&random))
        record.tokens.cacheWrite1h = TokenCount(number(&random))
        record.tokens.output = TokenCount(number(&random))
        record.tokens.reasoning = TokenCount(number(&random))
        record.tokens.audioInput = TokenCount(number(&random))
        record.tokens.audioOutput = TokenCount(number(&random))
        record.source = UsageSource.allCases.randomElement(using: &random)!
        record.end = AttemptEnd.allCases.randomElement(using: &random)!
        return record
    }

    @Test func everyFieldSurvivesAFrame() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<500 {
            let record = Self.random(using: &random)
            #expect(Self.decode(Self.encode(record)) == record)
        }
    }

    @Test func noSingleBitCanChangeUnnoticed() {
        let bytes = Self.encode(.sample())
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(changed.withUnsafeBytes { JournalFrameView(in: $0, at: 0) == nil })
        }
    }

    @Test func noPrefixOfAFrameIsAFrame() {
        let bytes = Self.encode(.sample())
        for count in 0..<bytes.count { #expect(Self.decode(Array(bytes.prefix(count))) == nil) }
    }

    @Test func longTextsAreCutBetweenCharacters() {
        var record = AttemptRecord.sample()
        record.model = String(repeating: "é", count: 1000)
        record.user = "a" + String(repeating: "😀", count: 1000)
        let read = Self.decode(Self.encode(record))
        #expect(read?.model == String(repeating: "é", count: 256))
        #expect(read?.user == "a" + String(repeating: "😀", count: 127))
        record.provider = String(repeating: "p", count: 100_000)
        record.endpoint = record.provider
        record.requestID = record.provider
        record.errorCode = record.provider
        record.upstreamModel = record.provider
        record.priceID = record.provider
        #expect(Self.encode(record).count <= JournalFrame.bytesMax)
        #expect(Self.decode(Self.encode(record)) != nil)
    }

    @Test func theChecksumIsCRC32C() {
        // Source: RFC 3720, appendix B.4
        func crc(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { CRC32C.of($0) } }
        #expect(crc(Array("123456789".utf8)) == 0xe306_9283)
        #expect(crc([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(crc([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(crc(Array(0..<32)) == 0x46dd_794e)
        #expect(crc([]) == 0)
    }

    @Test func theInstructionAndTheTablesAgree() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 167) }
        for start in 0..<9 {
            for end in start...bytes.count {
                bytes[start..<end].withUnsafeBytes { #expect(CRC32C.of($0) == CRC32C.fromTables($0)) }
            }
        }
    }
}
