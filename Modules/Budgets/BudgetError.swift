import Units

/// Why nothing was set aside.
public indirect enum BudgetError: Error, Equatable, Sendable {
    /// A limit would be exceeded.
    case exhausted(Refusal)
    /// The scope has a money limit and nobody has said yet what was spent in its window; see
    /// ``BudgetMachine/setSpent``.
    case notLoaded(MissingSpend)
}

/// The sum that a scope waits for before it admits anything.
public struct MissingSpend: Hashable, Sendable {
    /// Whose spending is not known.
    public var scope: Scope
    /// What was spent by attempts that were held in this window is to be summed.
    public var window: WindowInterval

    /// What the machine waits for: see ``BudgetMachine/setSpent``.
    public init(scope: Scope, window: WindowInterval) {
        self.scope = scope
        self.window = window
    }
}

/// What a limit counts.
public enum BudgetDimension: String, CaseIterable, Sendable {
    /// Money in a budget's window, requests and tokens in any 60 seconds, slots of requests that run at the same time.
    case money, requests, tokens, parallel
}

/// An amount of what a limit counts.
public struct BudgetQuantity: Hashable, Sendable {
    /// Gives ``amount`` its unit.
    public var dimension: BudgetDimension
    /// Nano-dollars, requests, tokens or slots.
    public var amount: Int64

    /// - Parameter amount: in nano-dollars, requests, tokens or slots.
    public init(_ dimension: BudgetDimension, _ amount: Int64) {
        self.dimension = dimension
        self.amount = amount
    }

    /// Nil where something else than money is counted.
    public var money: NanoUSD? { dimension == .money ? NanoUSD(nanos: amount) : nil }
}

extension BudgetQuantity: CustomStringConvertible {
    /// `$0.25`, `12 requests`
    public var description: String {
        switch dimension {
        case .money: "$\(NanoUSD(nanos: amount))"
        case .requests: amount == 1 ? "1 request" : "\(amount) requests"
        case .tokens: amount == 1 ? "1 token" : "\(amount) tokens"
        case .parallel: amount == 1 ? "1 parallel request" : "\(amount) parallel requests"
        }
    }
}

/// A limit that a request does not fit under. Where several refuse it, this is the one that will go on refusing
/// longest.
public struct Refusal: Equatable, Sendable {
    /// Whose limit it is.
    public var scope: Scope
    /// That of ``limit``.
    public var dimension: BudgetDimension
    /// The whole limit, in the unit of ``dimension``.
    public var limit: BudgetQuantity
    /// Neither used nor held; never below 0.
    public var left: BudgetQuantity
    /// The ceiling of the attempt, the one request, its tokens or the one slot; nil for all that is left: the price is
    /// not known.
    public var asked: BudgetQuantity?
    /// The part of the limit that running requests hold: it may come back at any time before ``resets``.
    public var held: BudgetQuantity
    /// The first instant at which the request would be admitted if nothing else happened till then. Nil where no time
    /// helps: a budget that lasts for ever, an ask that is larger than the limit, a parallel slot.
    public var resets: Timestamp?
    /// The ask is larger than the whole limit: repeating the request can't help.
    public var neverFits: Bool
    /// For the `x-ratelimit-*` headers.
    public var status: RateStatus

    /// The dimension is that of `limit`; all quantities are to be of the same one.
    public init(
        scope: Scope, limit: BudgetQuantity, left: BudgetQuantity, asked: BudgetQuantity?, held: BudgetQuantity,
        resets: Timestamp?, neverFits: Bool, status: RateStatus
    ) {
        self.scope = scope
        self.dimension = limit.dimension
        self.limit = limit
        self.left = left
        self.asked = asked
        self.held = held
        self.resets = resets
        self.neverFits = neverFits
        self.status = status
    }

    /// What the `Retry-After` header says: whole seconds, at least 1, rounded up. A parallel slot, and money of which
    /// running requests hold enough, may be free again at any moment: that reads 1. Nil where no wait helps.
    public func retryAfterSeconds(at now: Timestamp) -> Int64? {
        if neverFits { return nil }
        if mayComeFree { return 1 }
        guard let resets else { return nil }
        let wait = (resets - now).nanoseconds
        return max(1, wait / 1_000_000_000 + (wait % 1_000_000_000 > 0 ? 1 : 0))
    }

    /// Only running requests are in the way.
    var mayComeFree: Bool {
        switch dimension {
        case .parallel: true
        case .money: held.amount > 0 && (asked?.amount ?? 1) <= left.amount + held.amount
        case .requests, .tokens: false
        }
    }
}

extension Refusal: CustomStringConvertible {
    /// Safe to show a client: the kind of the scope without its id.
    public var description: String {
        var text = "the \(scope.kind.owner)'s "
        switch dimension {
        case .money: text += "budget"
        case .requests: text += "limit of requests per minute"
        case .tokens: text += "limit of tokens per minute"
        case .parallel: text += "limit of parallel requests"
        }
        text += " is \(limit), \(left) left, "
        if dimension == .money, held.amount > 0 { text += "\(held) held by requests under way, " }
        text += "\(asked?.description ?? "all that is left") asked"
        if neverFits {
            text += "; the request is larger than the limit"
        } else if let resets {
            text += "; resets at \(resets.text(fractionDigits: 0))"
        }
        return text
    }
}

extension Scope.Kind {
    /// Whose limits they are, in a sentence.
    fileprivate var owner: String { self == .global ? "gateway" : "\(self)" }
}

extension BudgetError: CustomStringConvertible {
    /// Safe to show a client.
    public var description: String {
        switch self {
        case .exhausted(let refusal): refusal.description
        case .notLoaded(let missing): "the \(missing.scope.kind.owner)'s spending is not known yet"
        }
    }
}
