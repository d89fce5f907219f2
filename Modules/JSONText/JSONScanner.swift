/// Reads a document once: proves that it is JSON, and remembers where the outermost object's members are.
///
/// Rules
/// 1. What is accepted is RFC 8259: grammar, UTF-8 (no overlongs, no surrogates), escapes, no control characters inside
///    strings, nothing after the document, no byte order mark.
/// 2. Beyond the RFC it refuses: two equal keys in one object (compared after resolving escapes: two `model`s, or two
///    `role`s of a message, would let the gateway check one and the provider run the other), nesting beyond the limit, and
///    numbers that no reader holds (more than 64 digits, beyond a double, exponents below -999).
/// 3. A `\u` escape that is half a surrogate pair is accepted, because JavaScript clients send cut emoji; its place is
///    in ``JSONDocument/loneSurrogate``, and reading such a string gives U+FFFD.
/// 4. No recursion, and no allocation but the arrays of members, of long strings and of the keys of open inner objects, and
///    the text of a key with escapes.
///
/// `scan` is one call. For a large body on an event loop use `advance` in slices and do other work in between; the
/// pause falls between tokens or inside a string, and the result is the same.
public struct JSONScanner: Sendable {
    /// What the byte at `position` has to be. Left by the token named in each case.
    private enum State: UInt8 {
        case value  // any value
        case firstElement  // a value, or `]`
        case firstKey  // a key, or `}`
        case key  // a key, after a comma
        case colon
        case next  // `,` or the end of the innermost container
        case inKey  // inside a key's text
        case inString  // inside a string value's text
        case end  // only whitespace
    }

    private let limits: JSONLimits
    private var position = 0
    private var state = State.value
    /// Bit 0 tells whether the innermost open container is an object; each level outward is one bit higher.
    private var objectBits: UInt128 = 0
    private var depth = 0
    private var rootKind = JSONKind.null
    private var rootRange = 0..<0
    private var members: [JSONMember] = []
    private var keyStart = 0
    /// Whether a `\` was met since `keyStart`.
    private var escapeSeen = false
    /// Where the document, or the outermost object's current member value, starts.
    private var valueStart = 0
    private var loneSurrogate: Int?
    /// Where the string value that the scan paused in starts.
    private var stringStart = 0
    private var longStrings: [Range<Int>] = []
    /// The keys of the inner objects that are open, and where each of these begins among them.
    private var innerKeys: [InnerKey] = []
    private var innerStarts: [Int] = []

    private struct InnerKey {
        let fingerprint: UInt64
        /// Behind its opening quote.
        let start: Int
    }

    /// A scanner at the beginning of a document. After an error it is of no more use.
    public init(limits: JSONLimits = .object) {
        self.limits = limits
    }

    /// Scans the whole buffer in one go.
    public static func scan(
        _ bytes: UnsafeRawBufferPointer, limits: JSONLimits = .object
    ) throws(JSONScanError) -> JSONDocument {
        var scanner = JSONScanner(limits: limits)
        _ = try scanner.advance(in: bytes, upTo: bytes.count)
        return scanner.document
    }

