import Providers
import Routing
import TestSupport
import Units
import WireFormats

/// A target at a made-up provider.
func target(_ name: String, weight: Int = 1, order: Int = 1, model: String = "*") -> Target {
    Target(provider: .custom(name, at: "https://\(name).example.com/v1"), model: model, weight: weight, order: order)
}

func refused(
    _ status: Int, after seconds: Int? = nil, means meaning: ProviderError.Kind? = nil, message: String? = nil,
    isAccounts: Bool = false
) -> Outcome {
    .refused(
        Refusal(
            status: status, retryAfter: seconds.map { .seconds($0) }, means: meaning, message: message,
            isAccounts: isAccounts))
}

extension Timestamp {
    static let start = Timestamp(secondsSince1970: 1_800_000_000)
}

/// A process: one machine, a clock that stands still between events, random numbers from a seed.
struct World {
    let table: RouteTable
    var machine = RoutingMachine()
    var now = Timestamp.start
    var random: SeededRandom
    /// When the attempts of the request that began last ended.
    private(set) var ends: [Timestamp] = []

    init(_ routes: [Route], seed: UInt64 = 1) {
        table = RouteTable(routes)
        random = SeededRandom(seed: seed)
    }

    mutating func begin(_ model: String) -> (RequestJourney, RequestJourney.Step) {
        ends = []
        var journey = RequestJourney(model, in: table, at: now)!
        let step = journey.begin(machine, at: now, random: &random)
        return (journey, step)
    }

    /// The attempt that the step asks for was waited for, took `lasting`, and ended so.
    mutating func end(
        _ journey: inout RequestJourney, _ outcome: Outcome, lasting: Duration = .milliseconds(10)
    ) -> RequestJourney.Step {
        let attempt = journey.legs.last!.attempt
        now = now + attempt.after + lasting
        ends.append(now)
        machine.attemptEnded(
            attempt.target, for: attempt.upstreamModel, with: outcome, under: attempt.route.cooldown, at: now,
            isRepeat: journey.isRepeat(outcome))
        return journey.attemptEnded(with: outcome, machine, at: now, random: &random)
    }

    /// Goes the whole way; outcomes are given by the target's provider name, and asked for per attempt.
    mutating func run(
        _ model: String, _ answer: (RequestJourney.Attempt) -> Outcome
    ) -> (asked: [String], last: RequestJourney.Step) {
        var (journey, step) = begin(model)
        // No way is that long; a bug must not make the test endless.
        while case .attempt(let attempt) = step, journey.legs.count < 1_000 { step = end(&journey, answer(attempt)) }
        return (journey.legs.map { $0.attempt.target.provider.name }, step)
    }

    /// Cools a target down by refusing its key.
    mutating func cool(_ target: Target, for duration: Duration = .seconds(30)) {
        machine.attemptEnded(
            target, for: "", with: refused(401), under: CooldownPolicy(failures: 1, duration: duration), at: now)
    }
}

extension RequestJourney.Step {
    var attempt: RequestJourney.Attempt? {
        if case .attempt(let attempt) = self { attempt } else { nil }
    }

    var reason: RequestJourney.Reason? {
        if case .giveUp(let reason) = self { reason } else { nil }
    }

    var isFinished: Bool {
        if case .finished = self { true } else { false }
    }
}
