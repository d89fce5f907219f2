import JSONText
import TestSupport
import Testing

@Suite("JSONScanner")
struct JSONScannerTests {
    /// The error of a document that must be refused.
    private func refusal(_ text: String, limits: JSONLimits = .object) -> JSONScanError? {
        refusal([UInt8](text.utf8), limits: limits)
    }

    private func refusal(_ bytes: [UInt8], limits: JSONLimits = .object) -> JSONScanError? {
        do throws(JSONScanError) {
            _ = try JSONScanner.scan(bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    // MARK: - What it finds

    @Test("top-level members are found in order, with exact ranges and kinds")
    func members() throws {
        let text = #" { "model" : "gpt" ,"n":1,"a":[1,{"model":2}],"o":{"x":{}},"t":true,"z":null}  "#
        let bytes = [UInt8](text.utf8)
        let document = try JSONScanner.scan(bytes)
        bytes.withUnsafeBytes { buffer in
            let names = document.members.map { $0.name(in: buffer) }
            #expect(names == ["model", "n", "a", "o", "t", "z"])
            let values = document.members.map { String(decoding: buffer[$0.value], as: UTF8.self) }
            #expect(values == [#""gpt""#, "1", #"[1,{"model":2}]"#, #"{"x":{}}"#, "true", "null"])
            #expect(document.members.map(\.kind) == [.string, .number, .array, .object, .bool, .null])
            #expect(document.value("model", in: buffer)?.string == "gpt")
            #expect(document.value("missing", in: buffer) == nil)
            #expect(String(decoding: buffer[document.range], as: UTF8.self).hasPrefix("{"))
            #expect(String(decoding: buffer[document.range], as: UTF8.self).hasSuffix("}"))
        }
    }

    @Test("a key written with escapes is found by its meaning")
    func escapedKey() throws {
        let bytes = [UInt8](#"{"mod\u0065l":"x"}"#.utf8)
        let document = try JSONScanner.scan(bytes)
        bytes.withUnsafeBytes { #expect(document.value("model", in: $0)?.string == "x") }
    }

    @Test(
        "any root is accepted where it is asked for",
        arguments: ["1", "\"a\"", "[1,2]", "null", " true ", "{}", "-0.5e3"])
    func anyRoot(text: String) throws {
        let document = try JSONScanner.scan([UInt8](text.utf8), limits: .any)
        #expect(document.members.isEmpty)
        #expect(document.range.count == text.filter { $0 != " " }.utf8.count)
    }

    // MARK: - What it refuses, and where

    @Test(
        "a broken document is refused with its reason and byte",
        arguments: [
            ("", JSONScanError.What.empty, 0),
            ("  \n", .empty, 3),
            ("{", .truncated, 1),
            (#"{"a"#, .truncated, 3),
            (#"{"a"}"#, .unexpected(0x7D, expected: .colon), 4),
            (#"{"a":}"#, .unexpected(0x7D, expected: .value), 5),
            (#"{"a":1,}"#, .unexpected(0x7D, expected: .key), 7),
            (#"{,}"#, .unexpected(0x2C, expected: .keyOrEnd), 1),
            (#"{"a":1 "b":2}"#, .unexpected(0x22, expected: .commaOrBrace), 7),
            (#"{"a":[1 2]}"#, .unexpected(0x32, expected: .commaOrBracket), 8),
            (#"{"a":[1,]}"#, .unexpected(0x5D, expected: .value), 8),
            (#"{"a":[,]}"#, .unexpected(0x2C, expected: .valueOrEnd), 6),
            (#"{"a":[1}"#, .unexpected(0x7D, expected: .commaOrBracket), 7),
            (#"{"a":1]"#, .unexpected(0x5D, expected: .commaOrBrace), 6),
            (#"{'a':1}"#, .unexpected(0x27, expected: .keyOrEnd), 1),
            (#"{a:1}"#, .unexpected(0x61, expected: .keyOrEnd), 1),
            (#"{"a":tru}"#, .unknownLiteral, 5),
            (#"{"a":nil}"#, .unknownLiteral, 5),
            (#"{"a":tr"#, .truncated, 7),
            (#"{"a":True}"#, .unexpected(0x54, expected: .value), 5),
            (#"{"a":NaN}"#, .unexpected(0x4E, expected: .value), 5),
            (#"{"a":01}"#, .invalidNumber, 5),
            (#"{"a":-}"#, .invalidNumber, 6),
            (#"{"a":1.}"#, .invalidNumber, 7),
            (#"{"a":.5}"#, .unexpected(0x2E, expected: .value), 5),
            (#"{"a":+1}"#, .unexpected(0x2B, expected: .value), 5),
            (#"{"a":1e}"#, .invalidNumber, 7),
            (#"{"a":1e+"#, .truncated, 8),
            (#"{"a":1e1000}"#, .numberOutOfRange, 5),
            (#"{"a":1e-99999999999999999999}"#, .numberOutOfRange, 5),
            (#"{"a":0x10}"#, .unexpected(0x78, expected: .commaOrBrace), 6),
            ("{\"a\":\"b\u{1}\"}", .controlCharacter(1), 7),
            ("{\"a\":\"b\nc\"}", .controlCharacter(10), 7),
            (#"{"a":"\x"}"#, .invalidEscape, 6),
            (#"{"a":"\u12G4"}"#, .invalidEscape, 6),
            (#"{"a":"\u12"#, .truncated, 10),
            (#"{"a":"\"#, .truncated, 7),
            (#"{"a":1}x"#, .trailingBytes, 7),
            (#"{"a":1} {}"#, .trailingBytes, 8),
            (#"{"model":"a","x":1,"model":"b"}"#, .duplicateKey("model"), 20),
            (#"{"model":"a","mode\u006C":"b"}"#, .duplicateKey("model"), 14),
            (#"{"a":[{"role":"x","c":1,"role":"y"}]}"#, .duplicateKey("role"), 25),
            (#"{"a":{"b":{"role":1,"r\u006fle":2}}}"#, .duplicateKey("role"), 21),
            (#"{"l":[{"a":{"x":1},"a":2}]}"#, .duplicateKey("a"), 20),
            (#"{"a":{"":1,"":2}}"#, .duplicateKey(""), 12),
            ("[1]", .notAnObject(.array), 0),
            ("\"text\"", .notAnObject(.string), 0),
            ("hello", .unexpected(0x68, expected: .value), 0),
            ("null", .notAnObject(.null), 0),
            ("not json", .unexpected(0x6E, expected: .value), 0),
            (" true?", .notAnObject(.bool), 1),
            ("text", .unexpected(0x74, expected: .value), 0),
            ("f", .unexpected(0x66, expected: .value), 0),
            ("\u{FEFF}{}", .byteOrderMark, 0),
            ("{}\u{0}", .trailingBytes, 2),
            ("{\u{A0}}", .unexpected(0xC2, expected: .keyOrEnd), 1),
            ("{/* no */}", .unexpected(0x2F, expected: .keyOrEnd), 1),
        ])
    func refused(text: String, what: JSONScanError.What, offset: Int) {
        #expect(refusal(text) == JSONScanError(what, at: offset))
    }

    @Test("a number has at most 64 digits, is no less than 1e-999 and fits a double")
    func numbers() {
        let digits = String(repeating: "7", count: 64)
        for accepted in [
            digits, "-" + digits, "0." + String(repeating: "1", count: 63), "1e308", "1E-999", "1e0000308", "1.7e308",
            "-1.7976931348623157e308", "0.01e309", "1e+22",
        ] {
            #expect(refusal("{\"a\":\(accepted)}") == nil)
        }
        for refused in [
            digits + "7", "0." + digits, "1e1000", "1e-1000", "1e999", "-1e309", "1.8e308", "12345e305", "1e+309",
        ] {
            #expect(refusal("{\"a\":\(refused)}")?.what == .numberOutOfRange)
        }
    }

    @Test("twins are found in wide objects too, and only within one object")
    func innerTwins() {
        let wide = (0..<1000).map { #""k\#($0)":{"k":1,"l":[{"k":2},{"k":3}]}"# }.joined(separator: ",")
        #expect(refusal(#"{"a":{\#(wide)},"b":{\#(wide)}}"#) == nil)
        #expect(refusal(#"{"a":{\#(wide),"k77":1}}"#)?.what == .duplicateKey("k77"))
        var limits = JSONLimits.object
        limits.refusesInnerTwins = false
        #expect((try? JSONScanner.scan(Array(#"{"a":{"b":1,"b":2}}"#.utf8), limits: limits)) != nil)
        let most = JSONLimits.innerMembersMax
        let half = (0...most / 2).map { #""\#($0)":0"# }.joined(separator: ",")
        #expect(refusal(#"{"a":{\#(half)},"b":{\#(half)}}"#) == nil)
        // Those of open objects count together.
        #expect(refusal(#"{"a":{\#(half),"b":{\#(half)}}}"#)?.what == .tooManyMembers(max: most))
        let longest = String(repeating: "k", count: JSONLimits.innerKeyBytesMax)
        #expect(refusal(#"{"a":{"\#(longest)":0}}"#) == nil)
        #expect(refusal(#"{"a":{"\#(longest)k":0}}"#)?.what == .keyTooLong(max: longest.utf8.count))
    }

    @Test("depth is bounded, and 10,000 open brackets are refused at the first one too many")
    func depth() {
        let deepest = "{\"a\":" + String(repeating: "[", count: 127) + String(repeating: "]", count: 127) + "}"
        #expect(refusal(deepest) == nil)
        let deeper = "{\"a\":" + String(repeating: "[", count: 10_000)
        #expect(refusal(deeper) == JSONScanError(.tooDeep(max: 128), at: 5 + 127))
        let objects = String(repeating: "{\"a\":", count: 129)
        #expect(refusal(objects)?.what == .tooDeep(max: 128))
        #expect(refusal(#"{"a":{}}"#, limits: JSONLimits(depthMax: 1)) == JSONScanError(.tooDeep(max: 1), at: 5))
        #expect(refusal(#"{"a":{}}"#, limits: JSONLimits(depthMax: 2)) == nil)
        // A limit beyond the fixed stack is cut to it.
        #expect(refusal(deeper, limits: JSONLimits(depthMax: 5000))?.what == .tooDeep(max: 128))
    }

    @Test("arrays and objects may alternate at every depth")
    func alternation() {
        let open = (0..<126).map { $0 % 3 == 0 ? "{\"k\":" : "[" }.joined()
        let close = (0..<126).reversed().map { $0 % 3 == 0 ? "}" : "]" }.joined()
        #expect(refusal("{\"a\":" + open + "1" + close + "}") == nil)
        let wrong = String(close.dropLast()) + "]"
        #expect(refusal("{\"a\":" + open + "1" + wrong + "}") != nil)
    }

    @Test("the number and the length of top-level keys are bounded")
    func memberLimits() {
        let many = "{" + (0..<1001).map { "\"k\($0)\":0" }.joined(separator: ",") + "}"
        #expect(refusal(many)?.what == .tooManyMembers(max: 1000))
        #expect(refusal("{\"" + String(repeating: "k", count: 513) + "\":0}")?.what == .keyTooLong(max: 512))
        #expect(refusal("{\"a\":{\"" + String(repeating: "k", count: 5000) + "\":0}}") == nil)
    }

    @Test("half a surrogate pair is accepted and its place is known")
    func loneSurrogates() throws {
        let accepted: [(String, Int?)] = [
            (#"{"a":"\ud83d\ude00"}"#, nil), (#"{"a":"\ud83d"}"#, 6), (#"{"a":"x\ude00"}"#, 7),
            (#"{"a":"\ud83d\ud83d\ude00"}"#, 6), (#"{"a":"\ud83dx"}"#, 6), (#"{"a":"\ud83d\n"}"#, 6),
        ]
        for (text, place) in accepted {
            #expect(try JSONScanner.scan([UInt8](text.utf8)).loneSurrogate == place, "\(text)")
        }
    }

    @Test("the message names byte, line and column")
    func message() {
        let bytes = [UInt8]("{\n  \"a\": 1,\n  \"b\" 2\n}".utf8)
        let error = refusal(bytes)
        bytes.withUnsafeBytes { buffer in
            #expect(error?.message(in: buffer) == "expected ':', but found '2' at byte 18 (line 3, column 7)")
        }
    }

    // MARK: - UTF-8

    @Test("every scalar is accepted, as the last and as an inner character")
    func everyScalar() {
        for value in stride(from: 0x80, through: 0x10FFFF, by: 7) {
            guard let scalar = UnicodeScalar(UInt32(value)) else { continue }
            let character = Array(String(Character(scalar)).utf8)
            #expect(refusal([0x7B, 0x22] + character + [0x22, 0x3A, 0x31, 0x7D]) == nil)
        }
    }

    @Test("of all two-byte sequences and all edges of longer ones, exactly the well-formed pass")
    func malformedUTF8() {
        func check(_ sequence: [UInt8]) {
            for tail in [[], [UInt8](repeating: 0x61, count: 20)] {
                let document: [UInt8] = Array("{\"a\":\"".utf8) + sequence + tail + [0x22, 0x7D]
                let isValid = String(validating: sequence, as: UTF8.self) != nil
                let error = refusal(document)
                if isValid {
                    #expect(error == nil, "\(sequence)")
                } else {
                    #expect(error?.what == .invalidUTF8, "\(sequence)")
                }
            }
        }
        for first in UInt8(0x80)...0xFF {
            check([first])
            for second in UInt8(0x80)...0xFF { check([first, second]) }
        }
        let edges: [UInt8] = [0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5]
        for first in UInt8(0xE0)...0xF7 {
            for second in edges {
                for third in edges {
                    check([first, second, third])
                    for fourth in [UInt8(0x7F), 0x80, 0xBF, 0xC0] { check([first, second, third, fourth]) }
                }
            }
        }
    }

    @Test("a string's end is found at every distance from a block's edge")
    func blockEdges() throws {
        for length in 0..<70 {
            for special in ["", "\\\"", "é", "\\\\", "你", "😀"] {
                for place in [0, length / 2, length] {
                    let text =
                        String(repeating: "a", count: place) + special + String(repeating: "b", count: length - place)
                    let bytes = [UInt8]("{\"k\":\"\(text)\"}".utf8)
                    let document = try JSONScanner.scan(bytes)
                    #expect(document.members[0].value == 5..<bytes.count - 1)
                }
            }
        }
    }

    // MARK: - Against the reference, and in slices

    @Test("it accepts exactly what a parser by the book accepts")
    func differential() {
        var fuzz = SeededRandom.fresh("scanner against reference")
        var accepted = 0
        var refused = 0
        for _ in 0..<6_000 {
            let document = fuzz.document(anyRoot: fuzz.chance(20))
            // Valid but for twins, which do occur in objects further inside.
            let hasTwins = !ReferenceParser.accepts(document, requiresObject: false)
            let isTwin = if case .duplicateKey = refusal(document, limits: .any)?.what { true } else { false }
            #expect(isTwin == hasTwins, "\(String(decoding: document, as: UTF8.self))")
            var lenient = JSONLimits.any
            lenient.refusesInnerTwins = false
            #expect(refusal(document, limits: lenient) == nil, "\(String(decoding: document, as: UTF8.self))")
            let damaged = fuzz.damaged(document)
            let requiresObject = fuzz.chance(50)
            let expected = ReferenceParser.accepts(damaged, requiresObject: requiresObject)
            let limits = requiresObject ? JSONLimits.object : .any
            let error = refusal(damaged, limits: limits)
            #expect(
                (error == nil) == expected, "\(String(decoding: damaged, as: UTF8.self)) \(String(describing: error))")
            if let error { #expect(error.offset >= 0 && error.offset <= damaged.count) }
            if expected { accepted += 1 } else { refused += 1 }
        }
        #expect(accepted > 200)
        #expect(refused > 200)
    }

    @Test("scanning in slices of any size gives the same document or the same error")
    func slices() {
        var fuzz = SeededRandom.fresh("scanner in slices")
        for _ in 0..<1_500 {
            var bytes = fuzz.document()
            if fuzz.chance(40) { bytes = fuzz.damaged(bytes) }
            let whole = Result { () throws(JSONScanError) in try JSONScanner.scan(bytes) }
            let step = fuzz.chance(50) ? 1 : 1 + fuzz.below(40)
            var scanner = JSONScanner()
            var goal = 0
            let sliced = Result { () throws(JSONScanError) -> JSONDocument in
                while true {
                    goal += step
                    // A copy: the bytes may have moved between two slices.
                    let moved = bytes + []
                    let part = moved.withUnsafeBytes { buffer in
                        Result { () throws(JSONScanError) in try scanner.advance(in: buffer, upTo: goal) }
                    }
                    if try part.get() { return scanner.document }
                    guard scanner.offset >= goal else { Issue.record("paused too early"); return scanner.document }
                    // A pause is at most a token or a block of 16 bytes late; the longest token is a 64-digit number.
                    #expect(scanner.offset < goal + 80)
                }
            }
            #expect(whole == sliced, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test("a long string is left in the middle, at a character's edge")
    func pauseInString() throws {
        let bytes = [UInt8](("{\"a\":\"" + String(repeating: "你好", count: 10_000) + "\"}").utf8)
        var scanner = JSONScanner()
        var pauses = 0
        try bytes.withUnsafeBytes { buffer in
            while try !scanner.advance(in: buffer, upTo: scanner.offset + 1000) {
                pauses += 1
                #expect(buffer[scanner.offset] & 0xC0 != 0x80)
            }
        }
        #expect(pauses >= 58)
        #expect(scanner.document == (try JSONScanner.scan(bytes)))
    }

    @Test("many long keys that differ late cost no more than their comparison")
    func manyLongKeys() throws {
        let keys = (0..<1000).map { "\"" + String(repeating: "k", count: 480) + "\($0 + 1000)\":0" }
        let bytes = [UInt8](("{" + keys.joined(separator: ",") + "}").utf8)
        let clock = ContinuousClock()
        let time = clock.measure { #expect((try? JSONScanner.scan(bytes))?.members.count == 1000) }
        #expect(time < .seconds(3))
    }

    @Test("long strings are remembered, scanned whole or in slices, and a cursor steps over them to the same places")
    func longStrings() throws {
        let long = String(repeating: #"x\"é"#, count: 8000)
        let text = #"{"a":[{"content":"\#(long)","n":1},{"content":"short"},["\#(long)"]],"b":"\#(long)"}"#
        let bytes = [UInt8](text.utf8)
        let document = try JSONScanner.scan(bytes)
        #expect(document.longStrings.count == 3)
        #expect(document.longStrings.allSatisfy { bytes[$0.lowerBound] == 0x22 && bytes[$0.upperBound - 1] == 0x22 })
        for slice in [1000, 16_384, 65_536] {
            var scanner = JSONScanner()
            try bytes.withUnsafeBytes { buffer in
                while try !scanner.advance(in: buffer, upTo: scanner.offset + slice) {}
            }
            #expect(scanner.document == document)
        }
        bytes.withUnsafeBytes { buffer in
            func walk(_ longStrings: [Range<Int>]) -> [Range<Int>] {
                var cursor = JSONCursor(document.root(in: buffer), longStrings: longStrings)
                var places: [Range<Int>] = []
                func visit() {
                    if cursor.enterArray() {
                        while cursor.nextElement() { visit() }
                    } else if cursor.enterObject() {
                        while cursor.nextKey() != nil { visit() }
                    } else {
                        places.append(cursor.skip().range)
                    }
                }
                visit()
                return places
            }
            let places = walk([])
            #expect(places.count == 5)
            #expect(walk(document.longStrings) == places)
        }
    }
}
