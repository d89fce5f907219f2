import Providers
import Units
import WireFormats

/// What clients call a model, and everything that decides who answers it.
///
/// A class so that handing one around costs one retain; nothing in it ever changes.
public final class Route: Sendable {
    /// What clients ask for. One `*` matches any text, also none and with slashes: `*`, `openai/*`.
    public let name: String
    /// Its name, where that has a `*`.
    let pattern: StarPattern?
    /// In the order of the configuration, which decides nothing: ``Target/order`` and ``Target/weight`` do.
    public let targets: [Target]
    /// Models that are tried in this order when no target of this one is left.
    public let fallbacks: [String]
    /// Models that are tried instead when a provider says that the request is too long for this one.
    public let contextWindowFallbacks: [String]
    /// How often it is tried again, and after which wait.
    public let retries: RetryPolicy
    /// When one of its targets is left alone.
    public let cooldown: CooldownPolicy
    /// How long its attempts may take.
    public let timers: Timers
    /// What becomes of the upstream call when its client goes away.
    public let onClientGone: ClientGonePolicy
    /// The most output tokens that a request may ask for, and the cap that one gets which states none. Nil where only
    /// the model itself sets a bound.
    public let maxOutputTokens: Int?
    /// What becomes of a call for which no price is known.
    public let unpricedModels: UnpricedPolicy
    /// How requests are written for providers of other dialects.
    public let translation: TranslationPolicy
    /// Counts the tokens of a request where no provider is asked, or none can say.
    public let tokenizer: Tokenizer?

    /// What is left out has the gateway's usual value.
    public init(
        _ name: String, targets: [Target], fallbacks: [String] = [], contextWindowFallbacks: [String] = [],
        retries: RetryPolicy = RetryPolicy(), cooldown: CooldownPolicy = CooldownPolicy(), timers: Timers = Timers(),
        onClientGone: ClientGonePolicy = .cancel, maxOutputTokens: Int? = nil,
        unpricedModels: UnpricedPolicy = .refuse, translation: TranslationPolicy = TranslationPolicy(),
        tokenizer: Tokenizer? = nil
    ) {
        self.name = name
        pattern = StarPattern(name)
        self.targets = targets
        self.fallbacks = fallbacks
        self.contextWindowFallbacks = contextWindowFallbacks
        self.retries = retries
        self.cooldown = cooldown
        self.timers = timers
        self.onClientGone = onClientGone
        self.maxOutputTokens = maxOutputTokens
        self.unpricedModels = unpricedModels
        self.translation = translation
        self.tokenizer = tokenizer
    }

    /// Its name has a `*`, so that it serves many models.
    public var hasWildcard: Bool { pattern != nil }

    /// What clients call the model for which the wildcard stands for `match`: its name where it has none.
    public func model(matching match: String) -> String { pattern?.filled(with: match) ?? name }

    /// Whether any of its targets answers with words: ``Target/generates(_:)``.
    ///
    /// - Parameter match: what the route's wildcard stands for.
    public func generates(matching match: String) -> Bool {
        targets.contains { $0.generates($0.upstreamModel(matching: match)) }
    }

    func with(targets: [Target]) -> Route {
        Route(
            name, targets: targets, fallbacks: fallbacks, contextWindowFallbacks: contextWindowFallbacks,
            retries: retries, cooldown: cooldown, timers: timers, onClientGone: onClientGone,
            maxOutputTokens: maxOutputTokens, unpricedModels: unpricedModels, translation: translation,
            tokenizer: tokenizer)
    }
}

extension Route: Equatable {
    public static func == (left: Route, right: Route) -> Bool {
        left === right
            || (left.name == right.name && left.targets == right.targets && left.fallbacks == right.fallbacks
                && left.contextWindowFallbacks == right.contextWindowFallbacks && left.retries == right.retries
                && left.cooldown == right.cooldown && left.timers == right.timers
                && left.onClientGone == right.onClientGone && left.maxOutputTokens == right.maxOutputTokens
                && left.unpricedModels == right.unpricedModels && left.translation == right.translation
                && left.tokenizer == right.tokenizer)
    }
}

/// How a request is written for a provider of another dialect.
public struct TranslationPolicy: Sendable, Equatable {
    /// What cannot be carried is a 400 that names it, instead of being left out and reported.
    public var strictParameters: Bool
    /// What happens to a value that the provider would refuse.
    public var outOfRange: RangePolicy
    /// How the models are told to think; nil: by their names.
    public var thinking: TargetFacts.ThinkingStyle?

