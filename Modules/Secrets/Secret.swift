import Glibc

/// Bytes that must not be seen: a provider's key, the master key, the pepper.
///
/// 1. Nothing prints it: `print`, `dump`, interpolation, `String(reflecting:)`, `Mirror` and error messages that hold
///    one show `«secret»`. It is not `Codable`.
/// 2. It is read only through `withUnsafeBytes`, `append(to:)` and `reveal(for:)`, which are easy to find in a review.
/// 3. Its memory is overwritten when the last copy goes. (Not the copies that a caller makes.)
public struct Secret: Sendable {
    private let storage: SecretStorage

    /// Copies the bytes.
    public init(bytes: UnsafeRawBufferPointer) { storage = SecretStorage(bytes) }

    /// Copies the bytes.
    public init(bytes: [UInt8]) { storage = bytes.withUnsafeBytes { SecretStorage($0) } }

    /// Copies the text's UTF-8.
    public init(text: String) {
        var text = text
        storage = text.withUTF8 { SecretStorage(UnsafeRawBufferPointer($0)) }
    }

    /// Bytes.
    public var count: Int { storage.bytes.count }
    /// Whether there is not a single byte.
    public var isEmpty: Bool { storage.bytes.isEmpty }

    /// Lends the bytes for the length of the call.
    public func withUnsafeBytes<T, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> T) throws(E) -> T {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(storage.bytes))
    }

    /// Puts the bytes at the end of a buffer, for instance of a header that is about to be sent.
    public func append(to buffer: inout [UInt8]) {
        withUnsafeBytes { buffer.append(contentsOf: $0) }
    }

    /// The value as text, for the one place that needs it.
    ///
    /// - Parameter reason: says in the source why the value leaves its cover; not used otherwise.
    public func reveal(for reason: StaticString) -> String {
        withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether both are copies of one value: true means equal, false says nothing.
    public func isCopy(of other: Secret) -> Bool { storage === other.storage }
}

extension Secret: Equatable {
    /// Compares in a time that depends on the lengths only.
    public static func == (left: Secret, right: Secret) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                var difference: UInt8 = 0
                for index in 0..<left.count { difference |= left[index] ^ right[index] }
                return difference == 0
            }
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "«secret»" }
    public var debugDescription: String { "«secret»" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The bytes of a secret, in memory of their own.
///
/// `@unchecked Sendable`: written only by `init`, before anyone else has it, and by `deinit`, when nobody has it.
private final class SecretStorage: @unchecked Sendable, CustomReflectable {
    let bytes: UnsafeMutableRawBufferPointer

    init(_ source: UnsafeRawBufferPointer) {
        bytes = .allocate(byteCount: source.count, alignment: 1)
        bytes.copyMemory(from: source)
    }

    deinit {
        if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
        bytes.deallocate()
    }

    var customMirror: Mirror { Mirror(self, children: []) }
}
