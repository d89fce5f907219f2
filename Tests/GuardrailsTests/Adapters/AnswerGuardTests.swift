import JSONText
import TestSupport
import Testing
import WireFormats

@testable import Guardrails

private let key = "sk-" + base62(30)

private func rules(_ action: Guardrail.Action = .redact()) throws -> GuardrailSet {
    try GuardrailSet([
        Guardrail(name: "words", rule: .bannedWords(["alpha"]), action: .redact(with: "[*]")),
        Guardrail(name: "secrets", rule: .secrets(), action: action),
    ])
}

/// What a client got of a stream.
private struct Received {
    var bytes: [UInt8] = []
    var refusal: Finding?
    var forwarded = 0
    var held: [Int] = []
    var findings: [Finding] = []

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The texts as an SDK would put them together, by choice and channel.
    var texts: [String: String] {
        var texts: [String: String] = [:]
        var parser = SSEParser()
        func read(_ event: SSEEvent) {
            guard let data = event.data else { return }
            for text in OpenAIStream.texts(in: data) where !text.isWhole {
                texts["\(text.choice) \(text.channel)", default: ""] += JSONView(data, text.value).string ?? "?"
            }
        }
        try? bytes.withUnsafeBytes { try parser.feed($0, read) }
        parser.finish(read)
        return texts
    }

    /// The data of all events.
    var events: [String] {
        var events: [String] = []
        var parser = SSEParser()
        try? bytes.withUnsafeBytes {
            try parser.feed($0) { if let data = $0.data { events.append(String(decoding: data, as: UTF8.self)) } }
        }
        return events
    }
}

private func receive(_ set: GuardrailSet, _ upstream: String) -> Received {
    var received = Received()
    var parser = SSEParser()
    var stream = OpenAIStream(hidesUsage: false)
    var guarded = AnswerGuard(set)
    func read(_ event: SSEEvent) {
        _ = stream.read(event)
        switch guarded.read(event, in: stream) {
        case .forward:
            received.bytes += event.raw
            received.forwarded += 1
        case .send(let bytes): received.bytes += bytes
        case .refused(let finding): received.refusal = finding
        }
        received.held.append(guarded.heldBytes)
    }
    Array(upstream.utf8).withUnsafeBytes { try? parser.feed($0, read) }
    parser.finish(read)
    if case .send(let bytes) = guarded.finish(stream) { received.bytes += bytes }
    received.findings = guarded.findings
    return received
}

private let head = #"{"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":["#

private func chunk(_ delta: String, choice: Int = 0, finish: String = "null", more: String = "") -> String {
    "data: " + head
        + #"{"index":\#(choice),"delta":{\#(delta)},"finish_reason":\#(finish)\#(more)}]}"# + "\n\n"
}

private func content(_ text: String, choice: Int = 0, more: String = "") -> String {
    chunk("\"content\":" + String(decoding: JSONEscapes.quoted(text), as: UTF8.self), choice: choice, more: more)
}

private let stop = chunk("", finish: "\"stop\"")
private let done = "data: [DONE]\n\n"

