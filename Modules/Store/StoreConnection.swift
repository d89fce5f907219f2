/// The database of a store thread: opened when first needed, opened again when it broke or its file was replaced.
final class StoreConnection {
    private let path: String
    private let prepare: @Sendable (Database) throws -> Void
    private var database: Database?
    private var wasOpened = false
    private var lastFileCheck = ContinuousClock.now

    init(path: String, prepare: @escaping @Sendable (Database) throws -> Void) {
        self.path = path
        self.prepare = prepare
    }

    func run<T>(_ work: (Database) throws -> T) throws -> T {
        let database = try usable()
        defer { if database.isBroken { self.database = nil } }
        return try work(database)
    }

    func close() { database = nil }

    private func usable() throws -> Database {
        if let database, !fileWasReplaced(database) { return database }
        database = nil
        // A file that was there and is gone is an error, not a reason to start with an empty one: an empty store would
        // know no keys and no spending.
        let opened = try Database(path: path, mode: wasOpened ? .readWrite : .readWriteCreate)
        try prepare(opened)
        wasOpened = true
        database = opened
        return opened
    }

    private func fileWasReplaced(_ database: Database) -> Bool {
        let now = ContinuousClock.now
        guard now - lastFileCheck >= .milliseconds(500) else { return false }
        lastFileCheck = now
        return database.fileHasMoved
    }
}
