import TestSupport

extension SeededRandom {
    /// A random valid document, its outermost value an object with distinct keys unless `anyRoot`.
    mutating func document(anyRoot: Bool = false) -> [UInt8] {
        var output: [UInt8] = []
        space(&output)
        if anyRoot { value(&output, depth: 0) } else { object(&output, depth: 0) }
        space(&output)
        return output
    }

    private mutating func space(_ output: inout [UInt8]) {
        guard chance(20) else { return }
        for _ in 0..<below(4) { output.append(pick([0x20, 0x0A, 0x0D, 0x09])) }
    }

    mutating func value(_ output: inout [UInt8], depth: Int) {
        switch below(depth > 5 ? 6 : 8) {
        case 0: output += Array("null".utf8)
        case 1: output += Array("true".utf8)
        case 2: output += Array("false".utf8)
        case 3: number(&output)
        case 4, 5: string(&output)
        case 6: object(&output, depth: depth)
        default:
            output.append(UInt8(ascii: "["))
            for index in 0..<below(6) {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                space(&output)
                value(&output, depth: depth + 1)
                space(&output)
            }
            output.append(UInt8(ascii: "]"))
        }
    }

    mutating func object(_ output: inout [UInt8], depth: Int) {
        output.append(UInt8(ascii: "{"))
        for index in 0..<below(7) {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            space(&output)
            if depth == 0 {
                output += Array("\"key\(index)".utf8)
                text(&output)
                output.append(0x22)
            } else {
                string(&output)
            }
            space(&output)
            output.append(UInt8(ascii: ":"))
            space(&output)
            value(&output, depth: depth + 1)
            space(&output)
        }
        output.append(UInt8(ascii: "}"))
    }

    private mutating func number(_ output: inout [UInt8]) {
        output += Array(
            pick(["0", "-0", "1", "-17", "3.25", "1e5", "1E-7", "-2.50e+10", "123456789012", "0.1", "9007199254740993"])
                .utf8)
    }

    mutating func string(_ output: inout [UInt8]) {
        output.append(0x22)
        text(&output)
        output.append(0x22)
    }

    private mutating func text(_ output: inout [UInt8]) {
        for _ in 0..<(chance(10) ? below(80) : below(6)) {
            switch below(10) {
            case 0: output += Array(pick([#"\n"#, #"\""#, #"\\"#, #"\/"#, #"\t"#, #"\b"#, #"\f"#, #"\r"#]).utf8)
            case 1: output += Array(pick([#"\u0041"#, #"\u00e9"#, #"\u4F60"#, #"\ud83d\ude00"#, #"\u0000"#]).utf8)
            case 2:
                output += Array(pick(["é", "你", "😀", "߿", "ࠀ", "\u{FFFF}", "\u{10FFFF}", "\u{D7FF}", "\u{E000}"]).utf8)
            default: output.append(pick(Array("abcdefghijklmnopqrstuvwxyz {}[],:0123\u{7F}".utf8)))
            }
        }
    }

    /// A document with a few bytes changed, removed, doubled or moved.
    mutating func damaged(_ document: [UInt8]) -> [UInt8] {
        var output = document
        for _ in 0...below(3) {
            guard !output.isEmpty else { return output }
            let place = below(output.count)
            switch below(6) {
            case 0: output[place] = UInt8(below(256))
            case 1: output.remove(at: place)
            case 2: output.insert(pick(Array("{}[]\",:\\0e-.u \u{1}\u{80}".utf8)), at: place)
            case 3: output.removeSubrange(place...)
            case 4: output.insert(contentsOf: output[place..<min(place + 8, output.count)], at: below(output.count))
            default: output.swapAt(place, below(output.count))
            }
        }
        return output
    }
}
