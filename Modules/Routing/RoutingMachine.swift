import Units

/// Which targets are left alone, for which models, and until when.
///
/// Most failures say something about the model that was asked for; those of ``Outcome/isAboutTarget`` about the target,
/// whatever it is asked for. Of a target for many models (`*`) each model has therefore a state of its own, besides the
/// target's: it may be asked for a model where neither cools. At most ``modelsMost`` models of a target are remembered,
/// those that failed last, because clients make up names.
///
/// The states; a machine remembers nothing about who is healthy:
///
/// - *healthy*: may be chosen. Failures in a row are counted, of one request only the first;
///   ``CooldownPolicy/failures`` of them within ``CooldownPolicy/within`` → cooling. A success → counted from nothing
///   again.
/// - *cooling* until an instant: is chosen only where nobody else is left. What attempts report meanwhile changes
///   nothing, unless it asks for a later end. When the instant is there → on trial.
/// - *on trial*: may be chosen. A success → healthy. A failure → cooling again at once. Neither within
///   ``CooldownPolicy/within`` → healthy.
///
/// What cools at once, without counting:
/// 1. a key that is refused, spent or unreadable (401, 402), a model that the account may not use (403): for
///    ``CooldownPolicy/duration``;
/// 2. a 429 with Retry-After: for that long, at most an hour. A 429 without one counts as a failure.
///
/// Neither good nor bad: the client went away, the request was at fault, no such model or dialect, the total timer ran
/// out, 409.
///
/// Where ``CooldownPolicy/failures`` is 0 nothing cools, whatever happens.
public struct RoutingMachine: Sendable {
    private var troubles: [Int: Troubles] = [:]

    /// So many models of one target are remembered; of more the one that failed longest ago is forgotten.
    static let modelsMost = 32

    /// All that is known against a target.
    fileprivate struct Troubles {
        var target: Trouble?
        /// The one that failed last at the end.
        var models: [(name: String, trouble: Trouble)] = []

        var isEmpty: Bool { target == nil && models.isEmpty }
    }

    /// What is known against a target or a model there. In the states above: `coolUntil` nil is healthy, in the future
    /// cooling, in the past on trial.
    fileprivate struct Trouble {
        var failures: [Timestamp] = []
        var coolUntil: Timestamp?
        var reason: Outcome?
        var isForgottenAt: Timestamp

        func isCooling(at now: Timestamp) -> Bool { coolUntil.map { $0 > now } ?? false }
    }

    /// What is left alone, and why.
    public struct Cooling: Sendable, Equatable {
        /// ``Target/id``.
        public var target: Int
        /// ``RequestJourney/Attempt/upstreamModel`` where only that one is left alone there, as a client wrote it; nil
        /// where the whole target is.
        public var model: String?
        /// The first instant at which it may be chosen again.
        public var until: Timestamp
        /// How the attempt ended that cooled it.
        public var reason: Outcome
    }

    /// No provider's word cools a target for longer.
    private static let retryAfterMost = Duration.seconds(3600)

    /// Knows nothing against anybody.
    public init() {}

    /// - Parameter match: what the route's wildcard stood for: see ``Target/upstreamModel(matching:)``.
    /// - Returns: the instant until which the target is left alone for that model; nil where it may be chosen.
    public func coolUntil(_ target: Target, matching match: String, at now: Timestamp) -> Timestamp? {
        // Hashing an id to find nothing costs more than the rest of a choice.
        guard !troubles.isEmpty, let known = troubles[target.id] else { return nil }
        var until = known.target?.coolUntil
        if !known.models.isEmpty {
            let model = target.upstreamModel(matching: match)
            if let own = known.models.first(where: { $0.name == model })?.trouble.coolUntil {
                until = max(until ?? own, own)
            }
        }
        guard let until, until > now else { return nil }
        return until
    }

    /// All that are left alone, the soonest back first.
    public func cooling(at now: Timestamp) -> [Cooling] {
        troubles
            .flatMap { target, known in
                let whole = known.target.flatMap { Self.cooling(target, nil, $0, at: now) }
                return known.models.compactMap { Self.cooling(target, $0.name, $0.trouble, at: now) }
                    + (whole.map { [$0] } ?? [])
            }
            .sorted { ($0.until, $0.target, $0.model ?? "") < ($1.until, $1.target, $1.model ?? "") }
    }

    private static func cooling(_ target: Int, _ model: String?, _ trouble: Trouble, at now: Timestamp) -> Cooling? {
        guard let until = trouble.coolUntil, until > now, let reason = trouble.reason else { return nil }
        return Cooling(target: target, model: model, until: until, reason: reason)
    }

