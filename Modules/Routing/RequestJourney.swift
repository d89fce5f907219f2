import Units

/// The way of one request from target to target until someone answers or nobody is left.
///
/// Whom it asks:
/// 1. The targets of the asked model that are not cooling, lowest ``Target/order`` first; within an order at random by
///    weight.
/// 2. After a failure: first one that this request has not asked yet, at once. Only then one that it has, after the
///    wait of 5. What decides between several, in this order: the wait ends before the total timer does; the target no
///    longer cools then; the shortest wait; it is not the one that just failed; order and weight, as in 1. So one that
///    has said when it is back is waited for, as long as 5 allows, before one that cools even then is asked again.
/// 3. A route gets `retries.most` + 1 attempts. Then, or when none of its targets can be asked, its fallbacks are
///    tried in their order, after them the fallbacks of those: at most 5 fallback models, none twice.
/// 4. When nobody else is left, those that are cooling down and have not been asked are, at once, first those of the
///    asked model: it is better than an error. The last of a route's retries is kept for that. Only where there are
///    none of those either, and 2 has nobody better, one that cools and has been asked is asked again, within the
///    attempts of the route where the request is then: those of a route that was left are not waited for.
///
/// How long it waits before asking a target again:
/// 5. `backoff` · 2^(retries of this route so far), at most `backoffMost`, spread by jitter; never less than what the
///    provider's Retry-After says. A Retry-After beyond `retryAfterMost` is not waited for at all, however little of it
///    is left, and none beyond `backoffMost` while somebody could be asked instead whom this request has not asked yet,
///    cooling down or not.
/// 6. Attempts and waits together never outlast the asked route's total timer.
///
/// What it does with a failure:
/// 7. The request's own fault (400, 413, 422 and most other 4xx): the provider's answer is the client's.
/// 8. A request too long for the model: the route's context-window fallbacks, also those that were left before as
///    cooling down; else as 7.
/// 9. The provider's key refused (401, 402) or unreadable, its account used up (whatever the status): never again that
///    target for this request; the next one at once. The model refused (403) or unknown there (404), or the dialect not
///    spoken: the same for that model at that target.
/// 10. 408, 409, 425, 429, 5xx, no connection, a timer, a malformed or cut answer: another attempt.
/// 11. Anything after the client had a first byte: the end.
public struct RequestJourney: Sendable {
    /// What to do next.
    public enum Step: Sendable {
        /// Wait ``Attempt/after``, then call.
        case attempt(Attempt)
        /// Nobody is asked any more, and why.
        case giveUp(Reason)
        /// It was answered, or nobody is there any more to answer.
        case finished
    }

    /// One call to one target. An object, because a frame of an async function keeps room for every copy of a value in it.
    public final class Attempt: Sendable {
        /// Who is asked: one of ``route``'s.
        public let target: Target
        /// Whose policies count: not the asked route's where this is a fallback.
        public let route: Route
        /// The name that the client would have asked for to get this route.
        public let model: String
        /// What the provider is asked for: ``Target/model`` with its `*` filled in.
        public let upstreamModel: String
        /// Counted from 1 over the whole request.
        public let number: Int
        /// To be waited before it begins.
        public let after: Duration
        /// The route's; `total` is what is left of the asked route's when it begins.
        public let timers: Timers
        /// It is for another model than the client asked for; another target of the same model is no fallback.
        public let isFallback: Bool

        init(
            target: Target, route: Route, model: String, upstreamModel: String, number: Int, after: Duration,
            timers: Timers, isFallback: Bool
        ) {
            self.target = target
            self.route = route
            self.model = model
            self.upstreamModel = upstreamModel
            self.number = number
            self.after = after
            self.timers = timers
            self.isFallback = isFallback
        }
    }

    /// Why nobody is asked any more.
    public enum Reason: Sendable, Equatable {
        /// The provider's answer to the last attempt goes to the client as it is.
        case relay(Refusal)
        /// No target, retry or fallback is left, or the client already had a part of an answer.
        case failed(Outcome)
        /// The total timer ran out, or would while waiting.
        case outOfTime(last: Outcome?)
        /// Nobody was asked: all targets are out of service.
        case outOfService
    }

    /// One line of what happened, for logs and headers.
    public struct Leg: Sendable {
        /// Which call it was.
        public let attempt: Attempt
        /// Nil while the attempt runs.
        public fileprivate(set) var outcome: Outcome?
        /// From when its provider wants to be asked again, where it said so.
        fileprivate var askAgainFrom: Timestamp?
        /// Who it is held against, where it is a failure that counts.
        fileprivate var heldAgainst: Held?

