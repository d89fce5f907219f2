/// How much of a document the scanner accepts. Everything here is a refusal, never a silent cut.
public struct JSONLimits: Sendable, Equatable {
    /// The deepest nesting a scan can be asked to allow: one bit per level in a fixed 128-bit stack.
    public static let depthCeiling = 128

    /// Open containers at once; at most ``depthCeiling``.
    public var depthMax: Int
    /// Members, together, of the objects further inside that are open at once, where twins are looked for: it bounds what
    /// is kept for it, and the time that the end of an object takes (a millisecond or two).
    public static let innerMembersMax = 20_000
    /// Bytes of a key of such an object, as written.
    public static let innerKeyBytesMax = 8192

    /// Members of the outermost object.
    public var membersMax: Int
    /// Bytes of one key of the outermost object, as written. It bounds the work of finding duplicate keys.
    public var topLevelKeyBytesMax: Int
    /// Refuse a document whose outermost value is not an object.
    public var requiresObject: Bool
    /// Remember the outermost object's members and where long strings stand, and refuse twins among the members. Off where
    /// another reader does this.
    var remembersMembers = true
    /// Refuse twins in the objects further inside: on for what clients send. A provider's answer is read as it is.
    public var refusesInnerTwins: Bool

    /// A depth beyond ``depthCeiling`` is cut to it.
    public init(
        depthMax: Int = 128, membersMax: Int = 1000, topLevelKeyBytesMax: Int = 512, requiresObject: Bool = true,
        refusesInnerTwins: Bool = true
    ) {
        self.depthMax = min(max(depthMax, 1), JSONLimits.depthCeiling)
        self.membersMax = membersMax
        self.topLevelKeyBytesMax = topLevelKeyBytesMax
        self.requiresObject = requiresObject
        self.refusesInnerTwins = refusesInnerTwins
    }

    /// An object of any usual size, as every request body is.
    public static let object = JSONLimits()
    /// Any JSON value.
    public static let any = JSONLimits(requiresObject: false)
    /// Any JSON value, of which nothing is to be remembered and no key compared.
    static let grammar: JSONLimits = {
        var limits = JSONLimits(requiresObject: false, refusesInnerTwins: false)
        limits.remembersMembers = false
        return limits
    }()
}
