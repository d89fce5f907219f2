import CSQLite
import Glibc
import Synchronization

/// One connection to one SQLite file, used by one thread at a time (it is not `Sendable`; `StoreThread` owns one).
///
/// Set on every connection: WAL, synchronous NORMAL (a power cut can lose the last transactions, never damage the
/// file; `kill -9` loses nothing), foreign keys on, 5 s busy timeout. A file it creates has mode 0600.
public final class Database {
    /// How a file is opened.
    public enum Mode: Sendable {
        /// Made where it is not there, for its owner alone.
        case readWriteCreate
        /// Fails if the file is not there.
        case readWrite
        /// Fails if the file is not there; every write fails.
        case readOnly
    }

    /// How a transaction takes its locks.
    public enum TransactionKind: Sendable {
        /// A consistent view for reading; writing in it can fail with `.busy`.
        case deferred
        /// Takes the only write lock at once, waiting for it up to the busy timeout.
        case immediate
    }

    /// Which file on which disk. A program that remembers a position in the change feed starts afresh when this
    /// changes: the file at the same path is then another one.
    public struct FileIdentity: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
    }

    /// As it was given.
    public let path: String
    /// Different for every connection opened in this process.
    public let connectionNumber: Int
    /// That of the file that was opened, whatever lies at ``path`` now.
    public let fileIdentity: FileIdentity
    /// True after an error that leaves the connection unusable (disk failure, damage, file gone). Open a new one.
    public private(set) var isBroken = false

    let connection: OpaquePointer
    private var statements: [String: Statement] = [:]
    private var statementUses: UInt64 = 0
    private var transactionDepth = 0

    private static let statementsMax = 64
    private static let connectionCount = Atomic<Int>(0)

    /// - Throws: what kept the file from being opened; nothing stays open then.
    public init(path: String, mode: Mode = .readWriteCreate, busyTimeout: Duration = .seconds(5)) throws(StoreError) {
        self.path = path
        connectionNumber = Self.connectionCount.add(1, ordering: .relaxed).newValue
        if mode == .readWriteCreate { Self.createPrivately(path) }

        var opened: OpaquePointer?
        let access =
            switch mode {
            case .readWriteCreate: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .readWrite: SQLITE_OPEN_READWRITE
            case .readOnly: SQLITE_OPEN_READONLY
            }
        let code = sqlite3_open_v2(path, &opened, access | SQLITE_OPEN_NOMUTEX, nil)
        guard let opened else { throw .other(code: code, message: "out of memory") }
        connection = opened
        var status = stat()
        // A database in memory is a file of its own: inode 0 and its number.
        fileIdentity =
            stat(path, &status) == 0
            ? FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
            : FileIdentity(device: UInt64(connectionNumber), inode: 0)
        // From here on `deinit` closes the connection.
        guard code == SQLITE_OK else { throw failure(ResultCode(sqlite3_extended_errcode(opened))) }
        sqlite3_extended_result_codes(opened, 1)
        let timeout = busyTimeout.components
        sqlite3_busy_timeout(opened, Int32(timeout.seconds * 1000 + timeout.attoseconds / 1_000_000_000_000_000))
        try configure(mode, busyTimeout)
    }

    deinit {
        statements.removeAll()
        sqlite3_close_v2(connection)
    }

    // MARK: Statements

    /// Runs one statement for its effect.
    ///
    /// - Returns: how many rows an INSERT, UPDATE or DELETE touched; nothing useful for other statements.
    @discardableResult
    public func execute(_ sql: String, _ values: (any SQLBindable)?...) throws(StoreError) -> Int {
        try execute(sql, values)
    }

    /// Runs one statement for its effect, the values given as an array.
    @discardableResult
    public func execute(_ sql: String, _ values: [(any SQLBindable)?]) throws(StoreError) -> Int {
        try idleStatement(sql).run(values)
    }

    /// All rows of an answer, each made into a value by `body`.
    public func query<T>(
        _ sql: String, _ values: (any SQLBindable)?..., body: (Row) throws(StoreError) -> T
    ) throws(StoreError) -> [T] {
        try idleStatement(sql).rows(values, body)
    }

    /// All rows of an answer, the values given as an array.
    public func query<T>(
        _ sql: String, _ values: [(any SQLBindable)?], body: (Row) throws(StoreError) -> T
    ) throws(StoreError) -> [T] {
        try idleStatement(sql).rows(values, body)
    }

    /// The first row of an answer, or nil when it is empty.
    public func first<T>(
        _ sql: String, _ values: (any SQLBindable)?..., body: (Row) throws(StoreError) -> T
    ) throws(StoreError) -> T? {
        try idleStatement(sql).rows(values, limit: 1, body).first
    }

    /// The first row of an answer, the values given as an array.
    public func first<T>(
        _ sql: String, _ values: [(any SQLBindable)?], body: (Row) throws(StoreError) -> T
    ) throws(StoreError) -> T? {
        try idleStatement(sql).rows(values, limit: 1, body).first
    }

    /// Every row of an answer, one at a time, without collecting them.
    public func forEach(
        _ sql: String, _ values: (any SQLBindable)?..., body: (Row) throws(StoreError) -> Void
    ) throws(StoreError) {
        try idleStatement(sql).forEach(values, body)
    }

    /// The compiled statement of a text, from a cache of the 64 last used.
    public func prepare(_ sql: String) throws(StoreError) -> Statement {
        statementUses += 1
        if let known = statements[sql] {
            known.lastUse = statementUses
            return known
        }
        if statements.count >= Self.statementsMax {
            let oldest = statements.filter { !$0.value.isRunning }.min { $0.value.lastUse < $1.value.lastUse }
            if let oldest { statements[oldest.key] = nil }
        }
        let statement = try Statement(sql, on: self)
        statement.lastUse = statementUses
        statements[sql] = statement
        return statement
    }

    /// Runs several statements separated by `;`, without values: schema changes and pragmas.
    public func executeScript(_ sql: String) throws(StoreError) {
        try checkTransaction()
        let code = ResultCode(sqlite3_exec(connection, sql, nil, nil, nil))
        guard code == .ok else { throw failure(code) }
    }

    /// The row id of the last successful INSERT on this connection.
    public var lastInsertedRowID: Int64 { sqlite3_last_insert_rowid(connection) }

    // MARK: Transactions

    /// Runs `body` as one unit: all of it is kept, or, if it throws or the commit fails, none of it.
    ///
    /// Inside another transaction it becomes a savepoint: an error undoes this part and is thrown on.
    @discardableResult
    public func transaction<T>(_ kind: TransactionKind = .immediate, _ body: () throws -> T) throws -> T {
        let depth = transactionDepth
        try beginTransaction(kind)
        transactionDepth = depth + 1
        do {
            let result = try body()
            try checkTransaction()
            try executeScript(depth == 0 ? "COMMIT" : "RELEASE tollgate_\(depth)")
            transactionDepth = depth
            return result
        } catch {
            rollBack(to: depth)
            transactionDepth = depth
            throw error
        }
    }

    /// Whether the calling closure runs in one.
    public var isInTransaction: Bool { transactionDepth > 0 }

    private func beginTransaction(_ kind: TransactionKind) throws(StoreError) {
        guard transactionDepth == 0 else { return try executeScript("SAVEPOINT tollgate_\(transactionDepth)") }
        switch kind {
        case .deferred: try executeScript("BEGIN DEFERRED")
        case .immediate: try executeScript("BEGIN IMMEDIATE")
        }
    }

    /// Undoes what the current level did. SQLite itself may have rolled back already (disk full, I/O error); a failing
    /// ROLLBACK leaves nothing to do but give the connection up.
    private func rollBack(to depth: Int) {
        guard sqlite3_get_autocommit(connection) == 0 else { return }
        let sql = depth == 0 ? "ROLLBACK" : "ROLLBACK TO tollgate_\(depth); RELEASE tollgate_\(depth)"
        if sqlite3_exec(connection, sql, nil, nil, nil) != SQLITE_OK { isBroken = true }
    }

    /// Stops a caller who swallowed an error that ended the transaction: its next writes would be kept one by one.
    func checkTransaction() throws(StoreError) {
        if transactionDepth > 0, sqlite3_get_autocommit(connection) != 0 { throw .transactionLost }
    }

    // MARK: State of the file

    /// Writes everything that was committed through to the disk, so that a power cut cannot lose it: call it before
    /// throwing away what the rows could be made from again. (A commit alone survives `kill -9`, not a power cut.)
    ///
    /// - Returns: false if a reader or writer on another connection was in the way: then not all of it is through.
    @discardableResult
    public func checkpoint() throws(StoreError) -> Bool {
        try checkTransaction()
        let code = ResultCode(sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_FULL, nil, nil))
        if code == .busy { return false }
        guard code == .ok else { throw failure(code) }
        return true
    }

    /// Whether the file at `path` is no longer the one this connection writes to.
    public var fileHasMoved: Bool {
        var moved: Int32 = 0
        let code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return code == SQLITE_OK && moved != 0
    }

    /// Reads the whole file for damage. Slow; for `tollgate check` and tests.
    ///
    /// - Returns: SQLite's findings, empty when the file is sound.
    public func integrityFindings() throws(StoreError) -> [String] {
        let lines = try query("PRAGMA integrity_check(20)") { row in row.string(0) }
        return lines == ["ok"] ? [] : lines
    }

    func failure(_ code: ResultCode) -> StoreError {
        if code.breaksConnection { isBroken = true }
        return code.error(message: String(cString: sqlite3_errmsg(connection)), path: path)
    }

    // MARK: Opening

    private func idleStatement(_ sql: String) throws(StoreError) -> Statement {
        let statement = try prepare(sql)
        return statement.isRunning ? try Statement(sql, on: self) : statement
    }

    private func configure(_ mode: Mode, _ busyTimeout: Duration) throws(StoreError) {
        if mode != .readOnly {
            // Turning WAL on needs the file alone for a moment, and SQLite does not call the busy handler for it: two
            // programs that start together on an empty file meet here.
            try Self.retryingWhileBusy(for: busyTimeout) { () throws(StoreError) in
                try self.executeScript("PRAGMA journal_mode = WAL")
            }
        }
        try executeScript(
            """
            PRAGMA synchronous = NORMAL;
            PRAGMA foreign_keys = ON;
            PRAGMA trusted_schema = OFF;
            PRAGMA temp_store = MEMORY;
            PRAGMA journal_size_limit = 67108864;
            """)
        // A file that is not a database is noticed by the first read: better here than in the middle of a request.
        _ = try query("SELECT count(*) FROM sqlite_schema") { row in row.int64(0) }
    }

    static func retryingWhileBusy<T>(
        for limit: Duration, _ work: () throws(StoreError) -> T
    ) throws(StoreError) -> T {
        let start = ContinuousClock.now
        while true {
            do {
                return try work()
            } catch .busy where ContinuousClock.now - start < limit {
                usleep(2_000 + UInt32.random(in: 0...8_000))
            }
        }
    }

    /// Makes an empty file of mode 0600 if there is none. (SQLite would make it 0644; its `-wal` and `-shm` files get
    /// the mode of the main file.)
    ///
    /// It is made beside its place and linked into it, never opened and closed there: closing any descriptor of a file
    /// drops all POSIX locks that another connection of this process holds on it. What fails here is reported by
    /// `sqlite3_open_v2` right after.
    private static func createPrivately(_ path: String) {
        guard !path.isEmpty, path != ":memory:", access(path, F_OK) != 0 else { return }
        let draft = "\(path).\(getpid()).\(connectionCount.load(ordering: .relaxed)).new"
        let descriptor = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        close(descriptor)
        link(draft, path)
        unlink(draft)
    }
}
