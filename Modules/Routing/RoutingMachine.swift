import Units

/// Which targets are left alone, and until when.
///
/// A target is in one of these states; a machine remembers nothing about healthy ones.
///
/// - *healthy*: may be chosen. Failures in a row are counted, of one request only the first;
///   ``CooldownPolicy/failures`` of them within ``CooldownPolicy/within`` → cooling. A success → counted from nothing
///   again.
/// - *cooling* until an instant: is not chosen. What attempts that were already under way report changes nothing, unless
///   it asks for a later end. When the instant is there → on trial.
/// - *on trial*: may be chosen. A success → healthy. A failure → cooling again at once.
///
/// What makes a target cool at once, without counting:
/// 1. its key is refused, spent or unreadable (401, 402, 403): for ``CooldownPolicy/duration``;
/// 2. a 429 with Retry-After: for that long, at most an hour. A 429 without one counts as a failure.
///
/// Neither good nor bad: the client went away, the request was at fault, no such model or dialect, the total timer ran
/// out, 409.
///
/// Where ``CooldownPolicy/failures`` is 0 nothing cools, whatever happens.
public struct RoutingMachine: Sendable {
    private var troubles: [Int: Trouble] = [:]

    /// What is known against a target. In the states above: `coolUntil` nil is healthy, in the future cooling, in the
    /// past on trial.
    private struct Trouble {
        var failures: [Timestamp] = []
        var coolUntil: Timestamp?
        var reason: Outcome?
    }

    /// A target that is left alone, and why.
    public struct Cooling: Sendable, Equatable {
        /// ``Target/id``.
        public var target: Int
        /// The first instant at which it may be chosen again.
        public var until: Timestamp
        /// How the attempt ended that cooled it.
        public var reason: Outcome
    }

    /// No provider's word cools a target for longer.
    private static let retryAfterMost = Duration.seconds(3600)

    /// Knows nothing against anybody.
    public init() {}

    /// - Returns: the instant until which it is left alone; nil where it may be chosen.
    public func coolUntil(_ target: Target, at now: Timestamp) -> Timestamp? {
        // Hashing an id to find nothing costs more than the rest of a choice.
        guard !troubles.isEmpty, let until = troubles[target.id]?.coolUntil, until > now else { return nil }
        return until
    }

    /// All that are left alone, the soonest back first.
    public func cooling(at now: Timestamp) -> [Cooling] {
        troubles
            .compactMap { target, trouble in
                guard let until = trouble.coolUntil, until > now, let reason = trouble.reason else { return nil }
                return Cooling(target: target, until: until, reason: reason)
            }
            .sorted { ($0.until, $0.target) < ($1.until, $1.target) }
    }

    /// Takes down how an attempt ended, by the rules above.
    ///
    /// - Parameters:
    ///   - policy: that of the attempt's route, which need not be the one that the client asked for.
    ///   - isCounted: the request has failed there before, which counts: what one client's request does to a target,
    ///     however often it is tried, must not cool it down for everybody else.
    /// - Returns: the cooldown that begins with it. A later end of one that lasts is no new one.
    @discardableResult
    public mutating func attemptEnded(
        _ target: Target, with outcome: Outcome, under policy: CooldownPolicy, at now: Timestamp,
        isCounted: Bool = false
    ) -> Cooling? {
        switch outcome.verdict {
        case .done(.succeeded):
            succeeded(target, at: now)
            return nil
        case _ where policy.failures <= 0: return nil
        case .done(.failed): return failed(target, outcome, under: policy, at: now, isCounted: isCounted)
        case .done, .shorter, .again(counts: false), .elsewhere(coolsAtOnce: false): return nil
        case .elsewhere(coolsAtOnce: true): return cool(target, until: now + policy.duration, for: outcome, at: now)
        case .again(counts: true):
            if case .refused(let refusal) = outcome, refusal.kind == .rateLimited, let wait = refusal.retryAfter {
                return cool(target, until: now + min(wait, Self.retryAfterMost), for: outcome, at: now)
            }
            return failed(target, outcome, under: policy, at: now, isCounted: isCounted)
        }
    }

    /// Forgets what it knows of targets that are not configured any more.
    public mutating func keepOnly(_ routes: [Route]) {
        guard !troubles.isEmpty else { return }
        let ids = Set(routes.flatMap { $0.targets.map(\.id) })
        troubles = troubles.filter { ids.contains($0.key) }
    }

    private mutating func succeeded(_ target: Target, at now: Timestamp) {
        guard !troubles.isEmpty, coolUntil(target, at: now) == nil else { return }
        troubles[target.id] = nil
    }

    private mutating func failed(
        _ target: Target, _ outcome: Outcome, under policy: CooldownPolicy, at now: Timestamp, isCounted: Bool
    ) -> Cooling? {
        var trouble = troubles[target.id] ?? Trouble()
        if let until = trouble.coolUntil {
            return until <= now ? cool(target, until: now + policy.duration, for: outcome, at: now) : nil
        }
        if isCounted { return nil }
        let since = now - policy.within
        trouble.failures.removeAll { $0 <= since }
        trouble.failures.append(now)
        let enough = trouble.failures.count >= policy.failures
        troubles[target.id] = trouble
        return enough ? cool(target, until: now + policy.duration, for: outcome, at: now) : nil
    }

    private mutating func cool(
        _ target: Target, until: Timestamp, for outcome: Outcome, at now: Timestamp
    ) -> Cooling? {
        let before = troubles[target.id]?.coolUntil
        if let before, before >= until { return nil }
        troubles[target.id] = Trouble(failures: [], coolUntil: until, reason: outcome)
        let wasCooling = before.map { $0 > now } ?? false
        return until > now && !wasCooling ? Cooling(target: target.id, until: until, reason: outcome) : nil
    }
}
