/// The kinds of credentials that the rule `secrets` knows. The raw value is the kind's name in configuration files and
/// in redacted text.
public enum SecretKind: String, Sendable, Hashable, CaseIterable {
    /// A PEM block from `-----BEGIN … PRIVATE KEY` to the line of its end.
    case privateKey = "private_key"
    /// `sk-…`, also `sk-proj-…`: DeepSeek's, LiteLLM's and this gateway's own keys look the same.
    case openAIKey = "openai_key"
    /// `sk-ant-…`
    case anthropicKey = "anthropic_key"
    /// `sk-or-…`
    case openRouterKey = "openrouter_key"
    /// The id, which begins with `AKIA` or `ASIA`; not the secret that belongs to it.
    case awsAccessKey = "aws_access_key"
    /// Forty characters of base64 shortly after a keyword: the value has no shape of its own.
    case awsSecretKey = "aws_secret_key"
    /// `AIza…`
    case googleKey = "google_api_key"
    /// `ghp_…`, `gho_…`, `ghu_…`, `ghs_…`, `ghr_…` and `github_pat_…`
    case gitHubToken = "github_token"
    /// `glpat-…`
    case gitLabToken = "gitlab_token"
    /// `xoxb-…` and its sisters, and `xapp-…`
    case slackToken = "slack_token"
    /// Live keys only: `sk_live_…`, `rk_live_…`
    case stripeKey = "stripe_key"
    /// `hf_…`
    case huggingFaceToken = "huggingface_token"
    /// `gsk_…`
    case groqKey = "groq_key"
    /// `xai-…`
    case xAIKey = "xai_key"
    /// `pplx-…`
    case perplexityKey = "perplexity_key"
    /// `npm_…`
    case npmToken = "npm_token"
    /// A JSON web token: three parts in base64url, joined by dots, the first of which begins with `eyJ`.
    case jwt = "jwt"
    /// A user with a password in a URL: `postgres://user:password@host`.
    case connectionString = "connection_string"
    /// The password among the parts of a connection string: `Server=…;Password=…`.
    case connectionPassword = "connection_password"

    /// What the rule looks for where the operator names no kinds.
    public static let all = Set(allCases)

    /// The place in the declaration: of two kinds that begin at the same byte, the first names the replacement.
    var order: Int { Self.places[self] ?? 0 }

    private static let places = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}
