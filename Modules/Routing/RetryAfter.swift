import Units

/// Reads how long a provider asks to be left alone.
public enum RetryAfter {
    /// - Parameters:
    ///   - header: `Retry-After`: seconds (also `1.5`, which OpenAI sends) or an HTTP date.
    ///   - milliseconds: `retry-after-ms`, which wins where it is there (OpenAI, Azure).
    ///   - delay: what an error says itself, where no header does: Google's `retryDelay`, `38s` or `38.5s`.
    /// - Returns: nil where nothing sensible is stated. Never negative, never more than a day.
    public static func parse(
        header: String?, milliseconds: String? = nil, delay: String? = nil, at now: Timestamp
    ) -> Duration? {
        if let milliseconds, let nanoseconds = DecimalText.scaled(milliseconds, byPowerOfTen: 6) {
            return bounded(.nanoseconds(nanoseconds))
        }
        if let header, let wait = seconds(header) ?? date(header).map({ $0 - now }) { return bounded(wait) }
        guard let delay, delay.hasSuffix("s") else { return nil }
        return seconds(delay.dropLast()).map(bounded)
    }

    private static func seconds(_ text: some StringProtocol) -> Duration? {
        DecimalText.scaled(text, byPowerOfTen: 9).map { Duration.nanoseconds($0) }
    }

    private static func bounded(_ duration: Duration) -> Duration { min(max(duration, .zero), .seconds(86_400)) }

    /// `Wed, 21 Oct 2015 07:28:00 GMT` (RFC 9110's IMF-fixdate; the two obsolete forms are not read).
    private static func date(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let day = Int64(words[1]), let year = Int64(words[3]),
            let month = months.firstIndex(where: { $0 == words[2] }),
            let date = CivilDate(year: year, month: Int64(month) + 1, day: day)
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { UInt8($0) }
        guard clock.count == 3, clock[0] < 24, clock[1] < 60, clock[2] < 61, (1970...2200).contains(year)
        else { return nil }
        let seconds = Int64(clock[0]) * 3600 + Int64(clock[1]) * 60 + Int64(clock[2])
        return Timestamp(secondsSince1970: date.daysSince1970 * 86_400 + seconds)
    }
}
