import Glibc
import Units

extension JSON {
    /// The value as compact JSON text. A real that JSON has no number for becomes `null`.
    public func serialized() -> [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    /// Adds the value as compact JSON text to the end of `bytes`.
    public func append(to bytes: inout [UInt8]) {
        // Most documents are small: written on the stack, they need to be measured by nobody.
        let isWritten = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2048) { room in
            var sink = JSONSink(room)
            sink.write(self)
            if sink.isFull { return false }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: room[..<sink.count]))
            return true
        }
        if !isWritten { appendMeasured(to: &bytes) }
    }

    private func appendMeasured(to bytes: inout [UInt8]) {
        let plain = JSONSink.bytesOfPlain(self)
        // Few texts have more to escape than each eighth byte; none becomes more than six times as long.
        for room in [plain + plain / 8, plain * 6] {
            var isFull = false
            let written = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                var sink = JSONSink(buffer)
                sink.write(self)
                isFull = sink.isFull
                count = sink.isFull ? 0 : sink.count
            }
            if isFull { continue }
            if bytes.isEmpty { bytes = written } else { bytes.append(contentsOf: written) }
            return
        }
        preconditionFailure("a text's escapes are six times as long as its bytes at most")
    }

    /// The value as compact JSON text.
    public var text: String { String(decoding: serialized(), as: UTF8.self) }

    /// Appends the value to a document that is being written.
    public func write(to writer: inout JSONWriter) { writer.raw(serialized()) }
}

/// Writes values into a piece of memory as long as there is room in it.
///
/// Every byte goes through one of the functions under "Bytes", which look whether there is room; after the first that
/// found none, ``isFull`` is true and what was written is worth nothing.
private struct JSONSink {
    private let base: UnsafeMutablePointer<UInt8>
    private let capacity: Int
    private(set) var count = 0
    private(set) var isFull = false

    init(_ room: UnsafeMutableBufferPointer<UInt8>) {
        guard let base = room.baseAddress else { preconditionFailure("a sink has room for some bytes") }
        self.base = base
        capacity = room.count
    }

    /// As many bytes as the value needs at most, where nothing in its texts has to be escaped.
    static func bytesOfPlain(_ value: JSON) -> Int {
        switch value {
        case .null, .bool: 5
        case .int, .real: 32
        case .string(let text): text.utf8.count + 2
        case .array(let elements): elements.reduce(2) { $0 + bytesOfPlain($1) + 1 }
        case .object(let object):
            object.members.reduce(2) { $0 + $1.key.utf8.count + bytesOfPlain($1.value) + 4 }
        }
    }

    mutating func write(_ value: JSON) {
        switch value {
        case .null: put("null")
        case .bool(let value): put(value ? "true" : "false")
        case .int(let value): put(value)
        case .real(let value): put(value)
        case .string(let text): put(quoted: text)
        case .array(let elements):
            put(UInt8(ascii: "["))
            elements.withUnsafeBufferPointer { elements in
                for index in elements.indices {
                    if isFull { return }
                    if index > 0 { put(UInt8(ascii: ",")) }
                    write(elements[index])
                }
            }
            put(UInt8(ascii: "]"))
        case .object(let object):
            put(UInt8(ascii: "{"))
            object.members.withUnsafeBufferPointer { members in
                for index in members.indices {
                    if isFull { return }
                    if index > 0 { put(UInt8(ascii: ",")) }
                    put(quoted: members[index].key)
                    put(UInt8(ascii: ":"))
                    write(members[index].value)
                }
            }
            put(UInt8(ascii: "}"))
        }
    }

    // MARK: Scalars

    private mutating func put(_ value: Int64) { DecimalText.withDigits(of: value) { put($0) } }

    /// The shortest text that reads back as the same Double.
    private mutating func put(_ value: Double) {
        guard value.isFinite else { return put("null") }
        var digits = value.description
        digits.withUTF8 { put(UnsafeRawBufferPointer($0)) }
    }

    private mutating func put(quoted text: String) {
        var text = text
        text.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            guard bytes.count + 2 <= capacity - count else {
                isFull = true
                return
            }
            put(UInt8(ascii: "\""))
            let plain = JSONEscapes.firstEscapable(in: bytes)
            if plain == bytes.count { put(bytes) } else { put(escaped: bytes, from: plain) }
            put(UInt8(ascii: "\""))
        }
    }

    /// - Parameter first: the first byte that has to be escaped.
    private mutating func put(escaped text: UnsafeRawBufferPointer, from first: Int) {
        var start = 0
        var place = first
        while place < text.count {
            put(UnsafeRawBufferPointer(rebasing: text[start..<place]))
            let escape = JSONEscapes.escape(of: text[place])
            withUnsafeBytes(of: escape.bytes) { put(UnsafeRawBufferPointer(rebasing: $0[..<escape.count])) }
            start = place + 1
            place = start + JSONEscapes.firstEscapable(in: UnsafeRawBufferPointer(rebasing: text[start...]))
        }
        put(UnsafeRawBufferPointer(rebasing: text[start...]))
    }

    // MARK: Bytes

    @inline(__always)
    private mutating func put(_ byte: UInt8) {
        guard count < capacity else {
            isFull = true
            return
        }
        base[count] = byte
        count &+= 1
    }

    @inline(__always)
    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= capacity - count else {
            isFull = true
            return
        }
        guard let source = bytes.baseAddress else { return }
        memcpy(base + count, source, bytes.count)
        count &+= bytes.count
    }

    private mutating func put(_ text: StaticString) {
        put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
