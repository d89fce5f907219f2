import Glibc
import Store
import TestSupport
import Testing
import Units

@Suite struct DatabaseTests {
    let folder = TemporaryFolder()

    func open(_ name: String = "a.db") throws -> Database {
        let database = try Database(path: folder.file(name))
        try database.executeScript("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, x ANY, y TEXT UNIQUE) STRICT")
        return database
    }

    func count(_ database: Database) throws -> Int {
        try database.first("SELECT count(*) FROM t") { $0.int(0) } ?? -1
    }

    @Test func everyKindOfValueComesBackAsItWent() throws {
        let database = try open()
        let blob: [UInt8] = (0...255).map { $0 }
        let values: [SQLValue] = [
            .null, .integer(.min), .integer(.max), .integer(0), .text(""), .text("nul\u{0}inside"), .text("日本語 🙂"),
            .blob([]), .blob(blob),
        ]
        for value in values {
            try database.execute("DELETE FROM t")
            try database.execute("INSERT INTO t (x) VALUES (?)", value)
            let back = try database.first("SELECT x FROM t") { row -> SQLValue in
                switch value {
                case .null: row.isNull(0) ? .null : .text("not null")
                case .integer: .integer(row.int64(0))
                case .text: .text(row.string(0))
                case .blob: .blob(row.blob(0))
                }
            }
            #expect(back == value)
        }
    }

    @Test func unitsAreStoredExactly() throws {
        let database = try open()
        let time = Timestamp(nanosecondsSince1970: 1_795_000_000_123_456_789)
        try database.execute("INSERT INTO t (x) VALUES (?), (?), (?)", time, NanoUSD(nanos: 7), TokenCount(9))
        #expect(try database.query("SELECT x FROM t ORDER BY id") { $0.int64(0) } == [time.nanosecondsSince1970, 7, 9])
        #expect(try database.first("SELECT x FROM t") { $0.timestamp(0) } == time)
        #expect(try database.first("SELECT NULL") { $0.optionalMoney(0) } == .some(nil))
    }

