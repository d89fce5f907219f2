/// The scopes of one request, each of them once. Up to eight lie inline, so that a request's list needs no allocation.
public struct ScopeList: Sendable {
    static let inlineMax = 8

    private var inline = InlineArray<8, Scope>(repeating: .global)
    private var overflow: [Scope] = []
    /// How many scopes there are, each counted once.
    public private(set) var count = 0

    /// A list of no scopes, which allocates nothing.
    public init() {}

    /// The two that every request has.
    public init(_ first: Scope, _ second: Scope) {
        append(first)
        append(second)
    }

    /// Scopes that come twice are taken once.
    public init(_ scopes: some Sequence<Scope>) {
        for scope in scopes { append(scope) }
    }

    /// Adds a scope. One that is in the list already is left out: a request counts once against each.
    public mutating func append(_ scope: Scope) {
        for index in 0..<count where self[index] == scope { return }
        if count < Self.inlineMax {
            inline[count] = scope
        } else {
            overflow.append(scope)
        }
        count += 1
    }

    /// - Precondition: `index` is 0 to ``count`` - 1.
    public subscript(index: Int) -> Scope {
        index < Self.inlineMax ? inline[index] : overflow[index - Self.inlineMax]
    }
}

extension ScopeList: ExpressibleByArrayLiteral {
    /// As ``init(_:)``: scopes that come twice are taken once.
    public init(arrayLiteral scopes: Scope...) {
        self.init(scopes)
    }
}
