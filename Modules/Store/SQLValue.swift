import Units

/// What a column can hold here. There is no floating point: money and time are integers.
public enum SQLValue: Equatable, Sendable {
    /// SQL's NULL.
    case null
    /// Also money, time and counts; booleans are 0 and 1.
    case integer(Int64)
    /// Written as UTF-8.
    case text(String)
    /// Bytes as they are, a key's hash for instance.
    case blob([UInt8])
}

/// A Swift value that can stand for a `?` in a statement. An optional of one binds NULL when nil.
public protocol SQLBindable {
    /// What the column gets.
    var sqlValue: SQLValue { get }
}

extension SQLValue: SQLBindable {
    public var sqlValue: SQLValue { self }
}
extension Int64: SQLBindable {
    public var sqlValue: SQLValue { .integer(self) }
}
extension Int: SQLBindable {
    public var sqlValue: SQLValue { .integer(Int64(self)) }
}
extension Bool: SQLBindable {
    public var sqlValue: SQLValue { .integer(self ? 1 : 0) }
}
extension String: SQLBindable {
    public var sqlValue: SQLValue { .text(self) }
}
extension [UInt8]: SQLBindable {
    public var sqlValue: SQLValue { .blob(self) }
}
/// Stored as nanoseconds since 1970.
extension Timestamp: SQLBindable {
    public var sqlValue: SQLValue { .integer(nanosecondsSince1970) }
}
/// Stored as nano-dollars.
extension NanoUSD: SQLBindable {
    public var sqlValue: SQLValue { .integer(nanos) }
}
extension TokenCount: SQLBindable {
    public var sqlValue: SQLValue { .integer(count) }
}
