import Foundation
import Store
import Testing
import Units

@testable import Logging

/// A real process, killed with SIGKILL in the middle of its work, again and again on the same files.
@Suite struct KillTests {
    let scene = Scene()

    @Test func noAttemptIsLostOrDoubledOverKilledProcesses() throws {
        var opened: [Int64: Int64] = [:]
        var closed: [Int64: Int64] = [:]
        for round in 1...3 {
            let said = scene.root + "/said-\(round)"
            try KilledProcess.run(home: scene.root, said: said, for: .milliseconds(Int64.random(in: 20...250)))
            for fact in KilledProcess.facts(said) {
                if fact.isClosed { closed[fact.id] = fact.cost } else { opened[fact.id] = fact.cost }
            }
            let report = try scene.recover()
            #expect(report.conflicting == 0 && report.findings.damagedBytes == 0)
            let rows = Dictionary(uniqueKeysWithValues: try scene.rows().map { ($0.id.rawValue, $0) })
            for (id, cost) in closed { #expect(rows[id]?.cost.nanos == cost && rows[id]?.end == .complete) }
            for (id, cost) in opened where closed[id] == nil {
                // Killed before it could say so, its end may have been written all the same.
                let row = try #require(rows[id])
                #expect(row.end == .interrupted ? row.cost.nanos == cost : row.cost.nanos == cost + 1_000_000)
            }
            let verification = try scene.verify()
            #expect(verification.isSound && verification.rows == rows.count, "\(verification)")
            #expect(rows.count >= opened.count && rows.count <= opened.count + 3 * round)
        }
        #expect(closed.count > 100)
    }
}

/// The process that is killed: this test program once more, told by its environment to run the suite below.
private enum KilledProcess {
    struct Fact {
        let isClosed: Bool
        let id: Int64
        let cost: Int64
    }

    static let variable = "TOLLGATE_TEST_KILLED_PROCESS"

    /// Runs it until it has been at work for `time`.
    static func run(home: String, said: String, for time: Duration) throws {
        let words = ["tests", "--testing-library", "swift-testing", "--filter", "TheKilledProcess"]
        var arguments = words.map { strdup($0) } + [nil]
        var environment = [strdup("\(variable)=\(home)\n\(said)"), strdup("PATH=/usr/bin:/bin"), nil]
        if let libraries = getenv("LD_LIBRARY_PATH") {
            environment.insert(strdup("LD_LIBRARY_PATH=" + String(cString: libraries)), at: 0)
        }
        defer { for text in arguments + environment { free(text) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var process = pid_t()
        let failure = posix_spawn(&process, "/proc/self/exe", &actions, nil, &arguments, &environment)
        try #require(failure == 0)
        defer {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        let deadline = ContinuousClock.now + .seconds(8)
        while access(said, F_OK) != 0 {
            try #require(ContinuousClock.now < deadline, "the process did not begin")
            usleep(2_000)
        }
        usleep(useconds_t(time.nanoseconds / 1000))
    }

    static func facts(_ path: String) -> [Fact] {
        Files.bytes(path).withUnsafeBytes { bytes in
            (0..<bytes.count / 24).map { index in
                func word(_ number: Int) -> Int64 {
                    bytes.loadUnaligned(fromByteOffset: index * 24 + number * 8, as: Int64.self)
                }
                return Fact(isClosed: word(0) == 1, id: word(1), cost: word(2))
            }
        }
    }
}

@Suite(.enabled(if: getenv(KilledProcess.variable) != nil)) struct TheKilledProcess {
    @Test func works() throws {
        let words = String(cString: getenv(KilledProcess.variable)).split(separator: "\n").map(String.init)
        let settings = LedgerWriter.Settings(journalFolder: words[0] + "/journal", storePath: words[0] + "/tollgate.db")
        let writer = try LedgerWriter(settings: settings)
        let highest = try writer.recover().highestID
        try writer.start()
        for loop in 0..<3 {
            Thread.detachNewThread {
                try? Self.runLoop(loop, folder: settings.journalFolder, above: highest, said: words[1]) {
                    writer.attach($0)
                }
            }
        }
        sleep(60)
    }

    /// Opens and closes attempts for ever, and after each says so in a file.
    static func runLoop(
        _ loop: Int, folder: String, above highest: AttemptID?, said: String, attach: (JournalTail) -> Void
    ) throws {
        var settings = Journal.Settings()
        settings.segmentBytesMax = 50_000
        let journal = try Journal(folder: folder, settings: settings, above: highest, at: .now())
        attach(journal.tail)
        let file = Foundation.open(said, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        func say(_ isClosed: Int64, _ record: AttemptRecord) {
            withUnsafeBytes(of: (isClosed, record.id.rawValue, record.cost.nanos)) { fact in
                _ = Foundation.write(file, fact.baseAddress, fact.count)
            }
        }
        var open: [AttemptRecord] = []
        var number = 0
        while true {
            number += 1
            var record = AttemptRecord.sample(number, key: Int64(loop), at: .now(), cost: Int64(number))
            try journal.attemptOpened(&record, at: record.startedAt)
            say(0, record)
            open.append(record)
            if open.count > 20 {
                let first = open.remove(at: Int.random(in: 0..<20))
                let completed = first.completed(cost: first.cost.nanos + 1_000_000)
                journal.attemptClosed(completed)
                say(1, completed)
            }
        }
    }
}
