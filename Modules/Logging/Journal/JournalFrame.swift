import Glibc
import Units

/// One record of a journal, as bytes.
///
/// Little-endian throughout:
///
///     0  magic FF 'T' 'J' FE      no UTF-8 text contains FF or FE, so no field can imitate a frame
///     4  CRC-32C of everything after it
///     8  payload bytes, UInt32
///    12  payload
///
/// Payload: 0 kind · 1 version · 2 source · 3 end · 4 flags · 6 status · 8 attempt number · 12 zero · 16 id ·
/// 24 sequence · 32 key · 40 started · 48 first byte · 56 ended · 64 cost · 72 held · 80 eight token counts ·
/// 144 eight texts, each a UInt16 length (FFFF for none) and its UTF-8.
///
/// An open and a close have the same fields: a close alone makes a row, and so does an open that was never closed.
enum JournalFrame {
    enum Kind: UInt8 {
        case open = 1
        case close = 2
    }

    static let magic: UInt32 = 0xfe4a_54ff
    static let version: UInt8 = 1
    static let headerBytes = 12
    static let fixedBytes = 144
    static let textCount = 8
    /// What is longer is cut: the frame's size has a bound, and no honest model or provider name comes near.
    static let textBytesMax = 512
    static let noText: UInt16 = 0xffff
    static let payloadBytesMin = fixedBytes + textCount * 2
    static let payloadBytesMax = fixedBytes + textCount * (2 + textBytesMax)
    static let bytesMax = headerBytes + payloadBytesMax
    static let noTime = Int64.min

    /// Writes a frame to `start`, which has room for ``bytesMax``.
    ///
    /// - Returns: the frame's length.
    static func encode(_ record: AttemptRecord, as kind: Kind, to start: UnsafeMutableRawPointer) -> Int {
        let payload = start + headerBytes
        payload.storeBytes(of: kind.rawValue, as: UInt8.self)
        payload.storeBytes(of: version, toByteOffset: 1, as: UInt8.self)
        payload.storeBytes(of: record.source.rawValue, toByteOffset: 2, as: UInt8.self)
        payload.storeBytes(of: record.end.rawValue, toByteOffset: 3, as: UInt8.self)
        payload.put(record.flags.rawValue, at: 4)
        payload.put(UInt16(clamping: record.status), at: 6)
        payload.put(UInt32(clamping: record.attemptNumber), at: 8)
        payload.put(UInt32(0), at: 12)
        payload.put(record.id.rawValue, at: 16)
        payload.put(record.sequence, at: 24)
        payload.put(record.keyID, at: 32)
        payload.put(record.startedAt.nanosecondsSince1970, at: 40)
        payload.put(record.firstByteAt?.nanosecondsSince1970 ?? noTime, at: 48)
        payload.put(record.endedAt.nanosecondsSince1970, at: 56)
        payload.put(record.cost.nanos, at: 64)
        payload.put(record.held.nanos, at: 72)
        payload.put(record.tokens.input.count, at: 80)
        payload.put(record.tokens.cachedInput.count, at: 88)
        payload.put(record.tokens.cacheWrite5m.count, at: 96)
        payload.put(record.tokens.cacheWrite1h.count, at: 104)
        payload.put(record.tokens.output.count, at: 112)
        payload.put(record.tokens.reasoning.count, at: 120)
        payload.put(record.tokens.audioInput.count, at: 128)
        payload.put(record.tokens.audioOutput.count, at: 136)
        var end = payload + fixedBytes
        put(record.requestID, at: &end)
        put(record.endpoint, at: &end)
        put(record.model, at: &end)
        put(record.provider, at: &end)
        put(record.upstreamModel, at: &end)
        put(record.priceID, at: &end)
        put(record.user, at: &end)
        put(record.errorCode, at: &end)

        let payloadBytes = end - payload
        start.put(magic, at: 0)
        start.put(UInt32(payloadBytes), at: 8)
        start.put(CRC32C.of(UnsafeRawBufferPointer(start: start + 8, count: 4 + payloadBytes)), at: 4)
        return headerBytes + payloadBytes
    }

    private static func put(_ text: String?, at end: inout UnsafeMutableRawPointer) {
        guard let text else {
            end.put(noText, at: 0)
            end += 2
            return
        }
        put(text, at: &end)
    }

    private static func put(_ text: String, at end: inout UnsafeMutableRawPointer) {
        let count = text.withBytes { utf8 in
            guard let source = utf8.baseAddress else { return 0 }
            let count = utf8.count <= textBytesMax ? utf8.count : cut(utf8)
            memcpy(end + 2, source, count)
            return count
        }
        end.put(UInt16(count), at: 0)
        end += 2 + count
    }

    /// The longest prefix within ``textBytesMax`` that does not end inside a character.
    private static func cut(_ utf8: UnsafeRawBufferPointer) -> Int {
        var count = textBytesMax
        while count > 0, utf8[count] & 0xc0 == 0x80 { count -= 1 }
        return count
    }
}

extension UnsafeMutableRawPointer {
    func put<Number: FixedWidthInteger & BitwiseCopyable>(_ number: Number, at offset: Int) {
        storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
    }
}

extension UnsafeRawPointer {
    func number<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type, at offset: Int) -> Number {
        Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}
