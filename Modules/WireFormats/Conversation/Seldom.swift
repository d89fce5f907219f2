/// A member that most values have not: where it is nil it takes a word, and to copy it costs nothing.
///
/// A conversation has two dozen such, and is handed from the client's codec to the provider's to the reply's.
@propertyWrapper
public struct Seldom<Value: Equatable & Sendable>: Equatable, Sendable {
    private final class Box: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    private var box: Box?

    /// Nil, without anything on the heap.
    public init() {}

    /// Takes room on the heap only where the value is not nil.
    public init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    /// The value itself. Setting it makes a new box, so that copies keep theirs.
    public var wrappedValue: Value? {
        get { box?.value }
        set { box = newValue.map { Box($0) } }
    }

    public static func == (left: Seldom, right: Seldom) -> Bool {
        left.box === right.box || left.wrappedValue == right.wrappedValue
    }
}
