extension JSON {
    /// Reads a document without jansson, for translation: the scanner proves that it is JSON, and one more pass over
    /// the bytes makes the values. A request of 0.5 KB takes a seventh of the instructions of ``parse(_:maxDepth:)``,
    /// one of 100 KB of text a hundredth.
    ///
    /// The results are `parse`'s, refusals too (equal keys in one object, half surrogate pairs, a NUL in a key, numbers
    /// beyond Double), with one difference: an integer beyond Int64 becomes the nearest real here as well, but the other
    /// integers of such a document stay what they are.
    public static func read(_ bytes: UnsafeRawBufferPointer, maxDepth: Int = 128) throws(JSONError) -> JSON {
        var limits = JSONLimits(depthMax: maxDepth, requiresObject: false)
        limits.remembersMembers = false
        let document: JSONDocument
        do throws(JSONScanError) {
            document = try JSONScanner.scan(bytes, limits: limits)
        } catch {
            throw JSONError(description: error.message(in: bytes), offset: error.offset)
        }
        if let half = document.loneSurrogate {
            throw JSONError(description: "half of a surrogate pair at byte \(half)", offset: half)
        }
        guard let base = bytes.baseAddress else { return .null }
        var reader = JSONTreeReader(base: base, index: document.range.lowerBound, end: document.range.upperBound)
        return try reader.value()
    }

    /// The same, for bytes in an array.
    public static func read(_ bytes: [UInt8], maxDepth: Int = 128) throws(JSONError) -> JSON {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONError) in try read(buffer, maxDepth: maxDepth) }
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

/// Makes values of bytes that a ``JSONScanner`` has accepted: grammar, UTF-8 and depth are proved, and it stays inside
/// its bytes because each value in them ends.
private struct JSONTreeReader {
    let base: UnsafeRawPointer
    var index: Int
    let end: Int

    /// The value at the index. Recursion is bounded: the scanner refused anything deeper than its limit.
    mutating func value() throws(JSONError) -> JSON {
        switch byte(at: index) {
        case UInt8(ascii: "\""): return .string(string())
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "t"):
            index += 4
            return .bool(true)
        case UInt8(ascii: "f"):
            index += 5
            return .bool(false)
        case UInt8(ascii: "n"):
            index += 4
            return .null
        default: return try number()
        }
    }

    private mutating func object() throws(JSONError) -> JSON {
        var object = JSONObject()
        index += 1
        skipWhitespace()
        if byte(at: index) == UInt8(ascii: "}") {
            index += 1
            return .object(object)
        }
        object.reserveCapacity(4)
        var known: Set<[UInt8]> = []
        while true {
            let start = index
            let key = string()
            if key.utf8.contains(0) {
                throw JSONError(description: "NUL byte in object key not supported at byte \(start)", offset: start)
            }
            // Many members: walking them all for each would take time by their number's square.
            let isTwin =
                object.count < 16
                ? object.holds(exactly: key) : !Self.note(key, among: &known, of: object)
            if isTwin { throw JSONError(description: "duplicate object key at byte \(start)", offset: start) }
            skipWhitespace()
            index += 1  // the colon
            skipWhitespace()
            object.append(newKey: key, try value())
            skipWhitespace()
            index += 1
            if byte(at: index - 1) == UInt8(ascii: "}") { return .object(object) }
            skipWhitespace()
        }
    }

    /// - Returns: false where the key was there already.
    private static func note(_ key: String, among known: inout Set<[UInt8]>, of object: JSONObject) -> Bool {
        if known.isEmpty { known = Set(object.keys.map { Array($0.utf8) }) }
        return known.insert(Array(key.utf8)).inserted
    }

    private mutating func array() throws(JSONError) -> JSON {
        var elements: [JSON] = []
        index += 1
        skipWhitespace()
        if byte(at: index) == UInt8(ascii: "]") {
            index += 1
            return .array(elements)
        }
        while true {
            elements.append(try value())
            skipWhitespace()
            index += 1
            if byte(at: index - 1) == UInt8(ascii: "]") { return .array(elements) }
            skipWhitespace()
        }
    }

    // MARK: Scalars

    private mutating func string() -> String {
        let start = index + 1
        let lastBlock = end - ByteSearch.blockBytes
        var place = start
        var isEscaped = false
        while true {
            place = ByteSearch.skipToQuote(base, place, lastBlock)
            let found = byte(at: place)
            if found == UInt8(ascii: "\"") { break }
            if found == UInt8(ascii: "\\") {
                isEscaped = true
                place += 2
            } else {
                place += 1
            }
        }
        index = place + 1
        let text = UnsafeRawBufferPointer(start: base + start, count: place - start)
        return isEscaped
            ? String(decoding: JSONEscapes.unescaped(text), as: UTF8.self) : String(decoding: text, as: UTF8.self)
    }

    /// Powers of ten that a Double holds exactly.
    private static let exactPowers: [Double] = (0...22).map { (0..<$0).reduce(1.0) { power, _ in power * 10 } }

    private mutating func number() throws(JSONError) -> JSON {
        let start = index
        let isNegative = byte(at: index) == UInt8(ascii: "-")
        if isNegative { index += 1 }
        // Negative, because Int64's lowest number has no positive twin.
        var digits: Int64 = 0
        var overflows = false
        func take(_ digit: UInt8) {
            let (scaled, first) = digits.multipliedReportingOverflow(by: 10)
            let (next, second) = scaled.subtractingReportingOverflow(Int64(digit))
            digits = next
            overflows = overflows || first || second
        }
        while index < end, byte(at: index) &- 0x30 < 10 {
            take(byte(at: index) &- 0x30)
            index += 1
        }
        var isReal = false
        var exponent = 0
        if index < end, byte(at: index) == UInt8(ascii: ".") {
            isReal = true
            index += 1
            while index < end, byte(at: index) &- 0x30 < 10 {
                take(byte(at: index) &- 0x30)
                exponent -= 1
                index += 1
            }
        }
        if index < end, byte(at: index) | 0x20 == UInt8(ascii: "e") {
            isReal = true
            index += 1
            let sign = byte(at: index)
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
            var power = 0
            while index < end, byte(at: index) &- 0x30 < 10 {
                power = min(power * 10 + Int(byte(at: index) &- 0x30), 100_000)
                index += 1
            }
            exponent += sign == UInt8(ascii: "-") ? -power : power
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
        guard let real = Double(text), real.isFinite else {
            throw JSONError(description: "real number overflow at byte \(start)", offset: start)
        }
        return .real(real)
    }

    // MARK: Bytes

    @inline(__always)
    private func byte(at place: Int) -> UInt8 { base.load(fromByteOffset: place, as: UInt8.self) }

    @inline(__always)
    private mutating func skipWhitespace() {
        while byte(at: index) <= 0x20 { index &+= 1 }
    }
}
