import Secrets
import TestSupport
import Testing

@Suite struct SecretScrubberTests {
    static let r = SecretScrubber.replacement

    @Test func everyKnownSecretGoesWhereverItStands() {
        let scrubber = SecretScrubber([
            Secret(text: "hunter2hunter2"), Secret(text: "correct horse"), Secret(text: "a+b/c="),
        ])
        #expect(scrubber.scrubbed("hunter2hunter2") == Self.r)
        #expect(scrubber.scrubbed("x hunter2hunter2, correct horse!") == "x \(Self.r), \(Self.r)!")
        #expect(scrubber.scrubbed("hunter2hunter2hunter2hunter2") == Self.r, "touching ones become one")
        #expect(scrubber.scrubbed("u?v=a%2Bb%2Fc%3D") == "u?v=\(Self.r)", "percent-encoded")
        #expect(scrubber.scrubbed(#"{"v":"a+b\/c="}"#) == #"{"v":"\#(Self.r)"}"#, "JSON-escaped")
        #expect(scrubber.scrubbed("nothing here, hunter2") == "nothing here, hunter2")
        #expect(scrubber.scrubbed("") == "")
        #expect(scrubber.scrubbed(Array("é hunter2hunter2 é".utf8)) == Array("é \(Self.r) é".utf8))
    }

    @Test func overlappingSecretsLeaveNothing() {
        let scrubber = SecretScrubber([Secret(text: "abcdefgh"), Secret(text: "efghijkl"), Secret(text: "abcd")])
        #expect(scrubber.scrubbed("_abcdefghijkl_abcd_") == "_\(Self.r)_\(Self.r)_")
    }

    @Test func secretsTooShortToBeOneAreLeftAlone() {
        #expect(SecretScrubber([Secret(text: "a")]).scrubbed("a banana") == "a banana")
    }

