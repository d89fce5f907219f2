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
        guarded.pass(.failed(ProviderError(message: "alpha broke", code: "x")), into: &events)
        let told = ProviderError(message: "[*] broke", code: "x")
        #expect(events == [.delta(place, .text("fine ")), .failed(told)])
    }
}