    /// - Parameters:
    ///   - strictParameters: false by default: what cannot be carried is left out and reported.
    ///   - thinking: nil to go by the models' names.
    public init(
        strictParameters: Bool = false, outOfRange: RangePolicy = .clamp, thinking: TargetFacts.ThinkingStyle? = nil
    ) {
        self.strictParameters = strictParameters
        self.outOfRange = outOfRange
        self.thinking = thinking
    }
}

/// How often one model is tried again for one request, and how long is waited in between.
public struct RetryPolicy: Sendable, Equatable {
    /// Attempts after the first, over all targets of the model.
    public var most: Int
    /// The wait before the first retry of a target; it doubles with each further one.
    public var backoff: Duration
    /// The most that doubling leads to.
    public var backoffMost: Duration
    /// A provider's Retry-After is waited for up to here. Who asks for more is not asked again by this request before
    /// that is over.
    public var retryAfterMost: Duration
    /// How the wait is spread.
    public var jitter: Jitter

    /// How a wait is spread so that callers who failed together don't come back together.
    public enum Jitter: String, Sendable, CaseIterable {
        /// Half of the wait, and a random part of the other half.
        case equal
        /// A random part of the whole wait.
        case full
    }

    /// - Parameters:
    ///   - most: 0 for a single attempt.
    ///   - backoff: 0 for no wait at all, whatever the jitter.
    public init(
        most: Int = 2, backoff: Duration = .milliseconds(250), backoffMost: Duration = .seconds(8),
        retryAfterMost: Duration = .seconds(60), jitter: Jitter = .equal
    ) {
        self.most = most
        self.backoff = backoff
        self.backoffMost = backoffMost
        self.retryAfterMost = retryAfterMost
        self.jitter = jitter
    }

    /// The wait before retry `number` (1 is the first), before any Retry-After.
    public func wait(before number: Int, random: inout some RandomNumberGenerator) -> Duration {
        let doublings = min(max(number - 1, 0), 40)
        let base = backoff.nanoseconds
        let doubled = base.multipliedReportingOverflow(by: 1 << Int64(doublings))
        let whole = doubled.overflow ? backoffMost.nanoseconds : min(doubled.partialValue, backoffMost.nanoseconds)
        guard whole > 0 else { return .zero }
        switch jitter {
        case .equal: return .nanoseconds(whole - whole / 2 + Int64.random(in: 0...(whole / 2), using: &random))
        case .full: return .nanoseconds(Int64.random(in: 0...whole, using: &random))
        }
    }
}

/// When a target is left alone, and for how long.
public struct CooldownPolicy: Sendable, Equatable {
    /// So many failures in a row within ``within``, of as many requests, cool a target down. 0: nothing does, neither a
    /// refused key nor a Retry-After.
    public var failures: Int
    /// Failures that lie further back are forgotten.
    public var within: Duration
    /// How long it is left alone, except after a 429 whose Retry-After says how long.
    public var duration: Duration

    /// Three failures within a minute cool a target for half a minute, where nothing else is said.
    public init(failures: Int = 3, within: Duration = .seconds(60), duration: Duration = .seconds(30)) {
        self.failures = failures
        self.within = within
        self.duration = duration
    }
}

/// How long each part of an attempt may take.
public struct Timers: Sendable, Equatable {
    /// Name look-up, TCP and TLS.
    public var connect: Duration
    /// From the sent request to the reply's first byte.
    public var firstByte: Duration
    /// Between two reads of a reply.
    public var idle: Duration
    /// The whole request with all its attempts and waits; for an attempt, what is left of it.
    public var total: Duration

    /// The gateway's usual times: 5 s to connect, a minute each for the first byte and between reads, ten minutes
    /// altogether.
    public init(
        connect: Duration = .seconds(5), firstByte: Duration = .seconds(60), idle: Duration = .seconds(60),
        total: Duration = .seconds(600)
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
    }
}

/// What happens to a call for whose model no price is known.
public enum UnpricedPolicy: String, Sendable, CaseIterable {
    /// It is refused with a message that names the model.
    case refuse
    /// It costs what the provider reports, else nothing, and its ledger row says so. It holds all that is left of a
    /// budget.
    case allow
}

/// What becomes of the upstream call when its client goes away.
public enum ClientGonePolicy: String, Sendable, CaseIterable {
    /// It is cancelled; what it cost is estimated.
    case cancel
    /// It is read to its end, so that what it cost is known.
    case drain
}