        fileprivate var retryAfter: Duration? {
            if case .refused(let refusal) = outcome { refusal.retryAfter } else { nil }
        }
    }

    /// A target, or one model there.
    fileprivate struct Held: Sendable, Equatable {
        let target: Int
        let model: String?
    }

    /// The name that the client asked for.
    public let model: String
    /// What happened so far, one entry per attempt.
    public private(set) var legs: [Leg] = []

    private let table: RouteTable
    private let startedAt: Timestamp
    private var here: Stop
    /// The routes that were left, in their order. Some may have a target that was not asked, since it was cooling down.
    private var passed: [Stop] = []
    /// Names of fallback models still to be tried, and of those that were.
    private var pending: [String]
    private var seen: [String] = []
    private var fallbacksTaken = 0

    /// The most fallback models that one request is taken to.
    public static let fallbacksMost = 5

    /// A route on the way.
    private struct Stop: Sendable {
        var match: RouteTable.Match
        var name: String
        /// The asked route's is 0, its fallbacks' follow in their order.
        var place = 0
        /// The index of its first attempt.
        var firstLeg: Int
        var attempts = 0

        var route: Route { match.route }
        var hasAttemptsLeft: Bool { attempts <= route.retries.most }
        var hasOneAttemptLeft: Bool { attempts == route.retries.most }
    }

    /// - Returns: nil where no route has that name.
    public init?(_ model: String, in table: RouteTable, at now: Timestamp) {
        guard let match = table.find(model) else { return nil }
        self.init(model, by: match, in: table, at: now)
    }

    /// For a caller who has found the route already, and may have narrowed it by ``RouteTable/Match/only(_:)``.
    ///
    /// - Parameters:
    ///   - model: the name that the client asked for.
    ///   - table: where fallbacks are looked up.
    ///   - now: what the total timer is counted from.
    public init(_ model: String, by match: RouteTable.Match, in table: RouteTable, at now: Timestamp) {
        self.model = model
        self.table = table
        startedAt = now
        here = Stop(match: match, name: model, firstLeg: 0)
        pending = match.route.fallbacks
        asked = match.route
    }

    /// The route that the client asked for.
    public let asked: Route

    /// The first step.
    public mutating func begin(
        _ machine: borrowing RoutingMachine, at now: Timestamp, random: inout some RandomNumberGenerator
    ) -> Step {
        step(after: nil, machine, at: now, random: &random)
    }

    /// The step after an attempt ended; `machine` has already been told.
    public mutating func attemptEnded(
        with outcome: Outcome, _ machine: borrowing RoutingMachine, at now: Timestamp,
        random: inout some RandomNumberGenerator
    ) -> Step {
        precondition(!legs.isEmpty, "an attempt that ended had begun")
        legs[legs.count - 1].outcome = outcome
        if let wait = legs[legs.count - 1].retryAfter { legs[legs.count - 1].askAgainFrom = now + wait }
        switch outcome.verdict {
        case .done(.succeeded), .done(.clientGone): return .finished
        case .done(.outOfTime): return .giveUp(.outOfTime(last: outcome))
        case .done(.failed): return .giveUp(.failed(outcome))
        case .done(.relay): return relay(outcome)
        case .shorter:
            let longer = here.route.contextWindowFallbacks
            guard !longer.isEmpty else { return relay(outcome) }
            // What follows must take longer requests; the others are not known to.
            pending = longer
            passed.removeAll { !longer.contains($0.name) }
            here.attempts = Int.max
        case .again(counts: true): legs[legs.count - 1].heldAgainst = held(outcome)
        case .elsewhere, .again: break
        }
        return step(after: outcome, machine, at: now, random: &random)
    }

    private func relay(_ outcome: Outcome) -> Step {
        guard case .refused(let refusal) = outcome else { return .giveUp(.failed(outcome)) }
        return .giveUp(.relay(refusal))
    }

    /// The last attempt, which ends with `outcome` now, is not the first of this request that is held against the same
    /// target or model: its cooldown counts the request already.
    public func isRepeat(_ outcome: Outcome) -> Bool {
        guard legs.count > 1, let held = held(outcome) else { return false }
        return legs.contains { $0.heldAgainst == held }
    }

    /// What the last attempt is held against if it ends so.
    private func held(_ outcome: Outcome) -> Held? {
        guard let last = legs.last?.attempt else { return nil }
        let model = RoutingMachine.model(last.upstreamModel, coolingFor: outcome, at: last.target)
        return Held(target: last.target.id, model: model)
    }

    private var lastTarget: Int { legs.last?.attempt.target.id ?? 0 }

