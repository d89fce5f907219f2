import Glibc
import Keys
import Secrets
import Store
import Testing
import Units

@Suite struct KeyRingTests {
    let fixture = KeyFixture()

    func create(_ draft: KeyDraft = KeyDraft(), on database: Database) throws -> VirtualKey {
        try KeyStore.create(draft, as: fixture.newKey(), at: fixture.now, on: database)
    }

    @Test func anEmptyRingKnowsNobodyAndSaysThatItIsNotLoaded() throws {
        let database = try fixture.open()
        let key = try create(on: database)
        let ring = KeyRing()
        #expect(!ring.isLoaded && ring.find(key.hash) == nil && ring.count == 0)
        #expect(try ring.refresh(from: database).changed == [key])
        #expect(ring.isLoaded && ring.find(key.hash) == key && ring.find(id: key.id) == key)
    }

    @Test func whatAnotherConnectionChangesIsSeenAfterARefresh() throws {
        let admin = try fixture.open()
        let gateway = try fixture.open()
        let ring = try KeyRing(loading: gateway)
        #expect(ring.isLoaded && ring.count == 0)

        let key = try create(KeyDraft(rpmLimit: 5), on: admin)
        #expect(ring.find(key.hash) == nil)
        #expect(try ring.refresh(from: gateway) == KeyRing.Difference(changed: [key]))
        #expect(ring.find(key.hash) == key)

        let blocked = try KeyStore.block(.id(key.id), at: fixture.later(1), on: admin)
        #expect(try ring.refresh(from: gateway).changed == [blocked])
        #expect(ring.find(key.hash)?.blocked == true, "a blocked key stays, to be told so")

        var patch = KeyPatch()
        patch.rpmLimit = .clear
        _ = try KeyStore.update(.id(key.id), patch, at: fixture.later(2), on: admin)
        try ring.refresh(from: gateway)
        #expect(ring.find(key.hash)?.rpmLimit == nil)

        _ = try KeyStore.delete(.id(key.id), at: fixture.later(3), on: admin)
        let difference = try ring.refresh(from: gateway)
        #expect(difference.removed.map(\.id) == [key.id] && difference.changed.isEmpty)
        #expect(ring.find(key.hash) == nil && ring.find(id: key.id) == nil && ring.count == 0)
        #expect(try ring.refresh(from: gateway).isEmpty, "nothing new, nothing said")
    }

    @Test func aKeyMadeAndDeletedBetweenTwoRefreshesIsNeverSeen() throws {
        let database = try fixture.open()
        let ring = try KeyRing(loading: database)
        let key = try create(on: database)
        _ = try KeyStore.delete(.id(key.id), at: fixture.now, on: database)
        #expect(try ring.refresh(from: database).isEmpty)
        #expect(ring.count == 0)
    }

    @Test func updatesThatArriveOutOfOrderNeverBringBackAnOlderState() throws {
        let database = try fixture.open()
        let file = database.fileIdentity
        let new = fixture.newKey()
        func version(_ sequence: Int64, blocked: Bool = false, deleted: Bool = false) -> VirtualKey {
            VirtualKey(
                id: 1, hash: new.hash, name: new.name, blocked: blocked, deleted: deleted, createdAt: fixture.now,
                updatedAt: fixture.now, sequence: sequence)
        }
        let versions = [version(1), version(2, blocked: true), version(3, blocked: true), version(4, deleted: true)]
        /// What a snapshot taken right after change `end` shows to a reader who had seen everything up to `start`.
        func update(_ end: Int) -> KeyRing.Update {
            KeyRing.Update(position: Int64(end), file: file, content: .changed([versions[end - 1]]))
        }
        func whole(_ end: Int) -> KeyRing.Update {
            let key = versions[end - 1]
            return KeyRing.Update(
                position: Int64(end), file: file, content: .all(key.deleted ? [:] : [key.hash: key]))
        }
        // Every order of four updates, each as a change or as a reload.
        for order in permutations([1, 2, 3, 4]) {
            for kinds in 0..<16 {
                let ring = try KeyRing(loading: database)
                var newest = 0
                for (index, number) in order.enumerated() {
                    _ = ring.apply(kinds >> index & 1 == 0 ? update(number) : whole(number))
                    newest = max(newest, number)
                    let expected = versions[newest - 1]
                    #expect(ring.find(new.hash) == (expected.deleted ? nil : expected), "\(order) \(kinds)")
                    #expect(ring.position == Int64(newest))
                }
            }
        }
    }

