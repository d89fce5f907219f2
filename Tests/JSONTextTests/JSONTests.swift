import JSONText
import TestSupport
import Testing

@Suite("JSON values")
struct JSONTests {
    @Test("a document becomes values and the same text again, order kept")
    func roundTrip() throws {
        let text = #"{"z":1,"a":[true,false,null,-2,1.5,"x\n"],"m":{"k":{},"b":[]},"big":9223372036854775807}"#
        let value = try JSON.parse(text)
        #expect(value.text == text)
        #expect(value.object?.keys == ["z", "a", "m", "big"])
        #expect(value["a"]?[4] == .real(1.5))
        #expect(value["a"]?[9] == nil)
        #expect(value["m"]?["k"]?.object?.isEmpty == true)
        #expect(value["big"]?.int == .max)
        #expect(value["none"] == nil)
    }

    @Test("accessors answer only for their kind; 3.0 is an integer too")
    func accessors() {
        #expect(JSON.int(3).number == 3)
        #expect(JSON.real(3).int == 3)
        #expect(JSON.real(3.5).int == nil)
        #expect(JSON.string("3").int == nil)
        #expect(JSON.bool(true).bool == true)
        #expect(JSON.null.isNull)
        #expect(JSON.null.string == nil)
        #expect(JSON.array([1]).array == [1])
    }

    @Test("members are set, replaced in place and removed")
    func mutation() {
        var value: JSON = ["a": 1, "b": ["x": true]]
        value["b"]?["y"] = "new"
        value["a"] = 2
        value["c"] = .null
        #expect(value.text == #"{"a":2,"b":{"x":true,"y":"new"},"c":null}"#)
        value["a"] = nil
        value["missing"] = nil
        #expect(value.object?.keys == ["b", "c"])
    }

    @Test("an object of many members takes more of them, replaces and removes them in linear time")
    func manyMembers() throws {
        let text = "{" + (0..<100_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
        let parsed = try JSON.parse(text)
        var copy = JSONObject()
        for (key, value) in parsed.object ?? [:] { copy[key] = value }
        #expect(copy == parsed.object)
        copy["k5"] = "five"
        copy["k7"] = nil
        copy["new"] = 1
        #expect(copy["k5"] == "five" && copy["k7"] == nil && copy["new"] == 1 && copy["k99999"] == 99_999)
        #expect(copy.count == 100_000 && copy.keys.last == "new" && copy.keys.first == "k0")
        copy["k8"] = 8.5
        #expect(copy["k8"] == 8.5 && copy["k6"] == 6)
    }

    @Test("keys are the same where their bytes are, however many there are", arguments: [0, 30])
    func keysByTheirBytes(others: Int) throws {
        // U+212B and U+00C5; U+0323 and U+0307 in either order: each pair is one text to Swift.
        let keys = ["\u{212B}", "ab", "\u{C5}", "q\u{323}\u{307}", "q\u{307}\u{323}"]
        let more = (0..<others).map { "k\($0)" }
        let text = (keys + more).enumerated().map { "\"\($0.element)\":\($0.offset)" }.joined(separator: ",")
        var object = try #require(try JSON.read(Array("{\(text)}".utf8)).object)
        for (number, key) in keys.enumerated() { #expect(object[key] == .int(Int64(number))) }
        object["q\u{307}\u{323}"] = "new"
        #expect(object["q\u{323}\u{307}"] == 3 && object.count == keys.count + others)
        #expect(throws: JSONError.self) { try JSON.read(Array("{\(text),\"ab\":1}".utf8)) }
    }

    @Test("whole numbers are written to their last digit", arguments: [Int64.min, -10, -1, 0, 7, 100, .max])
    func wholeNumbers(value: Int64) {
        #expect(String(decoding: JSON.int(value).serialized(), as: UTF8.self) == "\(value)")
        var writer = JSONWriter()
        writer.beginArray()
        writer.int(value)
        writer.endArray()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "[\(value)]")
    }

    /// Found by the fuzzer: each level was compared twice, which is 2^depth.
    @Test("objects that differ at the bottom are compared in linear time")
    func deepDifference() {
        func nested(_ value: JSON) -> JSON {
            (0..<120).reduce(value) { inner, _ in .object(["a": inner, "b": 1]) }
        }
        #expect(nested(1) != nested(2))
        #expect(nested(1) == nested(1))
        let turned: JSON = (0..<120).reduce(2) { inner, _ in ["b": 1, "a": inner] }
        #expect(nested(1) != turned)
        #expect(nested(2) == turned)
    }

    @Test("objects are equal in any order, arrays are not")
    func equality() {
        #expect(["a": 1, "b": 2] as JSON == ["b": 2, "a": 1])
        #expect(["a": 1, "b": 2] as JSON != ["b": 2, "a": 2])
        #expect(["a": 1] as JSON != ["a": 1, "b": 2])
        #expect([1, 2] as JSON != [2, 1])
    }

    @Test(
        "what is no JSON is refused with its place",
        arguments: [
            (#"{"a":1"#, 6), (#"{"a":1} x"#, 8), (#"[1,2"#, 4), ("", 0), ("nope", 0), ("{\"a\":\"\u{1}\"}", 6),
        ])
    func refused(text: String, offset: Int) {
        #expect { try JSON.parse(text) } throws: { ($0 as? JSONError)?.offset == offset }
    }

    @Test(
        "twins are refused at every depth, and so are reals beyond Double and half surrogates",
        arguments: [
            #"{"a":{"b":1,"b":2}}"#, #"{"a":1,"a":2}"#, #"["\ud800"]"#, "[1e400]", "[1e400,9223372036854775808]",
        ])
    func refusedByJansson(text: String) {
        #expect(throws: JSONError.self) { try JSON.parse(text) }
    }

    @Test("an integer beyond Int64 becomes a real, the others stay integers up to 2^53")
    func largeIntegers() throws {
        let value = try JSON.parse("[9223372036854775808,-18446744073709551615,7,9007199254740992,1.5,-3]")
        #expect(value == [.real(0x1p63), .real(-0x1p64), 7, 9_007_199_254_740_992, 1.5, -3])
        #expect(try JSON.parse("[9223372036854775807,1.0]") == [.int(.max), .real(1)])
    }

    @Test("an error never repeats the text near it")
    func noEcho() {
        #expect {
            try JSON.parse(#"{"api_key":"sk-secret","api_key":"sk-secret"}"#)
        } throws: {
            let text = String(describing: $0)
            return !text.contains("sk-secret") && text.contains("line 1")
        }
    }

    @Test("depth is bounded before anything recurses")
    func depth() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError.self) { try JSON.parse(deep) }
        #expect(throws: JSONError.self) { try JSON.parse("[[[1]]]", maxDepth: 2) }
        #expect(try JSON.parse("[[1]]", maxDepth: 2) == [[1]])
    }

    @Test("20,000 top-level members are read in linear time")
    func wide() throws {
        let text = "{" + (0..<20_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
        #expect(try JSON.parse(text).object?.count == 20_000)
    }

    @Test("random documents come back equal")
    func random() throws {
        var fuzz = SeededRandom.fresh("values")
        var read = 0
        for _ in 0..<1_500 {
            let bytes = fuzz.document(anyRoot: true)
            guard let value = try? JSON.parse(bytes) else { continue }
            read += 1
            #expect(try JSON.parse(value.serialized()) == value)
        }
        #expect(read > 500)
    }
}
