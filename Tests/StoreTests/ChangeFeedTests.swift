import Store
import TestSupport
import Testing
import Units

@Suite struct ChangeFeedTests {
    let folder = TemporaryFolder()
    let start = Timestamp(secondsSince1970: 1_795_000_000)
    static let day = Duration.seconds(86_400)

    func open() throws -> Database {
        let database = try Database(path: folder.file("a.db"))
        try Migrator.run(ChangeFeed.migrations, on: database)
        return database
    }

    func ids(_ answer: ChangeFeed.Answer) -> [Int64]? {
        if case .changes(let changes) = answer { changes.map(\.id) } else { nil }
    }

    @Test func aReaderGetsWhatIsNewInOrder() throws {
        let database = try open()
        #expect(try ChangeFeed.since(0, on: database) == .changes([]))
        for id in 1...5 { try ChangeFeed.append(kind: "key", id: Int64(id * 10), at: start, on: database) }
        #expect(ids(try ChangeFeed.since(0, on: database)) == [10, 20, 30, 40, 50])
        #expect(ids(try ChangeFeed.since(0, limit: 2, on: database)) == [10, 20])
        #expect(ids(try ChangeFeed.since(3, on: database)) == [40, 50])
        #expect(try ChangeFeed.since(5, on: database) == .changes([]))
        #expect(try ChangeFeed.lastSequence(on: database) == 5)
    }

    @Test func aChangeThatWasRolledBackLeavesNoGap() throws {
        struct Stop: Error {}
        let database = try open()
        try ChangeFeed.append(kind: "key", id: 1, at: start, on: database)
        #expect(throws: Stop.self) {
            try database.transaction {
                try ChangeFeed.append(kind: "key", id: 2, at: start, on: database)
                throw Stop()
            }
        }
        try ChangeFeed.append(kind: "key", id: 3, at: start, on: database)
        #expect(ids(try ChangeFeed.since(1, on: database)) == [3])
    }

    @Test func trimmingKeepsADayWhateverIsAskedFor() throws {
        let database = try open()
        for hour in 0..<100 {
            try ChangeFeed.append(kind: "key", id: Int64(hour), at: start + .seconds(hour * 3600), on: database)
        }
        let now = start + .seconds(99 * 3600)
        #expect(try ChangeFeed.trim(keeping: .zero, at: now, on: database) == 75)
        #expect(ids(try ChangeFeed.since(75, on: database))?.first == 75)
        #expect(try ChangeFeed.trim(keeping: .zero, at: now + Self.day + Self.day, on: database) == 25)
    }

    @Test func aReaderBeforeTheOldestKeptRowIsToldToReload() throws {
        let database = try open()
        for id in 1...10 { try ChangeFeed.append(kind: "key", id: Int64(id), at: start, on: database) }
        try ChangeFeed.trim(at: start + .seconds(30 * 86_400), on: database)
        #expect(try ChangeFeed.since(4, on: database) == .reload(sequence: 10))
        #expect(try ChangeFeed.since(10, on: database) == .changes([]), "one who has seen all is not disturbed")
        try ChangeFeed.append(kind: "key", id: 11, at: start, on: database)
        #expect(ids(try ChangeFeed.since(10, on: database)) == [11], "numbers go on after the trimmed ones")
        #expect(try ChangeFeed.since(9, on: database) == .reload(sequence: 11))
    }

    @Test func aClockThatWentBackMakesNoHole() throws {
        let database = try open()
        for second in [100, 200, 50, 300] {
            try ChangeFeed.append(kind: "key", id: Int64(second), at: start + .seconds(second), on: database)
        }
        try ChangeFeed.trim(keeping: Self.day, at: start + Self.day + .seconds(150), on: database)
        #expect(ids(try ChangeFeed.since(1, on: database)) == [200, 50, 300])
    }

    @Test func aReaderFromAFileThatWasReplacedByAnOlderOneReloads() throws {
        let database = try open()
        try ChangeFeed.append(kind: "key", id: 1, at: start, on: database)
        #expect(try ChangeFeed.since(500, on: database) == .reload(sequence: 1))
    }

    /// Writers on several connections; a reader beside them that only ever moves forward.
    @Test func underConcurrentWritersAReaderMissesNothingAndSeesEverythingOnce() async throws {
        _ = try open()
        let path = folder.file("a.db")
        let perWriter = 150
        let writers = 4
        let start = start
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    let thread = try StoreThread(path: path, name: "writer-\(writer)")
                    defer { thread.stop() }
                    for number in 0..<perWriter {
                        let id = Int64(writer * 1000 + number)
                        try await thread.run { database in
                            try database.transaction {
                                try ChangeFeed.append(kind: "key", id: id, at: start, on: database)
                            }
                        }
                    }
                }
            }
            group.addTask {
                let thread = try StoreThread(path: path, name: "reader")
                defer { thread.stop() }
                var seen: [ChangeFeed.Change] = []
                while seen.count < perWriter * writers {
                    let position = seen.last?.sequence ?? 0
                    let answer = try await thread.run { try ChangeFeed.since(position, limit: 7, on: $0) }
                    guard case .changes(let changes) = answer else {
                        Issue.record("told to reload at \(position)")
                        return
                    }
                    seen += changes
                }
                #expect(seen.map(\.sequence) == Array(1...Int64(perWriter * writers)))
                for writer in 0..<writers {
                    let own = seen.map(\.id).filter { $0 / 1000 == writer }
                    #expect(own == own.sorted() && own.count == perWriter, "in the order in which they were written")
                }
            }
            try await group.waitForAll()
        }
    }
}
