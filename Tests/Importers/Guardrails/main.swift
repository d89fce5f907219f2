import Guardrails

// Two rules over a stream that is cut in the worst places.
let rules = try GuardrailSet([
    Guardrail(name: "secrets", rule: .secrets(SecretKind.all), action: .redact(with: nil)),
    Guardrail(
        name: "words", rule: .bannedWords(["verboten"], caseInsensitive: true, wholeWords: true), action: .refuse),
])
var stream = StreamGuard(rules)
for piece in ["the key is AKIA", "IOSFODNN7", "QWERTYU, and ", "Ver", "boten is the next word"] {
    let (release, verdict) = stream.push(piece)
    print("passed on:", release, verdict)
}
print(rules.inspect("nothing to see"))
