import JSONText
import TestSupport
import Testing

@Suite("JSONWriter and JSONEscapes")
struct JSONWriterTests {
    @Test("commas stand between members and elements and nowhere else")
    func structure() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("text", "a\"b\\c\n")
        writer.member("count", 3)
        writer.member("yes", true)
        writer.key("list")
        writer.beginArray()
        writer.int(-1)
        writer.double(0.5)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.raw("1.25")
        writer.endArray()
        writer.member("none", orNull: nil)
        writer.member("price", raw: "0.000015")
        writer.endObject()
        let expected =
            #"{"text":"a\"b\\c\n","count":3,"yes":true,"list":[-1,0.5,null,{},[],1.25],"none":null,"price":0.000015}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    @Test("a Double that JSON can't write becomes null, every other reads back the same")
    func doubles() throws {
        for value in [0, -0.0, 1, 0.1, 1e-7, 1e300, 2.2250738585072014e-308, .pi, 12_345_678_901_234_567_168, -2.5e-10]
            as [Double]
        {
            var writer = JSONWriter()
            writer.double(value)
            #expect(try JSON.parse(writer.bytes).number == value)
        }
        for value in [Double.nan, .infinity, -.infinity] {
            var writer = JSONWriter()
            writer.double(value)
            #expect(writer.bytes == Array("null".utf8))
        }
    }

    @Test("any text survives being quoted and read, and the quoted form is valid JSON")
    func roundTrip() throws {
        var fuzz = SeededRandom.fresh("escapes")
        for _ in 0..<3_000 {
            var text = ""
            for _ in 0..<fuzz.below(60) {
                let scalar =
                    fuzz.chance(30) ? UInt32(fuzz.below(0x20)) : UInt32(fuzz.below(fuzz.chance(50) ? 0x80 : 0x110000))
                text.unicodeScalars.append(UnicodeScalar(scalar) ?? "?")
            }
            let quoted = JSONEscapes.quoted(text)
            #expect((try? JSONScanner.scan(quoted, limits: .any)) != nil)
            quoted.withUnsafeBytes { #expect(JSONView(unchecked: $0)?.string == text) }
            #expect(try JSON.parse(quoted) == .string(text))
        }
    }

    @Test("control characters, quotes and backslashes are escaped, everything else stays as it is")
    func escapes() {
        let text = "\u{0}\u{1F}\u{8}\t\n\u{C}\r\"\\/\u{7F}é你😀\u{2028}"
        let quoted = String(decoding: JSONEscapes.quoted(text), as: UTF8.self)
        #expect(quoted == #""\u0000\u001f\b\t\n\f\r\"\\/"# + "\u{7F}é你😀\u{2028}\"")
    }

    @Test(
        "escapes are resolved; half a surrogate pair is U+FFFD; broken ones never read beyond the text",
        arguments: [
            (#"\u0041\u00e9\u4f60"#, "Aé你"), (#"\udbff\udfff\ud800\udc00"#, "\u{10FFFF}\u{10000}"),
            (#"\ud83d\ude00"#, "😀"), (#"\uD83D"#, "\u{FFFD}"),
            (#"\ude00x"#, "\u{FFFD}x"),
            (#"\ud83d\u0041"#, "\u{FFFD}A"), (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"), (#"\u00"#, "u00"),
            (#"\"#, "\\"),
            (#"a\q"#, "aq"), ("", ""),
        ])
    func unescape(raw: String, expected: String) {
        let bytes = [UInt8](raw.utf8)
        bytes.withUnsafeBytes { #expect(JSONEscapes.string($0) == expected) }
    }
}
