/// A JSON value in memory: for configuration, the admin API and translation between dialects.
///
/// The hot path does not build these; it reads in place with ``JSONScanner`` and ``JSONView``.
public enum JSON: Equatable, Sendable {
    /// JSON's `null`: a value, where a member that is absent is nil.
    case null
    case bool(Bool)
    /// A number written without fraction and exponent.
    case int(Int64)
    /// Any other number, also one without a fraction that does not fit an Int64.
    case real(Double)
    case string(String)
    case array([JSON])
    /// Its members in their order.
    case object(JSONObject)
}

// MARK: - Reading a value

extension JSON {
    /// Whether this is JSON's `null`, which is a value; an absent member is nil.
    @inlinable
    public var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    /// The boolean; nil for every other kind.
    @inlinable
    public var bool: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    /// An integer; a real only where it is one exactly (`3.0`).
    @inlinable
    public var int: Int64? {
        switch self {
        case .int(let value): value
        case .real(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// Any number.
    @inlinable
    public var number: Double? {
        switch self {
        case .int(let value): Double(value)
        case .real(let value): value
        default: nil
        }
    }

    /// The text; nil for every other kind.
    @inlinable
    public var string: String? {
        if case .string(let value) = self { return value }
        return nil
    }

    /// The elements; nil for every other kind.
    @inlinable
    public var array: [JSON]? {
        if case .array(let value) = self { return value }
        return nil
    }

    /// The members; nil for every other kind.
    @inlinable
    public var object: JSONObject? {
        if case .object(let value) = self { return value }
        return nil
    }

    /// What the value is; integers and reals are both numbers.
    public var kind: JSONKind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .int, .real: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// The object's member; nil where there is none or this is no object. Setting nil removes it; setting a member of
    /// what is no object makes it one.
    public subscript(key: String) -> JSON? {
        get {
            guard case .object(let object) = self else { return nil }
            return object[key]
        }
        set {
            var object = self.object ?? JSONObject()
            object[key] = newValue
            self = .object(object)
        }
    }

    /// The array's element; nil where there is none or this is no array.
    public subscript(index: Int) -> JSON? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }
}

// MARK: - Writing one down in code

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(floatLiteral value: Double) { self = .real(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(JSONObject(elements)) }
    public init(nilLiteral: ()) { self = .null }
}
