/// Why bytes are not the JSON document that was asked for, and at which byte.
public struct JSONScanError: Error, Equatable, Sendable {
    /// Every reason for which the scanner refuses.
    public enum What: Equatable, Sendable {
        /// Nothing but whitespace.
        case empty
        /// The document ends inside a value.
        case truncated
        /// A byte that the grammar does not allow here.
        case unexpected(UInt8, expected: Expected)
        /// Neither `true`, `false` nor `null`.
        case unknownLiteral
        /// A leading zero, or a sign, point or exponent without digits after it.
        case invalidNumber
        /// More than 64 digits, or an exponent beyond ±999.
        case numberOutOfRange
        /// Overlong, surrogate, beyond U+10FFFF, cut or stray bytes.
        case invalidUTF8
        /// An unescaped control character inside a string.
        case controlCharacter(UInt8)
        /// A backslash before what JSON lets nobody escape, or `\u` without four hexadecimal digits.
        case invalidEscape
        /// Arrays and objects lie in one another deeper than ``JSONLimits`` lets them.
        case tooDeep(max: Int)
        /// One object has more than so many.
        case tooManyMembers(max: Int)
        /// One key has more than so many bytes, as written.
        case keyTooLong(max: Int)
        /// The outermost object has this key twice (escapes resolved); at most 64 characters of it.
        case duplicateKey(String)
        /// Something follows the document.
        case trailingBytes
        /// The document is whole and of this kind, where an object was asked for.
        case notAnObject(JSONKind)
        /// The bytes start with a byte order mark, which RFC 8259 section 8.1 forbids.
        case byteOrderMark
    }

    /// What the grammar would have allowed; the raw value is the wording.
    public enum Expected: String, Sendable {
        /// Any of the six kinds.
        case value = "a value"
        /// After a comma in an object.
        case key = "a key in double quotes"
        /// At the beginning of an object.
        case keyOrEnd = "a key in double quotes or '}'"
        /// After a key.
        case colon = "':'"
        /// After an object's member.
        case commaOrBrace = "',' or '}'"
        /// After an array's element.
        case commaOrBracket = "',' or ']'"
        /// At the beginning of an array.
        case valueOrEnd = "a value or ']'"
    }

    /// The reason.
    public let what: What
    /// Offset into the scanned buffer of the first byte that is wrong; the buffer's length where bytes are missing.
    public let offset: Int

    /// For readers that find the same faults on their own.
    public init(_ what: What, at offset: Int) {
        self.what = what
        self.offset = offset
    }

    /// Line and column (in bytes), both from 1, of the error in the buffer that was scanned.
    public func position(in bytes: UnsafeRawBufferPointer) -> (line: Int, column: Int) {
        var line = 1
        var lineStart = 0
        for index in 0..<min(offset, bytes.count) where bytes[index] == 0x0A {
            line += 1
            lineStart = index + 1
        }
        return (line, offset - lineStart + 1)
    }

    /// The error with its place, fit for the client whose bytes these are.
    public func message(in bytes: UnsafeRawBufferPointer) -> String {
        let place = position(in: bytes)
        return "\(reason) at byte \(offset) (line \(place.line), column \(place.column))"
    }

    var reason: String {
        switch what {
        case .empty: "the document is empty"
        case .truncated: "the document ends too early"
        case .unexpected(let byte, let expected): "expected \(expected.rawValue), but found \(Self.name(of: byte))"
        case .unknownLiteral: "expected true, false or null"
        case .invalidNumber: "invalid number"
        case .numberOutOfRange: "number out of range"
        case .invalidUTF8: "invalid UTF-8"
        case .controlCharacter(let byte): "unescaped control character \(Self.name(of: byte)) in a string"
        case .invalidEscape: "invalid escape in a string"
        case .tooDeep(let max): "nested deeper than \(max) levels"
        case .tooManyMembers(let max): "more than \(max) members"
        case .keyTooLong(let max): "a key longer than \(max) bytes"
        case .duplicateKey(let key): "duplicate key '\(key)'"
        case .trailingBytes: "bytes after the end of the document"
        case .notAnObject(let kind): "expected an object, but found \(kind.article)"
        case .byteOrderMark: "unexpected byte order mark"
        }
    }

    private static func name(of byte: UInt8) -> String {
        if byte > 0x20, byte < 0x7F { return "'\(Character(UnicodeScalar(byte)))'" }
        let digits = String(byte, radix: 16, uppercase: true)
        return "byte 0x" + (digits.utf8.count < 2 ? "0" : "") + digits
    }
}

extension JSONScanError: CustomStringConvertible {
    /// The reason and the byte; nothing of the document but a duplicate key or one ASCII byte.
    public var description: String { "\(reason) at byte \(offset)" }
}

extension JSONKind {
    /// The kind with its article, as error messages name it.
    public var article: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
