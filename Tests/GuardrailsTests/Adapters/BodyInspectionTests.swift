import JSONText
import TestSupport
import Testing

@testable import Guardrails

private let key = "sk-" + base62(30)

private func rules(_ action: Guardrail.Action = .redact()) throws -> GuardrailSet {
    try GuardrailSet([
        Guardrail(name: "words", rule: .bannedWords(["alpha", "user", "größe"]), action: .redact(with: "[*]")),
        Guardrail(name: "secrets", rule: .secrets(), action: action),
    ])
}

private func request(_ set: GuardrailSet, _ body: String) -> String {
    switch set.inspect(requestBody: Array(body.utf8)) {
    case .pass: "pass"
    case .redacted(let bytes, _): String(decoding: bytes, as: UTF8.self)
    case .refused(let finding): "refused: \(finding)"
    }
}

@Suite("Bodies")
struct BodyInspectionTests {
    @Test("text is inspected wherever it stands: messages, parts, tools, arguments, prompt, input, unknown members")
    func everyPlace() throws {
        let set = try rules()
        for body in [
            #"{"messages":[{"role":"user","content":"say @"}]}"#,
            #"{"messages":[{"role":"system","content":[{"type":"text","text":"@"},{"type":"text","text":"b"}]}]}"#,
            #"{"messages":[{"tool_calls":[{"id":"c","function":{"name":"f","arguments":"{\"k\":\"@\"}"}}]}]}"#,
            #"{"messages":[{"role":"tool","tool_call_id":"c1","content":"@"}]}"#,
            #"{"tools":[{"type":"function","function":{"name":"f","description":"@","parameters":{"enum":["@"]}}}]}"#,
            #"{"prompt":["@","x"]}"#, #"{"input":"@"}"#, #"{"instructions":"@"}"#, #"{"stop":["@"]}"#,
            #"{"x_new":{"deep":[[{"er":"@"}]]}}"#, #"  {  "input" : "@"  }  "#, #"["@"]"#, #"{"name":"@"}"#,
        ] {
            for word in ["alpha", key] {
                let expected = word == key ? "[REDACTED:openai_key]" : "[*]"
                #expect(
                    request(set, body.replacing("@", with: word)) == body.replacing("@", with: expected), "\(body)")
            }
            #expect(request(set, body.replacing("@", with: "beta")) == "pass")
        }
    }

    @Test("keys with different secrets stay different keys")
    func keys() throws {
        let other = "sk-" + String(base62(30).reversed())
        #expect(
            try request(
                rules(), #"{"a":{"\#(key)":1,"x \#(other) y":"\#(key)"},"\#(key)":2,"[REDACTED:openai_key]":3}"#)
                == #"{"a":{"[REDACTED:openai_key] 1":1,"x [REDACTED:openai_key] 2 y":"[REDACTED:openai_key] 1"},"#
                + #""[REDACTED:openai_key] 1":2,"[REDACTED:openai_key]":3}"#)
    }

    @Test("no key becomes one that is there already, however that is written")
    func keysThatAreThere() throws {
        let other = "sk-" + String(base62(30).reversed())
        let mark = "[REDACTED:openai_key]"
        #expect(
            try request(rules(), #"{"\#(mark) 1":1,"\#(key)":2}"#) == #"{"\#(mark) 1":1,"\#(mark) 2":2}"#)
        let escaped = #""\#(mark)\u0020\u0031":2"#
        #expect(
            try request(rules(), #"{"\#(key)":1,\#(escaped),"x":{"\#(mark) 3 y":3,"\#(other)":"\#(key)"}}"#)
                == #"{"\#(mark) 2":1,\#(escaped),"x":{"\#(mark) 3 y":3,"\#(mark) 4":"\#(mark) 2"}}"#)
        #expect(
            try request(rules(.redact(with: "gone")), #"{"\#(key)":1,"gone 1":2}"#) == #"{"gone 2":1,"gone 1":2}"#)
        // What stands around one secret is not what became of the other.
        #expect(
            try request(rules(), #"{"\#(key) \#(mark) 2":1,"\#(mark) 1 \#(other)":2}"#)
                == #"{"\#(mark) 3 \#(mark) 2":1,"\#(mark) 1 \#(mark) 4":2}"#)
    }

    @Test("a digit behind a secret does not become part of its key's number")
    func digitBehindNumber() throws {
        let block = #"-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----"#
        let mark = "[REDACTED:private_key]"
        #expect(
            try request(rules(), #"{"\#(block)7":1,"\#(block)\u0038":2,"\#(mark) 17":3}"#)
                == #"{"\#(mark) 1 7":1,"\#(mark) 2 \u0038":2,"\#(mark) 17":3}"#)
    }

    @Test("thousands of keys with secrets, between thousands that look like what they become, stay different keys")
    func manyKeys() throws {
        let count = 4000
        let members = (0..<count).map { #""\#(key)\#(1000 + $0)":1,"[REDACTED:openai_key] \#(2 * $0 + 1)":2"# }
        let text = try request(rules(), #"{"x":{"# + members.joined(separator: ",") + "}}")
        #expect(throws: Never.self) { try JSONScanner.scan(Array(text.utf8)) }
        #expect(text.contains(#""[REDACTED:openai_key] 2":1,"#) && text.contains(#"] \#(2 * count)":1,"#))
    }

    @Test("a schema's `required` names the properties that it named", arguments: [true, false])
    func namesOfKeys(isBefore: Bool) throws {
        let other = "sk-" + String(base62(30).reversed())
        func schema(_ first: String, _ second: String) -> String {
            let names = #""required":["\#(second)","\#(first)"]"#
            let properties = #""properties":{"\#(first)":{},"\#(second)":{}}"#
            return "{\(isBefore ? names : properties),\(isBefore ? properties : names)}"
        }
        #expect(
            try request(rules(), schema(key, other))
                == schema("[REDACTED:openai_key] 1", "[REDACTED:openai_key] 2"))
    }

    @Test("escapes are resolved before inspection, and only the span that is replaced changes")
    func escapes() throws {
        let set = try rules()
        let body =
            #"{"content":"a\n\t\u00e4 \u0073k-\#(base62(30)) \"\/\ud83d\ude00 gr\u00f6\u00dfe\\alpha", "n" : 1.0}"#
        #expect(
            request(set, body)
                == #"{"content":"a\n\t\u00e4 [REDACTED:openai_key] \"\/\ud83d\ude00 [*]\\[*]", "n" : 1.0}"#
        )
        #expect(
            request(
                set,
                #"{"a":"postgres:\/\/u:p@h\/x","b":"-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n"}"#)
                == #"{"a":"postgres:\/\/[REDACTED:connection_string]","b":"[REDACTED:private_key]\n"}"#)
        #expect(request(set, #"{"a":"\ud83d alpha \udc00\uD83D\u0061lpha"}"#) == #"{"a":"\ud83d [*] \udc00\uD83D[*]"}"#)
    }

    @Test("names out of fixed sets and identifiers are no text for banned words, but no hiding place for secrets")
    func identifiers() throws {
        let set = try rules()
        let body =
            #"{"model":"alpha","messages":[{"role":"user"},{"tool_call_id":"alpha"}],"user":"alpha"}"#
        #expect(request(set, body) == "pass")
        #expect(request(set, #"{"user":"\#(key)"}"#) == #"{"user":"[REDACTED:openai_key]"}"#)
        #expect(request(set, #"{"metadata":{"\#(key)":1}}"#) == #"{"metadata":{"[REDACTED:openai_key] 1":1}}"#)
        #expect(request(set, #"{"r\u006fle":"alpha"}"#) == #"{"r\u006fle":"[*]"}"#)
        #expect(request(set, #"{"modalities":["text","alpha"],"alpha":"x"}"#) == "pass")
    }

    @Test("long base64 where media belongs passes; short, elsewhere, or with anything else in it, it is text")
    func media() throws {
        let set = try words(["alpha"], wholeWords: false, action: .redact(with: "[*]"))
        let blob = String(repeating: "Abcd0+/1alpha", count: 30)
        let starred = blob.replacing("alpha", with: "[*]")
        #expect(request(set, #"{"image_url":{"url":"data:image/png;base64,\#(blob)=="}}"#) == "pass")
        #expect(request(set, #"{"input_audio":{"data":"\#(blob)"}}"#) == "pass")
        #expect(request(set, #"{"file_data":"data:x;base64,\#(blob.replacing("/", with: "\\/"))"}"#) == "pass")
        #expect(request(set, #"{"content":"\#(blob)"}"#) == #"{"content":"\#(starred)"}"#)
        #expect(request(set, #"{"url":"https://x/alpha"}"#) == #"{"url":"https://x/[*]"}"#)
        #expect(request(set, #"{"data":"\#(blob) "}"#) == #"{"data":"\#(starred) "}"#)
        #expect(request(set, #"{"signature":"alpha","obfuscation":"alpha"}"#) == "pass")
    }

    @Test("a refusing rule refuses the body at the first finding")
    func refuses() throws {
        let set = try rules(.refuse)
        #expect(request(set, #"{"input":["alpha","\#(key)"]}"#).hasPrefix("refused: guardrail 'secrets': openai_key"))
        #expect(request(set, #"{"input":"beta"}"#) == "pass")
    }

    @Test("a reply loses its log probabilities where text is replaced, and keeps them where not")
    func logprobs() throws {
        let set = try rules()
        func reply(_ content: String, _ token: String) -> String {
            #"{"choices":[{"message":{"role":"assistant","content":"\#(content)"},"logprobs":"#
                + #"{"content":[{"token":"\#(token)","bytes":[97],"logprob":-1}]},"finish_reason":"stop"}]}"#
        }
        func without(_ content: String) -> String {
            #"{"choices":[{"message":{"role":"assistant","content":"\#(content)"},"logprobs":null,"#
                + #""finish_reason":"stop"}]}"#
        }
        #expect(request(set, reply("an alpha b", "al")) == without("an [*] b"))
        #expect(request(set, reply("beta", "alpha")) == without("beta"))
        #expect(request(set, reply("beta", "beta")) == "pass")
        // A token that was not chosen is no reason to refuse the answer.
        #expect(request(try words(["alpha"], action: .refuse), reply("beta", "alpha")) == without("beta"))
        let legacy = #"{"choices":[{"text":"beta","logprobs":{"tokens":["beta"],"top_logprobs":[{"alpha":-3}]}}]}"#
        #expect(request(set, legacy) == #"{"choices":[{"text":"beta","logprobs":null}]}"#)
    }

    @Test("what is no JSON is inspected as plain text")
    func plainText() throws {
        let set = try rules()
        func reply(_ body: String) -> String {
            switch set.inspect(replyBody: Array(body.utf8)) {
            case .pass: "pass"
            case .redacted(let bytes, _): String(decoding: bytes, as: UTF8.self)
            case .refused(let finding): "refused: \(finding)"
            }
        }
        #expect(reply("<html>alpha</html>") == "<html>[*]</html>")
        #expect(
            reply(#"{"a":"alpha","b":NaN,"c":"x"} \#(key)"#) == #"{"a":"[*]","b":NaN,"c":"x"} [REDACTED:openai_key]"#)
        #expect(reply(#"{"a":"alpha"#) == #"{"a":"[*]"#)
        #expect(reply(#"{"a":NaN,"url":"x:\/\/u:p@h"}"#) == #"{"a":NaN,"url":"x:\/\/[REDACTED:connection_string]"}"#)
        #expect(reply("") == "pass")
        #expect(reply("\"") == "pass")
    }

    @Test("however an inspection is sliced, it comes to the same")
    func slices() throws {
        let set = try rules()
        let filler = String(repeating: "Lorem ipsum dolor sit amet.\\n ", count: 4000)
        let xs = String(repeating: "x", count: 90_000)
        let keys = #"{"\#(key)":1,"\#(xs.prefix(8000)) 1":2}"#
        let body = Array(
            #"{"a":"\#(filler) alpha","b":["\#(key)","\#(xs) alpha",\#(keys)],"c":"\#(filler)"}"#
                .utf8)
        let expected = set.inspect(requestBody: body)
        for slice in [1, 1000, 40_000, 1_000_000] {
            var inspection = BodyInspection(set)
            var rounds = 1
            body.withUnsafeBytes { bytes in
                while !inspection.advance(in: bytes, upTo: inspection.offset + slice) { rounds += 1 }
                #expect(inspection.verdict(on: bytes) == expected)
            }
            #expect(slice > 100_000 || rounds >= body.count / (slice + JSONStringText.pieceBytesMax))
        }
        guard case .redacted(let bytes, let findings) = expected else {
            Issue.record("nothing was found")
            return
        }
        #expect(findings.map(\.occurrences).reduce(0, +) == 4)
        #expect(String(decoding: bytes, as: UTF8.self).contains(#"{"[REDACTED:openai_key] 2":1,"#))
        #expect(throws: Never.self) { try JSONScanner.scan(bytes) }
    }

    @Test("a body whose keys are read again is read in slices both times")
    func numberedInSlices() throws {
        let members = (0..<2000).map { #""key_\#($0)":\#($0)"# }.joined(separator: ",")
        let body = Array(#"{\#(members),"\#(key)":1}"#.utf8)
        var inspection = BodyInspection(try rules())
        var rounds = 1
        body.withUnsafeBytes { bytes in
            while !inspection.advance(in: bytes, upTo: inspection.offset + 1000) { rounds += 1 }
        }
        #expect(rounds > 2 * (body.count / 1100), "\(rounds) for \(body.count) bytes")
    }

    @Test("random documents: what comes out is JSON, holds no key, and is the same but for what was replaced")
    func randomDocuments() throws {
        let seed: UInt64 = 99_001
        print("BodyInspectionTests.randomDocuments seed \(seed)")
        var dice = SeededRandom(seed: seed)
        let set = try rules()
        let texts = [
            "x", #"a\nb"#, #"\u0061lpha"#, "alpha", key, #"s\u006b-\#(base62(30))"#, #"\\"#, #"\""#, "é",
            #"\ud83d\ude00"#, "{", "]",
        ]
        func value(_ depth: Int, _ dice: inout SeededRandom) -> String {
            switch dice.below(depth > 4 ? 3 : 6) {
            case 0: return dice.pick(["1", "-2.5e3", "true", "null", "{}", "[]"])
            case 1, 2: return "\"" + (0..<dice.below(5)).map { _ in dice.pick(texts) }.joined(separator: " ") + "\""
            case 3: return "[" + (0..<dice.below(4)).map { _ in value(depth + 1, &dice) }.joined(separator: ",") + "]"
            default:
                let keys = ["role", "content", "logprobs", "data", "x\(depth)", #"k\"e\\y"#]
                return "{"
                    + (0..<dice.below(4)).map { "\"\(keys[($0 + depth) % keys.count])\" :\(value(depth + 1, &dice))" }
                    .joined(separator: ", ") + "}"
            }
        }
        for _ in 0..<400 {
            let body = value(0, &dice)
            guard (try? JSONScanner.scan(Array(body.utf8), limits: .any)) != nil else {
                Issue.record("the test made no JSON: \(body)")
                return
            }
            let verdict = set.inspect(requestBody: Array(body.utf8))
            let mayBegin = Array(body.utf8).withUnsafeBufferPointer { set.program?.mayBegin(in: $0) ?? false }
            #expect(mayBegin || verdict == .pass, "\(body)")
            switch verdict {
            case .pass:
                #expect(!body.contains(key))
            case .redacted(let bytes, _):
                #expect(throws: Never.self, "\(body)") { try JSONScanner.scan(bytes, limits: .any) }
                let text = String(decoding: bytes, as: UTF8.self)
                #expect(!text.contains(key) && !text.contains(base62(30)), "\(body)")
                #expect(set.inspect(requestBody: bytes) == .pass, "\(body)")
            case .refused: Issue.record("no rule refuses")
            }
        }
    }

    @Test("random bytes are no trap, and a key in them does not pass")
    func randomBytes() throws {
        let seed: UInt64 = 5_150
        print("BodyInspectionTests.randomBytes seed \(seed)")
        var dice = SeededRandom(seed: seed)
        let set = try rules()
        let alphabet = Array(#"{}[]",:\un01 aé"#.utf8)
        for _ in 0..<600 {
            var body = (0..<dice.below(60)).map { _ in dice.pick(alphabet) }
            let place = dice.below(body.count + 1)
            body.insert(contentsOf: Array(" \(key) ".utf8), at: place)
            guard case .redacted(let bytes, _) = set.inspect(replyBody: body) else {
                Issue.record("passed: \(String(decoding: body, as: UTF8.self))")
                continue
            }
            #expect(!String(decoding: bytes, as: UTF8.self).contains(key))
        }
    }
}
