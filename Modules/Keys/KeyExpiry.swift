import Units

/// When a key ends, from the `duration` of LiteLLM's API.
public enum KeyExpiry: Equatable, Sendable {
    /// It holds until it is blocked or deleted.
    case never
    /// The first instant at which the key is refused.
    case at(Timestamp)

    /// - Parameter text: nil or `-1` for never; `30s`, `15m`, `2h`, `30d`, `2w`; `1mo` and so on for calendar months:
    ///   the same time of day in that month, on its last day if it is shorter.
    /// - Returns: nil for anything else, and for more than 100 years.
    public init?(duration text: String?, from now: Timestamp) {
        guard let text, text != "-1" else {
            self = .never
            return
        }
        if text.hasSuffix("mo") {
            guard let months = Int64(text.dropLast(2)), (0...1200).contains(months),
                text.utf8.first.map({ (48...57).contains($0) }) == true
            else { return nil }
            self = .at(Self.adding(months: months, to: now))
        } else {
            guard let duration = Duration(text: text) else { return nil }
            self = .at(now + duration)
        }
    }

    /// Nil for never.
    public var timestamp: Timestamp? {
        switch self {
        case .never: nil
        case .at(let time): time
        }
    }

    private static func adding(months: Int64, to now: Timestamp) -> Timestamp {
        let nanosecondsPerDay: Int64 = 86_400 * 1_000_000_000
        let days = now.nanosecondsSince1970.flooredQuotient(by: nanosecondsPerDay)
        let timeOfDay = now.nanosecondsSince1970 - days * nanosecondsPerDay
        let date = CivilDate(daysSince1970: days)
        let month = date.year * 12 + date.month - 1 + months
        let year = month.flooredQuotient(by: 12)
        let monthOfYear = month - year * 12 + 1
        let day = min(date.day, CivilDate.daysIn(month: monthOfYear, year: year))
        guard let end = CivilDate(year: year, month: monthOfYear, day: day) else {
            preconditionFailure("a day was clamped to its month and is not in it")
        }
        return Timestamp(nanosecondsSince1970: end.daysSince1970 * nanosecondsPerDay + timeOfDay)
    }
}
