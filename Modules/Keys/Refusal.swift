import Units

/// Why a caller is turned away. Nothing of the key that was presented is in it.
public enum Refusal: Error, Equatable, Sendable {
    /// None of the four headers had one, or `Bearer` stood alone.
    case noKey
    /// An Authorization header that is not `Bearer`, and no other header with a key.
    case wrongScheme
    /// Also a key that was deleted, and what can't be a key at all: one answer for all of them.
    case unknownKey
    /// The instant at which it did; from it on the key is refused.
    case expired(Timestamp)
    /// The operator blocked it; it may be let in again.
    case blocked
    /// `allowed` is the key's own list, patterns and all.
    case modelNotAllowed(model: String, allowed: [String])
}

extension Refusal {
    /// Of the HTTP answer: 403 where the key is good and the model is not allowed, else 401.
    public var status: Int {
        switch self {
        case .modelNotAllowed: 403
        default: 401
        }
    }

    /// LiteLLM's error type.
    public var type: String {
        switch self {
        case .noKey, .wrongScheme, .blocked: "auth_error"
        case .unknownKey: "token_not_found_in_db"
        case .expired: "expired_key"
        case .modelNotAllowed: "key_model_access_denied"
        }
    }

    /// OpenAI's error code, which its SDKs give to the caller.
    public var code: String {
        switch self {
        case .noKey, .wrongScheme, .unknownKey: "invalid_api_key"
        case .expired: "expired_api_key"
        case .blocked: "blocked_api_key"
        case .modelNotAllowed: "model_not_allowed"
        }
    }
}

extension Refusal: CustomStringConvertible {
    /// Safe to show the caller.
    public var description: String {
        switch self {
        case .noKey:
            "No API key was given. Send it as `Authorization: Bearer sk-…` (or x-api-key, api-key, x-goog-api-key)."
        case .wrongScheme: "The Authorization header must be `Bearer` and a key."
        case .unknownKey: "The API key is not valid."
        case .expired(let time): "The API key expired at \(time.text(fractionDigits: 0))."
        case .blocked: "The API key is blocked."
        case .modelNotAllowed(let model, let allowed):
            "The API key may not use the model \(Self.shortened(model)). "
                + "It may use: \(allowed.prefix(20).joined(separator: ", "))\(allowed.count > 20 ? ", …" : "")."
        }
    }

    /// The caller chose the name: no more than 100 characters of it come back.
    private static func shortened(_ model: String) -> String {
        model.utf8.count <= 100 ? "'\(model)'" : "'\(model.unicodeScalars.prefix(100).map { String($0) }.joined())…'"
    }
}
