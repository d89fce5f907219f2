import Units

/// The facts of one client request, for its line in the request log. No body, no header but the user agent, no secret:
/// there is no field to put one into.
public struct RequestLine: Sendable {
    /// When the answer ended.
    public var time: Timestamp
    /// The id that nginx gave the request; its ledger rows have the same.
    public var requestID: String
    /// The virtual key's row id; 0 for the master key, nil if the request had no valid key.
    public var keyID: Int64?
    /// The key as it may be shown: `sk-...abcd`, `master`.
    public var keyName: String?
    /// Nil where the key has none, or there is no valid key.
    public var keyAlias: String?
    /// What was called: `chat.completions`.
    public var endpoint: String
    /// Whether the client asked for a stream.
    public var isStream = false
    /// The public name; nil where the request named none that exists, or was refused before that was looked at.
    public var model: String?
    /// Of the last attempt, also one that failed; nil where there was none.
    public var provider: String?
    /// The provider's name for the model, of the last attempt.
    public var upstreamModel: String?
    /// What the client got.
    public var status: Int
    /// The gateway's word for what went wrong; nil where nothing did.
    public var errorCode: String?
    /// Targets that were chosen, also where the gateway ended the attempt before anything was sent; 0 where none was.
    public var attempts = 0
    /// From the request's first byte to the answer's last.
    public var duration: Duration
    /// Until the client was given the first byte of the answer; nil where it got none, or an error.
    public var timeToFirstByte: Duration?
    /// Of the last attempt alone, where ``cost`` is of all.
    public var tokens = AttemptTokens()
    /// Of all attempts together.
    public var cost = NanoUSD.zero
    /// Nil where no attempt was made.
    public var source: UsageSource?
    /// How the request ended for its client.
    public var end: AttemptEnd
    /// As nginx names it: its REMOTE_ADDR.
    public var clientAddress: String?
    /// Written without what looks like a credential, and cut to 200 bytes.
    public var userAgent: String?
    /// The end user that the client named. As the other texts that clients choose, it is given without what looks like a
    /// credential.
    public var user: String?
    /// Parameters that the provider does not take and that were left out.
    public var dropped: [String] = []
    /// Parameters that the provider takes in a narrower range, and that were fitted in.
    public var adjusted: [String] = []
    /// What guardrails changed or refused.
    public var guardrails: [GuardrailNote] = []

    /// What is known of every request; the rest is set where it is known.
    public init(
        time: Timestamp, requestID: String, endpoint: String, status: Int, duration: Duration, end: AttemptEnd
    ) {
        self.time = time
        self.requestID = requestID
        self.endpoint = endpoint
        self.status = status
        self.duration = duration
        self.end = end
    }
}
