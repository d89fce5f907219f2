import ArgumentParser
import Configuration
import Glibc
import KeyAnswers
import Keys
import Secrets
import Store
import Units

/// `tollgate key …`: what the admin API does, without it.
struct Key: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes, lists and changes virtual keys.",
        subcommands: [
            Create.self, Info.self, List.self, Update.self, Block.self, Unblock.self, Delete.self,
        ])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a key and prints it: this once.")

        @OptionGroup var home: Home
        @OptionGroup var options: KeyOptions

        func run() throws {
            let now = Timestamp.now()
            let patch = try options.patch(at: now)
            let settings = try home.settings()
            let new = NewKey(hasher: try home.hasher(settings))
            let key = try KeyStore.create(
                patch.applied(to: KeyDraft()), as: new, createdBy: "command line", at: now, on: home.database())
            print("key:   \(new.text.reveal(for: "its one showing"))")
            print("token: \(key.hash.hex)")
            print("may:   \(Key.grant(of: key))")
            Key.warn(patch, of: key, settings)
        }
    }

    /// Says on standard error what was set and has no effect.
    private static func warn(_ patch: KeyPatch, of key: VirtualKey, _ settings: Settings) {
        for warning in patch.warnings(about: key, models: settings.routes.routes.map(\.name)) {
            let line = Array("warning: \(warning)\n".utf8)
            _ = Glibc.write(STDERR_FILENO, line, line.count)
        }
    }

    /// What a key may use and spend, in words, and how fast where that is limited.
    private static func grant(of key: VirtualKey) -> String {
        let models = key.models.isEmpty ? "all models" : key.models.joined(separator: ",")
        let budget = key.maxBudget.map { "$\($0)" + (key.budgetDuration.map { "/\($0)" } ?? "") } ?? "no budget"
        let limits = [
            key.rpmLimit.map { "\($0) rpm" }, key.tpmLimit.map { "\($0) tpm" },
            key.maxParallelRequests.map { "\($0) parallel" },
        ]
        return ([models, budget] + limits.compactMap(\.self)).joined(separator: "  ")
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists keys, newest first.")

        @OptionGroup var home: Home
        @Option(help: "Page, from 1.") var page = 1
        @Option(help: "Keys per page.") var size = 100

        func run() throws {
            guard page >= 1, (1...1000).contains(size) else {
                throw ValidationError("--page from 1, --size from 1 to 1000")
            }
            let found = try KeyStore.list(KeyFilter(), page: page, size: size, on: home.database())
            let pages = max(1, found.pageCount)
            guard page <= pages else { throw NoSuchPage(page: page, last: pages) }
            for key in found.keys {
                let state = key.blocked ? "blocked" : key.refusal(at: .now()) == nil ? "live" : "expired"
                print("\(key.name)  \(key.alias ?? "-")  \(state)  \(Key.grant(of: key))  \(key.hash.hex)")
            }
            print("\(found.totalCount) keys, page \(found.page) of \(pages)")
        }

        private struct NoSuchPage: Error, CustomStringConvertible {
            let page: Int
            let last: Int

            var description: String { "there is no page \(page): the last is \(last)" }
        }
    }

    /// The key that a command is about.
    struct Name: ParsableArguments {
        @OptionGroup var home: Home
        @Argument(help: "The key's alias, its hash, or the key itself.") var key: String

        func selector() throws -> KeySelector {
            guard key.hasPrefix("sk-") || KeyHash(hex: key) != nil else { return .alias(key) }
            return KeySelector(key: key, hasher: try home.hasher(try home.settings())) ?? .alias(key)
        }

        /// - Parameter done: what was done, in a word, for the line that is printed.
        func change(_ done: String, _ body: (KeySelector, Database) throws(KeyStoreError) -> VirtualKey) throws {
            let database = try home.database()
            let changed = try body(try selector(), database)
            print("\(done) \(changed.name)  \(changed.alias ?? "-")")
        }
    }

    struct Info: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a key's settings and what it has spent: the 'info' of the admin API's /key/info.")

        @OptionGroup var name: Name

        func run() throws {
            let zone = try name.home.settings().timeZone
            let database = try name.home.database()
            guard let key = try KeyStore.find(try name.selector(), on: database) else { throw KeyStoreError.notFound }
            let spend = try KeySpend(of: key, at: .now(), zone, on: database)
            print(String(decoding: KeyAnswer.row(key, spend), as: UTF8.self))
        }
    }

    struct Update: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Changes what it names of a key, and nothing else.")

        @OptionGroup var name: Name
        @OptionGroup var options: KeyOptions
        @Option(name: .customLong("clear"), help: "A setting to take away, by its option's name; repeatable.")
        var cleared: [KeyOptions.Field] = []

        func run() throws {
            let now = Timestamp.now()
            var patch = try options.patch(at: now)
            for field in cleared { try field.clear(in: &patch) }
            guard patch != KeyPatch() else {
                throw ValidationError("nothing to change: name an option, or --clear one")
            }
            let settings = try name.home.settings()
            let key = try KeyStore.update(try name.selector(), patch, at: now, on: name.home.database())
            print("\(key.name)  \(key.alias ?? "-")")
            print("may:   \(Key.grant(of: key))")
            Key.warn(patch, of: key, settings)
        }
    }

    struct Block: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuses a key from now on.")
        @OptionGroup var name: Name
        func run() throws {
            try name.change("blocked") { selector, database throws(KeyStoreError) in
                try KeyStore.block(selector, at: .now(), on: database)
            }
        }
    }

    struct Unblock: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Admits a blocked key again.")
        @OptionGroup var name: Name
        func run() throws {
            try name.change("unblocked") { selector, database throws(KeyStoreError) in
                try KeyStore.unblock(selector, at: .now(), on: database)
            }
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deletes a key; its ledger rows stay.")
        @OptionGroup var name: Name
        func run() throws {
            try name.change("deleted") { selector, database throws(KeyStoreError) in
                try KeyStore.delete(selector, at: .now(), on: database)
            }
        }
    }
}