    /// Takes down how an attempt ended, by the rules above.
    ///
    /// - Parameters:
    ///   - model: what the provider was asked for.
    ///   - policy: that of the attempt's route, which need not be the one that the client asked for.
    ///   - isRepeat: the request has failed there before, which is counted: what one client's request does to a target,
    ///     however often it is tried, must not cool it down for everybody else.
    /// - Returns: the cooldown that begins with it. A later end of one that lasts is no new one.
    @discardableResult
    public mutating func attemptEnded(
        _ target: Target, for model: String, with outcome: Outcome, under policy: CooldownPolicy, at now: Timestamp,
        isRepeat: Bool = false
    ) -> Cooling? {
        var until: Timestamp?
        switch outcome.verdict {
        case .done(.succeeded):
            succeeded(target, for: model, at: now)
            return nil
        case _ where policy.failures <= 0: return nil
        case .done(.failed): break
        case .done, .shorter, .again(counts: false), .elsewhere(coolsAtOnce: false): return nil
        case .elsewhere(coolsAtOnce: true): until = now + policy.duration
        case .again(counts: true):
            if case .refused(let refusal) = outcome, refusal.kind == .rateLimited, let wait = refusal.retryAfter {
                until = now + min(wait, Self.retryAfterMost)
            }
        }
        return change(target, Self.model(model, coolingFor: outcome, at: target), at: now) { trouble in
            if let until { return trouble.cool(until: until, for: outcome, under: policy, at: now) }
            return trouble.failed(outcome, under: policy, at: now, isRepeat: isRepeat)
        }
    }

    /// What an outcome is held against.
    ///
    /// - Returns: the model; nil for the whole target, also where that is for one model only.
    static func model(_ model: String, coolingFor outcome: Outcome, at target: Target) -> String? {
        target.hasWildcard && !outcome.isAboutTarget ? model : nil
    }

    /// Forgets what it knows of targets that are not configured any more.
    public mutating func keepOnly(_ routes: [Route]) {
        guard !troubles.isEmpty else { return }
        let ids = Set(routes.flatMap { $0.targets.map(\.id) })
        troubles = troubles.filter { ids.contains($0.key) }
    }

    private mutating func succeeded(_ target: Target, for model: String, at now: Timestamp) {
        guard !troubles.isEmpty, var known = troubles.removeValue(forKey: target.id) else { return }
        known.forget(at: now)
        if known.target?.isCooling(at: now) == false { known.target = nil }
        known.models.removeAll { $0.name == model && !$0.trouble.isCooling(at: now) }
        if !known.isEmpty { troubles[target.id] = known }
    }

    /// - Parameters:
    ///   - model: nil for the target.
    ///   - body: returns whether a cooldown begins.
    private mutating func change(
        _ target: Target, _ model: String?, at now: Timestamp, _ body: (inout Trouble) -> Bool
    ) -> Cooling? {
        var known = troubles.removeValue(forKey: target.id) ?? Troubles()
        known.forget(at: now)
        var trouble = known.take(model) ?? Trouble(isForgottenAt: now)
        let begins = body(&trouble)
        if trouble.isForgottenAt > now { known.put(trouble, for: model) }
        if !known.isEmpty { troubles[target.id] = known }
        return begins ? Self.cooling(target.id, model, trouble, at: now) : nil
    }
}

extension RoutingMachine.Troubles {
    /// Drops what is too long ago.
    fileprivate mutating func forget(at now: Timestamp) {
        if let target, target.isForgottenAt <= now { self.target = nil }
        models.removeAll { $0.trouble.isForgottenAt <= now }
    }

    /// - Parameter model: nil for the target.
    fileprivate mutating func take(_ model: String?) -> RoutingMachine.Trouble? {
        guard let model else {
            defer { target = nil }
            return target
        }
        return models.firstIndex { $0.name == model }.map { models.remove(at: $0).trouble }
    }

    fileprivate mutating func put(_ trouble: RoutingMachine.Trouble, for model: String?) {
        guard let model else {
            target = trouble
            return
        }
        if models.count >= RoutingMachine.modelsMost { models.removeFirst() }
        models.append((model, trouble))
    }
}

// Each returns whether a cooldown begins.
extension RoutingMachine.Trouble {
    fileprivate mutating func failed(
        _ outcome: Outcome, under policy: CooldownPolicy, at now: Timestamp, isRepeat: Bool
    ) -> Bool {
        if let coolUntil {
            return coolUntil <= now && cool(until: now + policy.duration, for: outcome, under: policy, at: now)
        }
        if isRepeat { return false }
        let since = now - policy.within
        failures.removeAll { $0 <= since }
        failures.append(now)
        isForgottenAt = max(isForgottenAt, now + policy.within)
        return failures.count >= policy.failures
            && cool(until: now + policy.duration, for: outcome, under: policy, at: now)
    }

    fileprivate mutating func cool(
        until: Timestamp, for outcome: Outcome, under policy: CooldownPolicy, at now: Timestamp
    ) -> Bool {
        if let coolUntil, coolUntil >= until { return false }
        let wasCooling = isCooling(at: now)
        self = Self(coolUntil: until, reason: outcome, isForgottenAt: until + policy.within)
        return until > now && !wasCooling
    }
}
