import JSONText
import Testing
import WireFormats

@Suite("Ranges")
struct RangePolicyTests {
    /// Found by the fuzzer: with `pass`, an integer near 2^63 went through a Double, which is 2^63 and no Int64.
    @Test(
        "the largest integers are passed, clamped or refused, and never trap", arguments: RangePolicy.allCases,
        [Int64.max, .max - 1, .min, 1 << 53])
    func largest(_ policy: RangePolicy, _ number: Int64) throws {
        var conversation = Conversation(origin: .messages, model: "m")
        conversation.turns = [.text(.user, "Hello")]
        conversation.sampling.maxOutputTokens = number
        conversation.sampling.topK = number
        conversation.sampling.topLogprobs = number
        conversation.sampling.choices = number
        conversation.sampling.seed = number
        conversation.reasoning = ReasoningSettings(mode: .enabled, budgetTokens: number)
        for dialect in Dialect.conversations {
            var facts = TargetFacts(model: "m")
            facts.rangePolicy = policy
            var losses = LossReport()
            let codec = try #require(dialect.codec)
            guard let written = try? codec.encodeRequest(conversation, for: facts, &losses) else { continue }
            #expect(try JSON.parse(written.serialized()) == written, "\(dialect)")
        }
    }

    @Test("stop sequences are cut to what the provider takes, and blank ones left out")
    func stopSequences() throws {
        func written(
            _ stop: [String], to codec: any DialectCodec.Type, _ policy: RangePolicy = .clamp, model: String = "m",
            most: Int? = nil
        ) throws -> (body: JSON, losses: LossReport) {
            var conversation = Conversation(origin: .messages, model: "m")
            conversation.turns = [.text(.user, "Hello")]
            conversation.sampling.stop = stop
            var facts = TargetFacts(model: model)
            facts.rangePolicy = policy
            facts.stopSequencesMax = most
            var losses = LossReport()
            return (try codec.encodeRequest(conversation, for: facts, &losses), losses)
        }
        let six = ["1", "2", "3", "4", "5", "6"]
        let (cohere, cohereLosses) = try written(six, to: CohereChatCodec.self)
        #expect(cohere["stop_sequences"] == ["1", "2", "3", "4", "5"])
        #expect(cohereLosses.adjusted == ["stop_sequences"])
        for codec in [ChatCompletionsCodec.self, CompletionsCodec.self] as [any DialectCodec.Type] {
            let (chat, chatLosses) = try written(six, to: codec, most: 4)
            #expect(chat["stop"] == ["1", "2", "3", "4"] && chatLosses.adjusted == ["stop_sequences"])
            #expect(try written(six, to: codec, .pass, most: 4).body["stop"]?.array?.count == 6)
            // The number is each provider's own: vLLM names none.
            let (all, allLosses) = try written(six, to: codec)
            #expect(all["stop"]?.array?.count == 6 && allLosses.adjusted.isEmpty)
        }
        #expect(throws: RequestError.self) { try written(six, to: CohereChatCodec.self, .refuse) }

        let claude = "anthropic.claude-sonnet-4-5-20250929-v1:0"
        let (converse, converseLosses) = try written([" \n", "END"], to: ConverseCodec.self, model: claude)
        #expect(converse["inferenceConfig"]?["stopSequences"] == ["END"])
        #expect(converseLosses.adjusted.contains("stop_sequences"))
        let (blank, blankLosses) = try written([" "], to: ConverseCodec.self, model: claude)
        #expect(blank["inferenceConfig"]?["stopSequences"] == nil)
        #expect(blankLosses.dropped.contains("stop_sequences"))
        // Claude's rule, not every model's.
        let nova = try written([" "], to: ConverseCodec.self, model: "us.amazon.nova-pro-v1:0").body
        #expect(nova["inferenceConfig"]?["stopSequences"] == [" "])
    }

    @Test("empty stop sequences go nowhere, and take no places")
    func emptyStopSequences() throws {
        for dialect in Dialect.conversations where dialect != .responses && dialect != .messages {
            var conversation = Conversation(origin: .messages, model: "m")
            conversation.turns = [.text(.user, "Hello")]
            conversation.sampling.stop = ["", "1", "2", "3", "4", "5"]
            let codec = try #require(dialect.codec)
            var losses = LossReport()
            let body = try codec.encodeRequest(conversation, for: TargetFacts(model: "m"), &losses)
            let stop =
                body["stop"] ?? body["stop_sequences"] ?? body["generationConfig"]?["stopSequences"]
                ?? body["inferenceConfig"]?["stopSequences"] ?? body["options"]?["stop"]
            #expect(stop == ["1", "2", "3", "4", "5"], "\(dialect)")
            #expect(losses.adjusted.contains("stop_sequences"), "\(dialect)")
            conversation.sampling.stop = [""]
            var lost = LossReport()
            let bare = try codec.encodeRequest(conversation, for: TargetFacts(model: "m"), &lost)
            #expect(!bare.text.contains("stop") && lost.dropped == ["stop_sequences"], "\(dialect)")
        }
    }

