/// Why a time zone could not be had.
public enum TimeZoneError: Error, Equatable, Sendable {
    /// No name of the tz database: it is empty, absolute, or holds `..` or characters that no zone has.
    case invalidName
    /// No such file below the folder, or it can't be read (`errno`).
    case unreadable(Int32)
    /// The file is no TZif file; the words say what is wrong with it.
    case malformed(String)
}

extension TimeZoneRules {
    /// Reads a TZif file, versions 1 to 4.
    ///
    /// Source: RFC 9636, "The Time Zone Information Format (TZif)", section 3. Only instants and offsets are kept;
    /// abbreviations and the standard/wall indicators say nothing about when a day begins.
    public init(tzif bytes: [UInt8]) throws(TimeZoneError) {
        var reader = TZifReader(bytes)
        var header = try reader.header()
        var timeBytes = 4
        if header.version >= 2 {
            // Version 2 and later repeat everything with 64-bit instants after the 32-bit block.
            try reader.skip(header.blockBytes(timeBytes: 4))
            header = try reader.header()
            timeBytes = 8
        }
        guard header.leapSeconds == 0 else {
            throw .malformed("it counts leap seconds, which POSIX time does not")
        }
        var times: [Int64] = []
        times.reserveCapacity(header.changes)
        for _ in 0..<header.changes {
            let time = try reader.integer(bytes: timeBytes)
            if let last = times.last, last >= time { throw .malformed("its changes are not in order") }
            times.append(time)
        }
        var typeOfChange: [Int] = []
        for _ in 0..<header.changes { typeOfChange.append(Int(try reader.byte())) }
        var offsets: [Int32] = []
        for _ in 0..<header.types {
            let offset = try reader.integer(bytes: 4)
            guard offset.magnitude <= TimeZoneRules.offsetMax else { throw .malformed("an offset is beyond 26 hours") }
            offsets.append(Int32(offset))
            _ = try reader.byte()
            _ = try reader.byte()
        }
        try reader.skip(header.abbreviationBytes + header.standardIndicators + header.utcIndicators)
        guard typeOfChange.allSatisfy({ $0 < offsets.count }) else { throw .malformed("a change names no type") }
        var footer: PosixRule?
        if timeBytes == 8 {
            let text = try reader.footer()
            if !text.isEmpty {
                guard let rule = PosixRule(text) else { throw .malformed("its rule for the future can't be read") }
                footer = rule
            }
        }
        self.init(
            firstOffset: offsets[0], changeTimes: times, changeOffsets: typeOfChange.map { offsets[$0] },
            footer: footer)
    }
}

private struct TZifHeader {
    var version: Int
    var utcIndicators: Int
    var standardIndicators: Int
    var leapSeconds: Int
    var changes: Int
    var types: Int
    var abbreviationBytes: Int

    func blockBytes(timeBytes: Int) -> Int {
        changes * (timeBytes + 1) + types * 6 + abbreviationBytes + leapSeconds * (timeBytes + 4) + standardIndicators
            + utcIndicators
    }
}

private struct TZifReader {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func skip(_ count: Int) throws(TimeZoneError) {
        guard count <= bytes.count - position else { throw .malformed("it is cut short") }
        position += count
    }

    mutating func byte() throws(TimeZoneError) -> UInt8 {
        try skip(1)
        return bytes[position - 1]
    }

    /// A signed big-endian number of 4 or 8 bytes.
    mutating func integer(bytes count: Int) throws(TimeZoneError) -> Int64 {
        try skip(count)
        var value: UInt64 = 0
        for byte in bytes[position - count..<position] { value = value << 8 | UInt64(byte) }
        return count == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }

    /// A length in the header. 100,000 is far above any real file and keeps every product small.
    mutating func count() throws(TimeZoneError) -> Int {
        let value = try integer(bytes: 4)
        guard (0...100_000).contains(value) else { throw .malformed("a length in its header is absurd") }
        return Int(value)
    }

    mutating func header() throws(TimeZoneError) -> TZifHeader {
        guard bytes.count - position >= 44, bytes[position..<position + 4].elementsEqual("TZif".utf8) else {
            throw .malformed("it does not begin with TZif")
        }
        let version = bytes[position + 4]
        guard version == 0 || (UInt8(ascii: "2")...UInt8(ascii: "9")).contains(version) else {
            throw .malformed("its version is unknown")
        }
        position += 20
        let header = TZifHeader(
            version: version == 0 ? 1 : Int(version - UInt8(ascii: "0")), utcIndicators: try count(),
            standardIndicators: try count(), leapSeconds: try count(), changes: try count(), types: try count(),
            abbreviationBytes: try count())
        guard header.types >= 1, header.types <= 256 else { throw .malformed("it has no type, or too many") }
        return header
    }

    /// The text between two newlines at the end.
    mutating func footer() throws(TimeZoneError) -> [UInt8] {
        guard try byte() == UInt8(ascii: "\n") else { throw .malformed("its footer is missing") }
        let start = position
        while try byte() != UInt8(ascii: "\n") {}
        return Array(bytes[start..<position - 1])
    }
}