@Suite("Answer guard")
struct AnswerGuardTests {
    @Test("a clean stream is forwarded event by event, byte for byte")
    func clean() throws {
        let upstream =
            ": hello\n\n" + chunk(#""role":"assistant","content":"""#) + content("It was 7 ")
            + content("“Ünï\n\"x\"”, ")
            + content("done.") + stop + #"data: {"id":"c1","choices":[],"usage":{"prompt_tokens":1}}"# + "\n\n" + done
        let received = receive(try rules(), upstream)
        #expect(received.text == upstream)
        #expect(received.forwarded == 8)
        #expect(received.held.allSatisfy { $0 == 0 })
    }

    @Test("a key split over chunks never leaves, wherever it is split")
    func splitKey() throws {
        let text = "Use \(key), then go."
        for size in 1...text.utf8.count {
            var upstream = ""
            var rest = Substring(text)
            while !rest.isEmpty {
                upstream += content(String(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            let received = receive(try rules(), upstream + stop + done)
            #expect(received.texts["0 content"] == "Use [REDACTED:openai_key], then go.")
            #expect(!received.text.contains(base62(6)))
            #expect(received.events.count == (text.count + size - 1) / size + 2)
            #expect(received.findings.map(\.byteCount) == [33])
            let refused = receive(try rules(.refuse), upstream + stop + done)
            #expect(refused.refusal?.kind == .secret(.openAIKey))
            #expect("Use ".hasPrefix(refused.texts["0 content"] ?? ""))
        }
    }

    @Test("held text leaves before the finish chunk, with the stream's id, and before [DONE] if no chunk finishes")
    func flush() throws {
        let received = receive(try rules(), content("the al") + stop + done)
        #expect(
            received.events == [
                head + #"{"index":0,"delta":{"content":"the "},"finish_reason":null}]}"#,
                head + #"{"index":0,"delta":{"content":"al"},"logprobs":null,"finish_reason":null}]}"#,
                head + #"{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
                "[DONE]",
            ])
        let unfinished = receive(try rules(), content("the alpha") + done)
        #expect(unfinished.texts["0 content"] == "the [*]")
        #expect(unfinished.events.last == "[DONE]")
        let cut = receive(try rules(), content("the al"))
        #expect(cut.texts["0 content"] == "the al")
    }

    @Test("a finish chunk with text in it takes the held text along")
    func finishWithText() throws {
        let received = receive(
            try rules(), content("the al") + chunk(#""content":"pha""#, finish: "\"stop\"") + done)
        #expect(received.texts["0 content"] == "the [*]")
        #expect(received.events.count == 3)
        let clean = content("the ") + chunk(#""content":"\u00e9nd.""#, finish: "\"stop\"") + done
        #expect(receive(try rules(), clean).text == clean)
    }

    @Test("an empty finish_reason in every chunk finishes nothing")
    func emptyFinishReason() throws {
        let received = receive(
            try rules(),
            chunk(#""content":"al""#, finish: "\"\"") + chunk(#""content":"pha ""#, finish: "\"\"") + stop + done)
        #expect(received.texts["0 content"] == "[*] ")
    }

    @Test("choices, reasoning and parallel tool calls are texts of their own")
    func channels() throws {
        let call = { (index: Int, text: String) in
            chunk(#""tool_calls":[{"index":\#(index),"function":{"arguments":"\#(text)"}}]"#)
        }
        let upstream =
            content("al") + content("sk-", choice: 1) + content("pha", choice: 1) + content("bet")
            + chunk(#""reasoning_content":"al""#) + chunk(#""reasoning_content":"pha ""#)
            + call(0, #"{\"a\":\"al"#) + call(1, #"{\"b\":\"pha\"}"#) + call(0, #"pha\"}"#)
            + stop + chunk("", choice: 1, finish: "\"stop\"") + done
        let received = receive(try rules(), upstream)
        #expect(received.texts["0 content"] == "albet")
        #expect(received.texts["1 content"] == "sk-pha")
        #expect(received.texts["0 reasoningContent"] == "[*] ")
        #expect(received.texts["0 toolArguments(0)"] == #"{"a":"[*]"}"#)
        #expect(received.texts["0 toolArguments(1)"] == #"{"b":"pha"}"#)
    }

    @Test("a held tool call's arguments leave as a tool call before the finish chunk")
    func toolFlush() throws {
        let received = receive(
            try rules(), chunk(#""tool_calls":[{"index":1,"id":"x","function":{"name":"f","arguments":"al"}}]"#) + stop)
        #expect(received.texts["0 toolArguments(1)"] == "al")
        #expect(received.events.count == 3)
        #expect(received.events[2].contains("\"stop\""))
    }

    @Test("log probabilities go where text is held or changed, and where they name what is forbidden; else they stay")
    func logprobs() throws {
        func tokens(_ token: String, _ other: String = "x") -> String {
            #","logprobs":{"content":[{"token":"\#(token)","bytes":[1],"top_logprobs":[{"token":"\#(other)"}]}]}"#
        }
        let upstream =
            content("fine ", more: tokens("fine ")) + content("al", more: tokens("al"))
            + content("pha. ", more: tokens("pha. ")) + content("fine. ", more: tokens("fine. "))
            + content("fine! ", more: tokens("fine! ", "alpha")) + stop + done
        let events = receive(try rules(), upstream).events
        #expect(events[0].contains(#""token":"fine ""#))
        #expect(events[1].contains(#""logprobs":null"#))
        #expect(events[2].contains(#""logprobs":null"#))
        #expect(events[3].contains(#""token":"fine. ""#))
        #expect(events[4].contains(#""logprobs":null"#) && events[4].contains(#""content":"fine! ""#))
        let alone = receive(try rules(), content("al") + chunk("", more: tokens("al")) + stop)
        #expect(!alone.text.contains("\"token\""))
        let quiet = receive(
            try rules(.refuse), content("fine. ", more: tokens("fine. ", key)) + stop)
        #expect(quiet.refusal == nil)
        #expect(!quiet.text.contains(key))
    }

    @Test("a message repeated beside the delta shows no more than the deltas did")
    func repeatedMessage() throws {
        func both(_ delta: String, _ message: String, finish: String = "null") -> String {
            chunk(
                #""content":"\#(delta)""#, finish: finish,
                more: #","message":{"role":"assistant","content":"\#(message)"}"#)
        }
        let received = receive(
            try rules(),
            both("the al", "the al") + both("pha x", "the alpha x") + both(" al", "the alpha x al", finish: "\"stop\""))
        #expect(received.texts["0 content"] == "the [*] x al")
        #expect(!received.text.contains("alpha"))
        #expect(received.events[0].contains(#""message":{"role":"assistant","content":"the "}"#))
        #expect(received.events[2].contains(#""content":"the [*] x al"}"#))
    }

    @Test("strings that are no running text are inspected by themselves: citations, errors, comments, names")
    func otherStrings() throws {
        let received = receive(
            try rules(),
            chunk(#""annotations":[{"type":"url_citation","url_citation":{"title":"alpha"}}]"#)
                + #"data: {"error":{"message":"bad key \#(key)","type":"alpha"}}"# + "\n\n"
                + ": comment \(key)\n\n" + ": fine\n\n" + ": \(key)\ndata: {\"x\":1}\n\n")
        #expect(received.events[0].contains(#""title":"[*]""#))
        #expect(received.events[1] == #"{"error":{"message":"bad key [REDACTED:openai_key]","type":"alpha"}}"#)
        #expect(received.text.contains(": fine\n\n"))
        #expect(!received.text.contains(key))
        #expect(received.events[2] == #"{"x":1}"#)
    }

    @Test("the text of an error chunk goes through the rules, and what is held when the provider fails stays")
    func failed() throws {
        let error = #""error":{"code":"x","message":"slow down"}"#
        func failing(_ text: String) -> String {
            let choice = #"{"index":0,"delta":{"content":"\#(text)"},"finish_reason":"error"}"#
            return "data: " + head + choice + "]," + error + "}\n\n"
        }
        let whole = receive(try rules(), content("fine ") + failing("alpha") + done)
        #expect(whole.texts["0 content"] == "fine [*]")
        #expect(whole.text.contains(error))
        let split = receive(try rules(), content("fine al") + failing("pha"))
        #expect(split.texts["0 content"] == "fine [*]")
        for end in [done, ""] {
            let held = receive(try rules(), content("fine al") + "data: {\(error)}\n\n" + end)
            #expect(held.texts["0 content"] == "fine ")
            #expect(held.text.hasSuffix("data: {\(error)}\n\n" + end))
        }
    }

    @Test("data that is no JSON is inspected as it stands")
    func malformed() throws {
        let received = receive(
            try rules(), "data: oops alpha\n\n" + "data: {\"a\":NaN,\"b\":\"alpha\"}\n\n" + "data: plain\n\n")
        #expect(received.events == ["oops [*]", #"{"a":NaN,"b":"[*]"}"#, "plain"])
    }

    @Test("a refusal is final")
    func refusal() throws {
        let received = receive(try rules(.refuse), content("x \(key) ") + content("more") + stop + done)
        #expect(received.refusal?.rule == "secrets")
        #expect(received.bytes.isEmpty)
    }

    @Test("without rules every event is forwarded")
    func empty() throws {
        let upstream = content("alpha \(key)") + stop + done
        #expect(receive(GuardrailSet(), upstream).text == upstream)
    }

    @Test("legacy completions, too")
    func completions() throws {
        func text(_ text: String, finish: String = "null") -> String {
            #"data: {"id":"c","choices":[{"index":0,"text":"\#(text)","logprobs":{"tokens":["\#(text)"]},"#
                + #""finish_reason":\#(finish)}]}"#
                + "\n\n"
        }
        let received = receive(
            try rules(), text("an al") + text("pha b") + text(" al") + text("", finish: "\"length\"") + done)
        #expect(received.texts["0 completion"] == "an [*] b al")
        #expect(!received.text.contains("pha"))
        #expect(received.events.count == 5)
    }

    @Test("random streams: every text comes out as the whole text inspected at once")
    func randomStreams() throws {
        let seed: UInt64 = 31_337
        print("AnswerGuardTests.randomStreams seed \(seed)")
        var dice = SeededRandom(seed: seed)
        let set = try rules()
        let pieces = [
            "alpha", "al", "pha", " ", "sk-", base62(12), base62(30), "é", "\n", "\"", "\\", "-----BEGIN ",
            "PRIVATE KEY", "://u:p@", ".",
        ]
        for _ in 0..<150 {
            var texts: [String: String] = [:]
            var upstream = ""
            for _ in 0..<dice.below(25) {
                let text = (0..<dice.below(4)).map { _ in dice.pick(pieces) }.joined()
                let quoted = String(decoding: JSONEscapes.quoted(text), as: UTF8.self)
                let choice = dice.below(2)
                switch dice.below(3) {
                case 0:
                    upstream += content(text, choice: choice)
                    texts["\(choice) content", default: ""] += text
                case 1:
                    upstream += chunk("\"refusal\":\(quoted)", choice: choice)
                    texts["\(choice) refusal", default: ""] += text
                default:
                    upstream += chunk(
                        #""tool_calls":[{"index":3,"function":{"arguments":\#(quoted)}}]"#, choice: choice)
                    texts["\(choice) toolArguments(3)", default: ""] += text
                }
            }
            if Bool.random(using: &dice) { upstream += stop }
            upstream += done
            let received = receive(set, upstream)
            for (channel, text) in texts {
                let expected = redacted(set, text)
                #expect(received.texts[channel] == expected || expected.isEmpty, "\(channel): \(text.debugDescription)")
            }
            #expect(received.events.last == "[DONE]")
            for event in received.events.dropLast() {
                #expect(throws: Never.self) { try JSONScanner.scan(Array(event.utf8)) }
            }
        }
    }
}