    @Test func aColumnOfAnotherTypeFailsTheQueryInsteadOfBecomingZero() throws {
        let database = try open()
        try database.execute("INSERT INTO t (x) VALUES (?)", "seven")
        #expect(throws: StoreError.unexpectedValue(column: 0, expected: "an integer")) {
            try database.query("SELECT x FROM t") { $0.int64(0) }
        }
        #expect(throws: StoreError.unexpectedValue(column: 0, expected: "a text")) {
            try database.query("SELECT NULL") { $0.string(0) }
        }
        #expect(try database.query("SELECT x FROM t") { $0.string(0) } == ["seven"], "the statement is usable again")
    }

    @Test func aNewFileIsPrivateAndSoAreItsCompanions() throws {
        let database = try open()
        try database.execute("INSERT INTO t (x) VALUES (1)")
        for name in folder.names {
            var status = stat()
            #expect(stat(folder.file(name), &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600, "\(name)")
        }
        #expect(folder.names == ["a.db", "a.db-shm", "a.db-wal"])
    }

    @Test func theConnectionIsConfiguredAsPromised() throws {
        let database = try open()
        #expect(try database.first("PRAGMA journal_mode") { $0.string(0) } == "wal")
        #expect(try database.first("PRAGMA synchronous") { $0.int(0) } == 1)
        #expect(try database.first("PRAGMA foreign_keys") { $0.int(0) } == 1)
        #expect(try database.first("PRAGMA busy_timeout") { $0.int(0) } == 5000)
    }

    @Test func anErrorUndoesTheWholeTransaction() throws {
        struct Stop: Error {}
        let database = try open()
        #expect(throws: Stop.self) {
            try database.transaction {
                try database.execute("INSERT INTO t (x) VALUES (1)")
                throw Stop()
            }
        }
        #expect(try count(database) == 0)
        try database.transaction { try database.execute("INSERT INTO t (x) VALUES (1)") }
        #expect(try count(database) == 1)
    }

    @Test func anErrorInANestedTransactionUndoesOnlyThatPart() throws {
        struct Stop: Error {}
        let database = try open()
        try database.transaction {
            try database.execute("INSERT INTO t (x) VALUES (1)")
            #expect(throws: Stop.self) {
                try database.transaction {
                    try database.execute("INSERT INTO t (x) VALUES (2)")
                    throw Stop()
                }
            }
            try database.transaction { try database.execute("INSERT INTO t (x) VALUES (3)") }
        }
        #expect(try database.query("SELECT x FROM t ORDER BY id") { $0.int(0) } == [1, 3])
    }

    @Test func aBrokenRuleSaysWhichAndWhere() throws {
        let database = try open()
        try database.execute("INSERT INTO t (y) VALUES (?)", "private value")
        let error = #expect(throws: StoreError.self) {
            try database.execute("INSERT INTO t (y) VALUES (?)", "private value")
        }
        #expect(error == .constraint(.unique, detail: "t.y"))
        #expect(!"\(String(reflecting: error))".contains("private"))
        try database.executeScript("CREATE TABLE child (t INTEGER NOT NULL REFERENCES t (id)) STRICT")
        #expect(throws: StoreError.constraint(.notNull, detail: "child.t")) {
            try database.execute("INSERT INTO child VALUES (NULL)")
        }
        let foreign = #expect(throws: StoreError.self) { try database.execute("INSERT INTO child VALUES (99)") }
        #expect(foreign.map { if case .constraint(.foreignKey, _) = $0 { true } else { false } } == true)
    }

    @Test func aFullDiskIsReportedAndTheTransactionIsUndone() throws {
        let database = try open()
        try database.execute("INSERT INTO t (x) VALUES (1)")
        let pages = try #require(try database.first("PRAGMA page_count") { $0.int(0) })
        _ = try database.query("PRAGMA max_page_count = \(pages + 10)") { $0.int(0) }
        #expect(throws: StoreError.full) {
            try database.transaction {
                for _ in 0..<1000 {
                    try database.execute("INSERT INTO t (x) VALUES (?)", [UInt8](repeating: 7, count: 4000))
                }
            }
        }
        #expect(try count(database) == 1)
        #expect(!database.isBroken)
        try database.execute("DELETE FROM t")
        try database.transaction { try database.execute("INSERT INTO t (x) VALUES (2)") }
        #expect(try count(database) == 1, "the connection goes on when there is room")
    }

    @Test func writesAfterASwallowedFullDiskAreRefusedNotKeptOneByOne() throws {
        let database = try open()
        let pages = try #require(try database.first("PRAGMA page_count") { $0.int(0) })
        _ = try database.query("PRAGMA max_page_count = \(pages + 10)") { $0.int(0) }
        #expect(throws: StoreError.transactionLost) {
            try database.transaction {
                try database.execute("INSERT INTO t (x) VALUES (1)")
                for _ in 0..<100 {
                    _ = try? database.execute("INSERT INTO t (x) VALUES (?)", [UInt8](repeating: 7, count: 4000))
                }
                // SQLite has ended the transaction by itself or not: a caller cannot know.
                if try database.first("SELECT count(*) FROM t", body: { $0.int(0) }) == -1 { return }
                try database.executeScript("ROLLBACK")
                try database.execute("INSERT INTO t (x) VALUES (2)")
            }
        }
        #expect(try count(database) == 0)
    }

    @Test func aReadOnlyConnectionRefusesToWrite() throws {
        let writer = try open()
        try writer.execute("INSERT INTO t (x) VALUES (1)")
        let reader = try Database(path: folder.file("a.db"), mode: .readOnly)
        #expect(try count(reader) == 1)
        #expect(throws: StoreError.readOnly) { try reader.execute("INSERT INTO t (x) VALUES (2)") }
    }

    @Test func whatIsNotADatabaseIsSaidAtOnce() {
        let text = "This is a text, long enough to be taken for the header of a file. "
        folder.write(Array(String(repeating: text, count: 100).utf8), to: "text.db")
        #expect(throws: StoreError.corrupt(code: 26)) { try Database(path: folder.file("text.db")) }
        #expect(throws: StoreError.cannotOpen(path: folder.file("no/such/folder.db"))) {
            try Database(path: folder.file("no/such/folder.db"))
        }
        #expect(throws: StoreError.cannotOpen(path: folder.file("missing.db"))) {
            try Database(path: folder.file("missing.db"), mode: .readWrite)
        }
        #expect(folder.names == ["text.db"], "nothing was made")
    }

    @Test func damageIsNoticed() throws {
        var database: Database? = try open()
        for _ in 0..<500 { try database?.execute("INSERT INTO t (x) VALUES (?)", [UInt8](repeating: 7, count: 900)) }
        #expect(try database?.integrityFindings() == [])
        database = nil
        var bytes = folder.bytes(of: "a.db")
        for index in 8192..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
        folder.write(bytes, to: "a.db")
        let damaged = try Database(path: folder.file("a.db"))
        #expect(throws: StoreError.self) { try damaged.query("SELECT x FROM t ORDER BY x") { $0.isNull(0) } }
        #expect(damaged.isBroken)
    }

    @Test func aLockHeldTooLongIsBusy() throws {
        let first = try open()
        let second = try Database(path: folder.file("a.db"), busyTimeout: .milliseconds(50))
        try first.transaction {
            #expect(throws: StoreError.busy) { try second.transaction { 1 } }
            let seen = try count(second)
            #expect(seen == 0, "reading goes on")
        }
        #expect(try second.transaction { 1 } == 1)
    }

    @Test func openingWaitsForAFileThatIsLockedForAMoment() async throws {
        let first = try open()
        // Not in WAL mode, as a file is that another program just made.
        _ = try first.query("PRAGMA journal_mode = DELETE") { $0.string(0) }
        try first.executeScript("BEGIN IMMEDIATE")
        let path = folder.file("a.db")
        let opening = Task.detached { try Database(path: path).first("PRAGMA journal_mode") { $0.string(0) } }
        usleep(100_000)
        try first.executeScript("COMMIT")
        #expect(try await opening.value == "wal")
    }

    @Test func aQueryCanRunItselfInItsOwnRows() throws {
        let database = try open()
        for number in 1...3 { try database.execute("INSERT INTO t (x) VALUES (?)", number) }
        var pairs: [Int] = []
        try database.forEach("SELECT x FROM t ORDER BY id") { outer throws(StoreError) in
            let x = outer.int(0)
            try database.forEach("SELECT x FROM t ORDER BY id") { inner in pairs.append(x * 10 + inner.int(0)) }
        }
        #expect(pairs == [11, 12, 13, 21, 22, 23, 31, 32, 33])
    }

    @Test func moreStatementsThanTheCacheHoldsStillWork() throws {
        let database = try open()
        for round in 0..<3 {
            for number in 0..<200 {
                #expect(try database.first("SELECT \(number)") { $0.int(0) } == number, "\(round)")
            }
        }
    }

    @Test func statementsFollowAChangedSchema() throws {
        let database = try open()
        try database.execute("INSERT INTO t (x) VALUES (1)")
        #expect(try database.query("SELECT * FROM t") { $0.columnCount } == [3])
        let other = try open()
        try other.executeScript("ALTER TABLE t ADD COLUMN z INTEGER")
        #expect(try database.query("SELECT * FROM t") { $0.columnCount } == [4])
    }

    @Test func aMovedFileIsNoticed() throws {
        let database = try open()
        #expect(!database.fileHasMoved)
        #expect(rename(folder.file("a.db"), folder.file("b.db")) == 0)
        #expect(database.fileHasMoved)
    }

    @Test func aCheckpointPutsWhatWasCommittedIntoTheFileItself() throws {
        let database = try open()
        try database.execute("INSERT INTO t (x) VALUES (?)", "a text to look for")
        func isInFile() -> Bool {
            String(decoding: folder.bytes(of: "a.db"), as: Unicode.ASCII.self).contains("a text to look for")
        }
        #expect(!isInFile())
        #expect(try database.checkpoint())
        #expect(isInFile())
        let reader = try Database(path: folder.file("a.db"), busyTimeout: .milliseconds(20))
        try reader.transaction(.deferred) {
            let seen = try count(reader)
            try database.execute("INSERT INTO t (x) VALUES (2)")
            let writer = try Database(path: folder.file("a.db"), busyTimeout: .milliseconds(20))
            let isThrough = try writer.checkpoint()
            #expect(seen == 1 && !isThrough, "a reader of the older state is in the way")
        }
        #expect(try database.checkpoint())
    }

    @Test func committedRowsSurviveKillMinusNine() async throws {
        let path = folder.file("a.db")
        _ = try open()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let database = try Database(path: path)
            for number in 1...100 { try database.execute("INSERT INTO t (x) VALUES (?)", number) }
            try database.transaction {
                try database.execute("INSERT INTO t (x) VALUES (?)", 101)
                kill(getpid(), SIGKILL)
            }
        }
        let database = try open()
        #expect(try count(database) == 100)
        #expect(try database.integrityFindings() == [])
    }

    @Test func aDiskThatFailsInTheMiddleLosesOnlyTheOpenTransaction() async throws {
        let path = folder.file("a.db")
        try open().execute("INSERT INTO t (x) VALUES (1)")
        await #expect(processExitsWith: .success) { [path = path as String] in
            let database = try Database(path: path)
            // Every write beyond 256 KB fails from here on, as on a full quota.
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 256 * 1024, rlim_max: 256 * 1024)
            setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
            var failure: StoreError?
            do {
                try database.transaction {
                    for _ in 0..<1000 {
                        try database.execute("INSERT INTO t (x) VALUES (?)", [UInt8](repeating: 7, count: 9000))
                    }
                }
            } catch let error as StoreError { failure = error }
            switch failure {
            case .full, .inputOutput: break
            default: exit(2)
            }
            if try database.first("SELECT count(*) FROM t", body: { $0.int(0) }) != 1 { exit(3) }
            exit(0)
        }
        let database = try open()
        #expect(try count(database) == 1)
        #expect(try database.integrityFindings() == [])
    }
}
