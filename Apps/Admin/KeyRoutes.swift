import KeyAnswers
import Keys
import Logging
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
        // The beginning is LiteLLM's rule, and by it nginx' access log knows what to mask.
        if let own,
            !own.hasPrefix("sk-") || own.utf8.count < 20
                || !Array(own.utf8).withUnsafeBytes({ KeyText.isAcceptable($0) })
        {
            throw .invalid(
                "key must start with 'sk-' and have 20 to \(KeyText.bytesMax) printable ASCII characters.",
                parameter: "key")
        }
        let text = own.map { Secret(text: $0) } ?? KeyText.random()
        let new = NewKey(text: text, hasher: server.hasher)
        let now = call.now
        let duration = try fields.text("duration").value
        let key = try await server.ask { database in
            try KeyStore.create(patch.applied, as: new, createdBy: "master", at: now, on: database)
        }
        call.notes.keys = [key.hash]
        return KeyAnswer.generated(
            key, text: text, duration: duration, warnings: patch.warnings(about: key, models: server.modelNames))
    }

    static func info(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        try call.query.requireOnly(["key"])
        let named = call.query["key"]
        let name: String
        switch call.caller {
        case .master:
            guard let named else {
                throw .invalid("key is missing: ?key= and the key itself or its hash.", parameter: "key")
            }
            name = named
        case .key(let own):
            if let named, KeySelector(key: named, hasher: server.hasher) != .hash(own.hash) { throw .forbidden }
            name = named ?? own.hash.hex
        }
        let selector = try call.selector(name, server.hasher)
        let now = call.now
        let zone = server.currentSettings.timeZone
        let (key, spend) = try await server.ask { database in
            guard let key = try KeyStore.find(selector, on: database) else { throw AdminError.keyNotFound }
            return (key, try KeySpend(of: key, at: now, zone, on: database))
        }
        return KeyAnswer.info(key, spend, named: name)
    }

    static func list(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        try call.query.requireOnly([
            "page", "size", "user_id", "team_id", "key_alias", "key_hash", "search", "return_full_object", "sort_by",
            "sort_order", "include_team_keys", "include_created_by_keys",
        ])
        // What LiteLLM adds by these is here already: only the master key makes keys, and it sees all of them.
        for name in ["include_team_keys", "include_created_by_keys"] { _ = try call.query.flag(name) }
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
        filter.sorting = try call.query.choice("sort_by", of: sortings) ?? filter.sorting
        filter.ascending = try call.query.choice("sort_order", of: ["asc": true, "desc": false]) ?? filter.ascending
        let page = try call.query.number("page", in: 1...Query.pageMax, default: 1)
        let size = try call.query.number("size", in: 1...sizeMax, default: 10)
        let isFull = try call.query.flag("return_full_object")
        let (wanted, now, zone) = (filter, call.now, server.currentSettings.timeZone)
        let (found, spends) = try await server.ask { database in
            let found = try KeyStore.list(wanted, page: page, size: size, on: database)
            return (found, try found.keys.map { try KeySpend(of: $0, at: now, zone, on: database) })
        }
        return KeyAnswer.list(found, spends, isFull: isFull)
    }

    /// Keys of a page, as `KeyStore` has it.
    static let sizeMax = 1000

    private static let sortings: KeyValuePairs<String, KeyFilter.Sorting> = [
        "created_at": .createdAt, "updated_at": .updatedAt, "key_alias": .alias, "expires": .expires,
        "max_budget": .maxBudget,
    ]

    static func update(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        let fields = try KeyFields(call.body)
        try fields.refuseSpend()
        try fields.refuseOthers(than: KeyFields.settings.union(["key"]))
        let name = try fields.keyName()
        let selector = try call.selector(name, server.hasher)
        let patch = try fields.patch(at: call.now)
        let now = call.now
        let (key, spend) = try await changed(call, server) { database in
            try KeyStore.update(selector, patch, at: now, on: database)
        }
        return KeyAnswer.row(
            key, spend, named: name, warnings: patch.warnings(about: key, models: server.modelNames))
    }

    static func block(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        let selector = try call.selector(KeyFields(call.body).keyName(), server.hasher)
        let now = call.now
        let (key, spend) = try await changed(call, server) { database in
            try KeyStore.block(selector, at: now, on: database)
        }
        return KeyAnswer.row(key, spend)
    }

    static func unblock(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        let selector = try call.selector(KeyFields(call.body).keyName(), server.hasher)
        let now = call.now
        let (key, spend) = try await changed(call, server) { database in
            try KeyStore.unblock(selector, at: now, on: database)
        }
        return KeyAnswer.row(key, spend)
    }

    private static func changed(
        _ call: AdminCall, _ server: AdminServer, _ change: @escaping @Sendable (Database) throws -> VirtualKey
    ) async throws(AdminError) -> (VirtualKey, KeySpend) {
        let now = call.now
        let zone = server.currentSettings.timeZone
        return try await server.ask { database in
            let key = try change(database)
            return (key, try KeySpend(of: key, at: now, zone, on: database))
        }
    }

    /// All or none of the named keys.
    static func delete(_ call: AdminCall, _ server: AdminServer) async throws(AdminError) -> [UInt8] {
        let fields = try KeyFields(call.body)
        let keys = try fields.texts("keys").value ?? []
        let aliases = try fields.texts("key_aliases").value ?? []
        guard !keys.isEmpty || !aliases.isEmpty else {
            throw .invalid("keys or key_aliases must name at least one key.", parameter: "keys")
        }
        guard keys.count + aliases.count <= namesMax else {
            throw .invalid("At most \(namesMax) keys are deleted in one call.", parameter: "keys")
        }
        var named: [(selector: KeySelector, missing: AdminError)] = []
        for (index, key) in keys.enumerated() {
            let missing = AdminError.nothingDeleted("keys", at: index)
            let selector: KeySelector
            do throws(AdminError) { selector = try call.selector(key, server.hasher) } catch { throw missing }
            named.append((selector, missing))
        }
        for (index, alias) in aliases.enumerated() {
            named.append((.alias(alias), .nothingDeleted("key_aliases", at: index, alias: alias)))
        }
        let (all, now) = (named, call.now)
        let deleted = try await server.ask { database in
            try database.transaction(.immediate) {
                try all.map { (key) throws -> VirtualKey in
                    guard try KeyStore.find(key.selector, on: database) != nil else { throw key.missing }
                    return try KeyStore.delete(key.selector, at: now, on: database)
                }
            }
        }
        call.notes.keys = deleted.map(\.hash)
        return KeyAnswer.deleted(keys + aliases)
    }

    /// As many as a line of the log has room for.
    private static let namesMax = AdminLine.keysMax
}

extension KeyPatch {
    /// As a new key's settings: what is not named has no limit.
    var applied: KeyDraft { applied(to: KeyDraft()) }
}
