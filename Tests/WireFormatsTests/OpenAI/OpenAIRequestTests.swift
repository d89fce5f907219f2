import JSONText
import TestSupport
import Testing
import Units
import WireFormats

@Suite("OpenAIRequest")
struct OpenAIRequestTests {
    private static let messages = #""messages":[{"role":"user","content":"hi"}]"#

    private func request(_ text: String, _ endpoint: OpenAIEndpoint = .chatCompletions) throws -> OpenAIRequest {
        try OpenAIRequest(Array(text.utf8), endpoint: endpoint)
    }

    private func refusal(_ text: String, _ endpoint: OpenAIEndpoint = .chatCompletions) -> RequestError? {
        do throws(RequestError) {
            _ = try OpenAIRequest(Array(text.utf8), endpoint: endpoint)
            return nil
        } catch {
            return error
        }
    }

    private func upstream(
        _ text: String, model: String = "m", usage: Bool = false, maxTokens: (StaticString, Int)? = nil,
        _ endpoint: OpenAIEndpoint = .chatCompletions
    ) throws -> String {
        let body = try request(text, endpoint).upstreamBody(
            model: model, addIncludeUsage: usage, addMaxTokens: maxTokens.map { (name: $0.0, count: $0.1) })
        _ = try JSONScanner.scan(body)
        return String(decoding: body, as: UTF8.self)
    }

    // MARK: - What is read

    @Test("a chat request's facts are read")
    func chat() throws {
        let found = try request(
            #"{"model":"openai/gpt-4o","stream":true,"stream_options":{"include_usage":true},"max_tokens":100,"#
                + #""max_completion_tokens":200,"n":3,"user":"u-1","temperature":0.5,"tools":[],"new_thing":{"x":[1]},"#
                + Self.messages + "}")
        #expect(found.model == "openai/gpt-4o")
        #expect(found.stream)
        #expect(found.includeUsage)
        #expect(found.maxOutputTokens == 200)
        #expect(found.choices == 3)
        #expect(found.generatedChoices == 3)
        #expect(found.user == "u-1")
    }

    @Test("absent and null members mean the defaults")
    func defaults() throws {
        let nulls =
            #""stream":null,"stream_options":null,"max_tokens":null,"n":null,"user":null,"temperature":null,"#
            + #""tools":null,"#
        for extra in ["", nulls] {
            let found = try request("{\"model\":\"m\",\(extra)\(Self.messages)}")
            #expect(!found.stream)
            #expect(!found.includeUsage)
            #expect(found.maxOutputTokens == nil)
            #expect(found.choices == 1)
            #expect(found.generatedChoices == 1)
            #expect(found.user == nil)
        }
    }

