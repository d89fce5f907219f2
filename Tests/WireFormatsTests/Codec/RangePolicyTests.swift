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
