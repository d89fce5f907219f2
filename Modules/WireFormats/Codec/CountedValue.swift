import JSONText
import Units

/// A piece of a provider's `usage`, in place or in memory: who reads counts reads either, by the same rules.
protocol CountedValue {
    associatedtype CountedMembers: Sequence where CountedMembers.Element: CountedMember<Self>
    associatedtype CountedElements: Sequence<Self>

    var kind: JSONKind { get }
    /// A number written without fraction and exponent.
    var wholeNumber: Int64? { get }
    var anyNumber: Double? { get }
    var bool: Bool? { get }
    var string: String? { get }
    /// Dollars, without the detour over a Double where the digits are still there.
    var dollars: NanoUSD? { get }
    var countedMembers: CountedMembers { get }
    var countedElements: CountedElements { get }

    func counted(_ name: StaticString) -> Self?
    func isString(_ text: StaticString) -> Bool
}

protocol CountedMember<Value> {
    associatedtype Value

    var value: Value { get }

    func isNamed(_ name: StaticString) -> Bool
}

extension JSONMemberView: CountedMember {}

extension JSONView: CountedValue {
    var wholeNumber: Int64? { int }
    var anyNumber: Double? { double }
    var dollars: NanoUSD? { DecimalCost.read(self) }
    var countedMembers: JSONMembers { members }
    var countedElements: JSONElements { elements }

    func counted(_ name: StaticString) -> JSONView? { member(name) }
}

extension JSON: CountedValue {
    var wholeNumber: Int64? {
        if case .int(let value) = self { return value }
        return nil
    }

    var anyNumber: Double? { number }

    var dollars: NanoUSD? {
        guard kind == .number else { return nil }
        return serialized().withUnsafeBytes { DecimalCost.read(JSONView(unchecked: $0)) }
    }

    var countedMembers: JSONCountedMembers { JSONCountedMembers(object ?? JSONObject()) }
    var countedElements: [JSON] { array ?? [] }

    func counted(_ name: StaticString) -> JSON? {
        for member in countedMembers where member.isNamed(name) { return member.value }
        return nil
    }

    func isString(_ text: StaticString) -> Bool {
        if case .string(let value) = self { return value.equals(text) }
        return false
    }
}

struct JSONCountedMembers: Sequence, IteratorProtocol {
    private let object: JSONObject
    private var place = 0

    init(_ object: JSONObject) { self.object = object }

    mutating func next() -> Member? {
        guard place < object.count else { return nil }
        defer { place += 1 }
        return Member(key: object.key(at: place), value: object.value(at: place))
    }

    struct Member: CountedMember {
        fileprivate let key: String
        let value: JSON

        func isNamed(_ name: StaticString) -> Bool { key.equals(name) }
    }
}

extension String {
    /// Whether these are the bytes of `text`.
    @inline(__always)
    func equals(_ text: StaticString) -> Bool { utf8.count == text.utf8CodeUnitCount && hasBytes(of: text) }

    private func hasBytes(of text: StaticString) -> Bool {
        var own = self
        return own.withUTF8 { UnsafeRawBufferPointer($0).equals(text) }
    }
}
