import CSQLite
import Units

/// One row of an answer, valid only inside the closure it was given to. Columns count from 0.
/// (It should be `~Copyable`; Swift 6.3.1's optimizer aborts on that: "Cannot initialize a nonCopyable type with a
/// guaranteed value".)
///
/// A reader does not throw: when the column holds NULL or another type than asked for, it returns zero or empty, and
/// the query that the row belongs to throws `StoreError.unexpectedValue` as soon as the closure returns. So a closure
/// reads like an initialiser, and a wrong value never gets out of the query. The `optional…` readers return nil for
/// NULL.
public struct Row {
    private let statement: Statement
    private var handle: OpaquePointer { statement.handle }

    init(_ statement: Statement) { self.statement = statement }

    /// How many columns the answer has.
    public var columnCount: Int { Int(sqlite3_column_count(handle)) }

    /// Whether the column holds NULL.
    public func isNull(_ column: Int) -> Bool {
        sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL
    }

    /// 0 where the column holds no integer.
    public func int64(_ column: Int) -> Int64 {
        guard has(SQLITE_INTEGER, column, "an integer") else { return 0 }
        return sqlite3_column_int64(handle, Int32(column))
    }

    /// Nil for NULL.
    public func optionalInt64(_ column: Int) -> Int64? { isNull(column) ? nil : int64(column) }
    /// 0 where the column holds no integer.
    public func int(_ column: Int) -> Int { Int(int64(column)) }
    /// Nil for NULL.
    public func optionalInt(_ column: Int) -> Int? { isNull(column) ? nil : int(column) }
    /// Any integer but 0 is true.
    public func bool(_ column: Int) -> Bool { int64(column) != 0 }

    /// The column holds nanoseconds since 1970.
    public func timestamp(_ column: Int) -> Timestamp { Timestamp(nanosecondsSince1970: int64(column)) }
    /// Nil for NULL.
    public func optionalTimestamp(_ column: Int) -> Timestamp? { isNull(column) ? nil : timestamp(column) }
    /// The column holds nano-dollars.
    public func money(_ column: Int) -> NanoUSD { NanoUSD(nanos: int64(column)) }
    /// Nil for NULL.
    public func optionalMoney(_ column: Int) -> NanoUSD? { isNull(column) ? nil : money(column) }
    /// The column holds a number of tokens.
    public func tokens(_ column: Int) -> TokenCount { TokenCount(int64(column)) }

    /// Empty where the column holds no text; bytes that are no UTF-8 come out as U+FFFD.
    public func string(_ column: Int) -> String {
        guard has(SQLITE_TEXT, column, "a text") else { return "" }
        return withText(column) { String(decoding: $0, as: UTF8.self) }
    }

    /// Nil for NULL.
    public func optionalString(_ column: Int) -> String? { isNull(column) ? nil : string(column) }

    /// A copy of the bytes; empty where the column holds no blob.
    public func blob(_ column: Int) -> [UInt8] {
        guard has(SQLITE_BLOB, column, "a blob") else { return [] }
        return withBlob(column) { [UInt8]($0) }
    }

    /// Nil for NULL.
    public func optionalBlob(_ column: Int) -> [UInt8]? { isNull(column) ? nil : blob(column) }

    /// Reads a text's UTF-8 or a blob's bytes in place, without a copy; NULL is empty.
    public func withUnsafeBytes<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) -> T) -> T {
        sqlite3_column_type(handle, Int32(column)) == SQLITE_TEXT ? withText(column, body) : withBlob(column, body)
    }

    private func has(_ type: Int32, _ column: Int, _ expected: String) -> Bool {
        if sqlite3_column_type(handle, Int32(column)) == type { return true }
        statement.note(.unexpectedValue(column: column, expected: expected))
        return false
    }

    private func withText<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) -> T) -> T {
        // The order matters: sqlite3_column_text may convert, and sqlite3_column_bytes then gives the new length.
        let start = sqlite3_column_text(handle, Int32(column))
        let count = Int(sqlite3_column_bytes(handle, Int32(column)))
        return body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    private func withBlob<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) -> T) -> T {
        let start = sqlite3_column_blob(handle, Int32(column))
        let count = Int(sqlite3_column_bytes(handle, Int32(column)))
        return body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }
}
