/// What a JSON value is, told by its first byte.
public enum JSONKind: UInt8, Sendable, Equatable {
    case null, bool, number, string, array, object

    /// - Returns: nil where no JSON value starts with `byte`.
    public init?(firstByte byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): self = .string
        case UInt8(ascii: "{"): self = .object
        case UInt8(ascii: "["): self = .array
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): self = .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): self = .bool
        case UInt8(ascii: "n"): self = .null
        default: return nil
        }
    }
}
