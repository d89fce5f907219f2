import Budgets
import Guardrails
import Providers
import Routing
import Secrets
import Units
import WireFormats

/// Everything that `tollgate.yaml` says, checked and typed: one value that is swapped as a whole.
///
/// Secrets are references; nothing in here is one, and nothing here prints one.
public struct Settings: Sendable {
    /// The folder of the file: what relative paths count from.
    public var folder: String
    /// By the name that targets use.
    public var providers: [String: ProviderSettings]
    /// The models in the order of the file, and how they are found.
    public var routes: RouteTable
    /// What all keys together may use.
    public var globalLimits: Limits
    /// As the file names it.
    public var timeZoneName: String
    /// Whose midnights the windows of budgets begin at; UTC where the file names none.
    public var timeZone: TimeZoneRules
    /// The cap of a request without one whose provider's dialect needs one, where the model's own maximum is not known.
    public var defaultMaxOutputTokens: Int
    /// As the file states them, in its order.
    public var guardrails: [Guardrail]
    /// The guardrails, compiled.
    public var guardrailPolicy: GuardrailPolicy
    /// The gateway's own secrets.
    public var keys: KeySettings
    /// What reads `/metrics`, besides the master key.
    public var metricsToken: SecretReference?
    /// How large requests and answers may get.
    public var limits: SizeLimits
    /// The request log and the ledger.
    public var logs: LogSettings
    /// What concerns the process as a whole.
    public var gateway: GatewaySettings
    /// Hosts that may be called although their address is private: those that the file names in a `base_url` or in
    /// `egress.allow_private`. In lower case, without brackets.
    public var privateHosts: Set<String>
    /// The files that models name as their `tokenizer`, as they were read.
    var tokenizers: [TokenizerFile] = []
    /// By provider: for ``warnings(of:)``.
    var keyPlaces: [String: KeyPlace] = [:]
    /// Of the gateway's own secrets, as far as the file names them: for ``warningsOfOwnSecrets()``.
    var ownSecretPlaces: [OwnSecret: KeyPlace] = [:]
    /// What is allowed but hardly meant, for `tollgate check` and the log at start.
    public var warnings: [ConfigurationError.Problem]

    /// One account at a provider.
    public struct ProviderSettings: Sendable, Equatable {
        /// The row, with what the file says about it: its name is the file's, its base URL is there.
        public var provider: Provider
        /// Nil only where the provider needs no key.
        public var key: SecretReference?
        /// The value of the provider's ``Provider/versionParameter``; nil where the file states none.
        public var apiVersion: String?
    }

    /// Where a provider's key is named, or should be.
    typealias KeyPlace = (file: String, line: Int, column: Int)

    /// Where the gateway's own secrets lie. The two are never the same.
    public struct KeySettings: Sendable, Equatable {
        /// The operator's key, which may do everything; `master.key` in the folder where the file names none.
        public var master: SecretReference
        /// What the keys are hashed with; `pepper.key` in the folder where the file names none.
        public var pepper: SecretReference
    }

    /// What requests and answers may take; numbers are bytes where their names say so.
    public struct SizeLimits: Sendable, Equatable {
        /// The largest request body; nginx's `client_max_body_size` is the outer bound.
        public var bodyBytes: Int
        /// The largest whole answer of a provider.
        public var replyBytes: Int
        /// The largest single event of a stream.
        public var eventBytes: Int
        /// What is held for a client that reads slowly before its upstream is paused.
        public var bufferBytes: Int
        /// Requests that one loop serves at the same time; more are answered with 503.
        public var streamsPerLoop: Int
        /// How deep a request's JSON may be nested.
        public var jsonDepth: Int
    }

    /// What is written down of requests, where, and for how long.
    public struct LogSettings: Sendable, Equatable {
        /// A JSON line per request.
        public var requests: Bool
        /// Where it goes: a path, relative to the folder.
        public var requestFile: String
        /// How long ledger rows are kept; nil is for ever.
        public var retention: Duration?
        /// For the journal of the ledger; every second where the file says nothing.
        public var sync: JournalSync
    }

    /// When the ledger's journal is forced to the disk itself. A crash of the process alone never loses a row.
    public enum JournalSync: Sendable, Equatable {
        /// The system writes when it likes.
        case never
        /// With each attempt that ends.
        case everyClose
        /// After so long at most: 10 ms to 60 s.
        case interval(Duration)
    }

    /// What concerns the process, not its requests.
    public struct GatewaySettings: Sendable, Equatable {
        /// Event loops; nil is one per two cores. Takes effect at start.
        public var loops: Int?
        /// How long a stop waits for open streams.
        public var drain: Duration
        /// Budgets, limits, ledger, request log and metrics. Off only to measure what they cost: nothing is accounted
        /// for then, keys are still checked. Takes effect at start.
        public var governance: Bool
        /// After so much silence before an answer's first byte, a waiting stream is kept open with a comment or ping of
        /// its dialect; zero is never.
        public var keepAlive: Duration
        /// How long answers to Responses requests are kept, so that `previous_response_id` and `GET /v1/responses/{id}`
        /// find them where the provider has no such API; nil: not at all.
        public var storedResponses: Duration?
    }
}

extension Settings {
    /// The model's route, and what its wildcard stood for.
    public func route(for model: String) -> RouteTable.Match? { routes.find(model) }

    /// The account behind a target.
    public func account(of target: Target) -> ProviderSettings? { providers[target.provider.name] }
}
