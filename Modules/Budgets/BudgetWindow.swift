import Units

/// How long a budget lasts before it starts anew: a function of time, so no job ever resets anything.
///
/// 1. The windows of a rule lie end to end: every instant is in exactly one of them.
/// 2. A day, a week and a month begin when the local clock first shows their first midnight (or what the clock jumps to
///    where a change to summer time skips midnight); a week begins on Monday, a month on the 1st.
/// 3. A number of months that divides a year makes calendar quarters, halves and years; any other number is counted
///    from the anchor's month. Either way a window begins on the 1st.
/// 4. A fixed length is exact in elapsed time and counted from the anchor, in both directions.
public enum BudgetWindow: Hashable, Sendable {
    /// `1d`: from midnight to midnight, so 23 or 25 hours when the clocks change.
    case calendarDay
    /// `7d`: Monday to Monday.
    case calendarWeek
    /// 1 to 1200.
    case calendarMonths(Int)
    /// More than 0 nanoseconds.
    case every(nanoseconds: Int64)

    /// Reads `1d` and `24h` (calendar day), `7d` and `1w` (calendar week), `1mo`, `3mo` (calendar months), any other
    /// number of `s`, `m`, `h`, `d` or `w` (that length exactly), and LiteLLM's `hourly`, `daily`, `weekly`, `monthly`.
    ///
    /// - Returns: nil for anything else, for 0, and for more than 100 years.
    public init?(text: some StringProtocol) {
        switch text {
        case "1d", "24h", "daily": self = .calendarDay
        case "7d", "1w", "weekly": self = .calendarWeek
        case "monthly": self = .calendarMonths(1)
        case "hourly": self = .every(nanoseconds: 3_600_000_000_000)
        default:
            if text.hasSuffix("mo") {
                guard let first = text.utf8.first, (48...57).contains(first), let months = Int(text.dropLast(2)),
                    (1...1200).contains(months)
                else { return nil }
                self = .calendarMonths(months)
            } else {
                guard let length = Duration(text: text), length >= .seconds(1) else { return nil }
                self = .every(nanoseconds: length.nanoseconds)
            }
        }
    }

    /// The window that `time` is in.
    ///
    /// - Parameters:
    ///   - anchor: what windows of a fixed length are counted from.
    ///   - zone: whose midnights count; a fixed length ignores it.
    public func interval(containing time: Timestamp, anchor: Timestamp, zone: TimeZoneRules = .utc) -> WindowInterval {
        switch self {
        case .calendarDay:
            calendarInterval(containing: time, zone: zone, of: { $0.daysSince1970 }, firstDay: { $0 })
        case .calendarWeek:
            calendarInterval(
                containing: time, zone: zone, of: { ($0.daysSince1970 + 3).flooredQuotient(by: 7) },
                firstDay: { $0 * 7 - 3 })
        case .calendarMonths(let count):
            monthsInterval(containing: time, count: Int64(min(max(count, 1), 1200)), anchor: anchor, zone: zone)
        case .every(let nanoseconds):
            fixedInterval(containing: time, length: max(nanoseconds, 1), anchor: anchor)
        }
    }

    private func fixedInterval(containing time: Timestamp, length: Int64, anchor: Timestamp) -> WindowInterval {
        let origin = Int128(anchor.nanosecondsSince1970)
        let elapsed = Int128(time.nanosecondsSince1970) - origin
        let remainder = elapsed % Int128(length)
        let start = origin + elapsed - (remainder < 0 ? remainder + Int128(length) : remainder)
        return WindowInterval(
            start: Timestamp(nanosecondsSince1970: Int64(clamping: start)),
            end: Timestamp(nanosecondsSince1970: Int64(clamping: start + Int128(length))))
    }

    private func monthsInterval(
        containing time: Timestamp, count: Int64, anchor: Timestamp, zone: TimeZoneRules
    ) -> WindowInterval {
        var phase: Int64 = 0
        if 12 % count != 0 {
            let anchorDay = zone.date(at: anchor.secondsSince1970)
            phase = (anchorDay.year * 12 + anchorDay.month - 1) % count
        }
        return calendarInterval(
            containing: time, zone: zone,
            of: { ($0.year * 12 + $0.month - 1 - phase).flooredQuotient(by: count) },
            firstDay: { index in
                let month = index * count + phase
                let year = month.flooredQuotient(by: 12)
                return CivilDate.daysSince1970(year: year, month: month - year * 12 + 1)
            })
    }

    /// - Parameters:
    ///   - index: the running number of the window that a local date is in.
    ///   - firstDay: the first day of the window of that number, in days since 1970.
    private func calendarInterval(
        containing time: Timestamp, zone: TimeZoneRules, of index: (CivilDate) -> Int64, firstDay: (Int64) -> Int64
    ) -> WindowInterval {
        let second = time.secondsSince1970
        var number = index(zone.date(at: second))
        // A clock set back over midnight shows yesterday's date again; the day has begun all the same.
        while second >= zone.start(ofDay: firstDay(number + 1)) { number += 1 }
        while second < zone.start(ofDay: firstDay(number)) { number -= 1 }
        return WindowInterval(
            start: Timestamp(secondsSince1970: zone.start(ofDay: firstDay(number))),
            end: Timestamp(secondsSince1970: zone.start(ofDay: firstDay(number + 1))))
    }
}

extension BudgetWindow: CustomStringConvertible {
    /// A text that ``init(text:)`` reads back to the same value.
    public var description: String {
        switch self {
        case .calendarDay: return "1d"
        case .calendarWeek: return "7d"
        case .calendarMonths(let count): return "\(count)mo"
        case .every(let nanoseconds):
            let seconds = nanoseconds / 1_000_000_000
            // `1d`, `24h`, `7d` and `1w` are calendar windows, so those exact lengths are written in smaller units.
            for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] as [(String, Int64)]
            where seconds % length == 0 && BudgetWindow(text: "\(seconds / length)\(unit)") == self {
                return "\(seconds / length)\(unit)"
            }
            return "\(seconds)s"
        }
    }
}

/// A half-open stretch of time: `start` is in it, `end` is the first instant of the next.
public struct WindowInterval: Hashable, Sendable {
    /// The first instant in the window.
    public var start: Timestamp
    /// The first instant after it.
    public var end: Timestamp

    /// Contains nothing where `end` is not after `start`.
    public init(start: Timestamp, end: Timestamp) {
        self.start = start
        self.end = end
    }

    /// The window of a budget that never starts anew.
    public static let always = WindowInterval(
        start: Timestamp(nanosecondsSince1970: .min), end: Timestamp(nanosecondsSince1970: .max))

    /// Whether the instant is in the window: ``start`` is, ``end`` is not.
    public func contains(_ time: Timestamp) -> Bool { start <= time && time < end }
}

extension CivilDate {
    /// The 1st of a month as days since 1970, for any year: window arithmetic may look beyond year 9999.
    static func daysSince1970(year: Int64, month: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.flooredQuotient(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
