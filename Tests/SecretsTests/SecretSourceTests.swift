import Glibc
import Secrets
import TestSupport
import Testing

@Suite struct SecretSourceTests {
    let folder = TemporaryFolder()

    func makeSource(_ name: String = "key") -> SecretSource { SecretSource(.file(name), baseDirectory: folder.path) }
    func text(_ secret: Secret) -> String { secret.reveal(for: "a test") }
    /// Longer than the interval in which a source does not look again.
    func waitForNextLook() { usleep(520_000) }

    @Test func lineEndsAtTheEndDoNotBelongToTheValue() throws {
        for (content, value) in [
            ("abc", "abc"), ("abc\n", "abc"), ("abc\r\n", "abc"), ("a\nb\n\n", "a\nb"), (" x ", " x "),
        ] {
            folder.write(Array(content.utf8), to: "key")
            #expect(text(try makeSource().current()) == value)
            #expect(text(try SecretSource(.file(folder.file("key")), baseDirectory: "/nowhere").current()) == value)
        }
    }

    @Test func aChangedFileIsReadAgain() throws {
        folder.write(Array("first".utf8), to: "key")
        let source = makeSource()
        let first = try source.current()
        folder.write(Array("second".utf8), to: "key")
        #expect(text(try source.current()) == "first", "not looked at twice within half a second")
        waitForNextLook()
        #expect(text(try source.current()) == "second")
        #expect(text(first) == "first", "who holds the old one keeps it")
        folder.write(Array("third".utf8), to: "new")
        rename(folder.file("new"), folder.file("key"))
        waitForNextLook()
        #expect(text(try source.current()) == "third", "a file put in its place")
        folder.write(Array("THIRD".utf8), to: "key")
        #expect(text(try source.reread()) == "THIRD", "the same size, within the clock's tick, at once")
    }