    @Test(
        "a model that takes no sampling gets none; the policy says what becomes of the request",
        arguments: [Dialect.messages, .converse, .chatCompletions])
    func noSampling(dialect: Dialect) throws {
        let codec = try #require(dialect.codec)
        func written(_ policy: RangePolicy, _ sampling: Sampling) throws -> (body: String, losses: LossReport) {
            var conversation = Conversation(origin: .generateContent, model: "m")
            conversation.turns = [.text(.user, "Hello")]
            conversation.sampling = sampling
            var facts = TargetFacts(model: "anthropic.claude-opus-4-8")
            facts.sampling = .refused([.temperature, .topP, .topK])
            facts.rangePolicy = policy
            var losses = LossReport()
            return (try codec.writtenRequest(conversation, for: facts, &losses).text, losses)
        }
        let names = ["temperature", "topP", "top_p", "topK", "top_k"]
        var sampling = Sampling()
        sampling.temperature = 0.5
        sampling.topP = 0.9
        sampling.topK = 5
        let (body, losses) = try written(.clamp, sampling)
        #expect(!names.contains { body.contains("\"\($0)\"") })
        #expect(losses.dropped == ["temperature", "topP", "topK"])
        let error = #expect(throws: RequestError.self) { try written(.refuse, sampling) }
        #expect(error?.status == 400 && error?.param == "temperature" && error?.code == "value_out_of_range")
        #expect(try written(.pass, sampling).body.contains("temperature"))
        // What a model does anyway is no loss.
        sampling = Sampling()
        sampling.temperature = 1
        sampling.topP = 1
        for policy in [RangePolicy.clamp, .refuse] {
            let (plain, none) = try written(policy, sampling)
            #expect(!names.contains { plain.contains("\"\($0)\"") } && none.isEmpty)
        }
    }

    @Test("sampling that a model refuses while it thinks goes where it does not", arguments: [true, false])
    func samplingOfThinkers(thinksUnasked: Bool) throws {
        func written(_ reasoning: ReasoningSettings?) throws -> (JSON, LossReport) {
            var conversation = Conversation(origin: .messages, model: "m")
            conversation.turns = [.text(.user, "Hello")]
            conversation.sampling.temperature = 0
            conversation.sampling.stop = ["END"]
            conversation.reasoning = reasoning
            var facts = TargetFacts(model: "gpt")
            facts.thinking = .level
            facts.efforts = ["none", "low"]
            facts.thinksUnasked = thinksUnasked
            facts.sampling = .refusedWhereItThinks([.temperature, .stop])
            var losses = LossReport()
            return (try ChatCompletionsCodec.writtenRequest(conversation, for: facts, &losses), losses)
        }
        let (thinking, lost) = try written(ReasoningSettings(effort: "low"))
        #expect(thinking["temperature"] == nil && thinking["stop"] == nil && thinking["reasoning_effort"] == "low")
        #expect(lost.dropped == ["temperature", "stop_sequences"])
        let (off, none) = try written(ReasoningSettings(mode: .disabled))
        #expect(off["temperature"] == 0.0 && off["stop"] == ["END"] && off["reasoning_effort"] == "none")
        #expect(none.isEmpty)
        // As much as it likes is the middle, or the word that covers it.
        let (adaptive, adjusted) = try written(ReasoningSettings(mode: .adaptive))
        #expect(adaptive["temperature"] == nil && adaptive["reasoning_effort"] == "low")
        #expect(adjusted.dropped == ["temperature", "stop_sequences"] && adjusted.adjusted == ["thinking"])
        let unasked = try written(nil).0
        #expect((unasked["temperature"] == nil) == thinksUnasked)
    }

    @Test(
        "a tool that the model cannot be made to call is left to it", arguments: [Dialect.messages, .converse],
        [ToolChoice.required, .function("f"), .allowed(["f"], isRequired: true)])
    func forcedTools(dialect: Dialect, choice: ToolChoice) throws {
        let codec = try #require(dialect.codec)
        func written(_ policy: RangePolicy, isParallel: Bool? = nil) throws -> (body: String, losses: LossReport) {
            var conversation = Conversation(origin: .chatCompletions, model: "m")
            conversation.turns = [.text(.user, "Hello")]
            conversation.tools = [Tool(.function(FunctionTool(name: "f")))]
            conversation.toolChoice = choice
            conversation.parallelToolCalls = isParallel
            var facts = TargetFacts(model: "anthropic.claude-opus-5-5")
            facts.takesForcedTools = false
            facts.rangePolicy = policy
            var losses = LossReport()
            return (try codec.writtenRequest(conversation, for: facts, &losses).text, losses)
        }
        let auto = dialect == .messages ? #""tool_choice":{"type":"auto"}"# : #""toolChoice":{"auto":{}}"#
        let (body, losses) = try written(.clamp)
        #expect(body.contains(auto) && losses.adjusted == ["tool_choice"] && losses.dropped == [])
        let alone = try written(.clamp, isParallel: false).body
        #expect(alone.contains(#""tool_choice":{"type":"auto","disable_parallel_tool_use":true}"#))
        #expect(try !written(.pass).body.contains(auto))
        let error = #expect(throws: RequestError.self) { try written(.refuse) }
        #expect(error?.status == 400 && error?.param == "tool_choice" && error?.code == "value_out_of_range")
    }

