import JSONText
import TestSupport
import Testing
import Units
import WireFormats

/// What a client gets of a stream, and what the gateway learned.
struct StreamRun {
    var stream: OpenAIStream
    var kinds: [OpenAIStream.Kind] = []
    var forwarded: [UInt8] = []

    init(_ pieces: [[UInt8]], hidesUsage: Bool) throws {
        stream = OpenAIStream(hidesUsage: hidesUsage)
        var parser = SSEParser()
        func take(_ event: SSEEvent) {
            let reading = stream.read(event)
            kinds.append(reading.kind)
            if reading.isForwarded { forwarded += event.raw }
        }
        for piece in pieces { try piece.withUnsafeBytes { try parser.feed($0, take) } }
        parser.finish(take)
    }

    init(_ text: String, hidesUsage: Bool = true) throws {
        try self.init([Array(text.utf8)], hidesUsage: hidesUsage)
    }

    var text: String { String(decoding: forwarded, as: UTF8.self) }
}

@Suite("OpenAIStream")
struct OpenAIStreamTests {
    private static let role =
        #"data: {"id":"c1","object":"chat.completion.chunk","created":17,"model":"gpt","#
        + #""system_fingerprint":"fp","choices":[{"index":0,"delta":{"role":"assistant","content":""},"#
        + #""finish_reason":null}],"#
        + #""usage":null}"# + "\n\n"
    private static let word =
        #"data: {"id":"c1","choices":[{"index":0,"delta":{"content":"Hi \"é\""}}],"usage":null}"# + "\n\n"
    private static let stop = #"data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"# + "\n\n"
    private static let usage =
        #"data: {"id":"c1","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}"#
        + "\n\n"
    private static let done = "data: [DONE]\n\n"

    @Test("the usage chunk is counted, and hidden only from a client that did not ask for it")
    func usageChunk() throws {
        let text = Self.role + Self.word + Self.stop + Self.usage + Self.done
        let hidden = try StreamRun(text, hidesUsage: true)
        #expect(hidden.text == Self.role + Self.word + Self.stop + Self.done)
        #expect(hidden.kinds == [.content, .content, .content, .usage, .done])
        #expect(hidden.stream.usage == TokenUsage(input: 5, output: 2))
        #expect(hidden.stream.isDone && hidden.stream.isComplete && hidden.stream.sawFinishReason)
        #expect(hidden.stream.contentChunks == 3)
        #expect(hidden.stream.textBytes == #"Hi \"é\""#.utf8.count)
        let shown = try StreamRun(text, hidesUsage: false)
        #expect(shown.text == text)
        #expect(shown.stream.usage == hidden.stream.usage)
    }

    @Test("a running usage in every chunk is not added up, and no chunk with text is hidden")
    func runningUsage() throws {
        func chunk(_ output: Int) -> String {
            #"data: {"choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"prompt_tokens":5,"completion_tokens":"#
                + "\(output)}}\n\n"
        }
        let run = try StreamRun(chunk(1) + chunk(2) + chunk(3))
        #expect(run.stream.usage == TokenUsage(input: 5, output: 3))
        #expect(run.text == chunk(1) + chunk(2) + chunk(3))
    }

    @Test(
        "behind the end or an error nothing goes to the client, and the usage counts",
        arguments: [
            "data: [DONE]\n\n", #"data: {"error":{"message":"bad"}}"# + "\n\n", "event: error\ndata: bad\n\n",
        ])
    func surplus(end: String) throws {
        let later = [
            Self.word, Self.stop, Self.usage, Self.done, "event: error\ndata: bad\n\n", ": wait\n\n", "data: no\n\n",
        ]
        for hidesUsage in [true, false] {
            let run = try StreamRun(Self.word + end + later.joined(), hidesUsage: hidesUsage)
            #expect(run.text == Self.word + end)
            #expect(run.kinds.dropFirst(2).allSatisfy { $0 == .surplus } && run.kinds.count == 2 + later.count)
            #expect(run.stream.usage == TokenUsage(input: 5, output: 2) && run.stream.contentChunks == 1)
            #expect(run.stream.isComplete == (end == Self.done))
        }
        // The second half of a CRLF that was cut apart is a part of the end.
        let halves = ["data: [DONE]\r\n\r", "\n"].map { Array($0.utf8) }
        #expect(try StreamRun(halves, hidesUsage: true).text == "data: [DONE]\r\n\r\n")
    }

