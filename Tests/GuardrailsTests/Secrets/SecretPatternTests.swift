import Testing

@testable import Guardrails

/// A run of base62 that no one would take for a word, from nothing but its length.
func base62(_ count: Int) -> String {
    let digits = Array("k7Qx2mN9vB4tR8yL1zW6cF3hJ5pD0sGaVeUiToMnAqXb")
    return String((0..<count).map { digits[($0 * 7 + $0 / 11) % digits.count] })
}

private func upper(_ count: Int) -> String { String(base62(200).uppercased().prefix(count)) }

private let privateKey = """
    -----BEGIN RSA PRIVATE KEY-----
    Proc-Type: 4,ENCRYPTED

    MIIEpAIBAAKCAQEA7bq+/8l==
    -----END RSA PRIVATE KEY-----
    """
private let webToken =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

/// A text and what it must become.
struct Sample: Sendable, CustomTestStringConvertible {
    let text: String
    let expected: String
    var testDescription: String { String(text.prefix(40)) }

    init(_ text: String, _ expected: String) {
        self.text = text
        self.expected = expected
    }

    static func untouched(_ text: String) -> Sample { Sample(text, text) }
}

let secretSamples: [Sample] = [
    // Keys of model providers.
    Sample("key sk-\(base62(48)).", "key [REDACTED:openai_key]."),
    Sample("sk-proj-\(base62(40))_\(base62(20))-x", "[REDACTED:openai_key]"),
    Sample("\"sk-ant-api03-\(base62(90))-AA\"", "\"[REDACTED:anthropic_key]\""),
    Sample("sk-or-v1-0123456789abcdef0123456789abcdef", "[REDACTED:openrouter_key]"),
    Sample("DeepSeek: sk-0123456789abcdef0123456789abcdef", "DeepSeek: [REDACTED:openai_key]"),
    Sample("OPENAI_KEY_sk-\(base62(30)) end", "OPENAI_KEY_[REDACTED:openai_key] end"),
    Sample(#"{"k":"line\nsk-\#(base62(30))\nnext"}"#, #"{"k":"line\n[REDACTED:openai_key]\nnext"}"#),
    Sample("a=%3Dsk-\(base62(30))&b", "a=%3D[REDACTED:openai_key]&b"),
    Sample("密钥sk-\(base62(30))。", "密钥[REDACTED:openai_key]。"),
    Sample("sk\u{200B}-\(base62(10))\u{FEFF}\(base62(15))!", "[REDACTED:openai_key]!"),
    Sample(#"\u0073k-\#(base62(30)) x"#, #"[REDACTED:openai_key] x"#),
    Sample("sk-" + String(repeating: "abcdefgh", count: 512), "[REDACTED:openai_key]"),
    .untouched("task-\(base62(30)) and disk-1234567890ABCDEF1234567890"),
    .untouched("sk-1234, sk-short, sk-, sk-learn and sk-2024-annual-report-final-version"),
    .untouched("SK-\(base62(30))"),
    Sample("gsk_\(base62(52)) x", "[REDACTED:groq_key] x"),
    .untouched("gsk_\(base62(20)) x"),
    Sample("xai-\(base62(80)) x", "[REDACTED:xai_key] x"),
    .untouched("xai-grok-4-fast-reasoning is a model"),
    Sample("pplx-\(base62(48)) x", "[REDACTED:perplexity_key] x"),
    Sample("token hf_\(base62(34)), ok", "token [REDACTED:huggingface_token], ok"),
    .untouched("hf_hub_download(repo_id=\"x/y\") and hf_transfer"),
    // Clouds and forges.
    Sample("AKIA\(upper(16)) x", "[REDACTED:aws_access_key] x"),
    Sample("id=ASIA\(upper(16))", "id=[REDACTED:aws_access_key]"),
    .untouched("AKIA\(upper(15)) x"),
    .untouched("MAKIA\(upper(16)) x"),
    .untouched("AKIA" + "abcdefghijklmnop"),
    Sample(
        "aws_secret_access_key = \(base62(38))/+ ok", "aws_secret_access_key = [REDACTED:aws_secret_key] ok"),
    Sample(#""SecretAccessKey": "\#(base62(40))""#, #""SecretAccessKey": "[REDACTED:aws_secret_key]""#),
    Sample(#"{\"secretAccessKey\":\"\#(base62(40))\"}"#, #"{\"secretAccessKey\":\"[REDACTED:aws_secret_key]\"}"#),
    .untouched("aws_secret_access_key = \(base62(39)) ok"),
    .untouched("secret_access_key is documented elsewhere and \(base62(40))"),
    Sample("AIza\(base62(35)) x", "[REDACTED:google_api_key] x"),
    .untouched("AIza\(base62(34)) x"),
    .untouched("zAIza\(base62(35)) x"),
    Sample("ghp_\(base62(36)) gho_\(base62(36))", "[REDACTED:github_token] [REDACTED:github_token]"),
    Sample("ghu_\(base62(36)),ghs_\(base62(36))", "[REDACTED:github_token],[REDACTED:github_token]"),
    Sample("github_pat_\(base62(22))_\(base62(59)) x", "[REDACTED:github_token] x"),
    .untouched("ghp_\(base62(20)) ghx_\(base62(36))"),
    Sample("glpat-\(base62(20)) x", "[REDACTED:gitlab_token] x"),
    Sample("npm_\(base62(36)) x", "[REDACTED:npm_token] x"),
    .untouched("npm_config_registry and npm_lifecycle_event"),
    Sample("xoxb-123456789012-1234567890123-\(base62(24)) x", "[REDACTED:slack_token] x"),
    Sample("xoxp-1234567890 x", "[REDACTED:slack_token] x"),
    .untouched("xoxb-abc xoxz-1234567890123 xoxb-please-set-this"),
    Sample("sk_live_\(base62(24)) rk_live_\(base62(24))", "[REDACTED:stripe_key] [REDACTED:stripe_key]"),
    .untouched("sk_live_short sk_test_\(base62(24))"),
    // JSON web tokens.
    Sample("Bearer \(webToken).", "Bearer [REDACTED:jwt]."),
    Sample("eyJhbGciOiJkaXIifQ..abcdefghijklmnop.x-yz", "[REDACTED:jwt]"),
    .untouched("eyJmb28iOiJiYXIiLCJiYXoiOjF9 is base64 of JSON"),
    .untouched("eyJhbGciOi.eyJz x and eyJa.b.c and eyJ"),
    .untouched("keyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3"),
    // Private keys.
    Sample("before\n\(privateKey)\nafter", "before\n[REDACTED:private_key]\nafter"),
    Sample("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r", "[REDACTED:private_key]"),
    Sample("-----BEGIN PGP PRIVATE KEY BLOCK-----\nx\n-----END PGP PRIVATE KEY BLOCK-----!", "[REDACTED:private_key]!"),
    Sample(
        "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nx\n---- END SSH2 ENCRYPTED PRIVATE KEY ----\ny",
        "[REDACTED:private_key]y"),
    Sample(
        #"{"pem":"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n","x":1}"#,
        #"{"pem":"[REDACTED:private_key]\n","x":1}"#),
    Sample("------BEGIN EC PRIVATE KEY-----é\u{200B}\n-----END EC PRIVATE KEY-----", "-[REDACTED:private_key]"),
    .untouched("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----"),
    .untouched("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"),
    .untouched("-----begin private key----- and -----BEGIN "),
    // Connection strings.
    Sample("postgres://admin:s3cr3t@db.internal:5432/app x", "postgres://[REDACTED:connection_string] x"),
    Sample("postgresql://u:p@h, then", "postgresql://[REDACTED:connection_string], then"),
    Sample("mysql://root:p%40ss@localhost/x'", "mysql://[REDACTED:connection_string]'"),
    Sample("mongodb+srv://u:pa/ss@c.mongodb.net/?w=1", "mongodb+srv://[REDACTED:connection_string]"),
    Sample("(redis://:hunter2@cache:6379/0)", "(redis://[REDACTED:connection_string])"),
    Sample("amqp://u:p@ss@h\"", "amqp://[REDACTED:connection_string]\""),
    Sample("mssql://sa:Passw0rd!@s", "mssql://[REDACTED:connection_string]"),
    Sample("https://x-access-token:\(base62(20))@github.com/a/b.git", "https://[REDACTED:connection_string]"),
    Sample("postgres://u:" + String(repeating: "x", count: 600) + " y", "postgres://[REDACTED:connection_string] y"),
    .untouched("http://localhost:8080/a@b https://example.com/?q=a:b@c ftp://user@host/x"),
    .untouched("postgres://localhost:5432/db?user=me@x redis://[::1]:6379 http://h:80, x@y"),
    .untouched("postgres://user:${PASSWORD}@host mysql://u:<password>@h redis://u:***@h p://u:$DB_PASS@h"),
    .untouched("see https://swift.org: the docs@home"),
    // ADO connection strings.
    Sample(
        "Server=db;User Id=sa;Password=Tr0ub4dor&3;Encrypt=no",
        "Server=db;User Id=sa;Password=[REDACTED:connection_password];Encrypt=no"),
    Sample("Password=abc;Server=x", "Password=[REDACTED:connection_password];Server=x"),
    Sample("\"Server=db;Pwd=geheim\"", "\"Server=db;Pwd=[REDACTED:connection_password]\""),
    Sample("Server=db; PWD='a;b'; x", "Server=db; PWD=[REDACTED:connection_password]'; x"),
    Sample(
        "a;AccountKey=\(base62(86))==;EndpointSuffix=x",
        "a;AccountKey=[REDACTED:connection_password];EndpointSuffix=x"),
    Sample("x;password=geheim", "x;password=[REDACTED:connection_password]"),
    .untouched("password=abc in prose, ?password=1&x=2, password = x; connect(password=get(\"x\"));"),
    .untouched("Server=db;Password=<your-password>;X=1;Pwd=***;Pwd=${DB};Password=;"),
    .untouched("Server=db;Password=[REDACTED:connection_password];X=1"),
    // Nothing at all.
    .untouched(""),
    .untouched("The quick brown fox jumps over the lazy dog. Pack my box with five dozen liquor jugs."),
]

@Suite("Secret patterns")
struct SecretPatternTests {
    @Test("each pattern finds what it should and nothing else", arguments: secretSamples)
    func samples(_ sample: Sample) throws {
        #expect(redacted(try secrets(), sample.text) == sample.expected)
    }

    @Test("a finding names rule, kind and size and never the text")
    func findingsAreSafe() throws {
        let token = "sk-" + base62(30)
        guard case .redacted(_, let findings) = try secrets().inspect("a \(token) \(token)") else {
            Issue.record("nothing was found")
            return
        }
        #expect(findings.count == 1)
        #expect(findings.first?.rule == "secrets")
        #expect(findings.first?.kind == .secret(.openAIKey))
        #expect(findings.first?.occurrences == 2)
        #expect(findings.first?.isRefusal == false)
        #expect(findings.first?.byteCount == 2 * token.utf8.count)
        var dumped = ""
        dump(findings, to: &dumped)
        #expect(!dumped.contains(base62(10)))
    }

    @Test("a kind that the rule does not name is not looked for, also where it shares its prefix with another")
    func chosenKinds() throws {
        let text = "sk-\(base62(30)) sk-ant-api03-\(base62(30)) AKIA\(upper(16))"
        #expect(
            redacted(try secrets([.anthropicKey]), text)
                == "sk-\(base62(30)) [REDACTED:anthropic_key] AKIA\(upper(16))")
        #expect(redacted(try secrets([.jwt]), text) == text)
    }

    @Test("a refusing rule refuses, and says so once")
    func refuses() throws {
        let set = try secrets(action: .refuse)
        guard case .refused(let finding) = set.inspect("x \(privateKey)") else {
            Issue.record("not refused")
            return
        }
        #expect(finding.kind == .secret(.privateKey))
        #expect(finding.occurrences == 1)
    }

    @Test("redacted text passes unredacted through the same rules", arguments: secretSamples)
    func redactionIsStable(_ sample: Sample) throws {
        #expect(try secrets().inspect(sample.expected) == .pass)
    }
}
