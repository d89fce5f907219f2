import Glibc

/// The status and headers of a provider's answer.
public struct TransferHead: Sendable {
    /// The HTTP status; 0 until the status line has come.
    public private(set) var status = 0
    /// Header lines as `name: value` without CR LF, in their order, at most ``headerBytesMax`` bytes altogether.
    public private(set) var text: [UInt8] = []
    private var lines: [Line] = []

    /// Where a header is in ``text``, found once: the head is looked through several times.
    private struct Line {
        let start: Int32
        let nameEnd: Int32
        let valueStart: Int32
        let end: Int32
    }

    /// A provider that sends more headers than this has the rest of them dropped.
    static let headerBytesMax = 64 << 10

    /// Before anything of the answer has come.
    public init() {}

    /// Begins a head with its status line; what an interim answer (100) left is forgotten.
    mutating func begin(statusLine line: UnsafeRawBufferPointer) {
        status = Self.status(in: line)
        text.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
        // The heads of most providers fit; growing from nothing would copy several times.
        text.reserveCapacity(1024)
        lines.reserveCapacity(32)
    }

    /// Takes a header line without its end.
    mutating func append(header line: UnsafeRawBufferPointer) {
        let count = line.count
        guard text.count + count <= Self.headerBytesMax, let base = line.baseAddress,
            let colon = memchr(base, 58, count)
        else { return }
        let nameEnd = UnsafeRawPointer(colon) - base
        var valueStart = nameEnd &+ 1
        while valueStart < count, base.isBlank(at: valueStart) { valueStart &+= 1 }
        let start = text.count
        text.append(contentsOf: line)
        lines.append(
            Line(
                start: Self.place(start), nameEnd: Self.place(start &+ nameEnd),
                valueStart: Self.place(start &+ valueStart), end: Self.place(start &+ count)))
    }

    /// At most ``headerBytesMax``.
    private static func place(_ place: Int) -> Int32 { Int32(truncatingIfNeeded: place) }

    private static func status(in line: UnsafeRawBufferPointer) -> Int {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")), space + 3 < line.count else { return 0 }
        var value = 0
        for byte in line[(space + 1)...(space + 3)] {
            guard (48...57).contains(byte) else { return 0 }
            value = value * 10 + Int(byte - 48)
        }
        return value
    }

    /// Calls `body` with each header's name, as it was sent, and its trimmed value, in place.
    public func forEach(_ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Void) {
        text.withUnsafeBytes { text in
            for line in lines {
                body(
                    UnsafeRawBufferPointer(rebasing: text[Int(line.start)..<Int(line.nameEnd)]),
                    UnsafeRawBufferPointer(rebasing: text[Int(line.valueStart)..<Int(line.end)]))
            }
        }
    }

    /// The value of the first header of that name, which is given in lower case.
    public subscript(_ name: StaticString) -> String? {
        value(of: name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// As the subscript, but the bytes; nil where there is no such header.
    public func value(of name: StaticString) -> ArraySlice<UInt8>? {
        let found = text.withUnsafeBytes { text in
            lines.first { line in
                guard Int(line.nameEnd - line.start) == name.utf8CodeUnitCount else { return false }
                for offset in 0..<name.utf8CodeUnitCount {
                    let byte = text[Int(line.start) + offset]
                    let lowered = byte >= 65 && byte <= 90 ? byte | 0x20 : byte
                    if lowered != name.utf8Start[offset] { return false }
                }
                return true
            }
        }
        return found.map { text[Int($0.valueStart)..<Int($0.end)] }
    }
}

extension UnsafeRawPointer {
    fileprivate func isBlank(at offset: Int) -> Bool {
        let byte = load(fromByteOffset: offset, as: UInt8.self)
        return byte == 32 || byte == 9
    }
}
