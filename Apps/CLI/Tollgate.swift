import ArgumentParser
import Configuration
import Glibc
import Keys
import Logging
import Secrets
import Store
import Units

/// The operator's command-line tool. It works on the state folder, with or without running servers.
@main
struct Tollgate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tollgate", abstract: "Sets up and looks after a Tollgate on this machine.",
        version: TollgateVersion.text,
        subcommands: [Init.self, Check.self, Key.self, LedgerCommand.self, Translate.self])
}

/// Where the state is.
struct Home: ParsableArguments {
    @Option(name: .customLong("home"), help: "The state folder. Default: $TOLLGATE_HOME, else .tollgate here.")
    var path: String = getenv("TOLLGATE_HOME").map { String(cString: $0) } ?? ".tollgate"

    func settings(withTokenizers readsTokenizers: Bool = false) throws -> Settings {
        try requireStateFolder()
        return try Settings.load("\(path)/tollgate.yaml", readsTokenizers: readsTokenizers)
    }

    private func requireStateFolder() throws {
        guard access("\(path)/tollgate.yaml", F_OK) != 0, errno == ENOENT else { return }
        let what = access(path, F_OK) == 0 ? "no tollgate.yaml in \(path)" : "no folder \(path)"
        throw ValidationError(
            "there is \(what): name the state folder with --home or TOLLGATE_HOME, or make one with 'tollgate init'")
    }

    /// Opens the store, made or brought up to date if need be.
    func database() throws -> Database {
        try requireStateFolder()
        let database = try Database(path: "\(path)/tollgate.db")
        _ = try Migrator.run(ChangeFeed.migrations + KeyStore.migrations + Ledger.migrations, on: database)
        return database
    }

    func hasher(_ settings: Settings) throws -> KeyHasher {
        KeyHasher(pepper: try SecretSource(settings.keys.pepper, baseDirectory: path).current())
    }
}

struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes what is missing in the state folder: configuration, keys, store.")

    @OptionGroup var home: Home
    @Option(help: "Where tollgate-mock listens, for a configuration without a provider's key.")
    var mockPort = 4010

    func run() throws {
        try makeFolder(home.path)
        for folder in ["run", "logs", "journal"] { try makeFolder("\(home.path)/\(folder)") }
        let path = "\(home.path)/tollgate.yaml"
        let isSet = { (name: String) in getenv(name).map { $0.pointee != 0 } ?? false }
        var starter: Settings.Starter?
        if access(path, F_OK) != 0 {
            let new = Settings.starter(isSet: isSet, mockPort: mockPort)
            try write(new.text, to: path)
            starter = new
        }
        let settings = try home.settings()
        let hints = settings.hints(isSet: isSet)
        if let starter {
            let why = hints.isEmpty ? "no provider's key in the environment, so " : ""
            print(
                starter.usesMock
                    ? "tollgate.yaml: \(why)the built-in mock provider answers"
                    : "tollgate.yaml: \(starter.providers.joined(separator: ", "))")
        }
        for hint in hints { print("note: \(hint)") }
        let (master, isNew) = try SecretFile.readOrCreate("\(home.path)/master.key") { KeyText.random() }
        if isNew { print("master key: \(master.reveal(for: "its one showing"))") }
        _ = try SecretFile.readOrCreate("\(home.path)/pepper.key") { Secret.randomText(characterCount: 48) }
        _ = try home.database()
    }

    private func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw ValidationError("\(path): \(reason)") }
    }

    private func write(_ text: String, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw ValidationError("\(path): \(reason)") }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw ValidationError("\(path): \(reason)") }
    }

    private var reason: String { String(cString: strerror(errno)) }
}

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Checks tollgate.yaml without starting anything.")

    @OptionGroup var home: Home

    func run() throws {
        let settings = try home.settings(withTokenizers: true)
        let ofSecrets = settings.warnings(of: settings.keyProblems()) + settings.warningsOfOwnSecrets()
        for warning in settings.warnings + ofSecrets {
            print("warning: \(warning)")
        }
        func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }
        let providers = count(settings.providers.count, "provider")
        print("tollgate.yaml is valid: \(providers), \(count(settings.routes.routes.count, "model"))")
    }
}

struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger", abstract: "Looks after the ledger.", subcommands: [Verify.self])

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compares rows, rollups and journals: sums, gaps, doubles. Exit code 1 if something is wrong.")

        @OptionGroup var home: Home

        func run() throws {
            let report = try Ledger.verify(journalFolder: "\(home.path)/journal", on: home.database())
            print(report)
            if !report.isSound { throw ExitCode(1) }
        }
    }
}
