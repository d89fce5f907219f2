import Synchronization
import Units

/// What every request of the process knows about the targets' health: ``RoutingMachine`` behind a lock.
///
/// One per process. The lock is held for the choice alone, never while anyone waits for a provider.
public final class Router: Sendable {
    private let machine = Mutex(RoutingMachine())
    private let coolingBegan: @Sendable (Target, RoutingMachine.Cooling) -> Void

    /// - Parameter coolingBegan: is told of each cooldown once, where the attempt ended that brought it about, without
    ///   the lock.
    public init(coolingBegan: @escaping @Sendable (Target, RoutingMachine.Cooling) -> Void = { _, _ in }) {
        self.coolingBegan = coolingBegan
    }

    /// The first step of a request.
    public func begin(
        _ journey: inout RequestJourney, at now: Timestamp, random: inout some RandomNumberGenerator
    ) -> RequestJourney.Step {
        machine.withLock { journey.begin($0, at: now, random: &random) }
    }

    /// Tells how the attempt ended.
    ///
    /// - Returns: what comes next. To be asked exactly once per attempt, also after a success and when the client went
    ///   away.
    public func attemptEnded(
        _ journey: inout RequestJourney, with outcome: Outcome, at now: Timestamp,
        random: inout some RandomNumberGenerator
    ) -> RequestJourney.Step {
        var began: (Target, RoutingMachine.Cooling)?
        let step = machine.withLock { machine in
            if let attempt = journey.legs.last?.attempt,
                let cooling = machine.attemptEnded(
                    attempt.target, for: attempt.upstreamModel, with: outcome, under: attempt.route.cooldown, at: now,
                    isRepeat: journey.isRepeat(outcome))
            {
                began = (attempt.target, cooling)
            }
            return journey.attemptEnded(with: outcome, machine, at: now, random: &random)
        }
        if let (target, cooling) = began { coolingBegan(target, cooling) }
        return step
    }

    /// The targets that are left alone just now, for metrics and the admin.
    public func cooling(at now: Timestamp) -> [RoutingMachine.Cooling] { machine.withLock { $0.cooling(at: now) } }

    /// After a reload: forgets targets that are gone, keeps what it knows of the others.
    public func keepOnly(_ routes: [Route]) { machine.withLock { $0.keepOnly(routes) } }
}