    /// The events as a client gets them, and the usage in a chunk of its own.
    private func told(_ text: String, hidesUsage: Bool = false) throws -> (text: String, usageChunk: String?) {
        var stream = OpenAIStream(hidesUsage: hidesUsage)
        var out: [UInt8] = []
        var parser = SSEParser()
        try Array(text.utf8).withUnsafeBytes { bytes in
            try parser.feed(bytes) { event in
                let reading = stream.read(event)
                guard reading.isForwarded else { return }
                out += reading.movedUsage.map { OpenAIStream.withoutUsage(event, at: $0) } ?? [UInt8](event.raw)
            }
        }
        return (String(decoding: out, as: UTF8.self), stream.usageChunk().map { String(decoding: $0, as: UTF8.self) })
    }

    private static let counts = #"{"prompt_tokens":5,"completion_tokens":2,"cost":0.5}"#
    private static let last =
        #"data: {"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":@,"x":1}"# + "\n\n"

    @Test("a usage beside the last choices goes into a chunk of its own where the client asked for one")
    func usageBesideChoices() throws {
        let sent = Self.role + Self.word + Self.last.replacing("@", with: Self.counts) + Self.done
        let asked = try told(sent)
        #expect(asked.text == sent.replacing(Self.counts, with: "null"))
        let chunk = try #require(asked.usageChunk)
        #expect(
            chunk == #"data: {"id":"c1","object":"chat.completion.chunk","created":17,"model":"gpt","#
                + #""system_fingerprint":"fp","choices":[],"usage":"# + Self.counts + "}\n\n")
        let unasked = try told(sent, hidesUsage: true)
        #expect(unasked.text == sent && unasked.usageChunk == nil)
    }

    @Test("a usage over several lines is one line in the chunk of its own")
    func usageOfSeveralLines() throws {
        let sent = Self.last.replacing("@", with: "{\ndata: \"prompt_tokens\":5}")
        let asked = try told(sent)
        #expect(asked.text == Self.last.replacing("@", with: "null"))
        #expect(asked.usageChunk == #"data: {"id":"c1","choices":[],"usage":{ "prompt_tokens":5}}"# + "\n\n")
    }