    private var deadline: Timestamp { startedAt + asked.timers.total }
}

// MARK: - Choosing

extension RequestJourney {
    private mutating func step(
        after outcome: Outcome?, _ machine: borrowing RoutingMachine, at now: Timestamp,
        random: inout some RandomNumberGenerator
    ) -> Step {
        guard now < deadline else { return .giveUp(.outOfTime(last: outcome)) }
        var ranOut = false
        if here.hasAttemptsLeft {
            if let target = fresh(machine, at: now, random: &random) {
                return attempt(target, after: .zero, at: now)
            }
            if outcome != nil, !(here.hasOneAttemptLeft && hasUnasked(here)),
                let (target, wait) = again(machine, at: now, random: &random)
            {
                if now + wait >= deadline {
                    ranOut = true
                } else if wait <= here.route.retries.backoffMost || !isAnybodyLeft {
                    return attempt(target, after: wait, at: now)
                }
            }
        }
        while let next = nextFallback() {
            leave()
            here = next
            guard let target = fresh(machine, at: now, random: &random) else { continue }
            return attempt(target, after: .zero, at: now)
        }
        leave()
        if let last = passed.firstIndex(where: hasUnasked) {
            here = passed.remove(at: last)
            // Who is back meanwhile is not cooling any more.
            let target =
                fresh(machine, at: now, random: &random) ?? drawn(random: &random) { isUnasked($0, at: here) }
            if let target { return attempt(target, after: .zero, at: now) }
        }
        guard let outcome else { return .giveUp(.outOfService) }
        if outcome.verdict == .shorter { return relay(outcome) }
        return .giveUp(ranOut ? .outOfTime(last: outcome) : .failed(outcome))
    }

    private mutating func leave() {
        passed.insert(here, at: passed.firstIndex { $0.place > here.place } ?? passed.endIndex)
    }

    /// A target of this route that the request has not asked and that isn't cooling.
    private func fresh(
        _ machine: borrowing RoutingMachine, at now: Timestamp, random: inout some RandomNumberGenerator
    ) -> Target? {
        drawn(random: &random) {
            isUnasked($0, at: here) && machine.coolUntil($0, matching: here.match.rest, at: now) == nil
        }
    }

    private func isUnasked(_ target: Target, at stop: Stop) -> Bool {
        if legs.isEmpty { return target.weight > 0 }
        // Under a fallback's name it may be the one that has just failed with all its retries.
        return target.weight > 0 && !isBarred(target, matching: stop.match.rest) && !wasAsked(target, at: stop)
            && !(legs.last.map { isSame($0, target, matching: stop.match.rest) } ?? false)
    }

    private func wasAsked(_ target: Target, at stop: Stop) -> Bool {
        legs[stop.firstLeg...].contains { isSame($0, target, matching: stop.match.rest) }
    }

    /// A target of that route can be asked that was not yet.
    private func hasUnasked(_ stop: Stop) -> Bool {
        stop.hasAttemptsLeft && (stop.attempts > 0 || stop.name == model || fallbacksTaken < Self.fallbacksMost)
            && stop.route.targets.contains { isUnasked($0, at: stop) }
    }

    /// The target was asked for the same model then.
    private func isSame(_ leg: Leg, _ target: Target, matching match: String) -> Bool {
        leg.attempt.target.id == target.id && leg.attempt.upstreamModel == target.upstreamModel(matching: match)
    }

    /// This request won't ask the target for that model again.
    private func isBarred(_ target: Target, matching match: String) -> Bool {
        legs.contains { leg in
            guard let outcome = leg.outcome, case .elsewhere = outcome.verdict else { return false }
            return outcome.isAboutTarget
                ? leg.attempt.target.id == target.id : isSame(leg, target, matching: match)
        }
    }

    /// A target of this route that the request has asked, and how long to wait before it is asked again.
    private func again(
        _ machine: borrowing RoutingMachine, at now: Timestamp, random: inout some RandomNumberGenerator
    ) -> (Target, Duration)? {
        let backoff = here.route.retries.wait(before: here.attempts, random: &random)
        let turns = here.route.targets.compactMap { target in
            turn(of: target, after: backoff, machine, at: now).map { (target, $0) }
        }
        // Cooling for its failures, it may still be the only one there is.
        guard let first = turns.map(\.1).min(by: { $0.isBefore($1) }), !(first.cools && isAnybodyLeft),
            let target = drawn(random: &random, where: { one in turns.contains { $0 === one && $1 == first } })
        else { return nil }
        return (target, first.wait)
    }

