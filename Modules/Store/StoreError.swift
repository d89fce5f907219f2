/// What went wrong in the store.
///
/// `description` is safe to show anyone: it names no path, no table and no value. `String(reflecting:)` says more.
public enum StoreError: Error, Equatable, Sendable {
    /// Another connection kept the file locked for longer than the busy timeout. Trying again can help.
    case busy
    /// The disk, the quota or the page limit is used up.
    case full
    /// The file, its folder or the connection does not allow writing.
    case readOnly
    /// A rule of the schema refused the row. `detail` is SQLite's text, for instance `virtual_keys.alias`; no value.
    case constraint(Constraint, detail: String)
    /// The row that was asked for does not exist.
    case notFound
    /// The file cannot be opened or created: missing folder, no permission, or deleted since.
    case cannotOpen(path: String)
    /// The file is damaged or is not a database. The connection is unusable.
    case corrupt(code: Int32)
    /// The disk failed in the middle of an operation. The connection must be reopened.
    case inputOutput(code: Int32)
    /// The file was written by a newer program: `found` is in the file, `known` is the newest this program knows.
    case schemaNewer(module: String, found: Int, known: Int)
    /// A migration that is already in the file was edited afterwards.
    case migrationChanged(module: String, version: Int)
    /// A column held NULL or another type than the one asked for.
    case unexpectedValue(column: Int, expected: String)
    /// An error ended the surrounding transaction early, so nothing more may be written in it.
    case transactionLost
    /// The store thread's queue is full.
    case overloaded
    /// The store thread was stopped.
    case stopped
    /// Anything else: SQLite's extended result code and its message.
    case other(code: Int32, message: String)

    /// The kind of rule that refused a row.
    public enum Constraint: String, Sendable {
        /// A row with that value is there already.
        case unique
        /// A row that was named is not there, or is named by others.
        case foreignKey
        /// A value is missing that the table demands.
        case notNull
        /// A value that the table does not allow.
        case check
        /// Any other rule of the schema's.
        case other
    }

    /// Whether the same call can succeed later without anybody changing it.
    public var isTransient: Bool {
        switch self {
        case .busy, .full, .inputOutput, .cannotOpen, .overloaded, .readOnly: true
        default: false
        }
    }
}

extension StoreError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        switch self {
        case .busy: "the store is busy"
        case .full: "the store's disk is full"
        case .readOnly: "the store is read-only"
        case .constraint(let kind, _): "the store refused the row (\(kind.rawValue))"
        case .notFound: "not found in the store"
        case .cannotOpen: "the store's file cannot be opened"
        case .corrupt: "the store's file is damaged or not a database"
        case .inputOutput: "the store's disk failed"
        case .schemaNewer(let module, let found, let known):
            "the store was written by a newer program: \(module) has schema \(found), this program knows \(known)"
        case .migrationChanged(let module, let version):
            "migration \(version) of \(module) is not the one this store was made with"
        case .unexpectedValue: "the store held an unexpected value"
        case .transactionLost: "the store's transaction was already ended by an earlier error"
        case .overloaded: "the store has too much waiting"
        case .stopped: "the store is stopped"
        case .other: "the store failed"
        }
    }

    public var debugDescription: String {
        switch self {
        case .constraint(let kind, let detail): "StoreError.constraint(\(kind.rawValue): \(detail))"
        case .cannotOpen(let path): "StoreError.cannotOpen(\(path))"
        case .corrupt(let code): "StoreError.corrupt(SQLite \(code))"
        case .inputOutput(let code): "StoreError.inputOutput(SQLite \(code))"
        case .unexpectedValue(let column, let expected):
            "StoreError.unexpectedValue(column \(column) is not \(expected))"
        case .other(let code, let message): "StoreError.other(SQLite \(code): \(message))"
        default: "StoreError(\(description))"
        }
    }
}
