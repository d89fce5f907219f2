import Testing

@testable import MockProvider

@Suite struct SchemaExampleTests {
    static func example(_ schema: String) -> String? {
        JSONValue(text: schema).map { String(decoding: SchemaExample.value(for: $0).serialized, as: UTF8.self) }
    }

    @Test(arguments: [
        (#"{"type":"string"}"#, #""mock""#),
        (#"{"type":"string","minLength":6}"#, #""mockxx""#),
        (#"{"type":"string","maxLength":2}"#, #""mo""#),
        (#"{"type":"integer"}"#, "7"),
        (#"{"type":"integer","minimum":12}"#, "12"),
        (#"{"type":"number","maximum":0.5}"#, "0.5"),
        (#"{"type":"boolean"}"#, "true"),
        (#"{"type":["null","string"]}"#, #""mock""#),
        (#"{"enum":["b","a"]}"#, #""b""#),
        (#"{"const":{"k":1}}"#, #"{"k":1}"#),
        (#"{"type":"array","items":{"type":"integer"},"minItems":2}"#, "[7,7]"),
        (#"{"anyOf":[{"type":"integer"},{"type":"null"}]}"#, "7"),
        (
            #"{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]}"#,
            #"{"city":"mock","days":7}"#
        ),
        (##"{"$ref":"#/$defs/A","$defs":{"A":{"type":"boolean"}}}"##, "true"),
    ])
    func `a simple schema is satisfied`(_ schema: String, _ expected: String) {
        #expect(Self.example(schema) == expected)
    }

    @Test func `a recursive schema ends, with what it requires`() {
        let tree = ##"""
            {"$ref":"#/$defs/Node","$defs":{"Node":{"type":"object","required":["name"],"properties":{
            "name":{"type":"string"},"left":{"$ref":"#/$defs/Node"},"right":{"$ref":"#/$defs/Node"}}}}}
            """##
        let value = Self.example(tree)
        #expect(value?.hasPrefix(#"{"name":"mock","left":{"name":"mock""#) == true)
        #expect((value?.utf8.count ?? .max) < 10_000)
    }

    @Test func `a schema that can never be satisfied still ends`() {
        let endless = ##"""
            {"$ref":"#/$defs/N","$defs":{"N":{"type":"object","required":["a","b","c"],"properties":{
            "a":{"$ref":"#/$defs/N"},"b":{"$ref":"#/$defs/N"},"c":{"$ref":"#/$defs/N"}}}}}
            """##
        #expect(Self.example(endless) != nil)
    }
}
