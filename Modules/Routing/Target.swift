import Providers
import Units
import WireFormats

/// One place that can answer calls for a route: a model at a provider.
///
/// A class so that handing one around costs one retain; nothing in it ever changes.
public final class Target: Sendable {
    /// The same for the same provider, address and model, also after a reload and in every process: what is known of a
    /// target's health survives an edit of the configuration around it.
    public let id: Int

    /// Where calls go, and what is known of who answers there.
    public let provider: Provider

    /// The upstream's name for the model. One `*` in it stands for what the route's wildcard matched.
    public let model: String
    private let pattern: StarPattern?

    /// Its share among the targets of the same order. 0 takes it out of service.
    public let weight: Int

    /// Lower orders are asked first; higher ones only when nobody below can be.
    public let order: Int

    /// Nil: no price is known, not even the catalogue's. A budget then holds all that is left of it.
    public let pricing: Pricing?

    /// The value of the provider's ``Provider/versionParameter``.
    public let apiVersion: String?

    /// - Parameters:
    ///   - model: `*` for whatever the route's wildcard stood for; the client's own name where the route has none.
    ///   - weight: not below 0, which traps.
    public init(
        provider: Provider, model: String = "*", weight: Int = 1, order: Int = 1, pricing: Pricing? = .catalogue,
        apiVersion: String? = nil
    ) {
        precondition(weight >= 0, "the configuration admits no negative weight")
        self.provider = provider
        self.model = model
        self.weight = weight
        self.order = order
        self.pricing = pricing
        self.apiVersion = apiVersion
        pattern = StarPattern(model)
        id = Target.identity(of: [provider.name, provider.baseURL ?? "", model, apiVersion ?? ""])
    }

    /// What a route's wildcard has to stand for, so that the provider is asked for `model`; nil where it never is.
    public func match(of model: String) -> String? { pattern?.rest(of: model) }

    /// It may be asked for many models.
    var hasWildcard: Bool { pattern != nil }

    /// - Parameter match: what the route's wildcard stood for.
    public func upstreamModel(matching match: String) -> String { pattern?.filled(with: match) ?? model }

    /// The price of a call to that upstream model; nil where nobody states one, which is not the same as free.
    public func price(of upstreamModel: String) -> ModelPrice? {
        switch pricing {
        case .fixed(let price): price
        case .catalogue: ModelCatalogue.price(of: upstreamModel, at: provider.catalogue)
        case nil: nil
        }
    }

    /// Whether that upstream model answers with words: not where it makes embeddings alone, as its provider's dialects,
    /// the operator's price or the catalogue say.
    public func generates(_ upstreamModel: String) -> Bool {
        guard provider.dialects.contains(where: { $0 != .embeddings }) else { return false }
        if case .fixed(let price)? = pricing, !price.pricesOutput, provider.dialects.contains(.embeddings) {
            return false
        }
        return ModelCatalogue.facts(of: upstreamModel, at: provider.catalogue)?.mode != .embedding
    }

    /// 64-bit FNV-1a over the parts, each ended by a zero byte.
    private static func identity(of parts: [String]) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for part in parts {
            for byte in part.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
            hash = hash &* 0x0000_0100_0000_01b3
        }
        return Int(truncatingIfNeeded: hash)
    }
}

extension Target: Equatable {
    public static func == (left: Target, right: Target) -> Bool {
        left === right
            || (left.id == right.id && left.provider == right.provider && left.model == right.model
                && left.weight == right.weight && left.order == right.order && left.pricing == right.pricing
                && left.apiVersion == right.apiVersion)
    }
}

extension Target: CustomStringConvertible {
    /// `openai/gpt-4o`
    public var description: String { provider.name + "/" + model }
}
