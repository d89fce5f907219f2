import Store
import TestSupport
import Testing

@Suite struct MigratorTests {
    let folder = TemporaryFolder()

    static let first = Migration(
        module: "a", version: 1, name: "one",
        sql: "CREATE TABLE one (id INTEGER PRIMARY KEY) STRICT; INSERT INTO one VALUES (1)")
    static let second = Migration(
        module: "a", version: 2, name: "two",
        sql: "CREATE TABLE two (id INTEGER PRIMARY KEY REFERENCES one (id)) STRICT")

    func tables(_ database: Database) throws -> [String] {
        try database.query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") { $0.string(0) }
    }

    @Test func whatIsMissingIsAppliedOnce() throws {
        let database = try Database(path: folder.file("a.db"))
        #expect(try Migrator.run([Self.first], on: database) == 1)
        #expect(try Migrator.run([Self.first, Self.second], on: database) == 1)
        #expect(try Migrator.run([Self.first, Self.second], on: database) == 0)
        #expect(try tables(database) == ["one", "schema_migrations", "two"])
    }

    @Test func aMigrationThatFailsLeavesTheFileAsItWas() throws {
        let database = try Database(path: folder.file("a.db"))
        let broken = Migration(
            module: "a", version: 2, name: "broken", sql: "CREATE TABLE half (id INTEGER) STRICT; CREATE TABLE one (x)")
        #expect(throws: StoreError.self) { try Migrator.run([Self.first, broken], on: database) }
        #expect(try tables(database) == [])
        #expect(try Migrator.run([Self.first, Self.second], on: database) == 2)
    }

    @Test func aFileFromANewerProgramIsRefusedUntouched() throws {
        let database = try Database(path: folder.file("a.db"))
        try Migrator.run([Self.first, Self.second], on: database)
        let error = #expect(throws: StoreError.schemaNewer(module: "a", found: 2, known: 1)) {
            try Migrator.run([Self.first], on: database)
        }
        #expect(
            error?.description
                == "the store was written by a newer program: a has schema 2, this program knows 1")
    }

    @Test func anEditedMigrationIsRefused() throws {
        let database = try Database(path: folder.file("a.db"))
        try Migrator.run([Self.first], on: database)
        let edited = Migration(module: "a", version: 1, name: "one", sql: Self.first.sql + " ")
        #expect(throws: StoreError.migrationChanged(module: "a", version: 1)) {
            try Migrator.run([edited], on: database)
        }
    }

    @Test func anotherProgramsModulesAreLeftAlone() throws {
        let database = try Database(path: folder.file("a.db"))
        try Migrator.run([Self.first, Self.second], on: database)
        let other = Migration(module: "b", version: 1, name: "b", sql: "CREATE TABLE b (id INTEGER) STRICT")
        #expect(try Migrator.run([other], on: database) == 1)
        #expect(try tables(database) == ["b", "one", "schema_migrations", "two"])
    }

    @Test func manyThreadsOnAnEmptyFileMigrateItOnce() async throws {
        for round in 0..<60 {
            let path = folder.file("threads-\(round).db")
            let applied = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<8 {
                    let thread = try StoreThread(path: path, name: "migrate-\(number)")
                    group.addTask {
                        defer { thread.stop() }
                        return try await thread.run { try Migrator.run([Self.first, Self.second], on: $0) }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(applied == 2)
        }
    }

    @Test func twoProcessesOnAnEmptyFileMigrateItOnce() async throws {
        for round in 0..<5 {
            let path = folder.file("processes-\(round).db")
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        await #expect(processExitsWith: .success) { [path = path as String] in
                            try Migrator.run([Self.first, Self.second], on: Database(path: path))
                        }
                    }
                }
            }
            let database = try Database(path: path)
            #expect(try tables(database) == ["one", "schema_migrations", "two"])
            #expect(try database.query("SELECT id FROM one") { $0.int(0) } == [1])
        }
    }
}