    @Test(arguments: [
        ("Incorrect API key provided: sk-proj-abcDEF123456. You can", "Incorrect API key provided: R. You can"),
        ("Incorrect API key provided: sk-ab***********wxyz.", "Incorrect API key provided: R."),
        ("key_sk-abcdefghij", "key_R"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: R"),
        ("got bearer AbCdEf123456 from you", "got bearer R from you"),
        (#"{"authorization":"Basic dXNlcjpwYXNz"}"#, #"{"authorization":"R"}"#),
        (#"{"api_key": "s3cr3t", "n": 5}"#, #"{"api_key": "R", "n": 5}"#),
        (#"nested {\"api_key\": \"s3cr3t\", \"n\": 5}"#, #"nested {\"api_key\": \"R\", \"n\": 5}"#),
        ("x-api-key: 12345\nhost: a", "x-api-key: R\nhost: a"),
        (
            "https://h/v1beta/models?key=AIzaSyA-1234567890_abcdefghijklmnopqrs&alt=sse",
            "https://h/v1beta/models?key=R&alt=sse"
        ),
        ("https://h/?sv=1&sig=abc%2Fdef%3D&se=2", "https://h/?sv=1&sig=R&se=2"),
        ("token=abc; X-Amz-Signature=0011aabb", "token=R; X-Amz-Signature=R"),
        ("for AIzaSyA1234567890abcdefghijklmnopqrstu!", "for R!"),
        ("id AKIAIOSFODNN7EXAMPLE used", "id R used"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def_123 end", "jwt R end"),
        ("gsk_1234567890abcdefghij", "R"),
        (#"client_secret='a b c'"#, #"client_secret='R'"#),
        // JSON as it stands: the letter of an escape begins no word.
        (#"{"m":"no:\nsk-abcdefghij"}"#, #"{"m":"no:\nR"}"#), (#"\u003csk-abcdefghij\u003e"#, #"\u003cR\u003e"#),
        (#"a\nkey=abc&b"#, #"a\nkey=R&b"#), (#"a\nBearer AbCdEf123456 b"#, #"a\nBearer R b"#),
    ])
    func whatLooksLikeACredentialGoes(text: String, expected: String) {
        #expect(SecretScrubber().scrubbed(text) == expected.replacing("R", with: Self.r))
    }

    @Test(arguments: [
        "The model `gpt-4o` does not exist", "task-force and risk-averse", "Bearer authentication is required.",
        "Rate limit reached: 3 tokens: 5, max_tokens: 100", "the monkey=banana", "sk-", "Bearer", "key=", "a: b",
        "basic training", #"{"error":{"message":"bad","type":"invalid_request_error","param":null,"code":"401"}}"#,
        "ends with bearer ", "ends with api_key:", "ends with api_key: \"", "api_key\\", "日本語のテキスト sk-テスト",
        #"{"password":null,"api_key":{"a":[]},"authorization":[{"b":1}],"secret_key":true}"#,
    ])
    func ordinaryTextStays(text: String) {
        #expect(SecretScrubber().scrubbed(text) == text)
    }

    @Test func cuttingATextAnywhereNeverCrashesAndNeverShowsASecret() {
        let key = "zq9Kx7Lm2Pv5"
        let scrubber = SecretScrubber([Secret(text: key)])
        let text = #"{\"api_key\": \"\#(key)\", "x": "Bearer \#(key)", u=http://h?key=\#(key)&sig='a\#(key)b'}"#
        let bytes = Array(text.utf8)
        for end in 0...bytes.count {
            for start in stride(from: 0, to: end, by: 3) {
                let out = String(decoding: scrubber.scrubbed(Array(bytes[start..<end])), as: UTF8.self)
                #expect(!out.contains(key))
            }
        }
    }

    @Test func randomTextsWithSecretsInThemNeverShowOne() {
        let seed = UInt64.random(in: 1 ... .max)
        var random = SeededRandom(seed: seed)
        let alphabet = Array("ab:=\"'\\ -_.&sk-Bearer key=\n".utf8)
        for round in 0..<3000 {
            let secrets = (0..<3).map { _ in
                (0..<Int.random(in: 4...9, using: &random)).map { _ in alphabet.randomElement(using: &random)! }
            }
            let scrubber = SecretScrubber(secrets.map { Secret(bytes: $0) })
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                text +=
                    Bool.random(using: &random)
                    ? secrets.randomElement(using: &random)! : [alphabet.randomElement(using: &random)!]
            }
            let out = scrubber.scrubbed(text)
            // Searched in the pieces between replacements: a secret could be made of a replacement's neighbours only.
            let pieces = String(decoding: out, as: UTF8.self).split(separator: Self.r, omittingEmptySubsequences: true)
            for piece in pieces {
                for secret in secrets {
                    let found = piece.contains(String(decoding: secret, as: UTF8.self))
                    #expect(!found, "seed \(seed), round \(round)")
                }
            }
        }
    }

    @Test(arguments: [
        "a", "sk-", "key=", "Bearer ", "\"api_key\": ", "eyJ", ".", " ", "\\\"", "sk-aaaaaaaa.", "key=\"\\",
    ])
    func timeGrowsWithTheLengthOnly(unit: String) {
        // Worst case for secrets: one that is like the text, and the text never quite it.
        let scrubber = SecretScrubber([
            Secret(text: String(repeating: unit, count: 100) + "!"), Secret(text: String(repeating: unit, count: 50)),
        ])
        func time(_ byteCount: Int) -> Duration {
            let text = Array(Array(repeating: Array(unit.utf8), count: byteCount / unit.utf8.count).joined())
            return (0..<3).map { _ in processorTime { _ = scrubber.scrubbed(text) } }.min() ?? .zero
        }
        let small = time(10_000)
        let large = time(100_000)
        // Ten times the text: quadratic time would be a hundred times.
        #expect(large < max(small, .microseconds(100)) * 40, "\(small) → \(large)")
    }
}
