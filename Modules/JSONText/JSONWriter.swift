import Units

/// Writes a JSON document front to back, for small ones: errors, log lines, synthetic chunks.
///
/// It sets the commas; that every object and array is closed, and every member has a key, is the caller's care.
public struct JSONWriter: Sendable {
    /// The document as far as it is written.
    public private(set) var bytes: [UInt8]
    private var needsComma = false

    /// - Parameter capacity: bytes to reserve; it grows beyond them.
    public init(capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    // MARK: - Structure

    /// Opens an object: keys and values follow in turn.
    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    /// Closes the innermost object.
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    /// Opens an array.
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    /// Closes the innermost array.
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A member's key; its value is written next.
    public mutating func key(_ name: StaticString) {
        separate()
        quote(UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A key that is not known in the source.
    public mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    // MARK: - Values

    /// Text, escaped as far as JSON asks for.
    public mutating func string(_ text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    /// Text from the source.
    public mutating func string(_ text: StaticString) {
        separate()
        quote(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        needsComma = true
    }

    /// UTF-8 bytes as a string.
    public mutating func string(utf8 text: UnsafeRawBufferPointer) {
        separate()
        quote(text)
        needsComma = true
    }

    /// An integer of any width.
    public mutating func int(_ value: some BinaryInteger) {
        separate()
        if let value = Int64(exactly: value) {
            append(value)
        } else {
            var digits = String(value)
            digits.withUTF8 { bytes.append(contentsOf: $0) }
        }
        needsComma = true
    }

    private mutating func append(_ value: Int64) { DecimalText.append(value, to: &bytes) }

    /// The shortest text that reads back as the same Double; `null` for what JSON has no number for.
    public mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        var digits = value.description
        digits.withUTF8 { bytes.append(contentsOf: $0) }
        needsComma = true
    }

    /// `true` or `false`.
    public mutating func bool(_ value: Bool) {
        raw(value ? "true" : "false")
    }

    /// `null`.
    public mutating func null() {
        raw("null")
    }

    /// A value that already is JSON text.
    public mutating func raw(_ json: UnsafeRawBufferPointer) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    /// A value that already is JSON text.
    public mutating func raw(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    /// A value that already is JSON text, such as an exact decimal's description.
    public mutating func raw(_ json: String) {
        separate()
        bytes.append(contentsOf: json.utf8)
        needsComma = true
    }

    // MARK: - Members

    /// A key and its text.
    public mutating func member(_ name: StaticString, _ text: String) {
        key(name)
        string(text)
    }

    /// A string, or `null`.
    public mutating func member(_ name: StaticString, orNull text: String?) {
        key(name)
        if let text { string(text) } else { null() }
    }

    /// A key and its integer.
    public mutating func member(_ name: StaticString, _ value: some BinaryInteger) {
        key(name)
        int(value)
    }

    /// A key and its boolean.
    public mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// A key and a value that already is JSON text.
    public mutating func member(_ name: StaticString, raw json: String) {
        key(name)
        raw(json)
    }

    // MARK: - Pieces

    private mutating func open(_ byte: UInt8) {
        separate()
        bytes.append(byte)
        needsComma = false
    }

    private mutating func close(_ byte: UInt8) {
        bytes.append(byte)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func quote(_ text: String) {
        var text = text
        text.withUTF8 { quote(UnsafeRawBufferPointer($0)) }
    }

    private mutating func quote(_ text: UnsafeRawBufferPointer) {
        bytes.append(0x22)
        JSONEscapes.append(text, to: &bytes)
        bytes.append(0x22)
    }
}
