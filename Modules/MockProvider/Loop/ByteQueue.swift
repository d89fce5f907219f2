import Glibc

/// Bytes on their way in or out of a socket: appended at the tail, taken from the head, in one piece of memory.
///
/// It grows as needed and never shrinks by itself (see ``release(above:)``): how much may be queued is its user's rule.
package struct ByteQueue: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    private var capacity = 0
    private var head = 0
    private var tail = 0

    package init() {}

    deinit { free(base) }

    package var count: Int { tail - head }
    package var isEmpty: Bool { tail == head }

    /// What is queued. Valid until the next mutation.
    package var bytes: UnsafeRawBufferPointer {
        guard let base else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: base + head, count: tail - head)
    }

    /// What is queued, to be changed in place. Valid until the next mutation.
    package var mutableBytes: UnsafeMutableRawBufferPointer {
        guard let base else { return UnsafeMutableRawBufferPointer(start: nil, count: 0) }
        return UnsafeMutableRawBufferPointer(start: base + head, count: tail - head)
    }

    /// Makes room for `count` more bytes at the tail, moving what is queued to the front if that is enough.
    package mutating func reserve(_ count: Int) {
        if capacity - tail >= count { return }
        let queued = tail - head
        if capacity - queued >= count, head >= queued, let base {
            memcpy(base, base + head, queued)
        } else {
            var wanted = Swift.max(capacity * 2, 2048)
            while wanted < queued + count { wanted *= 2 }
            guard let grown = malloc(wanted) else { preconditionFailure("tollgate-mock is out of memory") }
            if let base {
                memcpy(grown, base + head, queued)
                free(base)
            }
            base = grown
            capacity = wanted
        }
        head = 0
        tail = queued
    }

    /// The free room at the tail, at least `minimum` bytes; follow with ``fill(_:)``.
    package mutating func room(minimum: Int) -> UnsafeMutableRawBufferPointer {
        reserve(minimum)
        guard let base else { preconditionFailure("a reserved queue has memory") }
        return UnsafeMutableRawBufferPointer(start: base + tail, count: capacity - tail)
    }

    /// Counts `count` bytes written into ``room(minimum:)`` as queued.
    package mutating func fill(_ count: Int) { tail += count }

    package mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0, let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        if let base { memcpy(base + tail, start, bytes.count) }
        tail += bytes.count
    }

    package mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

    package mutating func append(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { append($0) } }

    package mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    package mutating func append(byte: UInt8) {
        reserve(1)
        base?.storeBytes(of: byte, toByteOffset: tail, as: UInt8.self)
        tail += 1
    }

    package mutating func append(repeating byte: UInt8, count: Int) {
        reserve(count)
        if let base { memset(base + tail, Int32(byte), count) }
        tail += count
    }

    package mutating func append(decimal value: Int) {
        if value < 0 { append(byte: UInt8(ascii: "-")) }
        var rest = value.magnitude
        reserve(20)
        guard let base else { return }
        var digits = 1
        var limit: UInt = 10
        while digits < 20, rest >= limit {
            digits += 1
            limit = limit.multipliedReportingOverflow(by: 10).overflow ? .max : limit * 10
        }
        var position = tail + digits
        repeat {
            position -= 1
            let digit = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            base.storeBytes(of: digit, toByteOffset: position, as: UInt8.self)
            rest /= 10
        } while position > tail
        tail += digits
    }

    package mutating func append(hex value: UInt64, digits: Int) {
        for digit in stride(from: digits - 1, through: 0, by: -1) {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(digit * 4)) & 15
            append(byte: nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
        }
    }

    /// Appends what stands between the quotes of a JSON string: `bytes` with quotes, backslashes and controls escaped.
    package mutating func append(escaping bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(byte: UInt8(ascii: "\\"))
                append(byte: byte)
            case 0x0A: append("\\n")
            case 0..<0x20:
                append("\\u")
                append(hex: UInt64(byte), digits: 4)
            default: append(byte: byte)
            }
        }
    }

    package mutating func append(escaping text: String) {
        var text = text
        text.withUTF8 { append(escaping: UnsafeRawBufferPointer($0)) }
    }

    /// Takes `count` bytes from the head.
    package mutating func consume(_ count: Int) {
        head += count
        if head == tail {
            head = 0
            tail = 0
        }
    }

    package mutating func removeAll() {
        head = 0
        tail = 0
    }

    /// Gives memory above `limit` back to the system, if nothing is queued.
    package mutating func release(above limit: Int) {
        guard isEmpty, capacity > limit else { return }
        free(base)
        base = nil
        capacity = 0
    }

    package func copy() -> [UInt8] { [UInt8](bytes) }
}
