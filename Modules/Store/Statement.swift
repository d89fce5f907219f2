import CSQLite

/// A prepared statement of one `Database`: compiled once, run many times.
///
/// Used by the thread that uses its database. `Database.prepare` hands out the same object for the same text, so it
/// must not be run again from inside its own row closure; `Database.query` copes with that by itself.
public final class Statement {
    let handle: OpaquePointer
    // A statement must not outlive its connection; SQLite would keep a zombie of it.
    private unowned let database: Database
    private(set) var isRunning = false
    var lastUse: UInt64 = 0
    private var rowError: StoreError?

    init(_ sql: String, on database: Database) throws(StoreError) {
        var statement: OpaquePointer?
        var rest = 0
        var text = sql
        let code = text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { characters in
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(
                    database.connection, characters.baseAddress, Int32(characters.count),
                    UInt32(SQLITE_PREPARE_PERSISTENT), &statement, &tail)
                if let tail, let start = characters.baseAddress {
                    rest = characters[(tail - start)...].count { $0 != 32 && $0 != 10 && $0 != 59 }
                }
                return code
            }
        }
        guard code == SQLITE_OK else { throw database.failure(ResultCode(code)) }
        precondition(rest == 0, "prepare takes one statement; use executeScript for several")
        guard let statement else { preconditionFailure("prepare was given a text without a statement") }
        handle = statement
        self.database = database
    }

    deinit { sqlite3_finalize(handle) }

    /// Runs the statement for its effect; rows of an answer are skipped.
    ///
    /// - Returns: how many rows it inserted, changed or deleted.
    @discardableResult
    public func run(_ values: (any SQLBindable)?...) throws(StoreError) -> Int {
        try run(values)
    }

    /// Runs the statement for its effect, the values given as an array.
    @discardableResult
    public func run(_ values: [(any SQLBindable)?]) throws(StoreError) -> Int {
        try begin(values)
        defer { end() }
        while try step() {}
        return Int(sqlite3_changes(database.connection))
    }

    /// Runs the statement for its effect with values bound in place: nothing is boxed or copied. For hot inserts.
    ///
    /// - Parameter bind: every address given to ``StatementBindings/text(_:at:)`` must stay valid until this returns.
    /// - Returns: how many rows it inserted, changed or deleted.
    @discardableResult
    public func run(binding bind: (StatementBindings) -> Void) throws(StoreError) -> Int {
        precondition(!isRunning, "a prepared statement was run from inside its own row closure")
        try database.checkTransaction()
        let bindings = StatementBindings(handle)
        bind(bindings)
        isRunning = true
        defer { end() }
        while try step() {}
        return Int(sqlite3_changes(database.connection))
    }

    func rows<T>(
        _ values: [(any SQLBindable)?], limit: Int = .max, _ body: (Row) throws(StoreError) -> T
    ) throws(StoreError) -> [T] {
        try begin(values)
        defer { end() }
        var result: [T] = []
        while result.count < limit, try step() {
            result.append(try body(Row(self)))
            if let rowError { throw rowError }
        }
        return result
    }

    func forEach(
        _ values: [(any SQLBindable)?], _ body: (Row) throws(StoreError) -> Void
    ) throws(StoreError) {
        try begin(values)
        defer { end() }
        while try step() {
            try body(Row(self))
            if let rowError { throw rowError }
        }
    }

    private func begin(_ values: [(any SQLBindable)?]) throws(StoreError) {
        precondition(!isRunning, "a prepared statement was run from inside its own row closure")
        let expected = Int(sqlite3_bind_parameter_count(handle))
        precondition(values.count == expected, "a statement with \(expected) parameters was given \(values.count)")
        try database.checkTransaction()
        for (index, value) in values.enumerated() {
            let code = ResultCode(bind(value?.sqlValue ?? .null, at: Int32(index + 1)))
            guard code == .ok else {
                sqlite3_clear_bindings(handle)
                throw database.failure(code)
            }
        }
        isRunning = true
    }

    /// A row's reader met a value of the wrong type; the first one is thrown.
    func note(_ error: StoreError) { rowError = rowError ?? error }

    private func bind(_ value: SQLValue, at position: Int32) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, position)
        case .integer(let number): return sqlite3_bind_int64(handle, position, number)
        case .text(var text):
            return text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { characters in
                    // An empty text's address may be nil, which would bind NULL.
                    characters.baseAddress.map {
                        sqlite3_bind_text(
                            handle, position, $0, Int32(characters.count), tollgate_sqlite_transient())
                    } ?? sqlite3_bind_text(handle, position, "", 0, tollgate_sqlite_transient())
                }
            }
        case .blob(let bytes):
            // An empty array's address may be nil, which would bind NULL.
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(handle, position, 0) }
            return bytes.withUnsafeBytes {
                sqlite3_bind_blob(handle, position, $0.baseAddress, Int32($0.count), tollgate_sqlite_transient())
            }
        }
    }

    private func step() throws(StoreError) -> Bool {
        let code = ResultCode(sqlite3_step(handle))
        switch code {
        case .row: return true
        case .done: return false
        default: throw database.failure(code)
        }
    }

    private func end() {
        isRunning = false
        rowError = nil
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }
}

/// The places of a statement's values, counted from 1 as in SQL. A place that is given nothing is NULL.
public struct StatementBindings {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) { self.handle = handle }

    /// - Precondition: the statement has that place.
    public func integer(_ value: Int64, at place: Int32) { check(sqlite3_bind_int64(handle, place, value)) }

    /// Binds UTF-8 in place.
    public func text(_ utf8: UnsafeRawBufferPointer, at place: Int32) {
        // An empty buffer's address may be nil, which would bind NULL. A nil destructor is SQLITE_STATIC.
        guard let start = utf8.baseAddress else { return check(sqlite3_bind_text(handle, place, "", 0, nil)) }
        check(sqlite3_bind_text(handle, place, start.assumingMemoryBound(to: CChar.self), Int32(utf8.count), nil))
    }

    /// Binds a text of the program's own, in place.
    public func text(_ text: StaticString, at place: Int32) {
        text.withUTF8Buffer { self.text(UnsafeRawBufferPointer($0), at: place) }
    }

    private func check(_ code: Int32) {
        precondition(code == SQLITE_OK, "a value was bound to a place that the statement does not have")
    }
}
