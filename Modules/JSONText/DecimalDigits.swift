/// Whole numbers as text, without a string in between: `String(value)` takes six times as many instructions.
enum DecimalDigits {
    /// The sign and the digits of `value`, in place.
    @inline(__always)
    static func with(_ value: Int64, _ body: (UnsafeRawBufferPointer) -> Void) {
        var rest = value.magnitude
        var room: (UInt64, UInt64, UInt64) = (0, 0, 0)  // 24 bytes; a sign and 19 digits are the most
        withUnsafeMutableBytes(of: &room) { room in
            var start = room.count
            repeat {
                start -= 1
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
                room[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: remainder)
                rest = quotient
            } while rest > 0
            if value < 0 {
                start -= 1
                room[start] = UInt8(ascii: "-")
            }
            body(UnsafeRawBufferPointer(rebasing: room[start...]))
        }
    }
}