    /// The same, for bytes in an array.
    public static func scan(_ bytes: [UInt8], limits: JSONLimits = .object) throws(JSONScanError) -> JSONDocument {
        var scanner = JSONScanner(limits: limits)
        var failure: JSONScanError?
        bytes.withUnsafeBytes { buffer in
            do throws(JSONScanError) { _ = try scanner.advance(in: buffer, upTo: buffer.count) } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return scanner.document
    }

    /// Whether the buffer holds one JSON value, its keys equal or not.
    public static func isJSON(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var scanner = JSONScanner(limits: .grammar)
        do throws(JSONScanError) { return try scanner.advance(in: bytes, upTo: bytes.count) } catch { return false }
    }

    /// The result, complete once `advance` returned true.
    public var document: JSONDocument {
        JSONDocument(
            members: members, kind: rootKind, range: rootRange, loneSurrogate: loneSurrogate, longStrings: longStrings)
    }

    /// How far the scan has come.
    public var offset: Int { position }

    /// Scans on until at least `goal`, or the end.
    ///
    /// - Parameter bytes: the whole document, the same bytes in every call (they may have moved in memory).
    /// - Returns: true when the document is complete and valid; false when there is more to scan.
    public mutating func advance(
        in bytes: UnsafeRawBufferPointer, upTo goal: Int
    ) throws(JSONScanError) -> Bool {
        guard let base = bytes.baseAddress, bytes.count > 0 else { throw JSONScanError(.empty, at: 0) }
        let end = bytes.count
        let pause = goal >= end ? Int.max : goal
        var index = position
        var state = self.state
        var objectBits = self.objectBits
        var depth = self.depth
        if index == 0, end >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            throw JSONScanError(.byteOrderMark, at: 0)
        }

        scanning: while true {
            if state != .inString, state != .inKey { index = JSONScanner.skipWhitespace(base, index, end) }
            if index >= end || index >= pause { break scanning }
            let byte = base.load(fromByteOffset: index, as: UInt8.self)

            switch state {
            case .firstElement where byte == UInt8(ascii: "]"), .firstKey where byte == UInt8(ascii: "}"):
                if objectBits & 1 == 1, depth > 1 { try innerObjectEnded(in: bytes) }
                index += 1
                depth -= 1
                objectBits >>= 1
                state = valueEnded(at: index, depth: depth, in: base)

            case .value, .firstElement:
                if depth == 0 { try rootBegan(byte, at: index, in: bytes) }
                if depth <= 1 { valueStart = index }
                switch byte {
                case UInt8(ascii: "\""):
                    let start = index
                    let string = try skipString(base, index + 1, end, pause)
                    index = string.index
                    guard string.isClosed else {
                        state = .inString
                        stringStart = start
                        break scanning
                    }
                    note(start..<index)
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    guard depth < limits.depthMax else {
                        throw JSONScanError(.tooDeep(max: limits.depthMax), at: index)
                    }
                    let isObject = byte == UInt8(ascii: "{")
                    index += 1
                    depth += 1
                    objectBits = objectBits << 1 | (isObject ? 1 : 0)
                    if isObject, depth > 1, limits.refusesInnerTwins { innerObjectBegan() }
                    state = isObject ? .firstKey : .firstElement
                    continue scanning
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    index = try JSONScanner.skipNumber(base, index, end)
                case UInt8(ascii: "t"):
                    index = try JSONScanner.skipLiteral(base, index, end, 0x6575_7274, 4)
                case UInt8(ascii: "f"):
                    index = try JSONScanner.skipLiteral(base, index, end, 0x6573_6C61, 5)
                case UInt8(ascii: "n"):
                    index = try JSONScanner.skipLiteral(base, index, end, 0x6C6C_756E, 4)
                default:
                    throw JSONScanError(
                        .unexpected(byte, expected: state == .value ? .value : .valueOrEnd), at: index)
                }
                state = depth <= 1 ? valueEnded(at: index, depth: depth, in: base) : .next

            case .key, .firstKey:
                guard byte == UInt8(ascii: "\"") else {
                    throw JSONScanError(.unexpected(byte, expected: state == .key ? .key : .keyOrEnd), at: index)
                }
                index += 1
                keyStart = index
                escapeSeen = false
                let string = try skipString(base, index, end, pause)
                index = string.index
                guard string.isClosed else {
                    state = .inKey
                    break scanning
                }
                try keyEnded(at: index - 1, depth: depth, in: bytes)
                // The colon mostly follows at once.
                if index < end, base.load(fromByteOffset: index, as: UInt8.self) == UInt8(ascii: ":") {
                    index += 1
                    state = .value
                } else {
                    state = .colon
                }

            case .inKey:
                let string = try skipString(base, index, end, pause)
                index = string.index
                guard string.isClosed else { break scanning }
                try keyEnded(at: index - 1, depth: depth, in: bytes)
                state = .colon

            case .inString:
                let string = try skipString(base, index, end, pause)
                index = string.index
                guard string.isClosed else { break scanning }
                note(stringStart..<index)
                state = depth <= 1 ? valueEnded(at: index, depth: depth, in: base) : .next

            case .colon:
                guard byte == UInt8(ascii: ":") else {
                    throw JSONScanError(.unexpected(byte, expected: .colon), at: index)
                }
                index += 1
                state = .value

            case .next:
                let isObject = objectBits & 1 == 1
                if byte == UInt8(ascii: ",") {
                    index += 1
                    state = isObject ? .key : .value
                } else if byte == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    if isObject, depth > 1 { try innerObjectEnded(in: bytes) }
                    index += 1
                    depth -= 1
                    objectBits >>= 1
                    state = depth <= 1 ? valueEnded(at: index, depth: depth, in: base) : .next
                } else {
                    let expected = isObject ? JSONScanError.Expected.commaOrBrace : .commaOrBracket
                    throw JSONScanError(.unexpected(byte, expected: expected), at: index)
                }

            case .end:
                throw JSONScanError(.trailingBytes, at: index)
            }
        }

