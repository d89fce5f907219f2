/// The status and headers of a provider's answer.
public struct TransferHead: Sendable {
    /// The HTTP status; 0 until the status line has come.
    public private(set) var status = 0
    /// Header lines as `name: value` without CR LF, in their order, at most ``headerBytesMax`` bytes altogether.
    public private(set) var text: [UInt8] = []
    private var lineRanges: [Range<Int>] = []

    /// A provider that sends more headers than this has the rest of them dropped.
    static let headerBytesMax = 64 << 10

    public init() {}

    /// Takes a line as libcurl hands it over. Returns true at the empty line that ends the head of a final answer.
    mutating func append(line: UnsafeRawBufferPointer) -> Bool {
        var count = line.count
        while count > 0, line[count - 1] == 10 || line[count - 1] == 13 { count -= 1 }
        if count == 0 { return status >= 200 }
        if line.count > 5, line[0] == UInt8(ascii: "H"), line[1] == UInt8(ascii: "T"), line[4] == UInt8(ascii: "/") {
            // A new status line: an interim answer (100) came before.
            status = Self.status(in: line)
            text.removeAll(keepingCapacity: true)
            lineRanges.removeAll(keepingCapacity: true)
            return false
        }
        guard text.count + count <= Self.headerBytesMax else { return false }
        let start = text.count
        text.append(contentsOf: line[..<count])
        lineRanges.append(start..<text.count)
        return false
    }

    private static func status(in line: UnsafeRawBufferPointer) -> Int {
        guard let space = line.firstIndex(of: UInt8(ascii: " ")), space + 3 < line.count else { return 0 }
        var value = 0
        for byte in line[(space + 1)...(space + 3)] {
            guard (48...57).contains(byte) else { return 0 }
            value = value * 10 + Int(byte - 48)
        }
        return value
    }

    /// Calls `body` with each header's name, as it was sent, and its trimmed value.
    public func forEach(_ body: (_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Void) {
        for range in lineRanges {
            guard let colon = text[range].firstIndex(of: UInt8(ascii: ":")) else { continue }
            var start = colon + 1
            while start < range.upperBound, text[start] == 32 || text[start] == 9 { start += 1 }
            body(text[range.lowerBound..<colon], text[start..<range.upperBound])
        }
    }

    /// The value of the first header of that name, which is given in lower case.
    public subscript(_ name: StaticString) -> String? {
        value(of: name).map { String(decoding: $0, as: UTF8.self) }
    }

    public func value(of name: StaticString) -> ArraySlice<UInt8>? {
        let wanted = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        for range in lineRanges where range.count > wanted.count && text[range.lowerBound + wanted.count] == 58 {
            let isMatch = zip(text[range], wanted).allSatisfy { byte, wantedByte in
                (byte >= 65 && byte <= 90 ? byte | 0x20 : byte) == wantedByte
            }
            guard isMatch else { continue }
            var start = range.lowerBound + wanted.count + 1
            while start < range.upperBound, text[start] == 32 || text[start] == 9 { start += 1 }
            return text[start..<range.upperBound]
        }
        return nil
    }
}
