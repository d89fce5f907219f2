import Units
import WireFormats

/// How an attempt ended, as the code that read the upstream's socket saw it.
public enum Outcome: Sendable, Equatable {
    /// A whole, well-formed answer.
    case succeeded
    /// No connection: name, TCP, TLS.
    case connectFailed
    /// One of the attempt's timers ran out; only that of the total ends the request.
    case timedOut(TimerKind)
    /// A status that is no success.
    case refused(Refusal)
    /// Not what was asked for: wrong content type, broken JSON, a redirect.
    case malformed
    /// The connection ended before the client had a byte of the answer.
    case cutShort
    /// The attempt failed after the client had a part of the answer.
    case brokeOff
    /// The client went away.
    case clientGone
    /// Nothing was sent: the provider's key could not be read.
    case keyMissing
    /// Nothing was sent: the provider doesn't speak the dialect that is asked for.
    case notOffered

    /// Which of ``Timers`` ran out.
    public enum TimerKind: String, Sendable {
        /// The names are those of ``Timers``.
        case connect, firstByte, idle, total
    }

    /// It would be the same for every model of the target: its account, its key, the way to it.
    var isAboutTarget: Bool {
        switch self {
        case .connectFailed, .timedOut(.connect), .keyMissing: true
        case .refused(let refusal): refusal.kind == .credential
        default: false
        }
    }

    /// What the machine makes of it.
    var verdict: Verdict {
        switch self {
        case .succeeded: .done(.succeeded)
        case .clientGone: .done(.clientGone)
        case .connectFailed, .malformed, .cutShort: .again(counts: true)
        case .timedOut(.total): .done(.outOfTime)
        case .timedOut: .again(counts: true)
        case .brokeOff: .done(.failed)
        case .keyMissing: .elsewhere(coolsAtOnce: true)
        // Everybody who asks for it gets the same answer: it must not cool the target down for those who don't.
        case .notOffered: .elsewhere(coolsAtOnce: false)
        case .refused(let refusal): refusal.verdict
        }
    }
}

/// A provider's refusal: what decides about the next step, taken from its status, headers and error body.
public struct Refusal: Sendable, Equatable {
    /// Of the HTTP answer, as the provider sent it.
    public var status: Int
    /// How long the provider asks to be left alone.
    public var retryAfter: Duration?
    /// Decides alone what comes next; the status is kept for the client and the logs.
    public var kind: Kind

    /// What a refusal is about.
    public enum Kind: Sendable, Equatable {
        /// The request is at fault; nobody else would take it either.
        case request
        /// The request is too long for this model.
        case contextWindow
        /// The provider has no such model or path.
        case unknownModel
        /// The provider's key is refused, spent or not paid for.
        case credential
        /// The account may not do that, which mostly is: use that model (403).
        case forbidden
        /// Too many calls or tokens (429); the account has not run out.
        case rateLimited
        /// Worth another attempt, and says nothing about the target's health (409, 425).
        case conflict
        /// The provider failed.
        case server
    }

    /// - Parameters:
    ///   - meaning: what the error means, as whoever read it knows.
    ///   - message: the error's message; only looked at, never kept.
    ///   - isAccounts: it is the provider's account, as whoever read the error knows: it is used up (OpenAI says it with
    ///     a 429, Anthropic with a 400, DeepSeek with a 402), or its key is refused (Google with a 400, Amazon with a 403).
    ///     Waiting doesn't help, and the request is not at fault.
    public init(
        status: Int, retryAfter: Duration? = nil, means meaning: ProviderError.Kind? = nil, message: String? = nil,
        isAccounts: Bool = false
    ) {
        self.status = status
        self.retryAfter = retryAfter.map { max($0, .zero) }
        kind =
            isAccounts
            ? .credential : Refusal.kind(status: status, meaning, message: message?.lowercased() ?? "")
    }

    private static func kind(status: Int, _ meaning: ProviderError.Kind?, message: String) -> Kind {
        switch status {
        case 400, 413, 422: return meaning == .contextLength ? .contextWindow : .request
        case 401, 402: return .credential
        case 403: return meaning == .contentPolicy || namesNothing(message) ? .request : .forbidden
        case 404: return .unknownModel
        case 408: return .server
        case 409, 425: return .conflict
        case 429: return .rateLimited
        case 500...: return .server
        case 405...499: return .request
        // 1xx and 3xx are no answers to a POST, and a redirect is never followed with a key.
        default: return .server
        }
    }

    /// The request is at fault as well where it names a file or a cache that is not there, or another account's (Gemini:
    /// https://github.com/googleapis/python-genai/issues/1218, read on 2026-11-30; of the cache recorded). What a client sends
    /// must not cool a target down for everybody else.
    private static func namesNothing(_ message: String) -> Bool {
        // No more of it: Vertex says "(or it may not exist)" of models, too.
        let isFile = message.contains("permission to access the file") && message.contains("may not exist")
        return isFile || message.contains("cachedcontent not found")
    }

    var verdict: Verdict {
        switch kind {
        case .request: .done(.relay)
        case .contextWindow: .shorter
        case .unknownModel: .elsewhere(coolsAtOnce: false)
        case .credential, .forbidden: .elsewhere(coolsAtOnce: true)
        case .rateLimited, .server: .again(counts: true)
        case .conflict: .again(counts: false)
        }
    }
}

/// What an outcome means for the journey and the target.
enum Verdict: Equatable {
    enum End: Equatable { case succeeded, clientGone, outOfTime, failed, relay }

    /// The journey is over.
    case done(End)
    /// Worth another attempt, here or elsewhere. `counts`: a failure of the target.
    case again(counts: Bool)
    /// Never again at this target for this request.
    case elsewhere(coolsAtOnce: Bool)
    /// Only a model with a longer context can help.
    case shorter
}

extension Outcome: CustomStringConvertible {
    /// Short and safe to show anyone: no text of the provider is in it.
    public var description: String {
        switch self {
        case .succeeded: "ok"
        case .connectFailed: "connection failed"
        case .timedOut(.connect): "connection timed out"
        case .timedOut(.firstByte): "no answer in time"
        case .timedOut(.idle): "stalled"
        case .timedOut(.total): "out of time"
        case .refused(let refusal): String(refusal.status)
        case .malformed: "malformed answer"
        case .cutShort: "cut short"
        case .brokeOff: "broke off"
        case .clientGone: "client gone"
        case .keyMissing: "provider key missing"
        case .notOffered: "not offered"
        }
    }
}
