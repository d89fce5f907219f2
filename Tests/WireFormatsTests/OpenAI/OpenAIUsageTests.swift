import JSONText
import Testing
import Units
import WireFormats

@Suite("Usage of OpenAI-compatible replies")
struct OpenAIUsageTests {
    private func usage(_ usage: String) -> TokenUsage? {
        OpenAIReply.usage(fromWhole: Array(#"{"choices":[],"usage":\#(usage),"id":"x"}"#.utf8))
    }

    @Test(
        "every provider's way of telling is read",
        arguments: [
            // OpenAI
            (
                #"{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,"#
                    + #""prompt_tokens_details":{"cached_tokens":4,"#
                    + #""audio_tokens":3},"completion_tokens_details":{"reasoning_tokens":5,"audio_tokens":2,"#
                    + #""accepted_prediction_tokens":1,"rejected_prediction_tokens":6}}"#,
                TokenUsage(
                    input: 19, cachedInput: 4, output: 10, reasoning: 5, audioInput: 3, audioOutput: 2,
                    acceptedPrediction: 1, rejectedPrediction: 6)
            ),
            // Embeddings have no output.
            (#"{"prompt_tokens":8,"total_tokens":8}"#, TokenUsage(input: 8)),
            // Voyage
            (#"{"total_tokens":10}"#, TokenUsage(input: 10)),
            // Databricks streams null at first.
            (
                #"{"prompt_tokens":8,"completion_tokens":null,"total_tokens":null,"cache_read_input_tokens":2,"#
                    + #""cache_creation_input_tokens":3}"#, TokenUsage(input: 8, cachedInput: 2, cacheWrite5m: 3)
            ),
            // DeepSeek
            (
                #"{"completion_tokens":4,"prompt_cache_hit_tokens":6,"prompt_cache_miss_tokens":12,"prompt_tokens":18,"#
                    + #""prompt_tokens_details":{"cached_tokens":6},"total_tokens":22}"#,
                TokenUsage(input: 18, cachedInput: 6, output: 4)
            ),
            // xAI counts reasoning apart, and tells the cost in 10^-10 dollars.
            (
                #"{"prompt_tokens":468,"completion_tokens":82,"total_tokens":870,"#
                    + #""prompt_tokens_details":{"text_tokens":468,"#
                    + #""audio_tokens":0,"image_tokens":0,"cached_tokens":305},"#
                    + #""completion_tokens_details":{"reasoning_tokens":320,"#
                    + #""audio_tokens":0},"num_sources_used":0,"cost_in_usd_ticks":2488500}"#,
                TokenUsage(
                    input: 468, cachedInput: 305, output: 402, reasoning: 320,
                    providerReportedCost: NanoUSD(nanos: 248_850))
            ),
            // Azure's xAI models: more cached than sent, and a cost of nothing.
            (
                #"{"prompt_tokens":235,"completion_tokens":90,"total_tokens":325,"#
                    + #""prompt_tokens_details":{"cached_tokens":373},"#
                    + #""cost_in_usd_ticks":0}"#, TokenUsage(input: 235, cachedInput: 235, output: 90)
            ),
            // Mistral counts audio apart.
            (
                #"{"completion_tokens":15,"prompt_audio_seconds":5,"prompt_tokens":11,"prompt_tokens_details":{"#
                    + #""audio_tokens":375,"cached_tokens":9},"total_tokens":401}"#,
                TokenUsage(input: 386, cachedInput: 9, output: 15, audioInput: 375)
            ),
            // Gemini's compatible path hides its thinking.
            (#"{"completion_tokens":12,"prompt_tokens":35,"total_tokens":109}"#, TokenUsage(input: 35, output: 74)),
            // OpenRouter
            (
                #"{"prompt_tokens":154,"completion_tokens":31,"total_tokens":185,"cost":0.00032870005,"is_byok":false,"#
                    + #""prompt_tokens_details":{"cached_tokens":128,"cache_write_tokens":20},"cost_details":{"#
                    + #""upstream_inference_cost":0.1}}"#,
                TokenUsage(
                    input: 154, cachedInput: 128, cacheWrite5m: 20, output: 31,
                    providerReportedCost: NanoUSD(nanos: 328_700))
            ),
            // OpenRouter with the customer's own key: its fee and the provider's price.
            (
                #"{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"cost":0.001,"is_byok":true,"#
                    + #""cost_details":{"#
                    + #""upstream_inference_cost":0.02}}"#,
                TokenUsage(input: 1, output: 1, providerReportedCost: NanoUSD(nanos: 21_000_000))
            ),
            // Perplexity
            (
                #"{"completion_tokens":93,"cost":{"input_tokens_cost":3e-05,"request_cost":0.005,"#
                    + #""total_cost":0.00512},"#
                    + #""prompt_tokens":27,"total_tokens":120}"#,
                TokenUsage(input: 27, output: 93, providerReportedCost: NanoUSD(nanos: 5_120_000))
            ),
            // Doubleword: both cache lives; a part larger than its whole.
            (
                #"{"cache_creation":{"ephemeral_1h_input_tokens":5,"ephemeral_24h_input_tokens":2,"#
                    + #""ephemeral_5m_input_tokens":3},"#
                    + #""cache_creation_input_tokens":10,"prompt_tokens":42,"completion_tokens":2298,"#
                    + #""total_tokens":2340,"#
                    + #""completion_tokens_details":{"reasoning_tokens":2948}}"#,
                TokenUsage(input: 42, cacheWrite5m: 3, cacheWrite1h: 7, output: 2298, reasoning: 2298)
            ),
            // Moonshot and Together, Mistral
            (
                #"{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10,"cached_tokens":4}"#,
                TokenUsage(input: 9, cachedInput: 4, output: 1)
            ),
            (
                #"{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10,"num_cached_tokens":4}"#,
                TokenUsage(input: 9, cachedInput: 4, output: 1)
            ),
            // Copilot
            (
                #"{"prompt_tokens":9,"completion_tokens":8,"total_tokens":17,"reasoning_tokens":4}"#,
                TokenUsage(input: 9, output: 8, reasoning: 4)
            ),
        ] as [(String, TokenUsage)])
    func read(json: String, expected: TokenUsage) {
        #expect(usage(json) == expected)
    }

    @Test("images are a part of what went in and came out, and Google's clients are told which")
    func images() throws {
        let body = try JSON.parse(
            #"""
            {"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":40,
             "completion_tokens":20,"total_tokens":60,"prompt_tokens_details":{"image_tokens":28},
             "completion_tokens_details":{"image_tokens":90}}}
            """#)
        let reply = try ChatCompletionsCodec.decodeReply(body)
        let tokens = try #require(reply.usage?.tokens)
        #expect(tokens.input == 40 && tokens.imageInput == 28 && tokens.output == 20 && tokens.imageOutput == 20)
        let request = Conversation(origin: .generateContent, model: "m")
        let context = ReplyContext(model: "m", requestID: "r", created: 1, request: request)
        var losses = LossReport()
        let written = GenerateContentCodec.encodeReply(reply, for: context, &losses)["usageMetadata"]
        #expect(
            written?["promptTokensDetails"]
                == [["modality": "TEXT", "tokenCount": 12], ["modality": "IMAGE", "tokenCount": 28]])
        #expect(written?["candidatesTokensDetails"] == [["modality": "IMAGE", "tokenCount": 20]])
    }

    @Test("cache writes told in OpenAI's member and in Anthropic's are counted once")
    func cacheWrites() {
        let both = usage(
            #"""
            {"prompt_tokens":100,"completion_tokens":1,"total_tokens":101,"cache_creation_input_tokens":30,
             "prompt_tokens_details":{"cached_tokens":40,"cache_write_tokens":30},
             "cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20}}
            """#)
        #expect(both == TokenUsage(input: 100, cachedInput: 40, cacheWrite5m: 10, cacheWrite1h: 20, output: 1))
    }

    @Test(
        "no usage is nil, not zero",
        arguments: ["null", "{}", "[]", "\"x\"", #"{"cost":1}"#, #"{"tokens":{"input_tokens":1}}"#])
    func none(json: String) {
        #expect(usage(json) == nil)
    }

    @Test(
        "a reply that is empty, cut or no JSON has none, and nothing traps",
        arguments: [
            "", "  ", "[]", "{", #"{"usage"#, #"{"usage":{"#, #"{"usage":{"prompt_tokens":1"#, "<html>", #"{"a":1}"#,
        ])
    func broken(body: String) {
        #expect(OpenAIReply.usage(fromWhole: Array(body.utf8)) == nil)
    }

    @Test(
        "absurd counts are cut to what can be summed; negative ones count nothing",
        arguments: [
            "9223372036854775807", "-9223372036854775808", "1e300", "-1", "12.5",
        ])
    func absurd(number: String) throws {
        let found = try #require(
            usage(
                """
                {"prompt_tokens":\(number),"completion_tokens":\(number),"total_tokens":\(number),\
                "cached_tokens":\(number),\
                "prompt_tokens_details":{"cached_tokens":\(number),"audio_tokens":\(number),\
                "cache_write_tokens":\(number)},\
                "completion_tokens_details":{"reasoning_tokens":\(number)},"cost":\(number),\
                "cost_in_usd_ticks":\(number),\
                "cache_creation":{"ephemeral_1h_input_tokens":\(number),"ephemeral_24h_input_tokens":\(number)}}
                """))
        #expect(found.input >= 0 && found.output >= 0 && found.plainInput >= 0)
        #expect(found.total.count < 1 << 52)
        #expect(found.reasoning <= found.output && found.audioInput <= found.input)
    }

    @Test("more tokens than a call can have are no plausible usage")
    func implausible() {
        #expect(TokenUsage(input: 100_000_000, output: 100_000_000).isPlausible)
        #expect(!TokenUsage(input: 100_000_001).isPlausible)
        #expect(!TokenUsage(output: 100_000_001).isPlausible)
        #expect(!TokenUsage(input: 1, cachedInput: -1).isPlausible)
    }

    @Test(
        "a reported cost is rounded half up to a nano-dollar, exactly",
        arguments: [
            ("0.1", 100_000_000), ("1", 1_000_000_000), ("0", 0), ("1e-9", 1), ("4e-10", 0), ("5e-10", 1),
            ("0.0000000014999", 1), ("0.0000000015", 2), ("1.5E+2", 150_000_000_000),
            ("0.30000000000000004", 300_000_000),
            ("0.123456789012345678901234567890", 123_456_789), ("1000000", 1_000_000_000_000_000), ("0.000e5", 0),
            ("1000001", nil), ("1e30", nil), ("-1", nil), ("1e-300", 0), ("\"1\"", nil), ("null", nil),
        ] as [(String, Int64?)])
    func cost(number: String, nanos: Int64?) {
        let found = usage(#"{"prompt_tokens":1,"cost":\#(number)}"#)
        #expect(found?.providerReportedCost == nanos.map { NanoUSD(nanos: $0) })
    }

    @Test(
        "a cost in xAI's ticks has the bound of one in dollars",
        arguments: [
            ("2488500", 248_850), ("15", 2), ("0", nil), ("-1", nil), ("10000000000000000", 1_000_000_000_000_000),
            ("10000000000000001", nil), ("9223372036854775807", nil),
        ] as [(String, Int64?)])
    func ticks(number: String, nanos: Int64?) {
        let found = usage(#"{"prompt_tokens":1,"cost_in_usd_ticks":\#(number)}"#)
        #expect(found?.providerReportedCost == nanos.map { NanoUSD(nanos: $0) })
    }

    @Test("Groq's x_groq.usage counts where there is no usage")
    func groq() {
        let body = #"{"x_groq":{"id":"r","usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}}"#
        #expect(OpenAIReply.usage(fromWhole: Array(body.utf8)) == TokenUsage(input: 3, output: 4))
    }
}
