/// Steps over JSON that is already known to be valid: finds ends, checks nothing, never leaves the bytes it was given.
enum JSONSkip {
    @inline(__always)
    static func whitespace(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int {
        guard let base = bytes.baseAddress else { return end }
        var index = start
        while index < end, base.load(fromByteOffset: index, as: UInt8.self) <= 0x20 { index &+= 1 }
        return index
    }

    @inline(__always)
    static func whitespaceAndComma(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int {
        guard let base = bytes.baseAddress else { return end }
        var index = start
        while index < end {
            let byte = base.load(fromByteOffset: index, as: UInt8.self)
            guard byte <= 0x20 || byte == UInt8(ascii: ",") else { break }
            index &+= 1
        }
        return index
    }

    /// The end of the string whose opening quote is at `start`, and whether it has escapes; nil where it has no end.
    static func string(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> (end: Int, isEscaped: Bool)? {
        guard let base = bytes.baseAddress else { return nil }
        let lastBlock = end &- ByteSearch.blockBytes
        var index = start &+ 1
        var isEscaped = false
        while true {
            index = ByteSearch.skipToQuote(base, index, lastBlock)
            guard index < end else { return nil }
            let byte = base.load(fromByteOffset: index, as: UInt8.self)
            if byte == 0x22 { return (index &+ 1, isEscaped) }
            if byte == 0x5C {
                isEscaped = true
                index &+= 2
            } else {
                index &+= 1
            }
        }
    }

    /// The end of the value that starts at `start`; nil where there is none or it does not end.
    static func value(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int? {
        guard start < end else { return nil }
        switch bytes[start] {
        case 0x22: return string(bytes, start, end)?.end
        case UInt8(ascii: "{"), UInt8(ascii: "["): return container(bytes, start, end)
        case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","), UInt8(ascii: ":"): return nil
        default:
            var index = start + 1
            while index < end {
                switch bytes[index] {
                case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x00...0x20: return index
                default: index += 1
                }
            }
            return index
        }
    }

    /// Brackets are counted, not matched: in valid JSON that is the same.
    private static func container(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var depth = 1
        var index = start &+ 1
        blocks: while index &+ ByteSearch.blockBytes <= end {
            let halves = ByteSearch.structure(base, index)
            if halves.0 | halves.1 == 0 {
                index &+= ByteSearch.blockBytes
                continue
            }
            var bits = halves.0
            var offset = index
            for half in 0..<2 {
                while bits != 0 {
                    let place = offset &+ (bits.trailingZeroBitCount &>> 3)
                    bits &= bits &- 1
                    let byte = base.load(fromByteOffset: place, as: UInt8.self)
                    if byte == 0x22 {
                        guard let string = string(bytes, place, end) else { return nil }
                        index = string.end
                        continue blocks
                    }
                    if byte | 0x20 == UInt8(ascii: "{") {
                        depth &+= 1
                    } else {
                        depth &-= 1
                        if depth == 0 { return place &+ 1 }
                    }
                }
                if half == 0 {
                    bits = halves.1
                    offset &+= 8
                }
            }
            index &+= ByteSearch.blockBytes
        }
        while index < end {
            switch base.load(fromByteOffset: index, as: UInt8.self) {
            case 0x22:
                guard let string = string(bytes, index, end) else { return nil }
                index = string.end
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth &-= 1
                if depth == 0 { return index &+ 1 }
            default: break
            }
            index &+= 1
        }
        return nil
    }
}