    @Test("a budget below the least, one above the cap, and one made of a word")
    func budgetsOfWords() throws {
        func written(
            _ codec: any DialectCodec.Type, _ settings: ReasoningSettings, _ policy: RangePolicy
        ) throws -> LossReport {
            var conversation = Conversation(origin: .chatCompletions, model: "m")
            conversation.turns = [.text(.user, "Hello")]
            conversation.sampling.maxOutputTokens = 3000
            conversation.reasoning = settings
            var facts = TargetFacts(model: "anthropic.claude-sonnet-4-5-20250929-v1:0")
            facts.thinking = .budget
            facts.rangePolicy = policy
            var losses = LossReport()
            _ = try codec.writtenRequest(conversation, for: facts, &losses)
            return losses
        }
        let codecs: [any DialectCodec.Type] = [
            MessagesCodec.self, ConverseCodec.self, GenerateContentCodec.self, CohereChatCodec.self,
        ]
        for codec in codecs {
            // 1,024 is the least at Claude only.
            let isClaude = codec.dialect == .messages || codec.dialect == .converse
            for tokens in [512, 3000, 4000] as [Int64] {
                let settings = ReasoningSettings(mode: .enabled, budgetTokens: tokens)
                let isTaken = tokens == 512 && !isClaude
                #expect(try written(codec, settings, .clamp).adjusted.count == (isTaken ? 0 : 1), "\(codec)")
                if isTaken {
                    #expect(try written(codec, settings, .refuse).isEmpty, "\(codec)")
                } else {
                    #expect(throws: RequestError.self, "\(codec)") { try written(codec, settings, .refuse) }
                }
            }
            // The client did not say 8192.
            #expect(try written(codec, ReasoningSettings(effort: "medium"), .refuse).adjusted.count == 1, "\(codec)")
        }
    }

    @Test(
        "a budget that does not fit below the cap, or beside a forced tool", arguments: [Dialect.messages, .converse])
    func budgets(dialect: Dialect) throws {
        let codec = try #require(dialect.codec)
        func written(
            _ policy: RangePolicy, cap: Int64, isForced: Bool = false
        ) throws -> (body: String, losses: LossReport) {
            var conversation = Conversation(origin: .messages, model: "m")
            if dialect == .messages { conversation = Conversation(origin: .converse, model: "m") }
            conversation.turns = [.text(.user, "Hello")]
            conversation.sampling.maxOutputTokens = cap
            conversation.reasoning = ReasoningSettings(mode: .enabled, budgetTokens: 4000)
            if isForced {
                conversation.tools = [Tool(.function(FunctionTool(name: "f")))]
                conversation.toolChoice = .required
            }
            var facts = TargetFacts(model: "anthropic.claude-sonnet-4-5-20250929-v1:0")
            facts.thinking = .budget
            facts.rangePolicy = policy
            var losses = LossReport()
            return (try codec.writtenRequest(conversation, for: facts, &losses).text, losses)
        }
        let (body, losses) = try written(.clamp, cap: 3000)
        #expect(body.contains(#""budget_tokens":2999"#) && losses.adjusted.count == 1)
        #expect(try !written(.clamp, cap: 1000).body.contains("budget_tokens"))
        #expect(try !written(.clamp, cap: 9000, isForced: true).body.contains("budget_tokens"))
        #expect(try written(.refuse, cap: 9000).body.contains(#""budget_tokens":4000"#))
        for (cap, isForced) in [(3000, false), (1000, false), (9000, true)] as [(Int64, Bool)] {
            let error = #expect(throws: RequestError.self) { try written(.refuse, cap: cap, isForced: isForced) }
            #expect(error?.code == "value_out_of_range" && error?.param == "thinking")
        }
    }

