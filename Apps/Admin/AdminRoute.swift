import Keys

/// The table of admin routes: who may, and what answers. What is not in it does not exist.
struct AdminRoute: Sendable {
    enum Role {
        /// Documentation only.
        case anyone
        /// The master key, or a virtual key about itself.
        case keyHolder
        case master
    }

    let method: String
    let path: String
    let role: Role
    let summary: String
    let handle: @Sendable (AdminCall, AdminServer) async throws(AdminError) -> [UInt8]

    init(
        _ method: String, _ path: String, for role: Role = .master, _ summary: String,
        _ handle: @escaping @Sendable (AdminCall, AdminServer) async throws(AdminError) -> [UInt8]
    ) {
        self.method = method
        self.path = path
        self.role = role
        self.summary = summary
        self.handle = handle
    }

    static let all: [AdminRoute] = [
        AdminRoute(
            "POST", "/key/generate", "Makes a virtual key. Its text is in this answer only.", KeyRoutes.generate),
        AdminRoute(
            "GET", "/key/info", for: .keyHolder, "A key's settings, and exactly what it has spent.", KeyRoutes.info),
        AdminRoute("GET", "/key/list", "Keys, a page at a time.", KeyRoutes.list),
        AdminRoute("POST", "/key/update", "Changes what it names; null clears.", KeyRoutes.update),
        AdminRoute("POST", "/key/block", "Refuses the key from now on.", KeyRoutes.block),
        AdminRoute("POST", "/key/unblock", "Admits the key again.", KeyRoutes.unblock),
        AdminRoute("POST", "/key/delete", "Deletes keys; their ledger rows stay.", KeyRoutes.delete),
        AdminRoute("GET", "/spend/logs", "Ledger rows, newest first: one per call to a provider.", SpendRoutes.logs),
        AdminRoute("GET", "/openapi.json", for: .anyone, "This description.") {
            (_, _) async throws(AdminError) in OpenAPI.document
        },
    ]

    static func find(path: String, method: String) throws(AdminError) -> AdminRoute {
        let matches = all.filter { $0.path == path }
        if let route = matches.first(where: { $0.method == method }) { return route }
        guard let other = matches.first else { throw .unknownRoute }
        throw .wrongMethod(method, allowed: other.method)
    }
}