    @Test func aReaderThatWasAwayTooLongReloads() throws {
        let database = try fixture.open()
        let stays = try create(on: database)
        let goes = try create(on: database)
        let ring = try KeyRing(loading: database)
        _ = try KeyStore.delete(.id(goes.id), at: fixture.now, on: database)
        let comes = try create(on: database)
        try ChangeFeed.trim(at: fixture.later(90 * 86_400), on: database)
        let difference = try ring.refresh(from: database)
        #expect(difference.changed == [comes] && difference.removed == [goes])
        #expect(ring.find(stays.hash) == stays && ring.find(comes.hash) == comes && ring.find(goes.hash) == nil)
        #expect(try ring.refresh(from: database).isEmpty)
    }

    @Test func aStoreThatWasReplacedByAnOlderCopyIsFollowed() throws {
        let path = fixture.folder.file("a.db")
        var database: Database? = try fixture.open()
        let old = try create(on: database!)
        try database?.executeScript("VACUUM INTO '\(path).backup'")
        let new = try create(on: database!)
        let ring = try KeyRing(loading: database!)
        #expect(ring.count == 2)
        database = nil
        rename(path + ".backup", path)
        let restored = try fixture.open()
        #expect(try ring.refresh(from: restored).removed == [new])
        #expect(ring.find(old.hash) == old && ring.find(new.hash) == nil)
    }

    @Test func aStoreThatWasReplacedByAnotherOneIsFollowed() throws {
        let other = KeyFixture()
        var otherKeys: [VirtualKey] = []
        do {
            let database = try other.open()
            for _ in 0..<5 { otherKeys.append(try create(on: database)) }
            try database.checkpoint()
        }
        var database: Database? = try fixture.open()
        _ = try create(on: database!)
        let ring = try KeyRing(loading: database!)
        database = nil
        rename(other.folder.file("a.db"), fixture.folder.file("a.db"))
        // The feed goes on behind the position that the ring remembers: only the file itself says that it is another.
        #expect(try ring.refresh(from: fixture.open()).changed.count == 5)
        #expect(Set(ring.all.map(\.hash)) == Set(otherKeys.map(\.hash)))
    }

    @Test func aRowThatWasSeenInANewerStateIsNotTakenFromALateUpdate() throws {
        let database = try fixture.open()
        let key = try create(on: database)
        let blocked = try KeyStore.block(.id(key.id), at: fixture.now, on: database)
        let ring = try KeyRing(loading: database)
        let late = KeyRing.Update(position: 3, file: database.fileIdentity, content: .changed([key]))
        #expect(ring.apply(late).isEmpty)
        #expect(ring.find(key.hash) == blocked && ring.position == 3)
    }

    @Test func aStoreThatFailsLeavesTheRingAsItWas() throws {
        let database = try fixture.open()
        let key = try create(on: database)
        let ring = try KeyRing(loading: database)
        _ = try KeyStore.block(.id(key.id), at: fixture.now, on: database)
        try database.executeScript("ALTER TABLE virtual_keys RENAME TO elsewhere")
        #expect(throws: StoreError.self) { try ring.refresh(from: database) }
        #expect(ring.find(key.hash) == key)
        try database.executeScript("ALTER TABLE elsewhere RENAME TO virtual_keys")
        try ring.refresh(from: database)
        #expect(ring.find(key.hash)?.blocked == true)
    }

    @Test func manyChangesAtOnceAreTakenInAnyAmount() throws {
        let database = try fixture.open()
        let ring = try KeyRing(loading: database)
        for amount in [999, 1001, 3000] {
            let before = ring.count
            try database.transaction { for _ in 0..<amount { _ = try create(on: database) } }
            #expect(try ring.refresh(from: database).changed.count == amount)
            #expect(ring.count == before + amount)
        }
        // More entries than are worth following one by one: the ring reads everything anew.
        let id = try #require(ring.all.first?.id)
        try database.transaction {
            for _ in 0..<10_500 { try ChangeFeed.append(kind: "key", id: id, at: fixture.now, on: database) }
        }
        let blocked = try KeyStore.block(.id(id), at: fixture.now, on: database)
        #expect(try ring.refresh(from: database).changed == [blocked])
        #expect(ring.count == 5000)
    }

