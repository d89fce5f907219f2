import Units

/// What a request wants set aside before it is sent: one request and one parallel slot in every scope, and these
/// ceilings.
public struct Ask: Sendable {
    /// Those without limits too: limits that are set while the request runs count its hold.
    public var scopes: ScopeList
    /// The most the first attempt can cost. Nil where nobody knows: it then holds all that is left in every scope that has
    /// a budget.
    public var ceiling: NanoUSD?
    /// The most tokens it can take, in and out.
    public var tokens: TokenCount
    /// The model's price is known to be zero, so that a spent budget does not refuse it.
    public var isFree: Bool

    /// An ask of the caller's own ceilings; a nil `ceiling` says that the price is not known, `isFree` that it is zero.
    public init(scopes: ScopeList, ceiling: NanoUSD?, tokens: TokenCount, isFree: Bool = false) {
        self.scopes = scopes
        self.ceiling = ceiling
        self.tokens = tokens
        self.isFree = isFree
    }
}
