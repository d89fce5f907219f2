import CSQLite

/// SQLite's extended result code.
struct ResultCode: RawRepresentable, Equatable, Sendable {
    let rawValue: Int32

    init(rawValue: Int32) { self.rawValue = rawValue }
    init(_ rawValue: Int32) { self.rawValue = rawValue }

    static let ok = ResultCode(SQLITE_OK)
    static let row = ResultCode(SQLITE_ROW)
    static let done = ResultCode(SQLITE_DONE)
    static let busy = ResultCode(SQLITE_BUSY)

    /// The code without its extension: `SQLITE_IOERR_WRITE` becomes `SQLITE_IOERR`.
    var primary: Int32 { rawValue & 0xff }

    /// Whether the connection cannot be trusted after this code and has to be opened again.
    var breaksConnection: Bool {
        switch primary {
        case SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN: true
        // The file under the connection was moved or deleted: SQLITE_READONLY_DBMOVED.
        case SQLITE_READONLY: rawValue == SQLITE_READONLY | (4 << 8)
        default: false
        }
    }

    func error(message: @autoclosure () -> String, path: String) -> StoreError {
        switch primary {
        case SQLITE_BUSY, SQLITE_LOCKED: .busy
        case SQLITE_FULL: .full
        case SQLITE_READONLY: .readOnly
        case SQLITE_CONSTRAINT: .constraint(constraint, detail: Self.constraintDetail(message()))
        case SQLITE_CANTOPEN, SQLITE_PERM: .cannotOpen(path: path)
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt(code: rawValue)
        case SQLITE_IOERR: .inputOutput(code: rawValue)
        default: .other(code: rawValue, message: message())
        }
    }

    // The extended codes are macros with arguments, which Swift does not import: primary | (extension << 8).
    private var constraint: StoreError.Constraint {
        switch rawValue >> 8 {
        case 1: .check
        case 3: .foreignKey
        case 5: .notNull
        case 6, 8, 10: .unique  // primary key, unique, rowid
        default: .other
        }
    }

    /// `UNIQUE constraint failed: virtual_keys.alias` becomes `virtual_keys.alias`.
    private static func constraintDetail(_ message: String) -> String {
        guard let colon = message.utf8.firstIndex(of: UInt8(ascii: ":")) else { return message }
        return String(message[message.utf8.index(after: colon)...].drop { $0 == " " })
    }
}
