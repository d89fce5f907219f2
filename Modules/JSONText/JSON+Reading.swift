extension JSON {
    /// Reads a document without jansson, for translation: one pass proves that the bytes are JSON and makes the values.
    /// Bytes that are none go through the scanner, which says what is wrong with them.
    ///
    /// The results are `parse`'s, refusals too (equal keys in one object, half surrogate pairs, a NUL in a key, numbers
    /// beyond Double), with one difference: an integer beyond Int64 becomes the nearest real here as well, but the other
    /// integers of such a document stay what they are.
    ///
    /// - Parameters:
    ///   - maxDepth: containers open at once; at most ``ownDepth``.
    ///   - names: texts that need not be made anew.
    public static func read(
        _ bytes: UnsafeRawBufferPointer, maxDepth: Int = 128, names: JSONNames? = nil
    ) throws(JSONError) -> JSON {
        let depthMax = min(max(maxDepth, 1), ownDepth)
        guard let base = bytes.baseAddress, bytes.count > 0 else { throw refusal(of: bytes, depthMax, nil) }
        var reader = JSONTreeReader(base: base, end: bytes.count, depthMax: depthMax, names: names)
        do throws(JSONTreeReader.NotRead) {
            return try reader.document()
        } catch {
            throw refusal(of: bytes, depthMax, reader.refusal)
        }
    }

    /// For documents that translation wrote: a body may be ``JSONLimits/depthCeiling`` deep, so may a text of JSON in it,
    /// and a dialect wraps them in containers of its own.
    public static let ownDepth = 2 * JSONLimits.depthCeiling

    /// What is wrong with bytes that could not be read: what the scanner finds, else what the reader did.
    private static func refusal(
        of bytes: UnsafeRawBufferPointer, _ depthMax: Int, _ found: JSONError?
    ) -> JSONError {
        var limits = JSONLimits.grammar
        limits.depthMax = min(depthMax, JSONLimits.depthCeiling)
        let document: JSONDocument
        do throws(JSONScanError) {
            document = try JSONScanner.scan(bytes, limits: limits)
        } catch {
            if case .tooDeep = error.what, depthMax > limits.depthMax {
                // The scanner does not look that deep.
                return found ?? JSONError(description: "no JSON, or nested deeper than \(depthMax) levels", offset: nil)
            }
            return JSONError(description: error.message(in: bytes), offset: error.offset)
        }
        if let half = document.loneSurrogate {
            return JSONError(description: "half of a surrogate pair at byte \(half)", offset: half)
        }
        return found ?? JSONError(description: "no JSON", offset: nil)
    }

    /// The same, for bytes in an array.
    public static func read(
        _ bytes: [UInt8], maxDepth: Int = 128, names: JSONNames? = nil
    ) throws(JSONError) -> JSON {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONError) in try read(buffer, maxDepth: maxDepth, names: names) }
        }
        return try result.get()
    }

    /// The same, for text.
    public static func read(_ text: String, maxDepth: Int = 128) throws(JSONError) -> JSON {
        var text = text
        let result = text.withUTF8 { buffer in
            Result { () throws(JSONError) in try read(UnsafeRawBufferPointer(buffer), maxDepth: maxDepth) }
        }
        return try result.get()
    }
}

/// Makes values of bytes and proves on the way that they are JSON: as the ``JSONScanner`` does, but for the words of a
/// refusal.
private struct JSONTreeReader {
    /// Reading ended: the bytes are no JSON, or ``refusal`` says why they are refused.
    struct NotRead: Error {}

    private let base: UnsafeRawPointer
    private let end: Int
    private let depthMax: Int
    private let names: JSONNames?
    private var index = 0
    /// Why a document is refused that is JSON.
    private(set) var refusal: JSONError?

    init(base: UnsafeRawPointer, end: Int, depthMax: Int, names: JSONNames?) {
        self.base = base
        self.end = end
        self.depthMax = depthMax
        self.names = names
    }

    mutating func document() throws(NotRead) -> JSON {
        skipWhitespace()
        let value = try value(depth: 0)
        skipWhitespace()
        guard index == end else { throw NotRead() }
        return value
    }

