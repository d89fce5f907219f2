import JSONText
import Keys
import Secrets
import Store
import Units

/// `/key/…`: LiteLLM's routes, fields and answers.
enum KeyRoutes {
    static func generate(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        let fields = try KeyFields(call.body)
        try fields.refuseOthers(than: KeyFields.settings.union(["key"]))
        let patch = try fields.patch(at: call.now)
        let own = try fields.text("key").value
        if let own, own.utf8.count < 20 || !own.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) || own.utf8.count > 256
        {
            throw .invalid("key must be 20 to 256 printable ASCII characters.", parameter: "key")
        }
        let text = own.map { Secret(text: $0) } ?? KeyText.random()
        let new = NewKey(text: text, hasher: server.hasher)
        let now = call.now
        let duration = try fields.text("duration").value
        let key = try await server.ask { database in
            try KeyStore.create(patch.applied, as: new, createdBy: "master", at: now, on: database)
        }
        return KeyAnswer.generated(key, text: text, duration: duration, warnings: warnings(about: key, server))
    }

    private static func warnings(about key: VirtualKey, _ server: AdminServer) -> [String] {
        ModelPattern.warnings(about: key.models, models: server.currentSettings.routes.routes.map(\.name))
    }

    static func info(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        let selector: KeySelector
        switch call.caller {
        case .master:
            guard let name = call.query["key"] else {
                throw .invalid("key is missing: ?key= and the key itself or its hash.", parameter: "key")
            }
            selector = try KeyFields.selector(name, server.hasher)
        case .key(let own):
            selector = .id(own.id)
            if let name = call.query["key"], case .hash(let hash) = KeySelector(key: name, hasher: server.hasher),
                hash != own.hash
            {
                throw .forbidden
            }
        }
        let now = call.now
        let zone = server.currentSettings.timeZone
        let (key, spend) = try await server.ask { database in
            guard let key = try KeyStore.find(selector, on: database) else { throw AdminError.keyNotFound }
            return (key, try KeySpend(of: key, at: now, zone, on: database))
        }
        return KeyAnswer.info(key, spend)
    }

    static func list(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        var filter = KeyFilter()
        filter.userID = call.query["user_id"]
        filter.teamID = call.query["team_id"]
        filter.alias = call.query["key_alias"]
        filter.aliasContains = call.query["search"]
        if let text = call.query["key_hash"] {
            guard let hash = KeyHash(hex: text) else {
                throw .invalid("key_hash must be 64 hexadecimal digits.", parameter: "key_hash")
            }
            filter.hash = hash
        }
        filter.ascending = call.query["sort_order"] == "asc"
        let page = try call.query.number("page", in: 1...1_000_000, default: 1)
        let size = try call.query.number("size", in: 1...1000, default: 10)
        let isFull = try call.query.flag("return_full_object")
        let (wanted, now, zone) = (filter, call.now, server.currentSettings.timeZone)
        let (found, spends) = try await server.ask { database in
            let found = try KeyStore.list(wanted, page: page, size: size, on: database)
            return (found, try found.keys.map { try KeySpend(of: $0, at: now, zone, on: database) })
        }
        return KeyAnswer.list(found, spends, isFull: isFull)
    }

    static func update(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        let fields = try KeyFields(call.body)
        try fields.refuseSpend()
        try fields.refuseOthers(than: KeyFields.settings.union(["key"]))
        let selector = try fields.selector(server.hasher)
        let patch = try fields.patch(at: call.now)
        let now = call.now
        return try await changed(call, server, warnsOfModels: patch.models != .keep) { database in
            try KeyStore.update(selector, patch, at: now, on: database)
        }
    }

    static func block(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        let selector = try KeyFields(call.body).selector(server.hasher)
        let now = call.now
        return try await changed(call, server) { database in try KeyStore.block(selector, at: now, on: database) }
    }

    static func unblock(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        let selector = try KeyFields(call.body).selector(server.hasher)
        let now = call.now
        return try await changed(call, server) { database in try KeyStore.unblock(selector, at: now, on: database) }
    }

    private static func changed(
        _ call: AdminCall, _ server: AdminServer, warnsOfModels: Bool = false,
        _ change: @escaping @Sendable (Database) throws -> VirtualKey
    ) async throws(AdminError) -> [UInt8] {
        let now = call.now
        let zone = server.currentSettings.timeZone
        let (key, spend) = try await server.ask { database in
            let key = try change(database)
            return (key, try KeySpend(of: key, at: now, zone, on: database))
        }
        return KeyAnswer.row(key, spend, warnings: warnsOfModels ? warnings(about: key, server) : [])
    }

    /// All or none of the named keys.
    static func delete(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        let fields = try KeyFields(call.body)
        let keys = try fields.texts("keys").value ?? []
        let aliases = try fields.texts("key_aliases").value ?? []
        guard !keys.isEmpty || !aliases.isEmpty else {
            throw .invalid("keys or key_aliases must name at least one key.", parameter: "keys")
        }
        var named: [KeySelector] = aliases.map { .alias($0) }
        for key in keys { named.append(try KeyFields.selector(key, server.hasher)) }
        let selectors = named
        let now = call.now
        let deleted = try await server.ask { database in
            try database.transaction(.immediate) {
                try selectors.map { try KeyStore.delete($0, at: now, on: database) }
            }
        }
        return KeyAnswer.deleted(deleted)
    }
}

extension KeyPatch {
    /// As a new key's settings: what is not named has no limit.
    var applied: KeyDraft { applied(to: KeyDraft()) }
}
