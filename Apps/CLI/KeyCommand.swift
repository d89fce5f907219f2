import ArgumentParser
import Budgets
import Glibc
import Keys
import Secrets
import Store
import Units

/// `tollgate key …`: what the admin API does, without it.
struct Key: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes, lists and changes virtual keys.",
        subcommands: [Create.self, List.self, Block.self, Unblock.self, Delete.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a key and prints it: this once.")

        @OptionGroup var home: Home
        @Option(help: "A name for it.") var alias: String?
        @Option(name: .customLong("model"), help: "A model it may use; repeatable. Default: all.") var models:
            [String] = []
        @Option(help: "How long it is valid: 12h, 30d, 1mo.") var duration: String?
        @Option(parsing: .unconditional, help: "US dollars.") var maxBudget: String?
        @Option(help: "After what time the budget begins anew: 1d, 30d, 1mo.") var budgetDuration: String?
        @Option(name: .customLong("rpm-limit"), parsing: .unconditional, help: "Requests per minute.") var rpmLimit:
            Int?
        @Option(name: .customLong("tpm-limit"), parsing: .unconditional, help: "Tokens per minute.") var tpmLimit: Int?
        @Option(parsing: .unconditional, help: "Requests at the same time.") var maxParallelRequests: Int?

        func run() throws {
            let now = Timestamp.now()
            var draft = KeyDraft(
                alias: alias, models: models, budgetDuration: budgetDuration, rpmLimit: rpmLimit, tpmLimit: tpmLimit,
                maxParallelRequests: maxParallelRequests)
            guard let expiry = KeyExpiry(duration: duration, from: now) else {
                throw ValidationError("--duration must be a time such as 12h, 30d or 1mo")
            }
            draft.expires = expiry.timestamp
            if let maxBudget {
                guard let amount = NanoUSD(decimal: maxBudget), amount >= .zero else {
                    throw ValidationError("--max-budget must be 0 or more, an amount of dollars such as 2.50")
                }
                draft.maxBudget = amount
            }
            let limits = [
                ("--rpm-limit", rpmLimit), ("--tpm-limit", tpmLimit), ("--max-parallel-requests", maxParallelRequests),
            ]
            for case (let name, let limit?) in limits where limit < 0 {
                throw ValidationError("\(name) must be 0 or more")
            }
            if let budgetDuration, BudgetWindow(text: budgetDuration) == nil {
                throw ValidationError("--budget-duration must be a time such as 1d, 30d or 1mo")
            }
            let settings = try home.settings()
            let new = NewKey(hasher: try home.hasher(settings))
            let key = try KeyStore.create(draft, as: new, createdBy: "command line", at: now, on: home.database())
            print("key:   \(new.text.reveal(for: "its one showing"))")
            print("token: \(key.hash.hex)")
            print("may:   \(Key.grant(of: key))")
            let known = settings.routes.routes.map(\.name)
            for warning in ModelPattern.warnings(about: key.models, models: known) {
                let line = Array("warning: \(warning)\n".utf8)
                _ = Glibc.write(STDERR_FILENO, line, line.count)
            }
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

        func change(_ body: (KeySelector, Database) throws(KeyStoreError) -> VirtualKey) throws {
            let database = try home.database()
            var selector = KeySelector.alias(key)
            if key.hasPrefix("sk-") || KeyHash(hex: key) != nil {
                selector = KeySelector(key: key, hasher: try home.hasher(try home.settings())) ?? selector
            }
            let changed = try body(selector, database)
            print("\(changed.name)  \(changed.alias ?? "-")")
        }
    }

    struct Block: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Refuses a key from now on.")
        @OptionGroup var name: Name
        func run() throws {
            try name.change { selector, database throws(KeyStoreError) in
                try KeyStore.block(selector, at: .now(), on: database)
            }
        }
    }

    struct Unblock: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Admits a blocked key again.")
        @OptionGroup var name: Name
        func run() throws {
            try name.change { selector, database throws(KeyStoreError) in
                try KeyStore.unblock(selector, at: .now(), on: database)
            }
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deletes a key; its ledger rows stay.")
        @OptionGroup var name: Name
        func run() throws {
            try name.change { selector, database throws(KeyStoreError) in
                try KeyStore.delete(selector, at: .now(), on: database)
            }
        }
    }
}
