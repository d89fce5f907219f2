import JSONText
import TestSupport
import Testing

@Suite("JSONView and JSONCursor")
struct JSONViewTests {
    private func with<T>(_ text: String, _ body: (JSONView) throws -> T) rethrows -> T {
        try [UInt8](text.utf8).withUnsafeBytes { try body(JSONView(unchecked: $0)!) }
    }

    @Test("scalars are read by kind, and only by their own")
    func scalars() {
        with(#"{"s":"a\n\u00e9","i":-42,"r":1.5,"t":true,"f":false,"z":null,"o":{},"a":[]}"#) { view in
            #expect(view.member("s")?.string == "a\né")
            #expect(view.member("i")?.int == -42)
            #expect(view.member("i")?.double == -42)
            #expect(view.member("i")?.isInteger == true)
            #expect(view.member("r")?.int == nil)
            #expect(view.member("r")?.isInteger == false)
            #expect(view.member("r")?.double == 1.5)
            #expect(view.member("r")?.numberText == "1.5")
            #expect(view.member("t")?.bool == true)
            #expect(view.member("f")?.bool == false)
            #expect(view.member("z")?.isNull == true)
            #expect(view.member("z")?.string == nil)
            #expect(view.member("s")?.int == nil)
            #expect(view.member("s")?.bool == nil)
            #expect(view.member("i")?.string == nil)
            #expect(view.present("z") == nil)
            #expect(view.present("o")?.kind == .object)
            #expect(view.member("none") == nil)
        }
    }

    @Test(
        "an integer is exact up to both ends of Int64 and nil beyond",
        arguments: [
            ("9223372036854775807", Int64.max), ("-9223372036854775808", .min), ("9223372036854775808", nil),
            ("-9223372036854775809", nil), ("0", 0), ("-0", 0), ("1e3", nil), ("10.0", nil),
            ("99999999999999999999999999", nil),
        ] as [(String, Int64?)])
    func integers(text: String, value: Int64?) {
        with(text) { #expect($0.int == value) }
    }

    @Test("strings are compared by their meaning")
    func strings() {
        with(#"["model","mod\u0065l","mode",""]"#) { view in
            let elements = Array(view.elements)
            #expect(elements.map { $0.isString("model") } == [true, true, false, false])
            #expect(elements[3].isString(""))
            #expect(elements[0].textRange == 2..<7)
        }
    }

    @Test("members and elements come in order, whatever is inside them")
    func containers() {
        with(#" { "a" : [ 1 , "]" , {"x":"}"} ] , "b" : { "c" : [[]] } , "d":"\"" } "#) { view in
            #expect(view.members.map(\.name) == ["a", "b", "d"])
            #expect(
                view.member("a")?.elements.map { String(decoding: $0.raw, as: UTF8.self) } == [
                    "1", #""]""#, #"{"x":"}"}"#,
                ])
            #expect(view.member("b")?.member("c")?.elements.map(\.kind) == [.array])
            #expect(view.member("d")?.string == "\"")
            #expect(view.elements.map(\.kind).isEmpty)
            #expect(view.member("d")?.members.map(\.name).isEmpty == true)
        }
    }

    @Test("a cursor visits every key and element once, entered or skipped")
    func cursor() {
        with(#"{"a":[1,[2,{"b":3}],"x"],"c":{"d":{}},"e":[],"f":null}"#) { view in
            var cursor = JSONCursor(view)
            var seen: [String] = []
            func walk(_ cursor: inout JSONCursor) {
                if cursor.enterObject() {
                    while let key = cursor.nextKey() {
                        seen.append(String(decoding: cursor.bytes[key.range], as: UTF8.self))
                        walk(&cursor)
                    }
                } else if cursor.enterArray() {
                    while cursor.nextElement() { walk(&cursor) }
                } else {
                    seen.append(String(decoding: cursor.skip().raw, as: UTF8.self))
                }
            }
            walk(&cursor)
            #expect(seen == ["a", "1", "2", "b", "3", #""x""#, "c", "d", "e", "f", "null"])
            #expect(cursor.offset == view.range.upperBound)
        }
    }

    @Test("reading a random valid document in place gives what jansson gives")
    func againstJansson() throws {
        var fuzz = SeededRandom.fresh("views against jansson")
        for _ in 0..<2_000 {
            let bytes = fuzz.document(anyRoot: true)
            // Nested twins, which jansson refuses, do occur.
            guard let expected = try? JSON.parse(bytes) else { continue }
            let found = bytes.withUnsafeBytes { Self.tree(JSONView(unchecked: $0)!) }
            #expect(found == expected, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test("on damaged documents every reader ends and stays inside its bytes")
    func garbage() {
        var fuzz = SeededRandom.fresh("views of damaged documents")
        for _ in 0..<5_000 {
            let bytes = fuzz.damaged(fuzz.damaged(fuzz.document(anyRoot: true)))
            bytes.withUnsafeBytes { buffer in
                guard let view = JSONView(unchecked: buffer) else { return }
                _ = Self.tree(view)
                _ = view.member("key0")?.member("key1")
                var cursor = JSONCursor(view)
                for _ in 0..<1000 {
                    switch fuzz.below(5) {
                    case 0: _ = cursor.enterObject()
                    case 1: _ = cursor.enterArray()
                    case 2: _ = cursor.nextKey()
                    case 3: _ = cursor.nextElement()
                    default: _ = cursor.skip()
                    }
                    #expect(cursor.offset <= buffer.count)
                }
            }
        }
    }

    private static func tree(_ view: JSONView) -> JSON {
        switch view.kind {
        case .null: return .null
        case .bool: return .bool(view.bool ?? false)
        case .number: return view.int.map { .int($0) } ?? .real(view.double ?? 0)
        case .string: return .string(view.string ?? "")
        case .array: return .array(view.elements.map { tree($0) })
        case .object:
            var object = JSONObject()
            for member in view.members { object[member.name] = tree(member.value) }
            return .object(object)
        }
    }
}
