import Keys
import Testing
import Units

@Suite struct KeyExpiryTests {
    static func time(_ text: String) -> Timestamp { Timestamp(iso8601: text)! }

    @Test(arguments: [
        ("30s", "2026-01-31T10:17:33.5Z", "2026-01-31T10:18:03.5Z"),
        ("30d", "2026-01-31T10:17:33.5Z", "2026-03-02T10:17:33.5Z"),
        ("2w", "2026-01-31T10:17:33Z", "2026-02-14T10:17:33Z"),
        ("1mo", "2026-01-15T10:17:33Z", "2026-02-15T10:17:33Z"),
        ("1mo", "2026-01-31T10:17:33.5Z", "2026-02-28T10:17:33.5Z"),
        ("1mo", "2028-01-31T10:17:33Z", "2028-02-29T10:17:33Z"),
        ("2mo", "2026-12-31T23:59:59Z", "2027-02-28T23:59:59Z"),
        ("13mo", "2026-12-01T00:00:00Z", "2028-01-01T00:00:00Z"),
        ("0s", "2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z"),
        ("1200mo", "2026-12-01T00:00:00Z", "2126-12-01T00:00:00Z"),
    ])
    func aDurationEndsThen(duration: String, now: String, end: String) {
        #expect(KeyExpiry(duration: duration, from: Self.time(now)) == .at(Self.time(end)))
    }

    @Test func nothingAndMinusOneMeanNever() {
        #expect(KeyExpiry(duration: nil, from: Self.time("2026-01-01")) == .never)
        #expect(KeyExpiry(duration: "-1", from: Self.time("2026-01-01")) == .never)
        #expect(KeyExpiry.never.timestamp == nil)
    }

    @Test(arguments: [
        "", "mo", "-1mo", "+1mo", "1201mo", "1.5mo", "30", "d", "-30d", "1y", "9999999999999d", "1 mo", "٣mo",
    ])
    func otherTextsAreRefused(text: String) {
        #expect(KeyExpiry(duration: text, from: Self.time("2026-01-01")) == nil)
    }
}