    /// The kernel's file times move every few milliseconds: most of these changes leave the file looking the same.
    @Test func aChangeOfTheSameSizeRightAfterReadingIsNotMissed() throws {
        let sources = try (0..<50).map { number in
            folder.write(Array("aaaa".utf8), to: "key-\(number)")
            let source = makeSource("key-\(number)")
            _ = try source.current()
            folder.write(Array("bbbb".utf8), to: "key-\(number)")
            return source
        }
        waitForNextLook()
        for source in sources { #expect(text(try source.current()) == "bbbb") }
    }

    @Test func anUnchangedFileKeepsTheSameCopy() throws {
        folder.write(Array("abc".utf8), to: "key")
        let source = makeSource()
        let first = try source.current()
        #expect(try source.reread().isCopy(of: first))
        waitForNextLook()
        #expect(try source.current().isCopy(of: first))
    }

    @Test func whileTheFileIsAwayTheOldValueStaysAndTheStatusSaysSo() throws {
        folder.write(Array("abc".utf8), to: "key")
        let source = makeSource()
        #expect(source.status == .unread)
        _ = try source.current()
        guard case .current = source.status else { return #expect(Bool(false), "\(source.status)") }
        for breakIt in [{ _ = unlink(folder.file("key")) }, { folder.write([10], to: "key") }, { self.makeFolder() }] {
            breakIt()
            #expect(text(try source.reread()) == "abc")
            guard case .stale(let error, _) = source.status else { return #expect(Bool(false), "\(source.status)") }
            #expect("\(error)".hasPrefix("file:\(folder.path)/key"), "\(error)")
            #expect(!"\(source.status)".contains("abc"))
        }
        rmdir(folder.file("key"))
        folder.write(Array("def".utf8), to: "key")
        #expect(text(try source.reread()) == "def")
        guard case .current = source.status else { return #expect(Bool(false), "\(source.status)") }
    }

    @Test func withoutAnyValueTheErrorNamesTheReference() {
        let path = folder.file("key")
        #expect(throws: SecretError.unreadable(reference: "file:\(path)", code: ENOENT)) { try makeSource().current() }
        folder.write([10, 13, 10], to: "key")
        #expect(throws: SecretError.empty(reference: "file:\(path)")) { try makeSource().current() }
        folder.write([UInt8](repeating: 65, count: SecretFile.bytesMax + 1), to: "key")
        #expect(throws: SecretError.tooLarge(reference: "file:\(path)", bytesMax: 65_536)) {
            try makeSource().current()
        }
        unlink(path)
        makeFolder()
        #expect(throws: SecretError.notAFile(reference: "file:\(path)")) { try makeSource().current() }
        rmdir(path)
        mkfifo(path, 0o600)
        #expect(throws: SecretError.notAFile(reference: "file:\(path)")) { try makeSource().current() }
        let source = makeSource()
        _ = try? source.current()
        #expect(source.status == .failed(.notAFile(reference: "file:\(path)")))
    }

    @Test func whatIsNotOfTheNeededFormIsAsGoodAsNone() throws {
        func makeSource(_ content: String) -> SecretSource {
            folder.write(Array(content.utf8), to: "key")
            return SecretSource(.file("key"), baseDirectory: folder.path, form: .token(of: 4...8))
        }
        let place = "file:\(folder.file("key"))"
        for content in ["sk-key", " sk-key\t\n", "\r\n\n sk-key \n\n"] {
            #expect(text(try makeSource(content).current()) == "sk-key", "\(content.debugDescription)")
        }
        for (content, problem) in [
            ("sk-one\nsk-two", "has several lines"), ("sk-one\rsk-two", "has several lines"),
            ("sk\tkey", "has white space in it"), ("sk key", "has white space in it"),
            ("sk-\u{1}x", "has characters that are not visible ASCII"),
            ("sk-\u{7f}x", "has characters that are not visible ASCII"),
            ("sk-ü", "has characters that are not visible ASCII"), ("sk-", "has less than 4 characters"),
            ("sk-456789", "has more than 8 characters"),
        ] {
            #expect(throws: SecretError.unusable(reference: place, because: problem)) {
                try makeSource(content).current()
            }
        }
        #expect(throws: SecretError.empty(reference: place)) { try makeSource(" \t").current() }

        let source = makeSource("sk-good")
        let good = try source.current()
        folder.write(Array("sk-good\nsk-bad".utf8), to: "key")
        #expect(try source.reread().isCopy(of: good))
        guard case .stale(let error, _) = source.status else { return #expect(Bool(false), "\(source.status)") }
        #expect("\(error)" == "\(place) cannot be used: it has several lines")

        let name = "TOLLGATE_TEST_FORM"
        setenv(name, "sk-\u{e9}", 1)
        #expect(throws: SecretError.self) { try SecretSource(.environment(name), form: .token()).current() }
        setenv(name, " sk-good\n", 1)
        #expect(try SecretSource(.environment(name), form: .token()).current() == good)
        unsetenv(name)
        #expect(throws: SecretError.self) { try SecretSource(.literal(Secret(text: "a b")), form: .token()).current() }
    }

    @Test func aVariableIsReadAndItsAbsenceNamed() throws {
        let name = "TOLLGATE_TEST_SECRET"
        let source = SecretSource(.environment(name))
        #expect(throws: SecretError.notSet(reference: "env:\(name)")) { try source.current() }
        setenv(name, "", 1)
        #expect(throws: SecretError.empty(reference: "env:\(name)")) { try source.current() }
        setenv(name, "abc\n", 1)
        #expect(text(try source.current()) == "abc")
        unsetenv(name)
        #expect(text(try source.reread()) == "abc")
    }

    @Test func aLiteralIsItself() throws {
        let secret = Secret(text: "abc")
        #expect(try SecretSource(.literal(secret)).current() == secret)
    }

    @Test func manyThreadsReadWhileTheFileChanges() async throws {
        folder.write(Array("value-0".utf8), to: "key")
        let source = makeSource()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<20_000 {
                        let value = try source.current().reveal(for: "a test")
                        if !value.hasPrefix("value-") { Issue.record("a value that never was: \(value)") }
                    }
                }
            }
            group.addTask { [folder] in
                for number in 1..<50 {
                    folder.write(Array("value-\(number)".utf8), to: "new")
                    rename(folder.file("new"), folder.file("key"))
                    try source.reread()
                }
            }
            try await group.waitForAll()
        }
        #expect(text(try source.reread()) == "value-49")
    }

    @Test func aMissingSecretFileIsMadeOncePrivately() async throws {
        let path = folder.file("master.key")
        let results = try await withThrowingTaskGroup(of: (String, Bool).self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let result = try SecretFile.readOrCreate(path) {
                        Secret.randomText(prefix: "sk-", characterCount: 48)
                    }
                    return (result.secret.reveal(for: "a test"), result.isNew)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(results.map(\.0)).count == 1, "everyone ends with the same secret")
        #expect(results.count { $0.1 } == 1, "and one of them made it")
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(folder.names == ["master.key"], "no draft is left")
        #expect(throws: SecretError.unwritable(reference: "file:\(folder.path)/no/k", code: ENOENT)) {
            try SecretFile.readOrCreate(folder.file("no/k")) { Secret(text: "x") }
        }
    }

    @Test func whoComesSecondTakesTheFirstOnesSecret() throws {
        let path = folder.file("pepper.key")
        // The file appears between the look and the writing.
        let result = try SecretFile.readOrCreate(path) {
            folder.write(Array("the first one's".utf8), to: "pepper.key")
            return Secret(text: "the second one's")
        }
        #expect(text(result.secret) == "the first one's" && !result.isNew)
        #expect(folder.names == ["pepper.key"])
    }

    func makeFolder() {
        unlink(folder.file("key"))
        mkdir(folder.file("key"), 0o700)
    }
}
