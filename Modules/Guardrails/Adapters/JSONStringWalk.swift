import Glibc

/// Walks a JSON document from string to string, in one pass and without looking at anything else twice.
///
/// The document should have been scanned. On other bytes the walk stays inside them, comes to an end, and says so in
/// `isMalformed`: then text may stand outside of strings.
struct JSONStringWalk {
    struct Token {
        /// Between the quotes, escapes as written.
        let range: Range<Int>
        let isKey: Bool
        let use: JSONMemberUse
        let isInLogprobs: Bool
    }

    private struct Container {
        var isObject: Bool
        /// What its strings are, if it is an array; what the latest key said, if it is an object.
        var use: JSONMemberUse
        /// Where the outermost container of log probabilities that it is part of begins.
        var logprobsFrom: Int?
    }

    private(set) var isMalformed = false
    /// The values of `logprobs` members that are containers and have been left.
    private(set) var logprobs: [Range<Int>] = []
    private var index = 0
    private var containers: [Container] = []
    private var isKeyNext = false

    /// The next string, nil at the end.
    mutating func next(in bytes: UnsafeRawBufferPointer) -> Token? {
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""): return string(in: bytes)
            case UInt8(ascii: "{"), UInt8(ascii: "["): enter(isObject: byte == UInt8(ascii: "{"))
            case UInt8(ascii: "}"), UInt8(ascii: "]"): leave(isObject: byte == UInt8(ascii: "}"))
            case UInt8(ascii: ","): isKeyNext = containers.last?.isObject ?? false
            case UInt8(ascii: ":"): isKeyNext = false
            default: if !Self.standsOutsideStrings(byte) { isMalformed = true }
            }
            index += 1
        }
        if !containers.isEmpty { isMalformed = true }
        return nil
    }

    private mutating func enter(isObject: Bool) {
        let outer = containers.last
        let use = outer?.use ?? .text
        containers.append(
            Container(
                isObject: isObject, use: isObject ? .text : use,
                logprobsFrom: outer?.logprobsFrom ?? (use == .logprobs ? index : nil)))
        isKeyNext = isObject
    }

    private mutating func leave(isObject: Bool) {
        isKeyNext = false
        guard let container = containers.popLast() else {
            isMalformed = true
            return
        }
        if container.isObject != isObject { isMalformed = true }
        if container.logprobsFrom != nil, containers.last?.logprobsFrom == nil, let start = container.logprobsFrom {
            logprobs.append(start..<index + 1)
        }
    }

    private mutating func string(in bytes: UnsafeRawBufferPointer) -> Token {
        let start = index + 1
        let end = Self.stringEnd(in: bytes, from: start)
        if end == bytes.count { isMalformed = true }
        index = min(end + 1, bytes.count)
        let isKey = isKeyNext
        isKeyNext = false
        var use = containers.last?.use ?? .text
        if isKey {
            use = JSONMemberUse(key: UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            containers[containers.count - 1].use = use
        }
        return Token(
            range: start..<end, isKey: isKey, use: use, isInLogprobs: containers.last?.logprobsFrom != nil)
    }

    /// The next quote that no backslash escapes; the end of the bytes if there is none.
    private static func stringEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return bytes.count }
        var place = start
        while place < bytes.count, let found = memchr(base + place, 0x22, bytes.count - place) {
            let quote = UnsafeRawPointer(found) - base
            var backslashes = quote
            while backslashes > start, bytes[backslashes - 1] == UInt8(ascii: "\\") { backslashes -= 1 }
            if (quote - backslashes) & 1 == 0 { return quote }
            place = quote + 1
        }
        return bytes.count
    }

    /// White space, and what numbers and literals are made of.
    private static func standsOutsideStrings(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "."), UInt8(ascii: "E"), UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "f"),
            UInt8(ascii: "l"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "s"), UInt8(ascii: "t"),
            UInt8(ascii: "u"):
            true
        default: false
        }
    }
}
