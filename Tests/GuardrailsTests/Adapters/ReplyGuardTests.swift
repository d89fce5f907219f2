import Testing
import WireFormats

@testable import Guardrails

@Suite("Reply guard")
struct ReplyGuardTests {
    @Test("the words of an error are inspected, and what is held when the provider fails stays")
    func failed() throws {
        let rule = Guardrail(name: "words", rule: .bannedWords(["alpha"]), action: .redact(with: "[*]"))
        var guarded = ReplyGuard(try GuardrailSet([rule]))
        var events: [ReplyEvent] = []
        let place = PartPlace(part: 0)
        guarded.pass(.delta(place, .text("fine al")), into: &events)
        let error = ProviderError(
            message: "alpha broke", type: "t", param: "alpha", code: "no alpha", details: #"[{"message":"alpha"}]"#,
            kind: .server)
        guarded.pass(.failed(error), into: &events)
        let told = ProviderError(
            message: "[*] broke", type: "t", param: "[*]", code: "no [*]", details: #"[{"message":"[*]"}]"#,
            kind: .server)
        #expect(events == [.delta(place, .text("fine ")), .failed(told)])
        let (instead, findings) = ReplyGuard.cleansed(error, by: try GuardrailSet([rule]))
        #expect(instead == told)
        #expect(findings.map(\.rule) == ["words"])
    }

    @Test("what a provider says about a refusal is inspected")
    func explanation() throws {
        let rule = Guardrail(name: "words", rule: .bannedWords(["alpha"]), action: .redact(with: "[*]"))
        var guarded = ReplyGuard(try GuardrailSet([rule]))
        var stop = Stop(.refusal)
        stop.explanation = Stop.Explanation("because of alpha", in: "stop_details")
        var events: [ReplyEvent] = []
        guarded.pass(.stopped(choice: 0, stop), into: &events)
        stop.explanation?.words = "because of [*]"
        #expect(events == [.stopped(choice: 0, stop)])
    }

    @Test("what a rule refuses of an error in the place of an answer is left out, and the error stays one")
    func refusedWords() throws {
        let rule = Guardrail(name: "words", rule: .bannedWords(["alpha"]), action: .refuse)
        let error = ProviderError(message: "alpha broke", code: "rate_limit_exceeded")
        let (told, findings) = ReplyGuard.cleansed(error, by: try GuardrailSet([rule]))
        #expect(told == ProviderError(message: "", kind: .rateLimited))
        #expect(findings.map(\.rule) == ["words"])
    }
}
