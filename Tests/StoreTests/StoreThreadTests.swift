import Glibc
import Store
import Synchronization
import TestSupport
import Testing

@Suite struct StoreThreadTests {
    let folder = TemporaryFolder()
    static let schema = [
        Migration(module: "t", version: 1, name: "t", sql: "CREATE TABLE t (id INTEGER PRIMARY KEY, x ANY) STRICT")
    ]

    func thread(capacity: Int = 1024, name: String = "store") throws -> StoreThread {
        try StoreThread(path: folder.file("a.db"), name: name, capacity: capacity) { database in
            try Migrator.run(Self.schema, on: database)
        }
    }

    static func count(_ database: Database) throws -> Int {
        try database.first("SELECT count(*) FROM t") { $0.int(0) } ?? -1
    }

    @Test func jobsFromManyTasksRunOneAfterTheOtherOnOneNamedThread() async throws {
        let thread = try thread(name: "a-name-that-is-too-long")
        let names = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await thread.run { database in
                        try database.execute("INSERT INTO t (x) VALUES (?)", number)
                        return Self.nameOfThisThread()
                    }
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(names == ["a-name-that-is-"])
        #expect(try await thread.run(Self.count) == 200)
        thread.stop()
    }

    @Test func aJobsErrorReachesItsCallerAndTheNextJobRuns() async throws {
        struct Stop: Error {}
        let thread = try thread()
        await #expect(throws: Stop.self) { try await thread.run { _ in throw Stop() } }
        #expect(throws: Stop.self) { try thread.runBlocking { _ in throw Stop() } }
        #expect(try thread.runBlocking { _ in 7 } == 7)
        thread.stop()
    }

    @Test func aFullQueueRefusesAtOnce() async throws {
        let thread = try thread(capacity: 3)
        let gate = Mutex(true)
        try thread.submit { _ in
            while gate.withLock({ $0 }) { usleep(1000) }
        }
        // The thread has taken the first job when nothing waits any more.
        while thread.waitingCount > 0 { usleep(1000) }
        for _ in 0..<3 { try thread.submit { _ = try $0.execute("INSERT INTO t (x) VALUES (1)") } }
        #expect(throws: StoreError.overloaded) { try thread.submit { _ in } }
        await #expect(throws: StoreError.overloaded) { try await thread.run { _ in 1 } }
        #expect(throws: StoreError.overloaded) { try thread.runBlocking { _ in 1 } }
        gate.withLock { $0 = false }
        while thread.waitingCount > 0 { usleep(1000) }
        #expect(try await thread.run(Self.count) == 3)
        thread.stop()
    }

    @Test func stoppingDoesWhatWaitsAndAdmitsNothingMore() async throws {
        let thread = try thread()
        for number in 0..<500 { try thread.submit { _ = try $0.execute("INSERT INTO t (x) VALUES (?)", number) } }
        thread.stop()
        thread.stop()
        await #expect(throws: StoreError.stopped) { try await thread.run { _ in 1 } }
        #expect(throws: StoreError.stopped) { try thread.runBlocking { _ in 1 } }
        #expect(try Self.count(Database(path: folder.file("a.db"))) == 500)
    }

    @Test func aThreadThatIsDroppedDoesWhatWaitsToo() async throws {
        try Database(path: folder.file("a.db")).executeScript("PRAGMA user_version = 0")
        let done = Atomic<Int>(0)
        try withExtendedLifetime(try thread()) { thread in
            for _ in 0..<50 { try thread.submit { _ in done.add(1, ordering: .relaxed) } }
        }
        for _ in 0..<1000 where done.load(ordering: .relaxed) < 50 { usleep(1000) }
        #expect(done.load(ordering: .relaxed) == 50)
    }

