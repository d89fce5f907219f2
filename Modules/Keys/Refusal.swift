import Units

/// Why a caller is turned away. Nothing of the key that was presented is in it.
public enum Refusal: Error, Equatable, Sendable {
    case noKey
    case wrongScheme
    case unknownKey
    case expired(Timestamp)
    case blocked
    case modelNotAllowed(model: String, allowed: [String])
}

extension Refusal {
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