    /// The value at the index. Recursion is bounded by ``depthMax``.
    private mutating func value(depth: Int) throws(NotRead) -> JSON {
        switch byte() {
        case UInt8(ascii: "\""):
            return .string(try string().text)
        case UInt8(ascii: "{"):
            guard depth < depthMax else { throw NotRead() }
            return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["):
            guard depth < depthMax else { throw NotRead() }
            return .array(try array(depth: depth + 1))
        case UInt8(ascii: "t"):
            try skipLiteral(0x6575_7274, 4)
            return .bool(true)
        case UInt8(ascii: "f"):
            try skipLiteral(0x6573_6C61, 5)
            return .bool(false)
        case UInt8(ascii: "n"):
            try skipLiteral(0x6C6C_756E, 4)
            return .null
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(NotRead) -> JSONObject {
        index += 1
        skipWhitespace()
        if take(UInt8(ascii: "}")) { return JSONObject() }
        var members: [JSONObject.Member] = []
        // Nearly every document's outermost object has more members than those in it.
        members.reserveCapacity(depth == 1 ? 8 : 4)
        var lengths: UInt64 = 0
        var known: Set<JSONObject.ByteKey> = []
        while true {
            let start = index
            guard byte() == UInt8(ascii: "\"") else { throw NotRead() }
            let (key, isEscaped) = try string()
            if isEscaped, key.utf8.contains(0) {
                return try refuse("NUL byte in object key not supported", at: start)
            }
            // Many members: walking them all for each would take time by their number's square.
            let bit = JSONObject.bit(of: key)
            let isTwin =
                members.count < 16
                ? lengths & bit != 0 && members.contains { JSONObject.isSame($0.key, key) }
                : !Self.note(key, among: &known, of: members)
            if isTwin { return try refuse("duplicate object key", at: start) }
            lengths |= bit
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { throw NotRead() }
            skipWhitespace()
            members.append(JSONObject.Member(key, try value(depth: depth)))
            skipWhitespace()
            if take(UInt8(ascii: "}")) { return JSONObject(members, lengths: lengths) }
            guard take(UInt8(ascii: ",")) else { throw NotRead() }
            skipWhitespace()
        }
    }

    /// - Returns: false where the key was there already.
    private static func note(
        _ key: String, among known: inout Set<JSONObject.ByteKey>, of members: [JSONObject.Member]
    ) -> Bool {
        if known.isEmpty { known = Set(members.map { JSONObject.ByteKey(text: $0.key) }) }
        return known.insert(JSONObject.ByteKey(text: key)).inserted
    }

    private mutating func array(depth: Int) throws(NotRead) -> [JSON] {
        var elements: [JSON] = []
        index += 1
        skipWhitespace()
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(depth: depth))
            skipWhitespace()
            if take(UInt8(ascii: "]")) { return elements }
            guard take(UInt8(ascii: ",")) else { throw NotRead() }
            skipWhitespace()
        }
    }

    private mutating func refuse<Value>(_ why: String, at offset: Int) throws(NotRead) -> Value {
        refusal = JSONError(description: "\(why) at byte \(offset)", offset: offset)
        throw NotRead()
    }

    // MARK: Scalars

    /// The string whose opening quote is at the index.
    private mutating func string() throws(NotRead) -> (text: String, isEscaped: Bool) {
        let start = index + 1
        let lastBlock = end - ByteSearch.blockBytes
        var place = start
        var isEscaped = false
        while true {
            place = ByteSearch.skipPlainText(base, place, lastBlock)
            guard place < end else { throw NotRead() }
            let found = base.load(fromByteOffset: place, as: UInt8.self)
            if found == UInt8(ascii: "\"") { break }
            if found == UInt8(ascii: "\\") {
                isEscaped = true
                place = try escapeEnd(place)
            } else if found >= 0x80 {
                place = try nonASCIIEnd(place)
            } else if found < 0x20 {
                throw NotRead()
            } else {
                // Within the last block: byte by byte.
                place &+= 1
            }
        }
        index = place + 1
        let count = place - start
        if let names, !isEscaped, count > 0, count <= JSONNames.bytesMax, start + JSONNames.bytesMax <= end,
            let name = names.text(at: base + start, count: count)
        {
            return (name, false)
        }
        let text = UnsafeRawBufferPointer(start: base + start, count: count)
        if isEscaped { return (String(decoding: JSONEscapes.unescaped(text), as: UTF8.self), true) }
        return (text.withMemoryRebound(to: UInt8.self) { String(decoding: $0, as: UTF8.self) }, false)
    }

    private func nonASCIIEnd(_ place: Int) throws(NotRead) -> Int {
        do throws(JSONScanError) { return try JSONScanner.skipNonASCII(base, place, end, end) } catch {}
        throw NotRead()
    }

    private func escapeEnd(_ place: Int) throws(NotRead) -> Int {
        do throws(JSONScanError) {
            let escape = try JSONScanner.skipEscape(base, place, end)
            if !escape.isHalf { return escape.end }
        } catch {}
        throw NotRead()
    }

    /// Powers of ten that a Double holds exactly.
    private static let exactPowers: [Double] = (0...22).map { (0..<$0).reduce(1.0) { power, _ in power * 10 } }

    private mutating func number() throws(NotRead) -> JSON {
        let start = index
        let isNegative = take(UInt8(ascii: "-"))
        // Negative, because Int64's lowest number has no positive twin.
        var digits: Int64 = 0
        var overflows = false
        let whole = takeDigits(&digits, &overflows)
        let hasLeadingZero = whole > 1 && base.load(fromByteOffset: index - whole, as: UInt8.self) == 0x30
        guard whole > 0, !hasLeadingZero else { throw NotRead() }
        var exponent = 0
        var fraction = 0
        var isReal = false
        if take(UInt8(ascii: ".")) {
            isReal = true
            fraction = takeDigits(&digits, &overflows)
            guard fraction > 0 else { throw NotRead() }
            exponent = -fraction
        }
        guard whole + fraction <= 64 else { throw NotRead() }
        if byte() | 0x20 == UInt8(ascii: "e") {
            isReal = true
            exponent += try takeExponent()
        }
        if !isReal, !overflows {
            if isNegative { return .int(digits) }
            if digits > Int64.min { return .int(-digits) }
        }
        // Both factors are exact, so one multiplication rounds once (Clinger, 1990).
        if !overflows, digits > -(1 << 53), (-22...22).contains(exponent) {
            let magnitude = Double(-digits)
            let power = Self.exactPowers[abs(exponent)]
            let real = exponent < 0 ? magnitude / power : magnitude * power
            return .real(isNegative ? -real : real)
        }
        let text = String(decoding: UnsafeRawBufferPointer(start: base + start, count: index - start), as: UTF8.self)
        guard let real = Double(text), real.isFinite else { return try refuse("real number overflow", at: start) }
        return .real(real)
    }

    /// - Returns: how many there are.
    private mutating func takeDigits(_ digits: inout Int64, _ overflows: inout Bool) -> Int {
        let start = index
        while index < end {
            let digit = base.load(fromByteOffset: index, as: UInt8.self) &- 0x30
            guard digit < 10 else { break }
            let (scaled, first) = digits.multipliedReportingOverflow(by: 10)
            let (next, second) = scaled.subtractingReportingOverflow(Int64(digit))
            digits = next
            overflows = overflows || first || second
            index &+= 1
        }
        return index - start
    }

    /// From the `e` on.
    private mutating func takeExponent() throws(NotRead) -> Int {
        index += 1
        let isNegative = take(UInt8(ascii: "-"))
        if !isNegative { _ = take(UInt8(ascii: "+")) }
        let start = index
        var power = 0
        while index < end {
            let digit = base.load(fromByteOffset: index, as: UInt8.self) &- 0x30
            guard digit < 10 else { break }
            power = min(power * 10 + Int(digit), 1000)
            index &+= 1
        }
        guard index > start, power <= 999 else { throw NotRead() }
        return isNegative ? -power : power
    }

    // MARK: Bytes

    /// The byte at the index; 0, which no token begins with, behind the last one.
    @inline(__always)
    private func byte() -> UInt8 { index < end ? base.load(fromByteOffset: index, as: UInt8.self) : 0 }

    @inline(__always)
    private mutating func take(_ wanted: UInt8) -> Bool {
        guard byte() == wanted else { return false }
        index &+= 1
        return true
    }

    /// `true`, `false` or `null`; `text` is its last four bytes, little-endian.
    @inline(__always)
    private mutating func skipLiteral(_ text: UInt32, _ count: Int) throws(NotRead) {
        guard index + count <= end else { throw NotRead() }
        let found = base.loadUnaligned(fromByteOffset: index + count - 4, as: UInt32.self)
        guard UInt32(littleEndian: found) == text else { throw NotRead() }
        index += count
    }

    @inline(__always)
    private mutating func skipWhitespace() {
        while index < end {
            let byte = base.load(fromByteOffset: index, as: UInt8.self)
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            index &+= 1
        }
    }
}
