import FastCGI
import Keys
import ServerProcess
import Store
import Units

/// What the admin API answers instead of what was asked, in the shape of OpenAI's and LiteLLM's errors.
struct AdminError: Error {
    let status: Int
    let type: String
    let code: String
    let message: String
    var parameter: String?
    var headers: [String] = []

    static func invalid(_ message: String, parameter: String? = nil, status: Int = 400) -> AdminError {
        AdminError(
            status: status, type: "invalid_request_error", code: "invalid_request", message: message,
            parameter: parameter)
    }

    static let forbidden = AdminError(
        status: 403, type: "permission_error", code: "admin_only",
        message: "This route needs the master key.")

    static let unknownRoute = AdminError(
        status: 404, type: "invalid_request_error", code: "unknown_url",
        message: "Unknown admin route. GET /openapi.json lists all of them.")

    static func wrongMethod(_ method: String, allowed: String) -> AdminError {
        AdminError(
            status: 405, type: "invalid_request_error", code: "method_not_allowed",
            message: "Method \(method.shown) is not allowed here. Allowed: \(allowed).", headers: ["Allow: \(allowed)"])
    }

    static let keyNotFound = AdminError(
        status: 404, type: "not_found_error", code: "key_not_found", message: "No such key.", parameter: "key")

    /// - Parameter alias: nil where the key was named by its text or its hash, which is not repeated.
    static func nothingDeleted(_ member: String, at index: Int, alias: String? = nil) -> AdminError {
        let named = alias.map { " ('\($0.shown)')" } ?? ""
        return AdminError(
            status: 404, type: "not_found_error", code: "key_not_found",
            message: "No such key: \(member)[\(index)]\(named). Nothing was deleted.", parameter: member)
    }
}

extension AdminError {
    init(_ refusal: Keys.Refusal) {
        self.init(
            status: refusal.status, type: refusal.type, code: refusal.code, message: refusal.description,
            headers: refusal.status == 401 ? ["WWW-Authenticate: Bearer"] : [])
    }

    init(_ error: UnreadableBody) {
        self.init(
            status: 415, type: "invalid_request_error", code: error.code, message: error.description,
            headers: error.headers)
    }

    /// What the store's thread threw.
    init(_ error: any Error) {
        switch error {
        case let error as AdminError: self = error
        case let error as KeyStoreError: self.init(error)
        case let error as StoreError: self.init(error)
        default:
            self.init(
                status: 500, type: "server_error", code: "internal_error",
                message: "The admin server failed: \(Swift.type(of: error)).")
        }
    }

    private init(_ error: KeyStoreError) {
        switch error {
        case .aliasTaken: self = .invalid(error.description, parameter: "key_alias")
        case .keyTaken: self = .invalid(error.description, parameter: "key")
        case .notFound: self = .keyNotFound
        case .invalid(let field, _): self = .invalid(error.description, parameter: field)
        case .store(let error): self.init(error)
        }
    }

    private init(_ error: StoreError) {
        Log.line("store failed", ["error": "\(error)"])
        self.init(
            status: 503, type: "server_error", code: "store_unavailable",
            message: "The store did not answer. The admin's log says why.", headers: ["Retry-After: 2"])
    }
}