        position = index
        self.state = state
        self.objectBits = objectBits
        self.depth = depth
        if index < end { return false }
        if state == .end { return true }
        let nothingYet = state == .value && depth == 0
        throw JSONScanError(nothingYet ? .empty : .truncated, at: end)
    }

    // MARK: - What was found

    private mutating func rootBegan(
        _ byte: UInt8, at index: Int, in bytes: UnsafeRawBufferPointer
    ) throws(JSONScanError) {
        guard let kind = JSONKind(firstByte: byte) else {
            throw JSONScanError(.unexpected(byte, expected: .value), at: index)
        }
        if limits.requiresObject, kind != .object {
            // `not json` is no null.
            if kind == .null || kind == .bool, !Self.literals.contains(where: { bytes[index...].starts(with: $0.utf8) })
            {
                throw JSONScanError(.unexpected(byte, expected: .value), at: index)
            }
            throw JSONScanError(.notAnObject(kind), at: index)
        }
        rootKind = kind
        rootRange = index..<index
        if kind == .object, limits.remembersMembers { members.reserveCapacity(16) }
    }

    /// A key ends before its closing quote at `end`.
    @inline(__always)
    private mutating func keyEnded(
        at end: Int, depth: Int, in bytes: UnsafeRawBufferPointer
    ) throws(JSONScanError) {
        if depth == 1 {
            try outerKeyEnded(at: end, in: bytes)
        } else if limits.refusesInnerTwins {
            guard end - keyStart <= JSONLimits.innerKeyBytesMax else {
                throw JSONScanError(.keyTooLong(max: JSONLimits.innerKeyBytesMax), at: keyStart)
            }
            guard innerKeys.count < JSONLimits.innerMembersMax else {
                throw JSONScanError(.tooManyMembers(max: JSONLimits.innerMembersMax), at: keyStart)
            }
            let key = UnsafeRawBufferPointer(rebasing: bytes[keyStart..<end])
            let fingerprint = escapeSeen ? JSONKeys.fingerprint(escaped: key) : JSONKeys.fingerprint(key)
            innerKeys.append(InnerKey(fingerprint: fingerprint, start: keyStart))
        }
    }

    @inline(__always)
    private mutating func innerObjectBegan() {
        if innerStarts.capacity == 0 {
            innerStarts.reserveCapacity(16)
            innerKeys.reserveCapacity(64)
        }
        innerStarts.append(innerKeys.count)
    }

    /// An object inside the outermost value ends.
    @inline(__always)
    private mutating func innerObjectEnded(in bytes: UnsafeRawBufferPointer) throws(JSONScanError) {
        guard let first = innerStarts.popLast() else { return }
        let count = innerKeys.count - first
        if count > 1 { try refuseTwins(from: first, in: bytes) }
        innerKeys.removeLast(count)
    }

    /// Two keys of one fingerprint count as equal: that they are not is as likely as a broken processor, unless somebody
    /// looked for such keys.
    private mutating func refuseTwins(from first: Int, in bytes: UnsafeRawBufferPointer) throws(JSONScanError) {
        let twin: Int? = innerKeys.withUnsafeMutableBufferPointer { all in
            var keys = UnsafeMutableBufferPointer(rebasing: all[first...])
            if keys.count <= 16 {
                for later in 1..<keys.count {
                    for earlier in 0..<later where keys[earlier].fingerprint == keys[later].fingerprint {
                        return keys[later].start
                    }
                }
                return nil
            }
            keys.sort { ($0.fingerprint, $0.start) < ($1.fingerprint, $1.start) }
            return (1..<keys.count).first { keys[$0 - 1].fingerprint == keys[$0].fingerprint }.map { keys[$0].start }
        }
        guard let twin else { return }
        let end = JSONSkip.string(bytes, twin - 1, bytes.count)?.end ?? twin + 1
        let key = JSONEscapes.unescaped(UnsafeRawBufferPointer(rebasing: bytes[twin..<end - 1]))
        throw JSONScanError(.duplicateKey(String(String(decoding: key, as: UTF8.self).prefix(64))), at: twin)
    }

    private static let literals = ["true", "false", "null"]

    /// - Parameter string: a string value, quotes included.
    private mutating func note(_ string: Range<Int>) {
        guard limits.remembersMembers, string.count >= JSONDocument.longStringBytesMin else { return }
        longStrings.append(string)
    }

    /// A key of the outermost object ends before its closing quote at `end`.
    private mutating func outerKeyEnded(at end: Int, in bytes: UnsafeRawBufferPointer) throws(JSONScanError) {
        guard limits.remembersMembers else { return }
        guard end - keyStart <= limits.topLevelKeyBytesMax else {
            throw JSONScanError(.keyTooLong(max: limits.topLevelKeyBytesMax), at: keyStart)
        }
        guard members.count < limits.membersMax else {
            throw JSONScanError(.tooManyMembers(max: limits.membersMax), at: keyStart)
        }
        let member = JSONMember(JSONKey(keyStart..<end, isEscaped: escapeSeen), in: bytes)
        for earlier in members where earlier.fingerprint == member.fingerprint {
            if earlier.hasSameKey(as: member, in: bytes) {
                throw JSONScanError(.duplicateKey(String(member.name(in: bytes).prefix(64))), at: keyStart)
            }
        }
        members.append(member)
    }

    /// A value at depth 0 (the document) or 1 (perhaps a member of the outermost object) ends before `end`.
    private mutating func valueEnded(at end: Int, depth: Int, in base: UnsafeRawPointer) -> State {
        if depth == 0 {
            rootRange = rootRange.lowerBound..<end
            return .end
        }
        if depth == 1, rootKind == .object, limits.remembersMembers {
            let first = base.load(fromByteOffset: valueStart, as: UInt8.self)
            members[members.count - 1].value = valueStart..<end
            members[members.count - 1].kind = JSONKind(firstByte: first) ?? .null
        }
        return .next
    }

    // MARK: - Tokens

    // Every one takes an index and returns the next by value: an index behind a pointer would be stored and loaded
    // again in the inner loops.

    @inline(__always)
    private static func skipWhitespace(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Int {
        var index = start
        while index < end {
            let byte = base.load(fromByteOffset: index, as: UInt8.self)
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            index &+= 1
        }
        return index
    }

    /// Skips the rest of a string, its closing quote included.
    ///
    /// - Returns: where the string ends; or, not closed, where it paused: on a character's first byte.
    private mutating func skipString(
        _ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ pause: Int
    ) throws(JSONScanError) -> (index: Int, isClosed: Bool) {
        let lastBlock = min(end &- ByteSearch.blockBytes, pause)
        var index = start
        while true {
            index = ByteSearch.skipPlainText(base, index, lastBlock)
            while true {
                guard index < end else { throw JSONScanError(.truncated, at: end) }
                let byte = base.load(fromByteOffset: index, as: UInt8.self)
                if byte == 0x22 { return (index &+ 1, true) }
                if index >= pause { return (index, false) }
                if byte == 0x5C {
                    escapeSeen = true
                    let escape = try JSONScanner.skipEscape(base, index, end)
                    if escape.isHalf, loneSurrogate == nil { loneSurrogate = index }
                    index = escape.end
                } else if byte >= 0x80 {
                    index = try JSONScanner.skipNonASCII(base, index, end, pause)
                } else if byte < 0x20 {
                    throw JSONScanError(.controlCharacter(byte), at: index)
                } else {
                    // Within the last block: byte by byte.
                    index &+= 1
                    continue
                }
                break
            }
        }
    }

    /// Skips one escape; both halves of a surrogate pair.
    ///
    /// - Returns: where it ends, and whether it is half of a pair and the other is not there.
    static func skipEscape(
        _ base: UnsafeRawPointer, _ index: Int, _ end: Int
    ) throws(JSONScanError) -> (end: Int, isHalf: Bool) {
        guard index + 1 < end else { throw JSONScanError(.truncated, at: end) }
        switch base.load(fromByteOffset: index + 1, as: UInt8.self) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return (index + 2, false)
        case UInt8(ascii: "u"):
            let unit = try JSONScanner.codeUnit(base, index, end)
            let next = index + 6
            guard unit & 0xF800 == 0xD800 else { return (next, false) }
            if unit < 0xDC00, next + 1 < end, base.load(fromByteOffset: next, as: UInt8.self) == 0x5C,
                base.load(fromByteOffset: next + 1, as: UInt8.self) == UInt8(ascii: "u")
            {
                let second = try JSONScanner.codeUnit(base, next, end)
                if second & 0xFC00 == 0xDC00 { return (next + 6, false) }
            }
            return (next, true)
        default:
            throw JSONScanError(.invalidEscape, at: index)
        }
    }

    /// The four hexadecimal digits of the `\u` escape at `index`.
    private static func codeUnit(
        _ base: UnsafeRawPointer, _ index: Int, _ end: Int
    ) throws(JSONScanError) -> UInt16 {
        var unit: UInt16 = 0
        for offset in index + 2..<index + 6 {
            guard offset < end else { throw JSONScanError(.truncated, at: end) }
            guard let digit = JSONEscapes.hexDigit(base.load(fromByteOffset: offset, as: UInt8.self)) else {
                throw JSONScanError(.invalidEscape, at: index)
            }
            unit = unit << 4 | digit
        }
        return unit
    }

    /// Skips a run of characters beyond ASCII, checking that they are well-formed UTF-8 (Unicode 15, table 3-7).
    ///
    /// One character at least, then on until ASCII or `pause`.
    static func skipNonASCII(
        _ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ pause: Int
    ) throws(JSONScanError) -> Int {
        let stop = min(pause, end)
        var index = start
        repeat {
            let first = base.load(fromByteOffset: index, as: UInt8.self)
            if first < 0x80 { return index }
            if index + 4 <= end {
                // Little-endian: the first byte is the lowest.
                let word = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: index, as: UInt32.self))
                if word & 0x00C0_C0F0 == 0x0080_80E0 {
                    let range = word & 0x0000_200F
                    guard range != 0, range != 0x200D else { throw JSONScanError(.invalidUTF8, at: index) }
                    index += 3
                    continue
                }
                if word & 0x0000_C0E0 == 0x0000_80C0 {
                    guard word & 0x1E != 0 else { throw JSONScanError(.invalidUTF8, at: index) }
                    index += 2
                    continue
                }
                if word & 0xC0C0_C0F8 == 0x8080_80F0 {
                    let range = (word & 0x07) << 2 | (word >> 12) & 0x03  // the code point's upper five bits
                    guard range >= 1, range <= 0x10 else { throw JSONScanError(.invalidUTF8, at: index) }
                    index += 4
                    continue
                }
                throw JSONScanError(.invalidUTF8, at: index)
            }
            // Within the last three bytes, where a string's quote must still follow: two bytes, or nothing valid.
            guard first >= 0xC2, first < 0xE0 || index + 3 <= end else { throw JSONScanError(.invalidUTF8, at: index) }
            let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            guard index + length <= end else { throw JSONScanError(.invalidUTF8, at: index) }
            let second = base.load(fromByteOffset: index + 1, as: UInt8.self)
            guard second & 0xC0 == 0x80 else { throw JSONScanError(.invalidUTF8, at: index) }
            if length == 3 {
                let third = base.load(fromByteOffset: index + 2, as: UInt8.self)
                guard third & 0xC0 == 0x80, first != 0xE0 || second >= 0xA0, first != 0xED || second < 0xA0 else {
                    throw JSONScanError(.invalidUTF8, at: index)
                }
            }
            index += length
        } while index < stop
        return index
    }

    @inline(__always)
    private static func skipNumber(
        _ base: UnsafeRawPointer, _ start: Int, _ end: Int
    ) throws(JSONScanError) -> Int {
        var next = start
        func digit() -> Bool {
            next < end && base.load(fromByteOffset: next, as: UInt8.self) &- 0x30 < 10
        }
        func at(_ byte: UInt8) -> Bool {
            next < end && base.load(fromByteOffset: next, as: UInt8.self) == byte
        }
        if at(UInt8(ascii: "-")) { next += 1 }
        guard digit() else { throw JSONScanError(next < end ? .invalidNumber : .truncated, at: min(next, end)) }
        let startsWithZero = at(UInt8(ascii: "0"))
        let digitsStart = next
        while digit() { next += 1 }
        if startsWithZero, next > digitsStart + 1 { throw JSONScanError(.invalidNumber, at: start) }
        var digits = next - digitsStart
        let wholeDigits = digits
        if at(UInt8(ascii: ".")) {
            next += 1
            let fractionStart = next
            while digit() { next += 1 }
            guard next > fractionStart else {
                throw JSONScanError(next < end ? .invalidNumber : .truncated, at: min(next, end))
            }
            digits += next - fractionStart
        }
        if at(UInt8(ascii: "e")) || at(UInt8(ascii: "E")) {
            next += 1
            let isSmall = at(UInt8(ascii: "-"))
            if isSmall || at(UInt8(ascii: "+")) { next += 1 }
            let exponentStart = next
            var exponent = 0
            while digit() {
                exponent = min(exponent * 10 + Int(base.load(fromByteOffset: next, as: UInt8.self) &- 0x30), 1000)
                next += 1
            }
            guard next > exponentStart else {
                throw JSONScanError(next < end ? .invalidNumber : .truncated, at: min(next, end))
            }
            if exponent > 999 || !isSmall && wholeDigits + exponent > 308 && !isFinite(base, start, next) {
                throw JSONScanError(.numberOutOfRange, at: start)
            }
        }
        if digits > 64 { throw JSONScanError(.numberOutOfRange, at: start) }
        return next
    }

    /// Whether a double holds the number.
    @inline(never)
    private static func isFinite(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Bool {
        let text = UnsafeRawBufferPointer(start: base + start, count: end - start)
        return Double(String(decoding: text, as: UTF8.self))?.isFinite == true
    }

    /// Skips `true`, `false` or `null`; `text` is its last four bytes, little-endian.
    @inline(__always)
    private static func skipLiteral(
        _ base: UnsafeRawPointer, _ index: Int, _ end: Int, _ text: UInt32, _ count: Int
    ) throws(JSONScanError) -> Int {
        guard index + count <= end else {
            // Cut off, or something else at the end: the caller of a cut body should hear that it is cut.
            let isLetter = (index..<end).allSatisfy {
                let byte = base.load(fromByteOffset: $0, as: UInt8.self)
                return byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
            }
            throw isLetter ? JSONScanError(.truncated, at: end) : JSONScanError(.unknownLiteral, at: index)
        }
        let found = base.loadUnaligned(fromByteOffset: index + count - 4, as: UInt32.self)
        guard UInt32(littleEndian: found) == text else { throw JSONScanError(.unknownLiteral, at: index) }
        return index + count
    }
}
