import Synchronization

/// A label's value as a small number, made from configuration once and used by requests.
///
/// Only what the operator configured has a number; everything else is ``other``. That is what keeps the number of
/// series constant whatever clients ask for.
public struct MetricLabel<Kind>: Hashable, Sendable {
    let number: UInt16

    /// What is not configured, or was configured when the table was full.
    public static var other: MetricLabel { MetricLabel(number: 0) }
}

/// Kinds of ``MetricLabel``.
public enum ModelLabelKind {}
/// See ``ProviderLabel``.
public enum ProviderLabelKind {}
/// See ``EndpointLabel``.
public enum EndpointLabelKind {}
/// See ``ScopeLabel``.
public enum ScopeLabelKind {}
/// See ``GuardrailLabel``.
public enum GuardrailLabelKind {}

/// A model's public name.
public typealias ModelLabel = MetricLabel<ModelLabelKind>
/// A provider's configured name.
public typealias ProviderLabel = MetricLabel<ProviderLabelKind>
/// What a client called: `chat.completions`.
public typealias EndpointLabel = MetricLabel<EndpointLabelKind>
/// The kind of a budget's scope: `key`, `global`.
public typealias ScopeLabel = MetricLabel<ScopeLabelKind>
/// The operator's name of a rule.
public typealias GuardrailLabel = MetricLabel<GuardrailLabelKind>

/// The known values of all labels. Names stay known until the process ends, because counters must not go back.
public final class MetricLabels: Sendable {
    private struct Table {
        let countMax: Int
        var numbers: [String: UInt16] = [:]
        var names = ["other"]

        mutating func number(of name: String) -> UInt16 {
            if let known = numbers[name] { return known }
            guard names.count < countMax else { return 0 }
            let number = UInt16(names.count)
            numbers[name] = number
            names.append(name)
            return number
        }
    }

    private struct Tables {
        var models = Table(countMax: 2000)
        var providers = Table(countMax: 250)
        var endpoints = Table(countMax: 60)
        var scopes = Table(countMax: 30)
        var guardrails = Table(countMax: 250)
    }

    private let tables = Mutex(Tables())

    /// Knows nothing but `other` of each kind.
    public init() {}

    /// Takes a lock: for when a configuration is loaded, not for requests. Never to be given a client's text.
    public func model(_ configured: String) -> ModelLabel {
        tables.withLock { ModelLabel(number: $0.models.number(of: configured)) }
    }

    /// As ``model(_:)``, for a provider's configured name.
    public func provider(_ configured: String) -> ProviderLabel {
        tables.withLock { ProviderLabel(number: $0.providers.number(of: configured)) }
    }

    /// As ``model(_:)``, for an endpoint that the gateway has: `chat.completions`.
    public func endpoint(_ known: String) -> EndpointLabel {
        tables.withLock { EndpointLabel(number: $0.endpoints.number(of: known)) }
    }

    /// The kind of a budget's scope: `key`, `global`.
    public func scope(_ known: String) -> ScopeLabel {
        tables.withLock { ScopeLabel(number: $0.scopes.number(of: known)) }
    }

    /// As ``model(_:)``, for the operator's name of a rule.
    public func guardrail(_ configured: String) -> GuardrailLabel {
        tables.withLock { GuardrailLabel(number: $0.guardrails.number(of: configured)) }
    }

    struct Names {
        let models: [String]
        let providers: [String]
        let endpoints: [String]
        let scopes: [String]
        let guardrails: [String]
    }

    var names: Names {
        tables.withLock {
            Names(
                models: $0.models.names, providers: $0.providers.names, endpoints: $0.endpoints.names,
                scopes: $0.scopes.names, guardrails: $0.guardrails.names)
        }
    }
}
