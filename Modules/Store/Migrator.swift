/// Brings a file's schema to what this program knows.
///
/// 1. Everything missing is applied in one transaction: after an error the file is as it was before.
/// 2. Two programs that start at once do it once: the second waits for the first and finds nothing to do.
/// 3. A file with a newer version of one of these modules is refused, untouched. Modules that this program does not
///    list are another program's affair.
/// 4. A migration that is in the file with another text is refused.
public enum Migrator {
    /// Applies what is missing, in the order given (a module that refers to another's tables comes after it).
    ///
    /// - Returns: how many migrations were applied.
    @discardableResult
    public static func run(_ migrations: [Migration], on database: Database) throws(StoreError) -> Int {
        checkOrder(migrations)
        // Usually all is there already: then nobody needs the write lock.
        if try isComplete(migrations, on: database) { return 0 }
        return try Database.retryingWhileBusy(for: .seconds(30)) { () throws(StoreError) in
            do {
                return try database.transaction(.immediate) { try applyMissing(migrations, on: database) }
            } catch let error as StoreError {
                throw error
            } catch {
                preconditionFailure("a migration can only throw StoreError, it threw \(error)")
            }
        }
    }

    private static func isComplete(_ migrations: [Migration], on database: Database) throws(StoreError) -> Bool {
        let tables = try database.query(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'"
        ) { row in row.int64(0) }
        if tables.isEmpty { return false }
        return try missing(of: migrations, on: database).isEmpty
    }

    private static func applyMissing(_ migrations: [Migration], on database: Database) throws(StoreError) -> Int {
        try database.executeScript(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                module TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, checksum INTEGER NOT NULL,
                PRIMARY KEY (module, version)
            ) STRICT, WITHOUT ROWID
            """)
        let missing = try missing(of: migrations, on: database)
        for migration in missing {
            try database.executeScript(migration.sql)
            try database.execute(
                "INSERT INTO schema_migrations (module, version, name, checksum) VALUES (?, ?, ?, ?)",
                migration.module, migration.version, migration.name, migration.checksum)
        }
        return missing.count
    }

    private static func missing(of migrations: [Migration], on database: Database) throws(StoreError) -> [Migration] {
        struct Applied {
            let module: String
            let version: Int
            let checksum: Int64
        }
        let applied = try database.query("SELECT module, version, checksum FROM schema_migrations") { row in
            Applied(module: row.string(0), version: row.int(1), checksum: row.int64(2))
        }
        for row in applied {
            guard let known = migrations.filter({ $0.module == row.module }).map(\.version).max() else { continue }
            guard row.version <= known else {
                throw .schemaNewer(module: row.module, found: row.version, known: known)
            }
            let migration = migrations.first { $0.module == row.module && $0.version == row.version }
            guard migration?.checksum == row.checksum else {
                throw .migrationChanged(module: row.module, version: row.version)
            }
        }
        return migrations.filter { migration in
            !applied.contains { $0.module == migration.module && $0.version == migration.version }
        }
    }

    private static func checkOrder(_ migrations: [Migration]) {
        var last: [String: Int] = [:]
        for migration in migrations {
            precondition(
                migration.version == last[migration.module, default: 0] + 1,
                "migrations of \(migration.module) must be versions 1, 2, 3 … in order")
            last[migration.module] = migration.version
        }
    }
}
