/// Decimal text ⇄ scaled integers, exactly. Floating point never touches an amount.
public enum DecimalText {
    /// Reads `text` as a decimal number and returns it times 10^`power`.
    ///
    /// Accepts an optional sign, digits, an optional fraction and an optional exponent: JSON's grammar, and beyond it a
    /// leading `+`, `.5`, `5.` and leading zeros.
    /// - Returns: nil for anything else, for digits finer than 10^-`power`, and for what does not fit an Int64.
    public static func scaled(_ text: some StringProtocol, byPowerOfTen power: Int) -> Int64? {
        var magnitude: Int128 = 0
        var negative = false
        var fractionDigits = 0
        var sawDigit = false
        var significantDigits = 0
        var inFraction = false
        var exponent = 0
        var skippedZeros = 0
        var bytes = text.utf8.makeIterator()
        var next = bytes.next()
        if next == UInt8(ascii: "-") || next == UInt8(ascii: "+") {
            negative = next == UInt8(ascii: "-")
            next = bytes.next()
        }
        scan: while let byte = next {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                sawDigit = true
                if significantDigits < 36 {
                    magnitude = magnitude * 10 + Int128(byte - UInt8(ascii: "0"))
                    if magnitude != 0 { significantDigits += 1 }
                    if inFraction { fractionDigits += 1 }
                } else {
                    // Zeros may go on for ever; a number of more than 36 digits that ends in another fits no Int64.
                    guard byte == UInt8(ascii: "0") else { return nil }
                    if !inFraction { skippedZeros += 1 }
                }
            case UInt8(ascii: "."):
                guard !inFraction else { return nil }
                inFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                var rest: [UInt8] = []
                while let digit = bytes.next() { rest.append(digit) }
                guard rest.count <= 4, let value = Int(String(decoding: rest, as: UTF8.self)) else { return nil }
                exponent = value
                break scan
            default:
                return nil
            }
            next = bytes.next()
        }
        guard sawDigit else { return nil }
        var shift = power + exponent + skippedZeros - fractionDigits
        while shift < 0 {
            guard magnitude % 10 == 0 else { return nil }
            magnitude /= 10
            shift += 1
            if magnitude == 0 { break }
        }
        while shift > 0, magnitude != 0 {
            magnitude *= 10
            guard magnitude <= Int128(Int64.max) else { return nil }
            shift -= 1
        }
        return Int64(exactly: negative ? -magnitude : magnitude)
    }

    /// The shortest decimal text of `value` × 10^-`power`, without an exponent.
    public static func text(of value: Int64, powerOfTen power: Int) -> String {
        withDigits(of: value, powerOfTen: power) { String(decoding: $0, as: UTF8.self) }
    }

    /// Appends what ``text(of:powerOfTen:)`` says, without a string in between.
    public static func append(_ value: Int64, powerOfTen power: Int = 0, to bytes: inout [UInt8]) {
        withDigits(of: value, powerOfTen: power) { bytes.append(contentsOf: $0) }
    }

    /// The most bytes that ``write(_:powerOfTen:to:)`` writes.
    public static let bytesMax = 48

    /// Writes what ``text(of:powerOfTen:)`` says to where there is room for ``bytesMax`` bytes. Returns how many it wrote.
    public static func write(_ value: Int64, powerOfTen power: Int = 0, to room: UnsafeMutableRawPointer) -> Int {
        withDigits(of: value, powerOfTen: power) { digits in
            UnsafeMutableRawBufferPointer(start: room, count: bytesMax).copyMemory(from: digits)
            return digits.count
        }
    }

    /// Hands over what ``text(of:powerOfTen:)`` says, in place. (The digits are made backwards on the stack, in room for any
    /// Int64 with up to 19 zeros in front of a small fraction.)
    @inlinable @inline(__always)
    public static func withDigits<T>(
        of value: Int64, powerOfTen power: Int = 0, _ body: (UnsafeRawBufferPointer) -> T
    ) -> T {
        precondition((0...19).contains(power), "amounts are at most 19 digits finer than their unit")
        var room: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
        return withUnsafeMutableBytes(of: &room) { buffer in
            var place = buffer.count
            var rest = value.magnitude
            if power > 0 {
                var isTrailing = true
                for _ in 0..<power {
                    let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                    rest = quotient
                    if digit == 0, isTrailing { continue }
                    isTrailing = false
                    place &-= 1
                    buffer[place] = 48 &+ UInt8(truncatingIfNeeded: digit)
                }
                if !isTrailing {
                    place &-= 1
                    buffer[place] = UInt8(ascii: ".")
                }
            }
            repeat {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                rest = quotient
                place &-= 1
                buffer[place] = 48 &+ UInt8(truncatingIfNeeded: digit)
            } while rest > 0
            if value < 0 {
                place &-= 1
                buffer[place] = UInt8(ascii: "-")
            }
            return body(UnsafeRawBufferPointer(rebasing: buffer[place...]))
        }
    }
}
