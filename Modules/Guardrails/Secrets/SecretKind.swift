/// The kinds of credentials that the rule `secrets` knows. The raw value is the kind's name in configuration files and
/// in redacted text.
public enum SecretKind: String, Sendable, Hashable, CaseIterable {
    case privateKey = "private_key"
    case openAIKey = "openai_key"
    case anthropicKey = "anthropic_key"
    case openRouterKey = "openrouter_key"
    case awsAccessKey = "aws_access_key"
    case awsSecretKey = "aws_secret_key"
    case googleKey = "google_api_key"
    case gitHubToken = "github_token"
    case gitLabToken = "gitlab_token"
    case slackToken = "slack_token"
    case stripeKey = "stripe_key"
    case huggingFaceToken = "huggingface_token"
    case groqKey = "groq_key"
    case xAIKey = "xai_key"
    case perplexityKey = "perplexity_key"
    case npmToken = "npm_token"
    case jwt = "jwt"
    case connectionString = "connection_string"
    case connectionPassword = "connection_password"

    public static let all = Set(allCases)

    /// The place in the declaration: of two kinds that begin at the same byte, the first names the replacement.
    var order: Int { Self.places[self] ?? 0 }

    private static let places = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}
