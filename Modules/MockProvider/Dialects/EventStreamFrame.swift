/// A message of `application/vnd.amazon.eventstream`.
///
/// All numbers are big-endian: total length, length of the headers, CRC-32 of these 8 bytes, headers, payload, CRC-32
/// of everything before it. A header is its name's length (1 byte), the name, its type (7: text), the value's length
/// (2 bytes), the value. Source: https://smithy.io/2.0/aws/amazon-eventstream.html and the recorded frames.
enum EventStreamFrame {
    static func write(_ name: String, isException: Bool, _ payload: [UInt8], to out: inout ByteQueue) {
        var headers: [UInt8] = []
        add(isException ? ":exception-type" : ":event-type", name, to: &headers)
        add(":content-type", "application/json", to: &headers)
        add(":message-type", isException ? "exception" : "event", to: &headers)
        var frame: [UInt8] = []
        add(UInt32(16 + headers.count + payload.count), to: &frame)
        add(UInt32(headers.count), to: &frame)
        add(CRC32.of(frame), to: &frame)
        frame += headers
        frame += payload
        add(CRC32.of(frame), to: &frame)
        out.append(frame)
    }

    private static func add(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private static func add(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(name.utf8.count))
        bytes += name.utf8
        bytes.append(7)
        bytes.append(UInt8(truncatingIfNeeded: value.utf8.count >> 8))
        bytes.append(UInt8(truncatingIfNeeded: value.utf8.count))
        bytes += value.utf8
    }
}

/// CRC-32 as in zlib (polynomial 0xEDB88320, reflected).
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    static func of(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8 }
    }
}