    @Test func entriesOfOtherKindsInTheFeedAreNotKeys() throws {
        let database = try fixture.open()
        let key = try create(on: database)
        let ring = try KeyRing(loading: database)
        try ChangeFeed.append(kind: "team", id: key.id, at: fixture.now, on: database)
        #expect(try ring.refresh(from: database).isEmpty)
        #expect(ring.position == 2)
    }

    /// An admin blocks and unblocks, readers look, two refreshers race: nobody ever sees time go back.
    @Test func underConcurrencyAKeyOnlyMovesForward() async throws {
        let database = try fixture.open()
        let key = try create(on: database)
        let ring = try KeyRing(loading: database)
        let path = fixture.folder.file("a.db")
        let now = fixture.now
        let changes = 300
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let admin = try StoreThread(path: path, name: "admin")
                defer { admin.stop() }
                for number in 0..<changes {
                    try await admin.run { database in
                        var patch = KeyPatch()
                        patch.rpmLimit = .set(number)
                        _ = try KeyStore.update(.id(key.id), patch, at: now, on: database)
                    }
                }
            }
            for number in 0..<2 {
                group.addTask {
                    let reader = try StoreThread(path: path, name: "refresh-\(number)")
                    defer { reader.stop() }
                    while ring.find(id: key.id)?.rpmLimit != changes - 1 {
                        try await reader.run { database in _ = try ring.refresh(from: database) }
                    }
                }
                group.addTask {
                    var last: Int64 = 0
                    while true {
                        guard let seen = ring.find(key.hash) else {
                            Issue.record("the key was gone for a moment")
                            return
                        }
                        if seen.sequence < last { Issue.record("went back from \(last) to \(seen.sequence)") }
                        last = seen.sequence
                        if seen.rpmLimit == changes - 1 { return }
                        await Task.yield()
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func lookingUpNeverWaitsForTheStore() throws {
        // A writer holds the store's lock; the ring answers all the same.
        let database = try fixture.open()
        let key = try create(on: database)
        let ring = try KeyRing(loading: database)
        let other = try fixture.open()
        try other.transaction(.immediate) {
            #expect(ring.find(key.hash) == key)
            let difference = try ring.refresh(from: database)
            #expect(difference.isEmpty, "reading the feed does not wait for a writer either")
        }
    }

    @Test func aHundredThousandKeysTakeLessThan60MB() async throws {
        _ = try fixture.open()
        let path = fixture.folder.file("a.db")
        // In a process of its own: nothing else grows beside it.
        await #expect(processExitsWith: .success) { [path = path as String] in
            let database = try Database(path: path)
            try database.execute(
                """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
                INSERT INTO virtual_keys (hash, name, alias, models, blocked, max_budget, budget_duration, rpm_limit,
                    metadata, user_id, created_by, created_at, updated_at, updated_seq)
                SELECT randomblob(32), 'sk-...abcd', 'application-number-' || i,
                    iif(i % 3, '', 'gpt-4o' || char(10) || 'openai/*' || char(10) || 'model-' || (i % 50)),
                    0, 10000000000, '30d', 100, iif(i % 2, '{}', '{"team":"department-' || (i % 100) || '"}'),
                    'user-0000-1111-' || (i % 5000), 'default_user_id', 1, 1, i
                FROM n
                """)
            try database.checkpoint()
            let before = residentBytes()
            let ring = try KeyRing(loading: database)
            precondition(ring.count == 100_000, "not all keys were loaded")
            precondition(residentBytes() - before < 60_000_000, "\(residentBytes() - before) bytes for 100,000 keys")
        }
    }

    func permutations(_ items: [Int]) -> [[Int]] {
        guard items.count > 1 else { return [items] }
        return items.flatMap { item in permutations(items.filter { $0 != item }).map { [item] + $0 } }
    }
}

/// What this process has in memory now.
private func residentBytes() -> Int {
    let file = open("/proc/self/statm", O_RDONLY)
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(file, &buffer, buffer.count)
    let pages = String(decoding: buffer[..<max(count, 0)], as: UTF8.self).split(separator: " ")
    return (pages.count > 1 ? Int(pages[1]) ?? 0 : 0) * Int(getpagesize())
}
