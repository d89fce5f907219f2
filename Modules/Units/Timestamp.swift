import Glibc

/// An instant of wall-clock time: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
///
/// Reaches from 1677 to 2262; conversions and sums saturate there instead of trapping.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Below 0 before 1970.
    public var nanosecondsSince1970: Int64

    /// Any value is an instant, from 1677 to 2262.
    public init(nanosecondsSince1970: Int64) { self.nanosecondsSince1970 = nanosecondsSince1970 }

    /// Saturates in 1677 and 2262.
    public init(secondsSince1970: Int64) {
        nanosecondsSince1970 = secondsSince1970.multipliedSaturated(by: 1_000_000_000)
    }

    /// Saturates in 1677 and 2262.
    public init(millisecondsSince1970: Int64) {
        nanosecondsSince1970 = millisecondsSince1970.multipliedSaturated(by: 1_000_000)
    }

    /// Whole seconds, rounded towards the past.
    public var secondsSince1970: Int64 { nanosecondsSince1970.flooredQuotient(by: 1_000_000_000) }

    /// Whole milliseconds, rounded towards the past.
    public var millisecondsSince1970: Int64 { nanosecondsSince1970.flooredQuotient(by: 1_000_000) }

    /// Reads the system's clock. For shells only: a pure module is given its time.
    public static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(nanosecondsSince1970: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.nanosecondsSince1970 < right.nanosecondsSince1970
    }

    /// Saturates in 1677 and 2262.
    public static func + (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(nanosecondsSince1970: time.nanosecondsSince1970.addingSaturated(duration.nanoseconds))
    }

    /// Saturates in 1677 and 2262.
    public static func - (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(nanosecondsSince1970: time.nanosecondsSince1970.subtractingSaturated(duration.nanoseconds))
    }

    /// Below zero where `left` is the earlier; saturates at 292 years.
    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .nanoseconds(left.nanosecondsSince1970.subtractingSaturated(right.nanosecondsSince1970))
    }
}

extension Timestamp: CustomStringConvertible {
    /// ISO 8601 in UTC with milliseconds: `2026-11-23T13:19:41.123Z`.
    public var description: String { text(fractionDigits: 3) }

    /// ISO 8601 in UTC with 0 to 9 digits of fraction (more or fewer are taken as 9 or 0); what is finer is cut off.
    public func text(fractionDigits: Int) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        append(fractionDigits: fractionDigits, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func append(fractionDigits: Int, to bytes: inout [UInt8]) {
        let fractionDigits = min(max(fractionDigits, 0), 9)
        let date = CivilDate(daysSince1970: secondsSince1970.flooredQuotient(by: 86_400))
        let second = secondsSince1970 - secondsSince1970.flooredQuotient(by: 86_400) * 86_400
        date.append(to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        bytes.appendPadded(second / 3600, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendPadded(second / 60 % 60, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendPadded(second % 60, width: 2)
        if fractionDigits > 0 {
            var fraction = nanosecondsSince1970 % 1_000_000_000
            if fraction < 0 { fraction += 1_000_000_000 }
            for _ in fractionDigits..<9 { fraction /= 10 }
            bytes.append(UInt8(ascii: "."))
            bytes.appendPadded(fraction, width: fractionDigits)
        }
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Reads ISO 8601: a date, or a date and time with an optional fraction and `Z`, `±HH:MM` or nothing (which is
    /// UTC).
    ///
    /// - Returns: nil for anything else, a day that does not exist included, and for years outside 1684...2255.
    public init?(iso8601 text: some StringProtocol) {
        var reader = DigitReader(Array(text.utf8))
        guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
            let day = reader.digits(2), let date = CivilDate(year: year, month: month, day: day)
        else { return nil }
        var seconds = date.daysSince1970 * 86_400
        var nanoseconds: Int64 = 0
        if !reader.atEnd {
            guard reader.skip("T") || reader.skip(" "), let hour = reader.digits(2), reader.skip(":"),
                let minute = reader.digits(2), reader.skip(":"), let second = reader.digits(2),
                hour < 24, minute < 60, second < 61
            else { return nil }
            seconds += hour * 3600 + minute * 60 + second
            if reader.skip(".") {
                guard let fraction = reader.fraction() else { return nil }
                nanoseconds = fraction
            }
            if reader.skip("+") {
                guard let offset = reader.offset() else { return nil }
                seconds -= offset
            } else if reader.skip("-") {
                guard let offset = reader.offset() else { return nil }
                seconds += offset
            } else {
                _ = reader.skip("Z") || reader.skip("z")
            }
            guard reader.atEnd else { return nil }
        }
        guard abs(seconds) < 9_000_000_000 else { return nil }
        self.init(nanosecondsSince1970: seconds * 1_000_000_000 + nanoseconds)
    }
}

private struct DigitReader {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var atEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digits(_ count: Int) -> Int64? {
        guard position + count <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[position..<position + count] {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 48)
        }
        position += count
        return value
    }

    /// Up to nine digits after the point, in nanoseconds; further digits are read and dropped.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while position < bytes.count, (48...57).contains(bytes[position]) {
            if count < 9 { value = value * 10 + Int64(bytes[position] - 48) }
            count += 1
            position += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 9)..<9 { value *= 10 }
        return value
    }

    mutating func offset() -> Int64? {
        guard let hours = digits(2) else { return nil }
        _ = skip(":")
        guard let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
        return hours * 3600 + minutes * 60
    }
}
