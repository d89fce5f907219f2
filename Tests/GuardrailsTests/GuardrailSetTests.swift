import Testing

@testable import Guardrails

@Suite("Guardrail sets")
struct GuardrailSetTests {
    @Test("what can't be compiled is refused with the rule's name and none of its words")
    func errors() throws {
        func error(_ rule: Guardrail.Rule, _ action: Guardrail.Action = .refuse) -> GuardrailError? {
            do throws(GuardrailError) {
                _ = try GuardrailSet([Guardrail(name: "r", rule: rule, action: action)])
                return nil
            } catch {
                #expect(!error.description.contains("geheim"))
                return error
            }
        }
        #expect(error(.bannedWords([])) == .nothingToLookFor(rule: "r"))
        #expect(error(.secrets([])) == .nothingToLookFor(rule: "r"))
        #expect(error(.bannedWords(["geheim", " \u{200B}"])) == .emptyWord(rule: "r", index: 1))
        let long = "geheim" + String(repeating: "x", count: 251)
        #expect(error(.bannedWords([long])) == .wordTooLong(rule: "r", index: 0, bytes: 257, bytesMax: 256))
        let many = (0..<9000).map { "geheim\($0)" }
        #expect(error(.bannedWords(many)) == .tooManyWords(bytes: 9000 * 6 + 34_890 + 0, bytesMax: 65_536))
        #expect(error(.bannedWords(["geheim"]), .redact(with: "")) == .emptyReplacement(rule: "r"))
        #expect(error(.bannedWords(["geheim"]), .redact(with: "Geheim!")) == .replacementIsForbidden(rule: "r"))
        #expect(error(.bannedWords(["geheim"]), .redact(with: "\"")) == .replacementBreaksJSON(rule: "r"))
        #expect(error(.bannedWords(["REDACTED"]), .redact()) == nil)
        #expect(error(.bannedWords(["redacted", "[***]"]), .redact()) == .replacementIsForbidden(rule: "r"))
        #expect(
            error(.bannedWords(["geheim"]), .redact(with: String(repeating: "-", count: 257)))
                == .replacementTooLong(rule: "r", bytes: 257, bytesMax: 256))
        #expect(error(.bannedWords(["geheim"]), .redact(with: "…")) == nil)
    }

    @Test("where a banned word is part of the usual replacement, a plainer one is taken")
    func plainerReplacement() throws {
        let set = try GuardrailSet([
            Guardrail(name: "words", rule: .bannedWords(["jwt"]), action: .redact()),
            Guardrail(name: "secrets", rule: .secrets(), action: .redact()),
        ])
        let token = "eyJhbGciOiJkaXIifQ..abcdefghijklmnop"
        #expect(redacted(set, "a JWT: \(token)") == "a [REDACTED:banned_word]: [REDACTED]")
        #expect(redacted(try words(["redacted"]), "it is redacted") == "it is [***]")
    }

    @Test("two rules of one name are refused, also on different sides")
    func names() {
        let one = Guardrail(name: "r", rule: .bannedWords(["a"]), action: .refuse, appliesTo: .request)
        let other = Guardrail(name: "r", rule: .secrets(), action: .refuse, appliesTo: .answer)
        #expect(throws: GuardrailError.nameTaken("r")) { try GuardrailPolicy([one, other]) }
    }

    @Test("a policy sorts the rules by side, and a side without rules is empty")
    func sides() throws {
        let words = Guardrail(name: "words", rule: .bannedWords(["alpha"]), action: .refuse, appliesTo: .request)
        let policy = try GuardrailPolicy([words])
        #expect(!policy.request.isEmpty)
        #expect(policy.answer.isEmpty)
        #expect(policy.answer.inspect("alpha") == .pass)
        let refusal = Finding(rule: "words", kind: .bannedWord, byteCount: 5, isRefusal: true)
        #expect(policy.request.inspect("alpha") == .refused(refusal))
        #expect(GuardrailPolicy().request.isEmpty)
    }

    @Test("a refusal wins over a redaction, whichever rule comes first")
    func refusalWins() throws {
        let token = "sk-" + base62(30)
        let redact = Guardrail(name: "redact", rule: .secrets(), action: .redact())
        let refuse = Guardrail(name: "refuse", rule: .secrets([.openAIKey]), action: .refuse)
        for rules in [[redact, refuse], [refuse, redact]] {
            guard case .refused(let finding) = try GuardrailSet(rules).inspect("x \(token)") else {
                Issue.record("not refused")
                continue
            }
            #expect(finding.rule == "refuse")
        }
    }

    @Test("a banned word inside a redacted span still refuses")
    func wordInsideSecret() throws {
        let set = try GuardrailSet([
            Guardrail(name: "secrets", rule: .secrets(), action: .redact()),
            Guardrail(name: "words", rule: .bannedWords(["alpha"]), action: .refuse),
        ])
        let refusal = Finding(rule: "words", kind: .bannedWord, byteCount: 5, isRefusal: true)
        #expect(set.inspect("postgres://u:p@alpha/x") == .refused(refusal))
    }

    @Test("folding is idempotent, keeps a character's class, and knows every spelling of what it folds")
    func folding() {
        for scalar in UInt32(0)..<0x11000 where !(0xD800..<0xE000 ~= scalar) {
            let folded = CharacterFolding.folded(scalar)
            #expect(CharacterFolding.folded(folded) == folded, "U+\(String(scalar, radix: 16))")
            #expect(CharacterFolding.variants(of: folded).contains(scalar), "U+\(String(scalar, radix: 16))")
            if folded != scalar {
                #expect(
                    CharacterFolding.classOf(folded) == CharacterFolding.classOf(scalar),
                    "U+\(String(scalar, radix: 16))")
            }
        }
    }

    @Test("a long list of words is compiled and every word of it is found")
    func longList() throws {
        let list = (0..<3000).map { "word\($0)q" }
        let set = try words(list, action: .redact(with: "[*]"))
        #expect(
            redacted(set, list.joined(separator: " ")) == Array(repeating: "[*]", count: 3000).joined(separator: " "))
        #expect(redacted(set, "word3000q word1") == "word3000q word1")
    }
}
