import JSONText
import TestSupport
import Testing

@Suite("JSONEdit")
struct JSONEditTests {
    private func edited(_ text: String, _ change: (inout JSONEdit, JSONDocument) -> Void) throws -> String {
        let bytes = [UInt8](text.utf8)
        let document = try JSONScanner.scan(bytes)
        var edit = JSONEdit()
        change(&edit, document)
        return String(decoding: edit.applied(to: bytes), as: UTF8.self)
    }

    @Test("a replaced value leaves every other byte as it was")
    func replace() throws {
        let text = " { \"a\" :  1 ,\n\"model\" : \"x\" , \"z\":[ ] }\n"
        let result = try edited(text) { $0.replace($1.members[1].value, with: Array("\"longer\"".utf8)) }
        #expect(result == " { \"a\" :  1 ,\n\"model\" : \"longer\" , \"z\":[ ] }\n")
    }

    @Test("an inserted member comes first, with a comma only where one is needed")
    func insert() throws {
        #expect(try edited("{\"a\":1}") { $0.insertMember("n", [0x32], into: $1) } == "{\"n\":2,\"a\":1}")
        #expect(try edited(" { } ") { $0.insertMember("n", [0x32], into: $1) } == " {\"n\":2 } ")
        let two = try edited("{\"a\":1}") { edit, document in
            edit.insertMember("n", [0x32], into: document)
            edit.insertMember("m", [0x33], into: document)
        }
        #expect(two == "{\"n\":2,\"m\":3,\"a\":1}")
    }

    @Test(
        "removed members take their commas along, wherever they stand",
        arguments: [
            ([0], #"{"b":2,"c":3}"#), ([1], #"{"a":1,"c":3}"#), ([2], #"{"a":1,"b":2}"#), ([0, 1], #"{"c":3}"#),
            ([1, 2], #"{"a":1}"#), ([0, 2], #"{"b":2}"#), ([2, 1, 0], "{}"), ([], #"{"a":1,"b":2,"c":3}"#),
        ] as [([Int], String)])
    func remove(indices: [Int], expected: String) throws {
        #expect(try edited(#"{"a":1,"b":2,"c":3}"#) { $0.removeMembers(at: indices, of: $1) } == expected)
    }

    @Test("removing all and inserting one leaves one")
    func replaceAll() throws {
        let result = try edited(#"{ "a":1 , "b":2 }"#) { edit, document in
            edit.removeMembers(at: [0, 1], of: document)
            edit.insertMember("n", [0x30], into: document, othersRemain: false)
        }
        #expect(try JSON.parse(result) == ["n": 0])
    }

    @Test("any mix of changes to a random document gives valid JSON with the other members byte for byte")
    func random() throws {
        var fuzz = SeededRandom.fresh("edits")
        for _ in 0..<1_500 {
            let bytes = fuzz.document()
            // Twins further inside do occur.
            guard let document = try? JSONScanner.scan(bytes) else { continue }
            var edit = JSONEdit()
            var expected: [(key: [UInt8], value: [UInt8])] = []
            var removed: [Int] = []
            for (index, member) in document.members.enumerated() {
                switch fuzz.below(4) {
                case 0: removed.append(index)
                case 1:
                    edit.replace(member.value, with: Array("\"new\"".utf8))
                    expected.append((Array(bytes[member.key.range]), Array("\"new\"".utf8)))
                default: expected.append((Array(bytes[member.key.range]), Array(bytes[member.value])))
                }
            }
            edit.removeMembers(at: removed, of: document)
            if fuzz.chance(50) {
                edit.insertMember(
                    "inserted", Array("[1]".utf8), into: document,
                    othersRemain: removed.count < document.members.count)
                expected.insert((Array("inserted".utf8), Array("[1]".utf8)), at: 0)
            }
            let result = edit.applied(to: bytes)
            let after = try JSONScanner.scan(result)
            #expect(after.members.map { Array(result[$0.key.range]) } == expected.map(\.key))
            #expect(after.members.map { Array(result[$0.value]) } == expected.map(\.value))
        }
    }

    @Test("no change gives the same bytes")
    func nothing() {
        let bytes = [UInt8]("{ \"a\" : 1 }".utf8)
        #expect(JSONEdit().applied(to: bytes) == bytes)
        #expect(JSONEdit().isEmpty)
    }
}
