import Store

/// Why a key was not made or changed.
public enum KeyStoreError: Error, Equatable, Sendable {
    /// Another key that is not deleted has this alias.
    case aliasTaken(String)
    /// This key's text exists or existed already. (A deleted key never comes back by being made again.)
    case keyTaken
    /// No key is named so, or it was deleted.
    case notFound
    /// `field` is the name in LiteLLM's API.
    case invalid(field: String, reason: String)
    /// The store could not be read or written; nothing was changed.
    case store(StoreError)
}

extension KeyStoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .aliasTaken(let alias): "a key with the alias '\(alias)' exists already"
        case .keyTaken: "this key exists already, or existed and was deleted"
        case .notFound: "no such key"
        case .invalid(let field, let reason): "\(field) \(reason)"
        case .store(let error): error.description
        }
    }
}
