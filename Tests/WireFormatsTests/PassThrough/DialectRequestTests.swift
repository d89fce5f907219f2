import JSONText
import Testing
import Units

@testable import WireFormats

@Suite("Requests that pass through") struct DialectRequestTests {
    private func read(_ body: String, _ dialect: Dialect, model: String? = nil) throws(RequestError) -> DialectRequest {
        try DialectRequest(Array(body.utf8), dialect: dialect, place: RequestPlace(model: model))
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("what the gateway must know is found") func facts() throws {
        let messages = try read(
            #"{"model":"a","stream":true,"max_tokens":5,"metadata":{"user_id":"u"},"tools":[{"type":"web_search_20250305","name":"web_search"}],"messages":[{"role":"user","content":"x"}]}"#,
            .messages)
        #expect(messages.model == "a")
        #expect(messages.stream)
        #expect(messages.maxOutputTokens == 5)
        #expect(messages.user == "u")
        #expect(messages.usesServerTools)
        let warming = try read(#"{"model":"a","max_tokens":0,"messages":[{"role":"user","content":"x"}]}"#, .messages)
        #expect(warming.maxOutputTokens == 0)
        let clients = try read(
            #"{"model":"a","tools":[{"type":"bash_20250124","name":"bash"},{"name":"f","input_schema":{}}],"messages":[{"role":"user","content":"x"}]}"#,
            .messages)
        #expect(!clients.usesServerTools)
        let responses = try read(
            #"{"model":"b","input":"x","max_output_tokens":7,"safety_identifier":"s","previous_response_id":"r","tools":[{"type":"file_search"}]}"#,
            .responses)
        #expect(responses.maxOutputTokens == 7)
        #expect(responses.user == "s")
        #expect(responses.usesServerTools)
        #expect(responses.refersToStoredInput)
        for (item, refers) in [
            (#"{"type":"item_reference","id":"msg_1"}"#, true), (#"{"id":"msg_1"}"#, true),
            (#"{"role":"user","content":"x"}"#, false), (#"{"type":"compaction","encrypted_content":"x"}"#, false),
        ] {
            let items = try read(#"{"model":"b","input":[\#(item)]}"#, .responses)
            #expect(items.refersToStoredInput == refers, "\(item)")
        }
        let google = try read(
            #"{"contents":[{"parts":[{"text":"x"}]}],"generationConfig":{"maxOutputTokens":9,"candidateCount":3},"tools":[{"googleSearch":{}}]}"#,
            .generateContent, model: "gemini")
        #expect(google.model == "gemini")
        #expect(google.maxOutputTokens == 9)
        #expect(google.choices == 3)
        #expect(google.usesServerTools)
        let converse = try read(
            #"{"messages":[{"role":"user","content":[{"text":"x"}]}],"inferenceConfig":{"maxTokens":11}}"#, .converse,
            model: "nova")
        #expect(converse.maxOutputTokens == 11)
        #expect(!converse.usesServerTools)
    }

    @Test("the advisors of a Messages request are known: they are paid too") func advisors() throws {
        let request = try read(
            #"""
            {"model":"a","messages":[{"role":"user","content":"x"}],"tools":[
            {"type":"advisor_20260301","name":"advisor","model":"b","max_uses":3,"max_tokens":1024},
            {"type":"advisor_20260301","name":"advisor","model":"c","max_uses":-1,"max_tokens":null},
            {"type":"advisor_20260301","name":"advisor"},{"type":"web_search_20250305","name":"web_search","max_uses":5},
            {"name":"advisor","model":"d","input_schema":{}}]}
            """#, .messages)
        #expect(
            request.advisors == [
                DialectRequest.Advisor(model: "b", usesMax: 3, outputTokensMax: 1024),
                DialectRequest.Advisor(model: "c", usesMax: 0, outputTokensMax: nil),
            ])
        #expect(request.usesServerTools)
        let tool = #"{"type":"advisor_20260301","name":"advisor","model":"b","max_uses":1e30,"max_tokens":1e30}"#
        let tools = Array(repeating: tool, count: 10_000).joined(separator: ",")
        let many = try read(
            #"{"model":"a","messages":[{"role":"user","content":"x"}],"tools":[\#(tools)]}"#, .messages)
        let one = DialectRequest.Advisor(model: "b", usesMax: nil, outputTokensMax: nil)
        #expect(many.advisors == Array(repeating: one, count: 8))
    }

    @Test("Google's numbers may be strings: money is held for what they say") func quotedNumbers() throws {
        func google(_ config: String) throws(RequestError) -> DialectRequest {
            try read(#"{"contents":[{}],"generationConfig":{\#(config)}}"#, .generateContent, model: "g")
        }
        for cap in [#""12""#, #""\u0031\u0032""#, #""1.2e1""#, "12.0", "12"] {
            let request = try google(#""maxOutputTokens":\#(cap),"candidateCount":"2","temperature":"0.5","topK":"3""#)
            #expect(request.maxOutputTokens == 12 && request.choices == 2, "\(cap)")
            #expect(text(request.upstreamBody(model: "h", addMaxTokens: 3)).contains(#":\#(cap),"#))
        }
        #expect(try google(#""maxOutputTokens":"12","max_output_tokens":"40""#).maxOutputTokens == 40)
        for config in [
            #""maxOutputTokens":"12x""#, #""maxOutputTokens":"""#, #""maxOutputTokens":"1.5""#,
            #""maxOutputTokens":"0""#, #""maxOutputTokens":"99999999999999999999""#, #""maxOutputTokens":"[1]""#,
            #""candidateCount":"999""#, #""temperature":"hot""#, #""topP":"NaN""#, #""topK":true"#,
        ] {
            #expect(throws: RequestError.self, "\(config)") { try google(config) }
        }
    }

    @Test("only what must change changes") func bytes() throws {
        let odd = #"{ "messages" : [ {"role":"user","content":"é\u00e9"} ],  "model":"a" , "top_k":1e0}"#
        let messages = try read(odd, .messages)
        #expect(text(messages.upstreamBody(model: "a")) == odd)
        #expect(
            text(messages.upstreamBody(model: "b", addMaxTokens: 3))
                == #"{"max_tokens":3, "messages" : [ {"role":"user","content":"é\u00e9"} ],  "model":"b" , "top_k":1e0}"#
        )
        #expect(
            text(messages.upstreamBody(model: "b", host: .vertex, betas: ["x"]))
                == #"{"anthropic_version":"vertex-2023-10-16","anthropic_beta":["x"], "messages" : [ {"role":"user","content":"é\u00e9"} ] , "top_k":1e0}"#
        )
        let google = try read(#"{"contents":[{}],"generation_config":{"topK":1}}"#, .generateContent, model: "g")
        #expect(
            text(google.upstreamBody(model: "h", addMaxTokens: 3))
                == #"{"contents":[{}],"generation_config":{"maxOutputTokens":3,"topK":1}}"#)
        let null = try read(
            #"{"messages":[{"role":"user"}],"inferenceConfig":{"maxTokens":null}}"#, .converse, model: "g")
        #expect(
            text(null.upstreamBody(model: "h", addMaxTokens: 3))
                == #"{"messages":[{"role":"user"}],"inferenceConfig":{"maxTokens":3}}"#)
        let bare = try read(#"{"messages":[{"role":"user"}],"mock_response":"x"}"#, .converse, model: "g")
        #expect(
            text(bare.upstreamBody(model: "h", addMaxTokens: 3))
                == #"{"inferenceConfig":{"maxTokens":3},"messages":[{"role":"user"}]}"#)
        let only = try read(#"{"model":"a","input":"x"}"#, .responses)
        #expect(
            text(only.upstreamBody(model: "c", addMaxTokens: 1)) == #"{"max_output_tokens":1,"model":"c","input":"x"}"#)
        // Every member leaves, and two come: still one document.
        let bedrock = try DialectRequest(
            Array(#"{"model":"a","messages":[{"role":"user","content":"x"}],"stream":true}"#.utf8), dialect: .messages)
        #expect(
            text(bedrock.upstreamBody(model: "b", addMaxTokens: 2, host: .bedrock))
                == #"{"anthropic_version":"bedrock-2023-05-31","max_tokens":2,"messages":[{"role":"user","content":"x"}]}"#
        )
    }

    @Test(
        "a wrong member is refused by its name",
        arguments: [
            (.messages, #"{"messages":[{"role":"user"}]}"#, "model"), (.messages, #"{"model":"a"}"#, "messages"),
            (.messages, #"{"model":"a","messages":[]}"#, "messages"),
            (.messages, #"{"model":"a","messages":[1]}"#, "messages[0]"),
            (.messages, #"{"model":"a","messages":[{}]}"#, "messages[0].role"),
            (.messages, #"{"model":"a","messages":[{"role":1}]}"#, "messages[0].role"),
            (.messages, #"{"model":"a","max_tokens":-1,"messages":[{"role":"user"}]}"#, "max_tokens"),
            (.messages, #"{"model":"a","max_tokens":2147483648,"messages":[{"role":"user"}]}"#, "max_tokens"),
            (.messages, #"{"model":"a","max_tokens":"9","messages":[{"role":"user"}]}"#, "max_tokens"),
            (.messages, #"{"model":"a","api_base":"http://x","messages":[{"role":"user"}]}"#, "api_base"),
            (.messages, #"{"model":"a","\u0061pi_key":"x","messages":[{"role":"user"}]}"#, "api_key"),
            (.messages, #"{"model":"a","metadata":{"user_id":1},"messages":[{"role":"user"}]}"#, "metadata.user_id"),
            (.messages, #"{"model":"a","stream":"yes","messages":[{"role":"user"}]}"#, "stream"),
            (.responses, #"{"model":"a"}"#, "input"), (.responses, #"{"model":"a","input":5}"#, "input"),
            (.responses, #"{"model":"a","input":"x","max_output_tokens":-1}"#, "max_output_tokens"),
            (.responses, #"{"model":"a","input":"x","max_output_tokens":0}"#, "max_output_tokens"),
            (.responses, #"{"model":"a","input":"x","tools":{}}"#, "tools"),
            (.responses, #"{"model":"a","input":"x","aws_region":"x"}"#, "aws_region"),
            (.generateContent, #"{"contents":[]}"#, "contents"), (.generateContent, "{}", "contents"),
            (.generateContent, #"{"contents":[{}],"generationConfig":[]}"#, "generationConfig"),
            (
                .generateContent, #"{"contents":[{}],"generationConfig":{"candidateCount":1000}}"#,
                "generationConfig.candidateCount"
            ),
            (
                .generateContent, #"{"contents":[{}],"generationConfig":{},"generation_config":{}}"#,
                "generation_config"
            ),
            (.converse, #"{"messages":[{"content":[]}]}"#, "messages[0].role"),
            (
                .converse, #"{"messages":[{"role":"user"}],"inferenceConfig":{"maxTokens":1.5}}"#,
                "inferenceConfig.maxTokens"
            ),
            (.converse, #"{"messages":[{"role":"user"}],"toolConfig":{"tools":{}}}"#, "toolConfig.tools"),
        ] as [(Dialect, String, String)])
    func refused(dialect: Dialect, body: String, param: String) {
        let needsPlace = dialect == .generateContent || dialect == .converse
        let error = #expect(throws: RequestError.self) { try read(body, dialect, model: needsPlace ? "m" : nil) }
        #expect(error?.param == param)
        #expect(error?.status == 400)
    }

    private static let data = String(repeating: "A", count: 400_000)

    @Test(
        "media count by their kind, whichever dialect says so",
        arguments: [
            (
                .messages,
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"@"}}]}]}"#,
                60_000
            ),
            (
                .messages,
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"x","content":[{"source":{"data":"@","type":"base64"},"type":"image"}]}]}]}"#,
                60_000
            ),
            (
                .messages,
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://x"}}]}]}"#,
                60_000
            ),
            (
                .messages,
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"document","source":{"type":"file","file_id":"f"}}]}]}"#,
                110_000
            ),
            (
                .responses,
                #"{"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,@"}]}]}"#,
                60_000
            ),
            (
                .responses, #"{"model":"m","input":[{"role":"user","content":[{"type":"input_file","file_id":"f"}]}]}"#,
                110_000
            ),
            (
                .generateContent, #"{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"@"}}]}]}"#,
                60_000
            ),
            (
                .generateContent, #"{"contents":[{"parts":[{"inline_data":{"mime_type":"audio/wav","data":"@"}}]}]}"#,
                40_000
            ),
            (
                .converse,
                #"{"messages":[{"role":"user","content":[{"image":{"format":"png","source":{"bytes":"@"}}}]}]}"#, 60_000
            ),
        ] as [(Dialect, String, Int)])
    func media(dialect: Dialect, body: String, most: Int) throws {
        let whole = body.split(separator: "@", omittingEmptySubsequences: false).joined(
            separator: DialectRequestTests.data)
        let request = try read(whole, dialect, model: "m")
        #expect(request.inputTokenCeiling < TokenCount(most))
        #expect(request.inputTokenCeiling > 20_000)
    }

    @Test(
        "no text passes for an image",
        arguments: [
            (
                .messages,
                #"{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","id":"x","name":"f","input":{"type":"image","source":{"data":"@"}}}]}]}"#
            ),
            (
                .messages,
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"image","source":{"type":"text","data":"@"}}]}]}"#
            ),
            (.messages, #"{"model":"m","messages":[{"role":"user","content":"@"}]}"#),
            (
                .messages,
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"@"}}]}]}"#
            ),
            (
                .generateContent,
                #"{"contents":[{"parts":[{"functionResponse":{"name":"f","response":{"inlineData":{"mimeType":"image/png","data":"@"}}}}]}]}"#
            ),
            (
                .generateContent,
                #"{"contents":[{"parts":[{"functionCall":{"name":"f","args":{"inlineData":{"mimeType":"image/png","data":"@"}}}}]}]}"#
            ),
            (
                .converse,
                #"{"messages":[{"role":"assistant","content":[{"toolUse":{"input":{"image":{"source":{"bytes":"@"}}}}}]}]}"#
            ),
        ] as [(Dialect, String)])
    func text(dialect: Dialect, body: String) throws {
        let whole = body.split(separator: "@", omittingEmptySubsequences: false).joined(
            separator: DialectRequestTests.data)
        #expect(try read(whole, dialect, model: "m").inputTokenCeiling >= 400_000)
    }

    @Test("a follower knows the end, the use and a failure") func streams() throws {
        func follow(_ dialect: Dialect, _ text: String) throws -> DialectStream {
            var stream = DialectStream(dialect: dialect)
            var parser = SSEParser()
            try Array(text.utf8).withUnsafeBytes { try parser.feed($0) { _ = stream.read($0) } }
            return stream
        }
        let start =
            #"data: {"type":"message_start","message":{"usage":{"input_tokens":5,"cache_read_input_tokens":2,"output_tokens":1}}}"#
        let delta = #"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"abcd"}}"#
        let cut = try follow(.messages, start + "\n\n" + delta + "\n\n")
        #expect(!cut.isComplete)
        #expect(cut.textBytes == 4)
        #expect(cut.usage?.input == 7)
        let end = #"data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}"#
        let whole = try follow(.messages, start + "\n\n" + delta + "\n\n" + end + "\n\n")
        #expect(whole.isComplete)
        #expect(whole.usage?.output == 9)
        #expect(whole.usage?.input == 7)
        for data in [#"{"type":"error","error":{}}"#, #"{"message":"m"}"#, "words", ""] {
            var failing = DialectStream(dialect: .messages)
            var parser = SSEParser()
            var kinds: [DialectStream.Kind] = []
            try Array("event: error\ndata: \(data)\n\n".utf8).withUnsafeBytes {
                try parser.feed($0) { kinds.append(failing.read($0)) }
            }
            #expect(kinds == [.error], "\(data)")
        }
        #expect(
            try follow(
                .responses,
                "data: {\"type\":\"response.failed\",\"response\":{\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n"
            ).usage?.input == 3)
        var converse = DialectStream(dialect: .converse)
        #expect(converse.read(EventStreamMessage(headers: [(":message-type", "exception")], payload: [])) == .error)
        var invoke = DialectStream(dialect: .messages)
        let chunk: JSON = ["bytes": .string(Base64.encoded(delta.utf8.dropFirst(6)))]
        let message = EventStreamMessage(headers: [(":event-type", "chunk")], payload: chunk.serialized())
        #expect(invoke.read(message) == .content)
        #expect(invoke.textBytes == 4)
    }

    @Test("data that is no JSON is broken", arguments: ["words", "{\"type\":", "{} {}", "{\"a\":\"\u{1}\"}"])
    func noJSON(data: String) throws {
        for dialect in [Dialect.messages, .responses, .generateContent] {
            var stream = DialectStream(dialect: dialect)
            var kinds: [DialectStream.Kind] = []
            var parser = SSEParser()
            try Array("data: \(data)\n\ndata: \n\ndata: {}\n\n".utf8).withUnsafeBytes {
                try parser.feed($0) { kinds.append(stream.read($0)) }
            }
            #expect(kinds == [.broken, .other, .other], "\(dialect)")
        }
        var converse = DialectStream(dialect: .converse)
        let message = EventStreamMessage(headers: [(":event-type", "metadata")], payload: Array(data.utf8))
        #expect(converse.read(message) == .broken)
    }

    @Test("Converse is over with its metadata, not with its reason to stop") func converseEnd() {
        var stream = DialectStream(dialect: .converse)
        func message(_ name: String, _ payload: String) -> EventStreamMessage {
            EventStreamMessage(headers: [(":event-type", name)], payload: Array(payload.utf8))
        }
        #expect(stream.read(message("messageStop", #"{"stopReason":"end_turn"}"#)) == .done)
        #expect(stream.isComplete && !stream.isOver)
        #expect(stream.read(message("contentBlockDelta", #"{"delta":{"text":"more"}}"#)) == .surplus)
        #expect(stream.read(message("metadata", #"{"usage":{"inputTokens":1,"outputTokens":1}}"#)) == .usage)
        #expect(stream.isOver)
        #expect(stream.read(message("contentBlockDelta", #"{"delta":{"text":"more"}}"#)) == .surplus)
        #expect(stream.read(EventStreamMessage(headers: [(":message-type", "exception")], payload: [])) == .surplus)
        #expect(stream.contentChunks == 0 && stream.isComplete && stream.usage?.input == 1)
        #expect(stream.read(message("metadata", #"{"usage":{"inputTokens":2,"outputTokens":1}}"#)) == .surplus)
        #expect(stream.usage?.input == 2)
    }

    @Test("a chunk of Google's that tells of its traffic alone tells no use") func traffic() throws {
        func chunk(_ usage: String) -> String {
            #"data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{\#(usage)}}"#
        }
        let traffic = chunk(#""trafficType":"ON_DEMAND""#)
        #expect(try behind([traffic], .generateContent, []).stream.usage == nil)
        let counts = chunk(#""promptTokenCount":7,"candidatesTokenCount":2"#)
        let told = try behind([traffic, counts], .generateContent, [])
        #expect(told.stream.usage == TokenUsage(input: 7, output: 2))
    }

    /// The kinds of the events behind the first ones, and the stream then.
    private func behind(
        _ first: [String], _ dialect: Dialect, _ later: [String]
    ) throws -> (kinds: [DialectStream.Kind], stream: DialectStream) {
        var stream = DialectStream(dialect: dialect)
        var kinds: [DialectStream.Kind] = []
        var parser = SSEParser()
        for event in first + later {
            try Array((event + "\n\n").utf8).withUnsafeBytes { try parser.feed($0) { kinds.append(stream.read($0)) } }
        }
        return (Array(kinds.dropFirst(first.count)), stream)
    }

    private static let used = #"data: {"type":"message_delta","delta":{},"usage":{"output_tokens":9}}"#
    private static let word =
        #"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"more"}}"#

    @Test("what comes behind the end goes to nobody, and its usage counts") func surplus() throws {
        let start = #"data: {"type":"message_start","message":{"usage":{"input_tokens":5,"output_tokens":1}}}"#
        let stop = #"data: {"type":"message_stop"}"#
        let error = #"data: {"type":"error","error":{"type":"api_error","message":"m"}}"#
        let later = [
            Self.word, Self.used, error, "data: no json", ": comment", "data: [DONE]", #"data: {"type":"ping"}"#,
        ]
        let (kinds, stream) = try behind([start, Self.word, stop], .messages, later)
        #expect(kinds == Array(repeating: .surplus, count: later.count))
        #expect(stream.isComplete && stream.contentChunks == 1 && stream.usage == TokenUsage(input: 5, output: 9))

        let completed =
            #"data: {"type":"response.completed","response":{"usage":{"input_tokens":3,"output_tokens":1}}}"#
        let delta = #"data: {"type":"response.output_text.delta","delta":"more"}"#
        // OpenRouter's mark of the end.
        let (ends, response) = try behind([completed], .responses, [delta, "data: [DONE]", completed])
        #expect(ends == [.surplus, .done, .surplus] && response.contentChunks == 0 && response.isComplete)
    }

    @Test("a second answer behind the end is not billed") func secondAnswer() throws {
        func answer(_ output: Int) -> [String] {
            [
                #"data: {"type":"message_start","message":{"usage":{"input_tokens":5,"output_tokens":1}}}"#,
                #"data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":\#(output)}}"#,
                #"data: {"type":"message_stop"}"#,
            ]
        }
        #expect(try behind(answer(3), .messages, answer(90)).stream.usage == TokenUsage(input: 5, output: 3))
        let responses = [7, 9].map { count in
            [
                #"data: {"type":"response.created","response":{}}"#,
                #"data: {"type":"response.completed","response":{"usage":{"input_tokens":\#(count),"output_tokens":1}}}"#,
            ]
        }
        #expect(try behind(responses[0], .responses, responses[1]).stream.usage?.input == 7)
    }

    @Test("behind an error nothing goes to the client but what more is said of it; usage counts") func behindAnError()
        throws
    {
        let error = "event: error\ndata: {\"type\":\"error\",\"error\":{}}"
        let stop = #"data: {"type":"message_stop"}"#
        let (kinds, stream) = try behind([error], .messages, [Self.word, Self.used, stop, "data: no json", error])
        #expect(kinds == [.surplus, .surplus, .surplus, .surplus, .error])
        #expect(!stream.isComplete && stream.contentChunks == 0 && stream.usage?.output == 9)
        let failed = #"data: {"type":"response.failed","response":{"usage":{"input_tokens":3,"output_tokens":1}}}"#
        let (ends, response) = try behind([#"data: {"type":"error"}"#], .responses, [failed, "data: [DONE]"])
        #expect(ends == [.error, .surplus] && response.usage?.input == 3)
    }

    @Test("the LF of a last CRLF that was cut apart still goes to the client") func lateLineEnd() throws {
        var stream = DialectStream(dialect: .messages)
        var kinds: [DialectStream.Kind] = []
        var parser = SSEParser()
        for piece in ["data: {\"type\":\"message_stop\"}\r\n\r", "\n"] {
            try Array(piece.utf8).withUnsafeBytes { try parser.feed($0) { kinds.append(stream.read($0)) } }
        }
        parser.finish { kinds.append(stream.read($0)) }
        #expect(kinds == [.done, .keepAlive])
    }

    // MARK: - Histories of another provider's

    private static let claudes: [(String, lacks: Bool)] = [
        ("call", true), ("thought,call", false), ("call,more", true), ("thought,call,result,call", false),
        ("thought,call,result,said,call", true), ("call,result,said", true), ("call,result,said,thought,call", false),
        ("said", false), ("call,result,said,more,said", false), ("call,said and result", true),
        ("thought,call,said and result,call", true), ("call,result,thought,call", true), ("more,thought,call", true),
        ("thought,more,call,result,more,call", false),
    ]

    /// The turns of a word each, then the results of the last call.
    private func messages(_ words: String, _ write: (String) -> (role: String, block: String)) -> String {
        var turns = words.split(separator: ",").flatMap { word in
            word == "said and result" ? [write("result"), write("said")] : [write(String(word))]
        }
        if words.hasSuffix("call") || words.hasSuffix("more") { turns.append(write("result")) }
        var merged: [(role: String, blocks: [String])] = []
        for turn in turns {
            if merged.last?.role == turn.role {
                merged[merged.count - 1].blocks.append(turn.block)
            } else {
                merged.append((turn.role, [turn.block]))
            }
        }
        return merged.map { #"{"role":"\#($0.role)","content":[\#($0.blocks.joined(separator: ","))]}"# }
            .joined(separator: ",")
    }

    @Test("Claude thinks by a budget: the answer of the last calls begins with its thinking", arguments: claudes)
    func callsWithoutThinking(_ words: String, lacks: Bool) throws {
        let turns = messages(words) { word in
            switch word {
            case "call": ("assistant", #"{"id":"c","input":{"type":"thinking"},"name":"f","type":"tool_use"}"#)
            case "more": ("assistant", #"{"type":"text","text":"x"}"#)
            case "thought": ("assistant", #"{"type":"thinking","thinking":"hm","signature":"s"}"#)
            case "result": ("user", #"{"type":"tool_result","tool_use_id":"c","content":[{"type":"text","text":"x"}]}"#)
            default: ("user", #"{"type":"text","text":"x"}"#)
            }
        }
        let head = #"{"model":"a","thinking":{"type":"enabled","budget_tokens":2000},"messages":["#
        #expect(try read(head + turns + "]}", .messages).lacksProof == lacks)
        for other in ["adaptive", "disabled"] {
            let body = head.replacing("enabled", with: other) + turns + "]}"
            #expect(try !read(body, .messages).lacksProof)
        }
        let converse = messages(words) { word in
            switch word {
            case "call": ("assistant", #"{"toolUse":{"toolUseId":"c","name":"f","input":{"reasoningContent":1}}}"#)
            case "more": ("assistant", #"{"text":"x"}"#)
            case "thought": ("assistant", #"{"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}}"#)
            case "result": ("user", #"{"toolResult":{"toolUseId":"c","content":[{"text":"x"}]}}"#)
            default: ("user", #"{"text":"x"}"#)
            }
        }
        let fields =
            #"{"additionalModelRequestFields":{"thinking":{"type":"enabled","budget_tokens":2000}},"messages":["#
        #expect(try read(fields + converse + "]}", .converse, model: "a").lacksProof == lacks)
        let other = fields.replacing(#""thinking""#, with: #""thinking":null,"reasoning_config""#)
        #expect(try read(other + converse + "]}", .converse, model: "a").lacksProof == lacks)
        // Where a cache point stands, nobody said anything.
        let cached = converse.replacing(#""content":[{"text":"x"}]}}"#, with: #""content":[]}},{"cachePoint":{}}"#)
        #expect(try read(fields + cached + "]}", .converse, model: "a").lacksProof == lacks)
        #expect(try !read(#"{"messages":["# + converse + "]}", .converse, model: "a").lacksProof)
    }

    @Test(
        "thinking with an empty signature is known by where it stands, however it is written",
        arguments: [
            (#"{"type":"thinking","thinking":"hm","signature":""}"#, true),
            (#"{ "signature" : "" , "thinking" : "hm" , "type" : "thinking" }"#, true),
            (#""hi",{"type":"text","text":"x"},{"type":"thinking","thinking":"hm","signature":""}"#, true),
            (#"{"type":"thinking","thinking":"hm","signature":"s"}"#, false),
            (#"{"type":"thinking","thinking":"hm"}"#, false),
            (#"{"type":"tool_use","id":"c","name":"f","input":{"type":"thinking","signature":""}}"#, false),
            (#"{"type":"text","text":"\"signature\":\"\""}"#, false),
        ])
    func unsignedThinking(_ blocks: String, holds: Bool) throws {
        let turns = #"{"role":"user","content":"hi"},{"role":"assistant","content":[\#(blocks)]}"#
        let body = #"{"model":"a","thinking":{"type":"adaptive"},"messages":[\#(turns)]}"#
        #expect(try read(body, .messages).holdsUnsignedThinking == holds)
        #expect(try read(body, .messages).lacksProof == (holds || blocks == #"{"type":"thinking","thinking":"hm"}"#))
    }

    @Test(
        "Claude on Bedrock takes no thinking without a signature",
        arguments: [
            (#"{"reasoningContent":{"reasoningText":{"text":"hm"}}}"#, true),
            (#"{"text":"x"},{"reasoningContent":{"reasoningText":{"signature":"","text":"hm"}}}"#, true),
            (#"{"reasoningContent":{"reasoningText":{"text":"hm","signature":"s"}}}"#, false),
            (#"{"reasoningContent":{"redactedContent":"eA=="}}"#, false), (#"{"text":"\"reasoningText\""}"#, false),
        ])
    func unsignedThinkingOfConverse(_ blocks: String, lacks: Bool) throws {
        let turns = #"{"role":"user","content":[{"text":"hi"}]},{"role":"assistant","content":[\#(blocks)]}"#
        #expect(try read(#"{"messages":[\#(turns)]}"#, .converse, model: "a").lacksProof == lacks)
    }

    @Test("Gemini 3: the first call of a turn needs a signature")
    func callsWithoutSignature() throws {
        let call = #"{"functionCall":{"name":"f","args":{"thoughtSignature":"x"}}}"#
        let signed = #"{"functionCall":{"name":"f"},"thoughtSignature":"c2ln"}"#
        let snake = #"{"function_call":{"name":"f"},"thought_signature":"c2ln"}"#
        let text = #"{"text":"functionCall","thoughtSignature":"c2ln"}"#
        for (parts, lacks) in [
            ([[call]], true), ([[signed]], false), ([[snake]], false), ([[signed, call]], false),
            ([[call, signed]], true), ([[text, call]], true), ([[text]], false), ([[signed], [call]], true),
            ([[#"{"functionCall":{"name":"f"},"thoughtSignature":null}"#]], true), ([[], ["7"]], false),
        ] as [([[String]], Bool)] {
            let turns = parts.map { #"{"role":"model","parts":[\#($0.joined(separator: ","))]}"# }
            let body = #"{"contents":[\#(turns.joined(separator: ","))]}"#
            #expect(try read(body, .generateContent, model: "g").lacksProof == lacks, "\(body)")
        }
    }
}