    @Test("a budget below 0 asks for as much as the model likes, whoever says it")
    func asMuchAsItLikes() throws {
        let asked: [(any DialectCodec.Type, JSON)] = [
            (ChatCompletionsCodec.self, ["reasoning": ["max_tokens": -1], "max_completion_tokens": 9000]),
            (
                GenerateContentCodec.self,
                [
                    "generationConfig": ["thinkingConfig": ["thinkingBudget": -1], "maxOutputTokens": 9000]
                ]
            ),
        ]
        for (client, settings) in asked {
            let turns: JSON = [["role": "user", "content": "Hello", "parts": [["text": "Hello"]]]]
            var body = try #require(settings.object)
            body[client.dialect == .generateContent ? "contents" : "messages"] = turns
            let conversation = try client.decodeRequest(.object(body), at: RequestPlace(model: "m"))
            var facts = TargetFacts(model: "claude-sonnet-4-5")
            facts.thinking = .budget
            var losses = LossReport()
            let claude = try MessagesCodec.writtenRequest(conversation, for: facts, &losses)
            #expect(claude["thinking"]?["budget_tokens"] == 8192, "\(client.dialect)")
            let gemini = try GenerateContentCodec.writtenRequest(conversation, for: facts, &losses)
            #expect(gemini["generationConfig"]?["thinkingConfig"]?["thinkingBudget"] == -1, "\(client.dialect)")
        }
    }

    @Test(
        "of temperature and top_p Claude gets the one that asks for something",
        arguments: [Dialect.messages, .converse])
    func pair(dialect: Dialect) throws {
        let codec = try #require(dialect.codec)
        func written(
            _ temperature: Double, _ topP: Double, _ policy: RangePolicy = .clamp
        ) throws -> (temperature: JSON?, topP: JSON?, losses: LossReport) {
            var conversation = Conversation(origin: .chatCompletions, model: "m")
            conversation.turns = [.text(.user, "Hello")]
            conversation.sampling.temperature = temperature
            conversation.sampling.topP = topP
            var facts = TargetFacts(model: "anthropic.claude-sonnet-4-5-20250929-v1:0")
            facts.rangePolicy = policy
            var losses = LossReport()
            let body = try codec.writtenRequest(conversation, for: facts, &losses)
            let place = body["inferenceConfig"] ?? body
            return (place["temperature"], place["topP"] ?? place["top_p"], losses)
        }
        for policy in [RangePolicy.clamp, .refuse] {
            let idle = try written(0.7, 1, policy)
            #expect(idle.temperature == 0.7 && idle.topP == nil && idle.losses.isEmpty)
            let other = try written(1, 0.5, policy)
            #expect(other.temperature == nil && other.topP == 0.5 && other.losses.isEmpty)
        }
        let both = try written(0.7, 0.5)
        #expect(both.temperature == 0.7 && both.topP == nil && both.losses.dropped == ["top_p"])
        #expect(both.losses.adjusted == [])
        let error = #expect(throws: RequestError.self) { try written(0.7, 0.5, .refuse) }
        #expect(error?.param == "top_p")
    }

    @Test("a top_k of none or all goes to no provider", arguments: [Int64(0), -1])
    func everyToken(topK: Int64) throws {
        for dialect in Dialect.conversations where dialect != .chatCompletions {
            var conversation = Conversation(origin: .chatCompletions, model: "m")
            conversation.turns = [.text(.user, "Hello")]
            conversation.sampling.topK = topK
            var losses = LossReport()
            let codec = try #require(dialect.codec)
            let facts = TargetFacts(model: "anthropic.claude-sonnet-4-5-20250929-v1:0")
            let body = try codec.writtenRequest(conversation, for: facts, &losses).text
            #expect(!["top_k", "topK", "\"k\""].contains { body.contains($0) }, "\(dialect)")
            #expect(!(losses.dropped + losses.adjusted).contains("top_k"), "\(dialect)")
        }
    }

    @Test("Cohere's temperature ends at 1")
    func cohereTemperature() throws {
        var conversation = Conversation(origin: .chatCompletions, model: "m")
        conversation.turns = [.text(.user, "Hello")]
        conversation.sampling.temperature = 1.5
        var losses = LossReport()
        let body = try CohereChatCodec.encodeRequest(conversation, for: TargetFacts(model: "m"), &losses)
        #expect(body["temperature"]?.number == 1 && losses.adjusted == ["temperature"])
    }

    @Test("an integer is fitted as it is")
    func integer() throws {
        var losses = LossReport()
        var facts = TargetFacts(model: "m")
        #expect(try facts.fitted(Int64.max, to: 0...20, "top_logprobs", &losses) == 20)
        #expect(losses.adjusted == ["top_logprobs"])
        facts.rangePolicy = .pass
        #expect(try facts.fitted(Int64.max - 1, to: 0...20, "top_logprobs", &losses) == .max - 1)
        facts.rangePolicy = .refuse
        #expect(throws: RequestError.self) { try facts.fitted(Int64(-1), to: 0...20, "top_logprobs", &losses) }
    }
}