    @Test(
        "a completion's best_of counts as generated, for each prompt; a prompt may be text or tokens",
        arguments: [
            (#""a""#, 1), (#"["a","b"]"#, 2), ("[1,2,3]", 1), ("[[1,2],[3],[4]]", 3), ("null", 1),
        ])
    func completion(prompt: String, count: Int) throws {
        let found = try request(
            "{\"model\":\"m\",\"prompt\":\(prompt),\"n\":2,\"best_of\":5,\"max_tokens\":7}", .completions)
        #expect(found.choices == 2)
        #expect(found.generatedChoices == 5 * count)
        #expect(found.maxOutputTokens == 7)
        let scoring = try request("{\"model\":\"m\",\"prompt\":\"a\",\"max_tokens\":0,\"echo\":true}", .completions)
        #expect(scoring.maxOutputTokens == 0)
        // A limit that completions don't have is not taken for one.
        let other = try request("{\"model\":\"m\",\"prompt\":\"a\",\"max_completion_tokens\":7}", .completions)
        #expect(other.maxOutputTokens == nil)
    }

    @Test(
        "an embedding's input may be text, tokens, several of them, or objects",
        arguments: [
            #""a""#, #"["a","b"]"#, "[1,2,3]", "[[1,2],[3]]", #"[{"image":"https://x/y.png"}]"#,
        ])
    func embedding(input: String) throws {
        let found = try request("{\"model\":\"m\",\"input\":\(input)}", .embeddings)
        #expect(found.maxOutputTokens == nil)
        #expect(!found.stream)
    }

    // MARK: - What is refused

    @Test(
        "a fault is named with message, param and code in OpenAI's words",
        arguments: [
            (#"{}"#, "you must provide a model parameter", "model", nil),
            (#"{"model":null}"#, "you must provide a model parameter", "model", nil),
            (#"{"model":""}"#, "you must provide a model parameter", "model", nil),
            (
                #"{"model":5}"#, "Invalid type for 'model': expected a string, but got an integer instead.", "model",
                "invalid_type"
            ),
            ("{\"model\":\"a\\nb\"}", "Invalid 'model': control characters are not allowed.", "model", "invalid_value"),
            (#"{"model":"m"}"#, "Missing required parameter: 'messages'.", "messages", "missing_required_parameter"),
            (
                #"{"model":"m","messages":"hi"}"#,
                "Invalid type for 'messages': expected an array of objects, but got a string instead.", "messages",
                "invalid_type"
            ),
            (
                #"{"model":"m","messages":{}}"#,
                "Invalid type for 'messages': expected an array of objects, but got an object instead.", "messages",
                "invalid_type"
            ),
            (
                #"{"model":"m","messages":null}"#,
                "Invalid type for 'messages': expected an array of objects, but got null instead.", "messages",
                "invalid_type"
            ),
            (
                #"{"model":"m","messages":[]}"#,
                "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty "
                    + "array instead.",
                "messages", "empty_array"
            ),
            (
                #"{"model":"m","messages":["hi"]}"#,
                "Invalid type for 'messages[0]': expected an object, but got a string instead.", "messages[0]",
                "invalid_type"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"},[]]}"#,
                "Invalid type for 'messages[1]': expected an object, but got an array instead.", "messages[1]",
                "invalid_type"
            ),
            (
                #"{"model":"m","messages":[{"content":"x"}]}"#, "Missing required parameter: 'messages[0].role'.",
                "messages[0].role", "missing_required_parameter"
            ),
            (
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"text"}]},{"role":3}]}"#,
                "Invalid type for 'messages[1].role': expected a string, but got an integer instead.",
                "messages[1].role",
                "invalid_type"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"max_tokens":0}"#,
                "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
                "max_tokens",
                "integer_below_min_value"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"max_tokens":-5}"#,
                "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got -5 instead.",
                "max_tokens", "integer_below_min_value"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"max_tokens":2147483648}"#,
                "Invalid 'max_tokens': integer above maximum value. Expected a value <= 2147483647, but got 2147483648 "
                    + "instead.", "max_tokens", "integer_above_max_value"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"max_completion_tokens":99999999999999999999999}"#,
                "Invalid 'max_completion_tokens': integer above maximum value. Expected a value <= 2147483647, but got "
                    + "99999999999999999999999 instead.", "max_completion_tokens", "integer_above_max_value"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"max_tokens":10.0}"#,
                "Invalid type for 'max_tokens': expected an integer, but got a decimal number instead.", "max_tokens",
                "invalid_type"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"max_tokens":"10"}"#,
                "Invalid type for 'max_tokens': expected an integer, but got a string instead.", "max_tokens",
                "invalid_type"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"n":0}"#,
                "Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead.", "n",
                "integer_below_min_value"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"n":129}"#,
                "Invalid 'n': integer above maximum value. Expected a value <= 128, but got 129 instead.", "n",
                "integer_above_max_value"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"stream":"true"}"#,
                "Invalid type for 'stream': expected a boolean, but got a string instead.", "stream", "invalid_type"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"stream_options":true}"#,
                "Invalid type for 'stream_options': expected an object, but got a boolean instead.", "stream_options",
                "invalid_type"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"stream_options":{"include_usage":1}}"#,
                "Invalid type for 'stream_options.include_usage': expected a boolean, but got an integer instead.",
                "stream_options.include_usage", "invalid_type"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"temperature":"hot"}"#,
                "Invalid type for 'temperature': expected a number, but got a string instead.", "temperature",
                "invalid_type"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"tools":{}}"#,
                "Invalid type for 'tools': expected an array, but got an object instead.", "tools", "invalid_type"
            ),
            (
                #"{"model":"m","messages":[{"role":"user"}],"user":1}"#,
                "Invalid type for 'user': expected a string, but got an integer instead.", "user", "invalid_type"
            ),
        ] as [(String, String, String, String?)])
    func refused(text: String, message: String, param: String, code: String?) {
        #expect(refusal(text) == RequestError(message: message, param: param, code: code))
    }

    @Test("a model's name has at most 256 bytes")
    func longModel() {
        let fits = String(repeating: "m", count: 256)
        #expect(refusal("{\"model\":\"\(fits)\",\(Self.messages)}") == nil)
        #expect(refusal("{\"model\":\"\(fits)m\",\(Self.messages)}")?.code == "string_above_max_length")
    }

    @Test(
        "prompts and inputs of a wrong type are refused with their place",
        arguments: [
            (OpenAIEndpoint.embeddings, #"{"model":"m"}"#, "input", "missing_required_parameter"),
            (.embeddings, #"{"model":"m","input":null}"#, "input", "invalid_type"),
            (.embeddings, #"{"model":"m","input":5}"#, "input", "invalid_type"),
            (.embeddings, #"{"model":"m","input":[]}"#, "input", "empty_array"),
            (.embeddings, #"{"model":"m","input":["a",1]}"#, "input[1]", "invalid_type"),
            (.embeddings, #"{"model":"m","input":[1.5]}"#, "input[0]", "invalid_type"),
            (.embeddings, #"{"model":"m","input":[[1],[]]}"#, "input[1]", "empty_array"),
            (.embeddings, #"{"model":"m","input":[[1,"x"]]}"#, "input[0][1]", "invalid_type"),
            (.embeddings, #"{"model":"m","input":[true]}"#, "input[0]", "invalid_type"),
            (.completions, #"{"model":"m","prompt":{}}"#, "prompt", "invalid_type"),
            (.completions, #"{"model":"m","prompt":"a","best_of":0}"#, "best_of", "integer_below_min_value"),
            (.completions, #"{"model":"m","prompt":"a","max_tokens":-1}"#, "max_tokens", "integer_below_min_value"),
            (
                .completions, #"{"model":"m","prompt":"a","max_tokens":2147483648}"#, "max_tokens",
                "integer_above_max_value"
            ),
        ] as [(OpenAIEndpoint, String, String, String)])
    func refusedPrompts(endpoint: OpenAIEndpoint, text: String, param: String, code: String) {
        let error = refusal(text, endpoint)
        #expect(error?.param == param)
        #expect(error?.code == code)
        #expect(error?.status == 400)
    }

    @Test("what is no JSON object is refused with byte, line and column, and without its text")
    func noJSON() {
        let error = refusal("{\"model\":\"m\",\n\"api\": sk-secret}")
        #expect(
            error?.message
                == "We could not parse the JSON body of your request: expected a value, but found 's' at byte "
                + "21 (line 2, "
                + "column 8).")
        #expect(error?.type == "invalid_request_error")
        #expect(error?.param == nil)
        #expect(refusal("")?.message.contains("the document is empty") == true)
        #expect(refusal("[1]")?.message.contains("expected an object, but found an array") == true)
        #expect(refusal(#"{"model":"a","model":"b"}"#)?.message.contains("duplicate key 'model'") == true)
        #expect(refusal("{\"a\":" + String(repeating: "[", count: 10_000))?.message.contains("128 levels") == true)
    }

    @Test(
        "members that would choose where a call or a key goes are refused by name",
        arguments: [
            "api_base", "base_url", "api_key", "user_config", "model_list", "aws_access_key_id", "aws_region_name",
            "vertex_credentials", "vertex_project", "azure_ad_token", #"api\u005fbase"#,
        ])
    func elsewhere(name: String) {
        let error = refusal("{\"model\":\"m\",\"\(name)\":\"x\",\(Self.messages)}")
        #expect(error?.code == "parameter_not_allowed")
        #expect(error?.message.contains("the gateway decides where a call goes") == true)
    }

    // MARK: - What leaves

    @Test("with nothing to change the body leaves byte for byte")
    func unchanged() throws {
        let text = " {\"messages\" : [ {\"role\":\"user\",\"x\":1e2 } ],\n\"model\":\"m\",\"unknown\":{\"a\":[ 1 ]} }\n"
        #expect(try upstream(text) == text)
        #expect(try upstream(text, usage: true) == text)
    }

    @Test("only the model's bytes change when it has another name upstream")
    func model() throws {
        let text = "{ \"model\" :\t\"public\" , \"messages\":[{\"role\":\"user\"}],\"seed\":1.0}"
        let expected = "{ \"model\" :\t\"up/\\\"str\\\"eam\" , \"messages\":[{\"role\":\"user\"}],\"seed\":1.0}"
        #expect(try upstream(text, model: "up/\"str\"eam") == expected)
    }

    @Test(
        "usage is asked for in a stream that did not, keeping its other options",
        arguments: [
            (#""stream":true"#, #""stream_options":{"include_usage":true},"#, #""stream":true"#),
            (#""stream":true,"stream_options":{}"#, "", #""stream":true,"stream_options":{"include_usage":true}"#),
            (#""stream":true,"stream_options":null"#, "", #""stream":true,"stream_options":{"include_usage":true}"#),
            (
                #""stream":true,"stream_options":{"a": 1}"#, "",
                #""stream":true,"stream_options":{"include_usage":true,"a": 1}"#
            ),
            (
                #""stream":true,"stream_options":{"include_usage":false,"a":1}"#, "",
                #""stream":true,"stream_options":{"include_usage":true,"a":1}"#
            ),
            (
                #""stream":true,"stream_options":{"include_usage":null}"#, "",
                #""stream":true,"stream_options":{"include_usage":true}"#
            ),
            (
                #""stream":true,"stream_options":{"include_usage":true}"#, "",
                #""stream":true,"stream_options":{"include_usage":true}"#
            ),
            (#""stream":false"#, "", #""stream":false"#),
        ])
    func includeUsage(sent: String, added: String, expected: String) throws {
        let result = try upstream("{\"model\":\"m\",\(sent),\(Self.messages)}", usage: true)
        #expect(result == "{\(added)\"model\":\"m\",\(expected),\(Self.messages)}")
    }

    @Test("a limit of output is added only where the client set none, under the provider's name for it")
    func maxTokens() throws {
        let plain = "{\"model\":\"m\",\(Self.messages)}"
        #expect(
            try upstream(plain, maxTokens: ("max_completion_tokens", 50))
                == "{\"max_completion_tokens\":50,\"model\":\"m\",\(Self.messages)}")
        let null = "{\"model\":\"m\",\"max_tokens\":null,\(Self.messages)}"
        #expect(
            try upstream(null, maxTokens: ("max_tokens", 50)) == "{\"model\":\"m\",\"max_tokens\":50,\(Self.messages)}")
        let own = "{\"model\":\"m\",\"max_tokens\":5,\(Self.messages)}"
        #expect(try upstream(own, maxTokens: ("max_completion_tokens", 50)) == own)
        let embedding = "{\"model\":\"m\",\"input\":\"a\"}"
        #expect(try upstream(embedding, maxTokens: ("max_tokens", 50), .embeddings) == embedding)
    }

    @Test("members that only steer a gateway never leave")
    func steering() throws {
        let text =
            "{\"litellm_metadata\":{\"a\":1},\"model\":\"m\",\"mock_response\":\"x\",\(Self.messages),"
            + "\"custom_llm_provider\":\"p\",\"metadata\":{},\"litellm_credential_name\":\"c\"}"
        #expect(try upstream(text, model: "n") == "{\"model\":\"n\",\(Self.messages),\"metadata\":{}}")
    }

    @Test("all changes at once")
    func together() throws {
        let text =
            "{\"mock_response\":\"x\",\"stream\":true,\"model\":\"m\",\(Self.messages),\"x\":{\"model\":\"inner\"}}"
        let expected =
            "{\"stream_options\":{\"include_usage\":true},\"max_tokens\":9,\"stream\":true,\"model\":\"n\","
            + "\(Self.messages),\"x\":{\"model\":\"inner\"}}"
        #expect(try upstream(text, model: "n", usage: true, maxTokens: ("max_tokens", 9)) == expected)
    }

    // MARK: - The token bound

    @Test("text is bounded by its bytes; the structure around it counts too")
    func textCeiling() throws {
        let text =
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\(String(repeating: "é", count: 500))\"}]}"
        let found = try request(text).inputTokenCeiling.count
        #expect(found >= 1000)
        #expect(found == Int64(text.utf8.count + TokenEstimator.Allowance().template))
    }

    @Test("an image in the body counts as an image, not by its bytes")
    func imageCeiling() throws {
        let allowance = TokenEstimator.Allowance()
        let data = "data:image/png;base64," + String(repeating: "A", count: 1_000_000)
        let inline = #"{"type":"image_url","image_url":{"url":"\#(data)","detail":"low"}}"#
        let remote = #"{"image_url":{"url":"https://example.com/a.png"},"type":"image_url"}"#
        let bare = #"{"type":"image_url","image_url":"\#(data)"}"#
        for (part, inlineBytes) in [(inline, data.utf8.count), (remote, 0), (bare, data.utf8.count)] {
            let text =
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
                + "\"text\":\"x\"},\(part)]}]}"
            let expected = text.utf8.count - inlineBytes + allowance.template + allowance.image
            #expect(try request(text).inputTokenCeiling.count == Int64(expected))
        }
    }

    @Test("the estimate is four bytes a token, an image a thousand, and never more than the ceiling")
    func estimate() throws {
        let prose = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}"
        #expect(try request(prose).inputTokenEstimate.count == Int64((prose.utf8.count + 3) / 4))
        let data = "data:image/png;base64," + String(repeating: "A", count: 1_000_000)
        let image = #"{"type":"image_url","image_url":{"url":"\#(data)"}}"#
        let found = try request("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[\(image)]}]}")
        #expect(found.inputTokenEstimate >= 1_000 && found.inputTokenEstimate < 1_100)
        #expect(found.inputTokenEstimate < found.inputTokenCeiling)
    }

    @Test("a text can't hide from the bound behind a medium's name")
    func hiddenText() throws {
        let long = "data:" + String(repeating: "word ", count: 10_000)
        for part in [
            #"{"type":"text","text":"\#(long)","image_url":{"url":"data:,"}}"#,
            #"{"type":"text","image_url":{"url":"\#(long)"}}"#,
            #"{"type":"input_text","image_url":{"url":"\#(long)"}}"#,
        ] {
            let text = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[\(part)]}]}"
            #expect(try request(text).inputTokenCeiling.count >= Int64(long.utf8.count))
        }
        #expect(throws: RequestError.self) {
            try request(
                #"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","type":"text","text":"x"}]}]}"#
            )
        }
    }

    @Test("audio counts a part of its bytes, files all of theirs, both an allowance")
    func otherMedia() throws {
        let allowance = TokenEstimator.Allowance()
        let data = String(repeating: "A", count: 160_000)
        func ceiling(_ part: String) throws -> Int {
            let text = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[\(part)]}]}"
            return Int(try request(text).inputTokenCeiling.count) - text.utf8.count - allowance.template
        }
        let audio = #"{"type":"input_audio","input_audio":{"data":"\#(data)","format":"wav"}}"#
        #expect(try ceiling(audio) == allowance.audio - 160_000 + 10_000)
        #expect(try ceiling(#"{"type":"file","file":{"file_data":"\#(data)"}}"#) == allowance.file)
        #expect(try ceiling(#"{"type":"video_url","video_url":{"url":"https://x/y"}}"#) == allowance.file)
    }

    @Test("tools add the provider's instructions")
    func tools() throws {
        let allowance = TokenEstimator.Allowance()
        let text = "{\"model\":\"m\",\"tools\":[{\"type\":\"function\"}],\(Self.messages)}"
        let expected = text.utf8.count + allowance.template + allowance.tools
        #expect(try request(text).inputTokenCeiling.count == Int64(expected))
    }

    @Test(
        "tools that run at the provider are told from the client's own, and set more aside",
        arguments: [
            (#""tools":[{"type":"function"},{"type":"custom"},{}]"#, false), (#""tools":[]"#, false),
            (#""plugins":null"#, false),
            (#""tools":[{"type":"function"},{"type":"web_search"}]"#, true), (#""plugins":[{"id":"web"}]"#, true),
            (#""web_search_options":{}"#, true), (#""search_parameters":{}"#, true), (#""search_settings":{}"#, true),
        ])
    func serverTools(members: String, expected: Bool) throws {
        let text = "{\"model\":\"m\",\(members),\(Self.messages)}"
        let found = try request(text)
        #expect(found.usesServerTools == expected)
        let serverTools = TokenEstimator.Allowance().serverTools
        #expect((found.inputTokenCeiling.count > Int64(serverTools)) == expected)
    }

    // MARK: - Anything

    @Test("random damage to a body is refused or leaves a valid body whose model is ours")
    func fuzz() throws {
        var fuzz = SeededRandom.fresh("requests")
        let bodies = [
            #"{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","#
                + #""image_url":{"url":"data:x"}}]}],"n":2}"#,
            #"{"model":"m","stream":true,"stream_options":{"include_usage":false},"messages":[{"role":"user"}]}"#,
            #"{"litellm_x":1,"model":"m","max_tokens":null,"messages":[{"role":"user","content":"\ud83d\ude00"}]}"#,
        ].map { Array($0.utf8) }
        var accepted = 0
        for _ in 0..<8_000 {
            var body = fuzz.pick(bodies)
            for _ in 0..<fuzz.below(3) {
                let place = fuzz.below(body.count)
                switch fuzz.below(4) {
                case 0: body[place] = UInt8(fuzz.below(256))
                case 1: body.remove(at: place)
                case 2: body.insert(fuzz.pick(Array("{}[]\",:\\0".utf8)), at: place)
                default: body.insert(contentsOf: body[place..<min(place + 12, body.count)], at: fuzz.below(body.count))
                }
            }
            guard let found = try? OpenAIRequest(body, endpoint: .chatCompletions) else { continue }
            accepted += 1
            let upstream = found.upstreamBody(
                model: "new", addIncludeUsage: true, addMaxTokens: (name: "max_tokens", count: 10))
            let again = try OpenAIRequest(upstream, endpoint: .chatCompletions)
            #expect(again.model == "new")
            #expect(again.includeUsage || !again.stream)
            #expect(again.maxOutputTokens != nil)
        }
        #expect(accepted > 1_000)
    }
}
