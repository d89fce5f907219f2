/// A credential that is a fixed prefix and a run of characters: one row, no code.
///
/// A token begins where no ASCII letter or digit stands before it (`task-force` holds no `sk-`). It is certain when
/// `countMin` characters follow the prefix and `proof` holds, or `countSure` characters follow it; from then on the
/// run belongs to it, however long. So at most the prefix and `countSure` characters are ever held back.
struct TokenRow: Sendable {
    /// What keeps a row from taking ordinary hyphenated text for a key.
    enum Proof: Sendable {
        /// The prefix and the length are enough.
        case none
        case digit
        /// A digit, and a capital letter or sixteen letters and digits in a row: `sk-2024-annual-report-draft` is no
        /// key.
        case mixed
    }

    /// What is asked for every character.
    struct Facts: Sendable {
        var characters: ByteClass
        var countMin: Int
        var countSure: Int
        var proof: Proof

        static let none = Facts(characters: [], countMin: 0, countSure: 0, proof: .none)
    }

    let kind: SecretKind
    let prefixes: [String]
    let facts: Facts
    /// Kinds that share the prefix and go on like this.
    let variants: [(continuation: String, kind: SecretKind)]

    init(
        _ kind: SecretKind, _ prefixes: [String], _ characters: ByteClass, countMin: Int, countSure: Int? = nil,
        proof: Proof = .none, variants: [(continuation: String, kind: SecretKind)] = []
    ) {
        self.kind = kind
        self.prefixes = prefixes
        facts = Facts(characters: characters, countMin: countMin, countSure: countSure ?? countMin, proof: proof)
        self.variants = variants
    }

    var kinds: [SecretKind] { [kind] + variants.map(\.kind) }
    var windowBytes: Int { (prefixes.map(\.utf8.count).max() ?? 0) + facts.countSure }

    /// The shapes are those of the issuers' documentation and of the rules of gitleaks 8 and GitHub secret scanning;
    /// minimal lengths are below the real ones, so that a cut-off key is still one.
    static let known: [TokenRow] = [
        // sk-…(48), sk-proj-…, sk-svcacct-…; the same prefix: Anthropic, OpenRouter, DeepSeek (32 hex digits), LiteLLM
        // and Tollgate virtual keys.
        TokenRow(
            .openAIKey, ["sk-"], [.letters, .digits, .underscore, .dash], countMin: 20, countSure: 64, proof: .mixed,
            variants: [("ant-", .anthropicKey), ("or-", .openRouterKey)]),
        TokenRow(.awsAccessKey, ["AKIA", "ASIA"], [.capitals, .digits], countMin: 16),
        TokenRow(.googleKey, ["AIza"], [.letters, .digits, .underscore, .dash], countMin: 35),
        TokenRow(
            .gitHubToken, ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], [.letters, .digits, .underscore], countMin: 36),
        TokenRow(.gitHubToken, ["github_pat_"], [.letters, .digits, .underscore], countMin: 36),
        TokenRow(.gitLabToken, ["glpat-"], [.letters, .digits, .underscore, .dash], countMin: 20),
        TokenRow(
            .slackToken, ["xoxb-", "xoxa-", "xoxp-", "xoxr-", "xoxs-", "xoxe-", "xapp-"], [.letters, .digits, .dash],
            countMin: 10, countSure: 48, proof: .digit),
        TokenRow(.stripeKey, ["sk_live_", "rk_live_"], [.letters, .digits], countMin: 16),
        TokenRow(.huggingFaceToken, ["hf_"], [.letters, .digits], countMin: 30),
        TokenRow(.groqKey, ["gsk_"], [.letters, .digits], countMin: 32),
        TokenRow(.xAIKey, ["xai-"], [.letters, .digits], countMin: 40),
        TokenRow(.perplexityKey, ["pplx-"], [.letters, .digits], countMin: 40),
        TokenRow(.npmToken, ["npm_"], [.letters, .digits], countMin: 36),
    ]
}

/// Sets of ASCII bytes that credentials are made of.
struct ByteClass: OptionSet, Sendable {
    let rawValue: UInt8
    static let small = ByteClass(rawValue: 1)
    static let capitals = ByteClass(rawValue: 2)
    static let digits = ByteClass(rawValue: 4)
    static let underscore = ByteClass(rawValue: 8)
    static let dash = ByteClass(rawValue: 16)
    /// `+` and `/`, the other two of base64.
    static let plusSlash = ByteClass(rawValue: 32)
    static let dot = ByteClass(rawValue: 64)
    static let equals = ByteClass(rawValue: 128)
    static let letters: ByteClass = [.small, .capitals]
    static let alphanumeric: ByteClass = [.small, .capitals, .digits]
    static let base64url: ByteClass = [.small, .capitals, .digits, .underscore, .dash]

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The class of one byte; empty for bytes that are in none.
    init(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): self = .small
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): self = .capitals
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self = .digits
        case UInt8(ascii: "_"): self = .underscore
        case UInt8(ascii: "-"): self = .dash
        case UInt8(ascii: "+"), UInt8(ascii: "/"): self = .plusSlash
        case UInt8(ascii: "."): self = .dot
        case UInt8(ascii: "="): self = .equals
        default: self = []
        }
    }

    func holds(_ byte: UInt8) -> Bool { !isDisjoint(with: ByteClass(byte)) }
}