    @Test func afterDamageTheFileIsOpenedAgainWhenItIsSound() async throws {
        let thread = try thread()
        try await thread.run { database in
            for _ in 0..<300 { try database.execute("INSERT INTO t (x) VALUES (?)", [UInt8](repeating: 7, count: 900)) }
            try database.executeScript("PRAGMA wal_checkpoint(TRUNCATE)")
        }
        let before = try await thread.run { $0.connectionNumber }
        let sound = folder.bytes(of: "a.db")
        var damaged = sound
        for index in 4096..<damaged.count { damaged[index] = 0xee }
        overwrite(with: damaged)
        // A new page cache is needed to meet the damage.
        await #expect(throws: StoreError.self) {
            try await thread.run { database in
                try database.executeScript("PRAGMA shrink_memory")
                return try database.query("SELECT x FROM t WHERE id > 50") { $0.blob(0) }.count
            }
        }
        overwrite(with: sound)
        #expect(try await thread.run(Self.count) == 300)
        #expect(try await thread.run { $0.connectionNumber } != before)
        thread.stop()
    }

    @Test func aDeletedFileIsAnErrorAndNeverANewEmptyStore() async throws {
        let thread = try thread()
        try await thread.run { _ = try $0.execute("INSERT INTO t (x) VALUES (1)") }
        for name in folder.names { rename(folder.file(name), folder.file("away-" + name)) }
        usleep(600_000)
        for _ in 0..<2 {
            await #expect(throws: StoreError.cannotOpen(path: folder.file("a.db"))) {
                try await thread.run(Self.count)
            }
        }
        #expect(!folder.names.contains("a.db"))
        for name in folder.names { rename(folder.file(name), folder.file(String(name.dropFirst(5)))) }
        #expect(try await thread.run(Self.count) == 1, "when the file is back, so is the store")
        thread.stop()
    }

    @Test func aFileThatWasReplacedIsOpenedAnew() async throws {
        let thread = try thread()
        try await thread.run { _ = try $0.execute("INSERT INTO t (x) VALUES (1)") }
        let before = try await thread.run { $0.connectionNumber }
        do {
            let other = try Database(path: folder.file("other.db"))
            try Migrator.run(Self.schema, on: other)
            try other.execute("INSERT INTO t (x) VALUES (1), (2), (3)")
        }
        for name in ["a.db-wal", "a.db-shm"] { unlink(folder.file(name)) }
        rename(folder.file("other.db"), folder.file("a.db"))
        usleep(600_000)
        #expect(try await thread.run(Self.count) == 3)
        #expect(try await thread.run { $0.connectionNumber } != before)
        thread.stop()
    }

    @Test func aStoreThatCannotBeOpenedYetIsTriedAgain() async throws {
        let path = folder.file("later/a.db")
        let thread = try StoreThread(path: path, name: "later")
        await #expect(throws: StoreError.cannotOpen(path: path)) { try await thread.run { _ in 1 } }
        mkdir(folder.file("later"), 0o700)
        #expect(try await thread.run { _ in 1 } == 1)
        thread.stop()
        for name in ["a.db", "a.db-wal", "a.db-shm"] { unlink(folder.file("later/\(name)")) }
        rmdir(folder.file("later"))
    }

    @Test func whoeverSubmittedAJobHearsOfItsFailureEvenIfItNeverRan() async throws {
        struct Stop: Error {}
        let unopened = try StoreThread(path: folder.file("no/such/folder.db"), name: "store")
        let error = try await withCheckedThrowingContinuation { continuation in
            do {
                try unopened.submit(
                    { _ in continuation.resume(returning: nil) },
                    onFailure: { error in
                        continuation.resume(returning: error as? StoreError)
                    })
            } catch {
                continuation.resume(throwing: error)
            }
        }
        #expect(error == .cannotOpen(path: folder.file("no/such/folder.db")))
        unopened.stop()
        let thread = try thread()
        let heard = Atomic<Bool>(false)
        try thread.submit({ _ in throw Stop() }, onFailure: { heard.store($0 is Stop, ordering: .relaxed) })
        thread.stop()
        let wasHeard = heard.load(ordering: .relaxed)
        #expect(wasHeard)
    }

    static func nameOfThisThread() -> String {
        let descriptor = open("/proc/thread-self/comm", O_RDONLY)
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &buffer, buffer.count)
        return String(decoding: buffer[..<max(count - 1, 0)], as: UTF8.self)
    }

    /// Writes into the file that is there, as a failing disk would: the inode stays.
    func overwrite(with bytes: [UInt8]) {
        let descriptor = open(folder.file("a.db"), O_WRONLY)
        _ = pwrite(descriptor, bytes, bytes.count, 0)
        // Not closed on purpose: closing would drop the store thread's POSIX locks on the file.
        _ = descriptor
    }
}
