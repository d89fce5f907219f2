import Keys
import Secrets
import Store
import Testing
import Units

@Suite struct KeyStoreTests {
    let fixture = KeyFixture()

    var full: KeyDraft {
        KeyDraft(
            alias: "app", models: ["gpt-4o", "openai/*"], expires: fixture.later(86_400), blocked: true,
            maxBudget: NanoUSD(nanos: 10_000_000_001), budgetDuration: "30d", rpmLimit: 100, tpmLimit: 100_000,
            maxParallelRequests: 0, metadata: #"{"team":"é"}"#, userID: "u1", teamID: "t1")
    }

    func changes(_ database: Database) throws -> [ChangeFeed.Change] {
        guard case .changes(let changes) = try ChangeFeed.since(0, on: database) else { return [] }
        return changes
    }

    @Test func aKeyComesBackAsItWasMade() throws {
        let database = try fixture.open()
        let new = fixture.newKey()
        let key = try KeyStore.create(full, as: new, createdBy: "admin", at: fixture.now, on: database)
        #expect(KeyDraft(key) == full)
        #expect(key.hash == new.hash && key.name == new.name && key.createdBy == "admin")
        #expect(key.createdAt == fixture.now && key.updatedAt == fixture.now && !key.deleted && key.sequence == 1)
        #expect(try KeyStore.find(.id(key.id), on: database) == key)
        #expect(try KeyStore.find(.hash(new.hash), on: database) == key)
        #expect(try KeyStore.find(.alias("app"), on: database) == key)
        for text in [new.text.reveal(for: "a test"), key.hash.hex] {
            let selector = try #require(KeySelector(key: text, hasher: fixture.hasher))
            #expect(try KeyStore.find(selector, on: database) == key)
        }
        for text in ["", "a b", String(repeating: "a", count: 257)] {
            #expect(KeySelector(key: text, hasher: fixture.hasher) == nil)
        }
        let plain = try KeyStore.create(KeyDraft(), as: fixture.newKey(), at: fixture.now, on: database)
        #expect(KeyDraft(plain) == KeyDraft())
    }

    @Test func everyChangeIsInTheFeedWithItsKeysSequence() throws {
        let database = try fixture.open()
        let id = try KeyStore.create(full, as: fixture.newKey(), at: fixture.now, on: database).id
        #expect(try KeyStore.unblock(.id(id), at: fixture.later(1), on: database).sequence == 2)
        #expect(try KeyStore.block(.id(id), at: fixture.later(2), on: database).sequence == 3)
        #expect(try KeyStore.update(.id(id), KeyPatch(), at: fixture.later(3), on: database).sequence == 4)
        #expect(try KeyStore.delete(.id(id), at: fixture.later(4), on: database).sequence == 5)
        #expect(try changes(database).map(\.id) == [id, id, id, id, id])
        #expect(try changes(database).allSatisfy { $0.kind == "key" })
    }

    @Test func aPatchKeepsSetsAndClearsEachFieldByItself() throws {
        let database = try fixture.open()
        let id = try KeyStore.create(full, as: fixture.newKey(), at: fixture.now, on: database).id
        var patch = KeyPatch()
        #expect(KeyDraft(try KeyStore.update(.id(id), patch, at: fixture.now, on: database)) == full)

        patch.alias = .set("other")
        patch.rpmLimit = .clear
        patch.maxBudget = .set(.dollars(3))
        var expected = full
        expected.alias = "other"
        expected.rpmLimit = nil
        expected.maxBudget = .dollars(3)
        #expect(KeyDraft(try KeyStore.update(.alias("app"), patch, at: fixture.later(5), on: database)) == expected)
        #expect(try KeyStore.find(.id(id), on: database)?.updatedAt == fixture.later(5))
        #expect(try KeyStore.find(.id(id), on: database)?.createdAt == fixture.now)

        var clearing = KeyPatch()
        clearing.alias = .clear
        clearing.models = .clear
        clearing.expires = .clear
        clearing.blocked = .clear
        clearing.maxBudget = .clear
        clearing.budgetDuration = .clear
        clearing.rpmLimit = .clear
        clearing.tpmLimit = .clear
        clearing.maxParallelRequests = .clear
        clearing.metadata = .clear
        clearing.userID = .clear
        clearing.teamID = .clear
        #expect(KeyDraft(try KeyStore.update(.id(id), clearing, at: fixture.now, on: database)) == KeyDraft())

        var setting = KeyPatch()
        setting.alias = .set("app")
        setting.models = .set(full.models)
        setting.expires = .set(fixture.later(86_400))
        setting.blocked = .set(true)
        setting.maxBudget = .set(NanoUSD(nanos: 10_000_000_001))
        setting.budgetDuration = .set("30d")
        setting.rpmLimit = .set(100)
        setting.tpmLimit = .set(100_000)
        setting.maxParallelRequests = .set(0)
        setting.metadata = .set(full.metadata)
        setting.userID = .set("u1")
        setting.teamID = .set("t1")
        #expect(KeyDraft(try KeyStore.update(.id(id), setting, at: fixture.now, on: database)) == full)
    }

    @Test func anAliasBelongsToOneLivingKey() throws {
        let database = try fixture.open()
        let first = try KeyStore.create(KeyDraft(alias: "app"), as: fixture.newKey(), at: fixture.now, on: database)
        #expect(throws: KeyStoreError.aliasTaken("app")) {
            try KeyStore.create(KeyDraft(alias: "app"), as: fixture.newKey(), at: fixture.now, on: database)
        }
        let other = try KeyStore.create(KeyDraft(), as: fixture.newKey(), at: fixture.now, on: database)
        var patch = KeyPatch()
        patch.alias = .set("app")
        #expect(throws: KeyStoreError.aliasTaken("app")) {
            try KeyStore.update(.id(other.id), patch, at: fixture.now, on: database)
        }
        #expect(try changes(database).count == 2, "what failed is not in the feed")
        _ = try KeyStore.delete(.id(first.id), at: fixture.now, on: database)
        #expect(try KeyStore.update(.id(other.id), patch, at: fixture.now, on: database).alias == "app")
        #expect(try KeyStore.find(.alias("app"), includingDeleted: true, on: database)?.id == other.id)
    }

    @Test func aDeletedKeyStaysInTheBooksAndNeverComesBack() throws {
        let database = try fixture.open()
        let new = fixture.newKey()
        let key = try KeyStore.create(KeyDraft(alias: "app"), as: new, at: fixture.now, on: database)
        #expect(try KeyStore.delete(.alias("app"), at: fixture.later(1), on: database).deleted)
        #expect(try KeyStore.find(.id(key.id), on: database) == nil)
        #expect(try KeyStore.find(.hash(new.hash), on: database) == nil)
        #expect(try KeyStore.find(.id(key.id), includingDeleted: true, on: database)?.alias == "app")
        #expect(throws: KeyStoreError.notFound) { try KeyStore.delete(.id(key.id), at: fixture.now, on: database) }
        #expect(throws: KeyStoreError.notFound) { try KeyStore.unblock(.id(key.id), at: fixture.now, on: database) }
        #expect(throws: KeyStoreError.keyTaken) {
            try KeyStore.create(KeyDraft(), as: new, at: fixture.now, on: database)
        }
    }

    @Test(arguments: [
        (KeyDraft(alias: ""), "key_alias"), (KeyDraft(alias: "a\nb"), "key_alias"),
        (KeyDraft(alias: String(repeating: "a", count: 257)), "key_alias"), (KeyDraft(models: ["a", ""]), "models"),
        (KeyDraft(models: ["a\nb"]), "models"), (KeyDraft(models: .init(repeating: "a", count: 1001)), "models"),
        (KeyDraft(maxBudget: NanoUSD(nanos: -1)), "max_budget"), (KeyDraft(rpmLimit: -1), "rpm_limit"),
        (KeyDraft(tpmLimit: .min), "tpm_limit"), (KeyDraft(maxParallelRequests: -1), "max_parallel_requests"),
        (KeyDraft(metadata: "[]"), "metadata"), (KeyDraft(metadata: "{"), "metadata"),
        (KeyDraft(metadata: ""), "metadata"), (KeyDraft(userID: ""), "user_id"),
        (KeyDraft(teamID: "\u{7f}"), "team_id"),
    ])
    func aBadFieldIsNamedAndNothingIsMade(draft: KeyDraft, field: String) throws {
        let database = try fixture.open()
        let error = #expect(throws: KeyStoreError.self) {
            try KeyStore.create(draft, as: fixture.newKey(), at: fixture.now, on: database)
        }
        guard case .invalid(field, _) = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(try KeyStore.list(on: database).totalCount == 0)
        #expect(try changes(database).isEmpty)
    }

    @Test func aKeyThatCouldNeverBePresentedIsNotMade() throws {
        let database = try fixture.open()
        for text in ["", "a b", "schlüssel", String(repeating: "a", count: 257)] {
            let error = #expect(throws: KeyStoreError.self) {
                try KeyStore.create(
                    KeyDraft(), as: NewKey(text: Secret(text: text), hasher: fixture.hasher), at: fixture.now,
                    on: database)
            }
            guard case .invalid("key", _) = error else { return #expect(Bool(false)) }
        }
    }

    @Test func aFailingWriteChangesNothing() throws {
        let database = try fixture.open()
        let key = try KeyStore.create(KeyDraft(alias: "app"), as: fixture.newKey(), at: fixture.now, on: database)
        let pages = try #require(try database.first("PRAGMA page_count") { $0.int(0) })
        _ = try database.query("PRAGMA max_page_count = \(pages)") { $0.int(0) }
        var patch = KeyPatch()
        patch.metadata = .set("{\"a\":\"\(String(repeating: "x", count: 60_000))\"}")
        #expect(throws: KeyStoreError.store(.full)) {
            try KeyStore.update(.id(key.id), patch, at: fixture.later(1), on: database)
        }
        #expect(try KeyStore.find(.id(key.id), on: database) == key)
        #expect(try changes(database).count == 1)

        let reader = try Database(path: fixture.folder.file("a.db"), mode: .readOnly)
        #expect(throws: KeyStoreError.store(.readOnly)) {
            try KeyStore.block(.id(key.id), at: fixture.now, on: reader)
        }
    }

    @Test func severalChangesCanBeOneTransaction() throws {
        let database = try fixture.open()
        let ids = try (0..<3).map { _ in
            try KeyStore.create(KeyDraft(), as: fixture.newKey(), at: fixture.now, on: database).id
        }
        #expect(throws: KeyStoreError.notFound) {
            try database.transaction {
                for id in ids + [99] { _ = try KeyStore.delete(.id(id), at: fixture.now, on: database) }
            }
        }
        #expect(try KeyStore.list(on: database).totalCount == 3)
        #expect(try changes(database).count == 3)
    }

    @Test func aListIsPagedFilteredAndSorted() throws {
        let database = try fixture.open()
        for number in 0..<25 {
            var draft = KeyDraft(alias: "App-\(number < 10 ? "0" : "")\(number)")
            draft.userID = number % 2 == 0 ? "even" : "odd"
            draft.teamID = number < 5 ? "small" : nil
            draft.expires = fixture.later(number)
            let id = try KeyStore.create(draft, as: fixture.newKey(), at: fixture.later(number / 5), on: database).id
            if number >= 20 { _ = try KeyStore.delete(.id(id), at: fixture.now, on: database) }
            if number == 3 { _ = try KeyStore.block(.id(id), at: fixture.now, on: database) }
        }
        func aliases(_ page: Int = 1, _ size: Int = 100, _ change: (inout KeyFilter) -> Void) throws -> [String] {
            var filter = KeyFilter()
            change(&filter)
            return try KeyStore.list(filter, page: page, size: size, on: database).keys.compactMap(\.alias)
        }
        let page = try KeyStore.list(page: 2, size: 8, on: database)
        #expect(page.totalCount == 20 && page.pageCount == 3 && page.page == 2 && page.keys.count == 8)
        var seen: [String] = []
        for number in 1...4 { seen += try aliases(number, 7) { _ in } }
        #expect(seen.count == 20 && Set(seen).count == 20, "no key twice, none left out")
        #expect(seen.first == "App-19", "newest first")
        #expect(
            try aliases {
                $0.ascending = true; $0.sorting = .alias
            }.first == "App-00")
        #expect(try aliases { $0.userID = "even" }.count == 10)
        #expect(
            try aliases {
                $0.userID = "even"; $0.teamID = "small"
            }.count == 3)
        #expect(try aliases { $0.alias = "App-07" } == ["App-07"])
        #expect(try aliases { $0.aliasContains = "pP-1" }.count == 10)
        #expect(try aliases { $0.aliasContains = "%" }.isEmpty)
        #expect(try aliases { $0.status = .deleted }.count == 5)
        #expect(try aliases { $0.status = .all }.count == 25)
        #expect(try aliases { $0.blocked = true } == ["App-03"])
        #expect(try aliases { $0.expiresBefore = fixture.later(3) }.count == 3)
        #expect(try aliases { $0.userID = "' OR 1=1 --" }.isEmpty)
        #expect(try KeyStore.list(page: 9, on: database).keys.isEmpty)
        #expect(throws: KeyStoreError.invalid(field: "page", reason: "must be 1 or more")) {
            try KeyStore.list(page: 0, on: database)
        }
        #expect(throws: KeyStoreError.invalid(field: "size", reason: "must be 1 to 1000")) {
            try KeyStore.list(size: 1001, on: database)
        }
    }

    @Test func noPartOfAKeyButItsLastFourCharactersIsInTheFiles() throws {
        let texts = try {
            let database = try fixture.open()
            return try (0..<20).map { number in
                let new = fixture.newKey()
                let key = try KeyStore.create(
                    KeyDraft(alias: "alias-to-find-\(number)"), as: new, at: fixture.now, on: database)
                _ = try KeyStore.block(.id(key.id), at: fixture.now, on: database)
                return new.text.reveal(for: "a test")
            }
        }()
        let database = try fixture.open()
        try database.executeScript("PRAGMA wal_checkpoint(PASSIVE)")
        let files = fixture.folder.names.map { String(decoding: fixture.folder.bytes(of: $0), as: Unicode.ASCII.self) }
        #expect(files.contains { $0.contains("alias-to-find-7") }, "the search finds what is there")
        for text in texts {
            for start in stride(from: 3, to: text.count - 6, by: 3) {
                let part = text.dropFirst(start).prefix(6)
                #expect(!files.contains { $0.contains(part) })
            }
        }
    }
}