    @Test("a running usage stays where it is, and the last one goes into a chunk of its own too")
    func runningUsageAsked() throws {
        func chunk(_ output: Int, _ reason: String) -> String {
            #"data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":\#(reason)}],"#
                + #""usage":{"prompt_tokens":5,"completion_tokens":\#(output)}}"# + "\n\n"
        }
        let sent = chunk(1, "null") + chunk(2, "null") + chunk(3, #""stop""#)
        let asked = try told(sent)
        #expect(asked.text == sent)
        #expect(asked.usageChunk == #"data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":3}}"# + "\n\n")
    }

    @Test("Groq's own member stays, and its usage goes into a chunk of its own")
    func groqAsked() throws {
        let sent = Self.stop.replacing("]}", with: #"],"x_groq":{"usage":\#(Self.counts)}}"#)
        let asked = try told(sent)
        #expect(asked.text == sent && asked.usageChunk?.contains(Self.counts) == true)
    }

    @Test("a usage without counts, or null, does not undo an earlier one")
    func emptyUsage() throws {
        let run = try StreamRun(
            Self.usage + #"data: {"choices":[],"usage":null}"# + "\n\n" + #"data: {"choices":[],"usage":{}}"# + "\n\n")
        #expect(run.stream.usage == TokenUsage(input: 5, output: 2))
        #expect(run.kinds == [.usage, .other, .other])
        #expect(run.text.contains("null"))
    }

    @Test("Groq's usage in the last content chunk is read")
    func groq() throws {
        let chunk =
            #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"#
            + #""prompt_tokens":3,"completion_tokens":1}}}"# + "\n\n"
        let run = try StreamRun(chunk)
        #expect(run.stream.usage == TokenUsage(input: 3, output: 1))
        #expect(run.text == chunk)
    }

    @Test("chunks without choices that are no usage go through: filter results, comments, unknown events")
    func others() throws {
        let text =
            ": OPENROUTER PROCESSING\n\n" + #"data: {"choices":[],"prompt_filter_results":[{"a":1}]}"# + "\n\n"
            + "event: ping\ndata: {\"type\":\"ping\"}\n\ndata: \n\ndata: \"\\ud83d\"\n\ndata: [1]\n\n\n"
        let run = try StreamRun(text)
        #expect(run.text == text)
        #expect(run.kinds == [.keepAlive, .other, .other, .other, .other, .other, .keepAlive])
        #expect(run.stream.usage == nil)
        #expect(!run.stream.isComplete)
    }

    @Test(
        "what is no JSON goes to nobody",
        arguments: ["not json", "{\"cut\":", "{} {}", "{\"a\":01}", "[{\"error\":{\"message\":\"bad\"}}", "\"\u{1}\""])
    func noJSON(data: String) throws {
        let run = try StreamRun(Self.word + "data: \(data)\n\n" + Self.done)
        #expect(run.kinds == [.content, .broken, .done])
        #expect(run.text == Self.word + Self.done)
    }

    @Test(
        "an error inside a stream is recognised in every shape and ends it incomplete",
        arguments: [
            "data: {\"error\":{\"message\":\"bad\",\"type\":\"server_error\",\"code\":null}}\n\n",
            "event: error\ndata: {\"error\":{\"message\":\"bad\"}}\n\n",
            "event: error\ndata: bad\n\n",
            "data: {\"object\":\"error\",\"message\":\"bad\",\"code\":400}\n\n",
            "data: {\"type\":\"error\",\"message\":\"bad\"}\n\n",
            "data: [{\"error\":{\"message\":\"bad\"}}]\n\n",
            "{\"error\":{\"message\":\"bad\"}}\n\n", "[{\n\"error\":{\"message\":\"bad\"}}]\n\n",
            "data: {\"id\":\"x\",\"error\":{\"code\":502,\"message\":\"bad\"},\"choices\":[{\"index\":0,\"delta\":{},"
                + "\"finish_reason\":\"error\"}],\"usage\":{\"prompt_tokens\":1}}\n\n",
        ])
    func errors(event: String) throws {
        let run = try StreamRun(Self.word + event)
        #expect(run.kinds == [.content, .error])
        #expect(run.text == Self.word + event)
        #expect(run.stream.sawError)
        #expect(!run.stream.isComplete)
    }

    @Test("an error of null is none")
    func nullError() throws {
        let run = try StreamRun(#"data: {"error":null,"choices":[{"index":0,"delta":{"content":"a"}}]}"# + "\n\n")
        #expect(run.kinds == [.content])
    }

    @Test("the last chunk counts even where its blank line is missing")
    func cutAtTheEnd() throws {
        let run = try StreamRun(Self.word + Self.usage.dropLast(2))
        #expect(run.stream.usage == TokenUsage(input: 5, output: 2))
        #expect(!run.stream.isDone)
    }

    @Test("cut anywhere, the client gets the same bytes")
    func cuts() throws {
        var fuzz = SeededRandom.fresh("stream cuts")
        let text = ": hello\r\n\r\n" + Self.role + Self.word + Self.word + Self.stop + Self.usage + Self.done
        let whole = try StreamRun(text)
        for _ in 0..<300 {
            let cut = try StreamRun(fuzz.cuts(of: Array(text.utf8)), hidesUsage: true)
            #expect(cut.forwarded == whole.forwarded)
            #expect(cut.stream.usage == whole.stream.usage)
            #expect(cut.stream.textBytes == whole.stream.textBytes)
        }
        let bytes = try StreamRun(Array(text.utf8).map { [$0] }, hidesUsage: true)
        #expect(bytes.forwarded == whole.forwarded)
    }

    @Test("damaged streams are forwarded, or what is damaged is left out, never trapped on")
    func damage() throws {
        var fuzz = SeededRandom.fresh("damaged streams")
        let text = Array((Self.role + Self.word + Self.stop + Self.usage + Self.done).utf8)
        for _ in 0..<2_000 {
            var bytes = text
            for _ in 0..<1 + fuzz.below(6) {
                let place = fuzz.below(bytes.count)
                switch fuzz.below(3) {
                case 0: bytes[place] = UInt8(fuzz.below(256))
                case 1: bytes.remove(at: place)
                default: bytes.insert(fuzz.pick(Array("{}[]\",:\\0\n".utf8)), at: place)
                }
            }
            let run = try StreamRun([bytes], hidesUsage: false)
            let leavesOut = run.kinds.contains { $0 == .broken || $0 == .surplus }
            #expect(leavesOut == (run.forwarded != bytes))
            _ = try collectEvents([bytes]).map { event in
                event.data?.withUnsafeBytes { data in
                    _ = OpenAIStream.texts(in: data)
                    _ = OpenAIStream.finishedChoices(in: data)
                }
            }
        }
    }
}

@Suite("Texts of chunks and replies")
struct OpenAITextTests {
    private func found(_ data: String, whole: Bool = false) -> [String] {
        Array(data.utf8).withUnsafeBytes { bytes in
            let texts = whole ? OpenAIReply.texts(in: bytes) : OpenAIStream.texts(in: bytes)
            return texts.map { text in
                let value = JSONView(bytes, text.value).string ?? "?"
                return "\(text.choice) \(text.channel)\(text.isWhole ? " whole" : "") \(value)"
            }
        }
    }

    @Test("every text of a delta is found, with its choice and channel")
    func channels() {
        let data = """
            {"choices":[
             {"index":1,"delta":{"role":"assistant","content":"a\\n","refusal":"b","reasoning_content":"c",
             "reasoning":"d",
              "reasoning_details":[{"type":"reasoning.text","text":"e","index":2,"signature":"no"},
                                   {"type":"reasoning.summary","summary":"f"},{"type":"reasoning.encrypted",
                                   "data":"no"}],
              "tool_calls":[{"index":3,"id":"no","type":"function","function":{"name":"no","arguments":"{\\"g"}},
                            {"index":4,"type":"custom","custom":{"name":"no","input":"h"}}],
              "function_call":{"name":"no","arguments":"i"},"audio":{"id":"no","data":"no","transcript":"j"},
              "thought":"k","annotations":[{"type":"url_citation","url_citation":{"url":"l","title":"m"}}],
              "encrypted_content":"no","content_filter":null}},
             {"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"n"}]},{"type":"text",
             "text":"o"}]}},
             {"text":"p","index":0}
            ]}
            """
        #expect(
            found(data) == [
                "1 content a\n", "1 refusal b", "1 reasoningContent c", "1 reasoning d", "1 reasoningDetail(2) e",
                "1 reasoningSummary(1) f", "1 toolArguments(3) {\"g", "1 toolInput(4) h", "1 functionArguments i",
                "1 audioTranscript j", "1 other(\"thought\") k", "1 other(\"annotations\") whole l",
                "1 other(\"annotations\") whole m", "1 thinking n", "1 content o", "0 completion p",
            ])
    }

    @Test("a message beside the delta is a text of its own; a message alone is the running one")
    func repeatedMessage() {
        #expect(
            found(#"{"choices":[{"message":{"content":"all"},"delta":{"content":"l"}}]}"#)
                == ["0 content l", "0 content whole all"])
        #expect(found(#"{"choices":[{"message":{"content":"all"}}]}"#) == ["0 content all"])
        #expect(found(#"{"choices":[{"message":{"content":"all"}}]}"#, whole: true) == ["0 content whole all"])
    }

    @Test("arguments that are an object and content that is one are texts too")
    func objects() {
        let data =
            #"{"choices":[{"message":{"content":{"k":"a"},"tool_calls":[{"function":{"arguments":{"q":["b"]}}}]}}]}"#
        #expect(found(data, whole: true) == ["0 other(\"content\") whole a", "0 other(\"arguments\") whole b"])
    }

    @Test("a chunk with another text keeps every other byte, and its log probabilities become null")
    func rewrite() throws {
        let event =
            "event: x\ndata:{ \"choices\" : [ {\"index\":0,\"logprobs\":{\"content\":[{\"token\":\"secret\"}]},"
            + "\"delta\":{\"content\" : \"secret\",\"k\":1e0}},{\"index\":1,\"logprobs\":{},"
            + "\"delta\":{\"content\":\"ok\"}} ] }\r\n\r\n"
        let expected = event.replacing("{\"content\":[{\"token\":\"secret\"}]}", with: "null")
            .replacing("\"secret\"", with: "\"a\\\"é\\n\"")
        var parser = SSEParser()
        var result: [UInt8] = []
        try Array(event.utf8).withUnsafeBytes { bytes in
            try parser.feed(bytes) { event in
                let texts = OpenAIStream.texts(in: event.data!)
                result = OpenAIStream.rewritten(event, [(texts[0], Array("a\"é\n".utf8))])
                #expect(OpenAIStream.rewritten(event, []) == Array(event.raw))
            }
        }
        #expect(String(decoding: result, as: UTF8.self) == expected)
    }

    @Test("a chunk over several data lines is rewritten on one")
    func rewriteLines() throws {
        let event = "id: 4\ndata: {\"choices\":[{\"delta\":\ndata: {\"content\":\"secret\"}}]}\n\n"
        var parser = SSEParser()
        var result: [UInt8] = []
        try Array(event.utf8).withUnsafeBytes { bytes in
            try parser.feed(bytes) { event in
                let texts = OpenAIStream.texts(in: event.data!)
                result = OpenAIStream.rewritten(event, texts.map { ($0, Array("x".utf8)) })
            }
        }
        #expect(
            String(decoding: result, as: UTF8.self)
                == "id: 4\ndata: {\"choices\":[{\"delta\": {\"content\":\"x\"}}]}\n\n")
    }

    @Test("a whole reply is rewritten in place")
    func rewriteReply() {
        let body =
            #"{"choices":[{"message":{"content":"one"},"logprobs":{"x":1}},{"message":{"content":"two"}}],"z":1.0}"#
        let result = Array(body.utf8).withUnsafeBytes { bytes in
            let texts = OpenAIReply.texts(in: bytes)
            return OpenAIReply.rewritten(bytes, texts.map { ($0, Array("-".utf8)) })
        }
        #expect(
            String(decoding: result, as: UTF8.self)
                == #"{"choices":[{"message":{"content":"-"},"logprobs":null},{"message":{"content":"-"}}],"z":1.0}"#)
    }

    @Test(
        "a chunk of our own has the stream's id, model and time, and its text is found again",
        arguments: [
            OpenAIChannel.content, .refusal, .reasoningContent, .reasoning, .reasoningDetail(2), .reasoningSummary(1),
            .thinking,
            .toolArguments(3), .toolInput(1), .functionArguments, .audioTranscript, .completion, .other("thought"),
        ])
    func ownChunk(channel: OpenAIChannel) throws {
        let first =
            #"data: {"id":"c1","object":"chat.completion.chunk","created":17,"model":"gpt \"4\"","#
            + #""choices":[{"index":0,"#
            + #""delta":{"content":"a"}}]}"# + "\n\n"
        var stream = OpenAIStream(hidesUsage: true)
        #expect(stream.chunk(choice: 0, channel: channel, text: []) == nil)
        var parser = SSEParser()
        try Array(first.utf8).withUnsafeBytes { try parser.feed($0) { _ = stream.read($0) } }
        let chunk = try #require(stream.chunk(choice: 2, channel: channel, text: Array("held\n\"back\"".utf8)))
        let events = try collectEvents([chunk])
        #expect(events.count == 1)
        let data = try #require(events[0].data)
        let value = try JSON.parse(data)
        #expect(value["id"] == "c1")
        #expect(value["model"] == "gpt \"4\"")
        #expect(value["created"] == 17)
        #expect(value["choices"]?[0]?["finish_reason"] == .null)
        data.withUnsafeBytes { bytes in
            let texts = OpenAIStream.texts(in: bytes)
            #expect(texts.map(\.channel) == [channel])
            #expect(texts.map(\.choice) == [2])
            #expect(JSONView(bytes, texts[0].value).string == "held\n\"back\"")
        }
    }

    @Test("the choices that an event ends are told by their index")
    func finished() {
        let data =
            #"{"choices":[{"index":2,"finish_reason":"stop"},{"index":1,"finish_reason":null},"#
            + #"{"finish_reason":"length"}]}"#
        Array(data.utf8).withUnsafeBytes { #expect(OpenAIStream.finishedChoices(in: $0) == [2, 2]) }
        Array("{}".utf8).withUnsafeBytes { #expect(OpenAIStream.finishedChoices(in: $0) == []) }
    }
}