    /// When a target that this request has asked may be asked again.
    private struct Turn: Equatable {
        var wait: Duration
        /// After the wait, the asked route's total timer has run out.
        var isTooLate: Bool
        /// After the wait, too.
        var cools: Bool
        var hasJustFailed: Bool

        func isBefore(_ other: Turn) -> Bool {
            if isTooLate != other.isTooLate { return other.isTooLate }
            if cools != other.cools { return other.cools }
            if wait != other.wait { return wait < other.wait }
            return !hasJustFailed && other.hasJustFailed
        }
    }

    /// - Returns: nil where this request does not ask that target of this route again.
    private func turn(
        of target: Target, after backoff: Duration, _ machine: borrowing RoutingMachine, at now: Timestamp
    ) -> Turn? {
        let match = here.match.rest
        guard target.weight > 0, wasAsked(target, at: here), !isBarred(target, matching: match) else { return nil }
        var wait = backoff
        // What its provider has told this request, unless that is over.
        for leg in legs where isSame(leg, target, matching: match) {
            guard let asked = leg.retryAfter, let from = leg.askAgainFrom, from > now else { continue }
            guard asked <= here.route.retries.retryAfterMost else { return nil }
            wait = max(wait, from - now)
        }
        return Turn(
            wait: wait, isTooLate: now + wait >= deadline,
            cools: machine.coolUntil(target, matching: match, at: now + wait) != nil,
            hasJustFailed: target.id == lastTarget)
    }

    /// Draws one of this route's targets for which `isCandidate` holds: of the lowest order among them, by weight.
    private func drawn(
        random: inout some RandomNumberGenerator, where isCandidate: (Target) -> Bool
    ) -> Target? {
        let targets = here.route.targets
        // On the stack, and zero for who is no candidate.
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: targets.count) { weights in
            var lowest: Int?
            var total = 0
            for (index, target) in targets.enumerated() {
                weights[index] = 0
                if let order = lowest, target.order > order { continue }
                guard isCandidate(target) else { continue }
                if lowest != target.order {
                    lowest = target.order
                    total = 0
                }
                weights[index] = target.weight
                total += target.weight
            }
            guard total > 0 else { return nil }
            var left = -1
            for (index, target) in targets.enumerated() where target.order == lowest && weights[index] > 0 {
                if weights[index] == total { return target }
                if left < 0 { left = Int.random(in: 0..<total, using: &random) }
                if left < weights[index] { return target }
                left -= weights[index]
            }
            return nil
        }
    }

    /// Takes the next fallback model from those still to be tried, and adds its own to them.
    private mutating func nextFallback() -> Stop? {
        while fallbacksTaken < Self.fallbacksMost, !pending.isEmpty {
            let name = pending.removeFirst()
            guard name != model, !seen.contains(name) else { continue }
            seen.append(name)
            guard let match = table.find(name) else { continue }
            pending += match.route.fallbacks
            return Stop(match: match, name: name, place: seen.count, firstLeg: legs.count)
        }
        return nil
    }

    /// A target of some route can be asked that was not yet, whether it cools or not.
    private var isAnybodyLeft: Bool {
        if hasUnasked(here) || passed.contains(where: hasUnasked) { return true }
        var ahead = self
        while let next = ahead.nextFallback() {
            if hasUnasked(next) { return true }
        }
        return false
    }

    private mutating func attempt(_ target: Target, after wait: Duration, at now: Timestamp) -> Step {
        if here.attempts == 0, here.name != model { fallbacksTaken += 1 }
        here.attempts += 1
        var timers = here.route.timers
        timers.total = deadline - (now + wait)
        let attempt = Attempt(
            target: target, route: here.route, model: here.name,
            upstreamModel: target.upstreamModel(matching: here.match.rest), number: legs.count + 1, after: wait,
            timers: timers, isFallback: here.route !== asked || here.name != model)
        legs.append(Leg(attempt: attempt))
        return .attempt(attempt)
    }
}

extension RequestJourney: CustomStringConvertible {
    /// `openai/gpt-4o 503, azure/gpt-4o after 0.25s ok`: whom it asked and what came of it. Safe to show a client.
    public var description: String {
        legs.map { leg in
            let attempt = leg.attempt
            let seconds = DecimalText.text(of: attempt.after.milliseconds, powerOfTen: 3)
            let wait = attempt.after > .zero ? " after \(seconds)s" : ""
            let outcome = leg.outcome.map { " \($0)" } ?? ""
            return "\(attempt.target.provider.name)/\(attempt.upstreamModel)\(wait)\(outcome)"
        }.joined(separator: ", ")
    }
}
