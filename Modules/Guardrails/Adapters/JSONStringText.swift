import Glibc

/// The text of one JSON string, read in pieces with its escapes resolved, and where its places are in the string as it
/// is written.
struct JSONStringText {
    /// Between the quotes.
    let range: Range<Int>
    private var place: Int
    /// The next backslash from `place` on, or the string's end.
    private var escape: Int

    /// How much text one piece has at most.
    static let pieceBytesMax = 32 * 1024

    init(_ range: Range<Int>, in bytes: UnsafeRawBufferPointer) {
        self.range = range
        place = range.lowerBound
        escape = Self.backslash(in: bytes, from: range.lowerBound, to: range.upperBound)
    }

    var isAtEnd: Bool { place >= range.upperBound }
    /// How far the string was read, in the bytes that hold it.
    var offset: Int { place }

    /// The next piece of the text.
    ///
    /// - Parameter scratch: where a piece with escapes in it is put together.
    mutating func withNextPiece(
        in bytes: UnsafeRawBufferPointer, scratch: inout [UInt8], _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        if escape == range.upperBound {
            let end = min(range.upperBound, place + Self.pieceBytesMax)
            UnsafeRawBufferPointer(rebasing: bytes[place..<end]).withMemoryRebound(to: UInt8.self, body)
            place = end
            return
        }
        scratch.removeAll(keepingCapacity: true)
        while place < range.upperBound, scratch.count < Self.pieceBytesMax {
            if place < escape {
                let end = min(escape, place + Self.pieceBytesMax - scratch.count)
                scratch.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[place..<end]))
                place = end
            } else {
                place = Self.readEscape(in: bytes, at: place, end: range.upperBound, into: &scratch)
                escape = Self.backslash(in: bytes, from: place, to: range.upperBound)
            }
        }
        scratch.withUnsafeBufferPointer(body)
    }

    /// Where spans of the text are in the bytes.
    ///
    /// - Parameter spans: disjoint, in order.
    static func places(
        of spans: [MatchMachine.Span], in range: Range<Int>, of bytes: UnsafeRawBufferPointer
    ) -> [Range<Int>] {
        var places: [Range<Int>] = []
        var walk = Places(place: range.lowerBound, end: range.upperBound)
        for span in spans {
            let start = walk.place(of: span.start, in: bytes, roundingUp: false)
            places.append(start..<walk.place(of: span.end, in: bytes, roundingUp: true))
        }
        return places
    }

    /// Walks text offset and place side by side.
    private struct Places {
        var place: Int
        let end: Int
        var offset = 0
        var decoded: [UInt8] = []

        mutating func place(of wanted: Int, in bytes: UnsafeRawBufferPointer, roundingUp: Bool) -> Int {
            while place < end {
                let escape = JSONStringText.backslash(in: bytes, from: place, to: end)
                if wanted - offset <= escape - place {
                    place += wanted - offset
                    offset = wanted
                    return place
                }
                offset += escape - place
                place = escape
                decoded.removeAll(keepingCapacity: true)
                let next = JSONStringText.readEscape(in: bytes, at: place, end: end, into: &decoded)
                // A span never cuts a character; if it did, the whole character would be replaced.
                if wanted < offset + decoded.count { return roundingUp ? next : place }
                offset += decoded.count
                place = next
            }
            return end
        }
    }

    private static func backslash(in bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int {
        guard start < end, let base = bytes.baseAddress, let found = memchr(base + start, 0x5C, end - start) else {
            return end
        }
        return UnsafeRawPointer(found) - base
    }

    /// Resolves the escape at `place`; half a surrogate pair becomes U+FFFD, as it does for `JSONEscapes`.
    ///
    /// - Returns: the place after it.
    private static func readEscape(
        in bytes: UnsafeRawBufferPointer, at place: Int, end: Int, into text: inout [UInt8]
    ) -> Int {
        guard place + 1 < end else {
            text.append(bytes[place])
            return place + 1
        }
        switch bytes[place + 1] {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            guard let first = codeUnit(in: bytes, at: place, end: end) else { fallthrough }
            var scalar = first
            var next = place + 6
            if 0xD800..<0xDC00 ~= first, let second = codeUnit(in: bytes, at: next, end: end),
                0xDC00..<0xE000 ~= second
            {
                scalar = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
                next += 6
            }
            let encoded = EncodedScalar(0xD800..<0xE000 ~= scalar ? 0xFFFD : scalar)
            for index in 0..<encoded.count { text.append(encoded[index]) }
            return next
        default: text.append(bytes[place + 1])
        }
        return place + 2
    }

    private static func codeUnit(in bytes: UnsafeRawBufferPointer, at place: Int, end: Int) -> UInt32? {
        guard place + 6 <= end, bytes[place] == UInt8(ascii: "\\"), bytes[place + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var unit: UInt32 = 0
        for index in place + 2..<place + 6 {
            let digit = bytes[index]
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(digit & 15)
            case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
                unit = unit << 4 | UInt32((digit & 15) + 9)
            default: return nil
            }
        }
        return unit
    }
}
