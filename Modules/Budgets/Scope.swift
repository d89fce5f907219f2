/// Whose limits a request counts against: one row of the configuration that may carry ``Limits``.
public struct Scope: Hashable, Sendable {
    /// The levels at which limits can be set.
    public enum Kind: UInt8, CaseIterable, Sendable {
        /// The raw values count from 0 without a gap: the tables of the metrics are indexed by them.
        case global, organisation, team, member, user, key, customer, project, tag, model, provider, agent, session
    }

    /// The level, which says whose row ``id`` is.
    public var kind: Kind
    /// Tells several limits of one owner apart: a second budget window of a key, its budget for one model. 0 for the
    /// main one.
    public var part: UInt32
    /// The stable row id of the owner; 0 for ``global``.
    public var id: Int64

    /// - Parameters:
    ///   - id: the stable row id of the owner.
    ///   - part: 0 for the owner's main limit.
    public init(_ kind: Kind, _ id: Int64, part: UInt32 = 0) {
        self.kind = kind
        self.part = part
        self.id = id
    }

    /// One round of the hasher instead of three: this is looked up for every scope of every request.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(UInt64(bitPattern: id) ^ UInt64(kind.rawValue) << 56 ^ UInt64(part) << 24)
    }

    /// Everything this gateway does.
    public static let global = Scope(.global, 0)

    /// An organisation's main limit; `id` is its row's.
    public static func organisation(_ id: Int64) -> Scope { Scope(.organisation, id) }
    /// A team's main limit; `id` is its row's.
    public static func team(_ id: Int64) -> Scope { Scope(.team, id) }
    /// A team member's main limit; `id` is its row's.
    public static func member(_ id: Int64) -> Scope { Scope(.member, id) }
    /// A user's main limit; `id` is its row's.
    public static func user(_ id: Int64) -> Scope { Scope(.user, id) }
    /// A virtual key's main limit; `id` is its row's.
    public static func key(_ id: Int64) -> Scope { Scope(.key, id) }
    /// A customer's main limit; `id` is its row's.
    public static func customer(_ id: Int64) -> Scope { Scope(.customer, id) }
    /// A project's main limit; `id` is its row's.
    public static func project(_ id: Int64) -> Scope { Scope(.project, id) }
    /// A tag's main limit; `id` is its row's.
    public static func tag(_ id: Int64) -> Scope { Scope(.tag, id) }
    /// A model's main limit; `id` is its row's.
    public static func model(_ id: Int64) -> Scope { Scope(.model, id) }
    /// A provider's main limit; `id` is its row's.
    public static func provider(_ id: Int64) -> Scope { Scope(.provider, id) }
    /// An agent's main limit; `id` is its row's.
    public static func agent(_ id: Int64) -> Scope { Scope(.agent, id) }
    /// A session's main limit; `id` is its row's.
    public static func session(_ id: Int64) -> Scope { Scope(.session, id) }
}

extension Scope: CustomStringConvertible {
    /// `key 42`, `global`, `key 42 part 1`
    public var description: String {
        if self == .global { return "global" }
        return "\(kind) \(id)" + (part == 0 ? "" : " part \(part)")
    }
}
