import Budgets
import TestSupport
import Testing
import Units

@Suite struct BudgetWindowTests {
    private let berlin = TimeZoneRules(posix: "CET-1CEST,M3.5.0,M10.5.0/3")!
    private let newYork = TimeZoneRules(posix: "EST5EDT,M3.2.0,M11.1.0")!

    private func time(_ text: String) -> Timestamp { Timestamp(iso8601: text)! }

    @Test(arguments: [
        ("1d", BudgetWindow.calendarDay), ("24h", .calendarDay), ("daily", .calendarDay), ("7d", .calendarWeek),
        ("1w", .calendarWeek), ("weekly", .calendarWeek), ("1mo", .calendarMonths(1)), ("monthly", .calendarMonths(1)),
        ("3mo", .calendarMonths(3)), ("1200mo", .calendarMonths(1200)),
        ("hourly", .every(nanoseconds: 3_600_000_000_000)),
        ("30d", .every(nanoseconds: 2_592_000_000_000_000)), ("30s", .every(nanoseconds: 30_000_000_000)),
        ("48h", .every(nanoseconds: 172_800_000_000_000)), ("2w", .every(nanoseconds: 1_209_600_000_000_000)),
        ("86400s", .every(nanoseconds: 86_400_000_000_000)), ("1440m", .every(nanoseconds: 86_400_000_000_000)),
    ])
    func `a duration's text names its window, and is written so that it reads back`(text: String, window: BudgetWindow)
    {
        #expect(BudgetWindow(text: text) == window)
        #expect(BudgetWindow(text: window.description) == window)
    }

    @Test(arguments: [
        "", "0d", "0mo", "1201mo", "-1mo", "+1mo", "mo", "1.5mo", "1y", "1M", "10ms", "d", "1 d",
        "99999999999999999999mo",
        "101y", "36526d", "forever",
    ])
    func `what is no window is refused`(text: String) {
        #expect(BudgetWindow(text: text) == nil)
    }

    @Test(arguments: [
        ("1d", "2026-11-23T13:19:41Z", "2026-11-23", "2026-11-24"),
        ("1d", "2026-11-23T00:00:00Z", "2026-11-23", "2026-11-24"),
        ("1d", "2024-02-29T23:59:59.999999999Z", "2024-02-29", "2024-03-01"),
        ("1d", "1969-12-31T23:59:59Z", "1969-12-31", "1970-01-01"),
        ("7d", "2026-11-23T00:00:00Z", "2026-11-23", "2026-11-30"),
        ("7d", "2026-11-22T23:59:59Z", "2026-11-16", "2026-11-23"),
        ("7d", "2027-01-01", "2026-12-28", "2027-01-04"),
        ("1mo", "2024-02-29T12:00:00Z", "2024-02-01", "2024-03-01"),
        ("1mo", "2026-02-28T23:59:59Z", "2026-02-01", "2026-03-01"),
        ("1mo", "2026-12-31T23:59:59Z", "2026-12-01", "2027-01-01"),
        ("1mo", "2026-01-31", "2026-01-01", "2026-02-01"),
        ("2mo", "2026-02-10", "2026-01-01", "2026-03-01"), ("3mo", "2026-11-23", "2026-10-01", "2027-01-01"),
        ("6mo", "2026-06-30", "2026-01-01", "2026-07-01"), ("12mo", "2026-06-30", "2026-01-01", "2027-01-01"),
    ])
    func `a calendar window begins at midnight, on Monday, on the 1st`(
        window: String, at: String, start: String, end: String
    ) throws {
        let window = try #require(BudgetWindow(text: window))
        // The anchor, here a Saturday the 31st, does not matter.
        let interval = window.interval(containing: time(at), anchor: time("2026-01-31T17:00:00Z"))
        #expect(interval == WindowInterval(start: time(start), end: time(end)))
    }

    @Test(arguments: [
        ("5mo", "2026-03-17", "2026-03-20", "2026-03-01", "2026-08-01"),
        ("5mo", "2026-03-17", "2027-01-01", "2027-01-01", "2027-06-01"),
        ("5mo", "2026-03-17", "2026-02-28", "2025-10-01", "2026-03-01"),
        ("18mo", "2026-03-17", "2027-08-31", "2026-03-01", "2027-09-01"),
        ("24mo", "2025-12-31", "2027-11-30", "2025-12-01", "2027-12-01"),
    ])
    func `months that make no part of a year are counted from the anchor's month`(
        window: String, anchor: String, at: String, start: String, end: String
    ) throws {
        let interval = try #require(BudgetWindow(text: window)).interval(containing: time(at), anchor: time(anchor))
        #expect(interval == WindowInterval(start: time(start), end: time(end)))
    }

    @Test(arguments: [
        ("30d", "2026-01-15T10:20:30Z", "2026-02-14T10:20:29Z", "2026-01-15T10:20:30Z", "2026-02-14T10:20:30Z"),
        ("30d", "2026-01-15T10:20:30Z", "2026-02-14T10:20:30Z", "2026-02-14T10:20:30Z", "2026-03-16T10:20:30Z"),
        ("1h", "2026-01-15T10:20:30Z", "2026-01-15T10:20:29Z", "2026-01-15T09:20:30Z", "2026-01-15T10:20:30Z"),
        (
            "30s", "2026-01-15T10:20:30.5Z", "2026-01-15T10:21:00.499Z", "2026-01-15T10:20:30.5Z",
            "2026-01-15T10:21:00.5Z"
        ),
        // Over a change to summer time the length stays exact.
        ("2d", "2026-03-28T12:00:00Z", "2026-03-30T11:59:59Z", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
    ])
    func `any other length is exact and counted from the anchor`(
        window: String, anchor: String, at: String, start: String, end: String
    ) throws {
        let interval = try #require(BudgetWindow(text: window)).interval(
            containing: time(at), anchor: time(anchor), zone: berlin)
        #expect(interval == WindowInterval(start: time(start), end: time(end)))
    }

    @Test func `in Berlin the day of the change to summer time has 23 hours and of the change back 25`() {
        let spring = BudgetWindow.calendarDay.interval(
            containing: time("2026-03-29T01:00:00Z"), anchor: time("1970-01-01"), zone: berlin)
        #expect(spring == WindowInterval(start: time("2026-03-28T23:00:00Z"), end: time("2026-03-29T22:00:00Z")))
        let autumn = BudgetWindow.calendarDay.interval(
            containing: time("2026-10-25T01:00:00Z"), anchor: time("1970-01-01"), zone: berlin)
        #expect(autumn == WindowInterval(start: time("2026-10-24T22:00:00Z"), end: time("2026-10-25T23:00:00Z")))
    }

    @Test func `in New York the week and the month of a change begin at local midnight`() {
        let week = BudgetWindow.calendarWeek.interval(
            containing: time("2026-03-08T12:00:00Z"), anchor: time("1970-01-01"), zone: newYork)
        #expect(week == WindowInterval(start: time("2026-03-02T05:00:00Z"), end: time("2026-03-09T04:00:00Z")))
        let month = BudgetWindow.calendarMonths(1).interval(
            containing: time("2026-11-30T12:00:00Z"), anchor: time("1970-01-01"), zone: newYork)
        #expect(month == WindowInterval(start: time("2026-11-01T04:00:00Z"), end: time("2026-12-01T05:00:00Z")))
    }

    @Test func `an instant is in the window that its local date names, just before and at midnight`() {
        let before = BudgetWindow.calendarDay.interval(
            containing: time("2026-11-24T04:59:59.999999999Z"), anchor: time("1970-01-01"), zone: newYork)
        let at = BudgetWindow.calendarDay.interval(
            containing: time("2026-11-24T05:00:00Z"), anchor: time("1970-01-01"), zone: newYork)
        #expect(before.end == time("2026-11-24T05:00:00Z"))
        #expect(at.start == before.end)
    }

    @Test
    func
        `a day begins with what a clock that skips midnight jumps to, and with the first of two midnights`()
        throws
    {
        // Havana: 2026-03-08 00:00 becomes 01:00, and on 2026-11-01 01:00 becomes 00:00.
        let havana = try #require(TimeZoneRules(posix: "CST5CDT,M3.2.0/0,M11.1.0/1"))
        let spring = BudgetWindow.calendarDay.interval(
            containing: time("2026-03-08T12:00:00Z"), anchor: time("1970-01-01"), zone: havana)
        #expect(spring == WindowInterval(start: time("2026-03-08T05:00:00Z"), end: time("2026-03-09T04:00:00Z")))
        let autumn = BudgetWindow.calendarDay.interval(
            containing: time("2026-11-01T05:30:00Z"), anchor: time("1970-01-01"), zone: havana)
        #expect(autumn == WindowInterval(start: time("2026-11-01T04:00:00Z"), end: time("2026-11-02T05:00:00Z")))
        // A clock set back from 00:01 to 23:01 shows the old date once more; the new day has begun all the same.
        let back = try #require(TimeZoneRules(posix: "NST3NDT,M3.2.0/0:01,M11.1.0/0:01"))
        let day = BudgetWindow.calendarDay.interval(
            containing: time("2026-11-01T02:30:00Z"), anchor: time("1970-01-01"), zone: back)
        #expect(day == WindowInterval(start: time("2026-11-01T02:00:00Z"), end: time("2026-11-02T03:00:00Z")))
    }

    @Test func `windows lie end to end: whatever the instant, rule, anchor and zone`() throws {
        var random = SeededRandom.fresh()
        let zones = [
            .utc, berlin, newYork, try #require(TimeZoneRules(fixedOffset: .seconds(-34_200))),
            try #require(TimeZoneRules(posix: "CST5CDT,M3.2.0/0,M11.1.0/1")),
            try #require(TimeZoneRules(posix: "AEST-10AEDT,M10.1.0,M4.1.0/3")),
            try #require(TimeZoneRules(posix: "NST3NDT,M3.2.0/0:01,M11.1.0/0:01")),
        ]
        let windows: [BudgetWindow] = [
            .calendarDay, .calendarWeek, .calendarMonths(1), .calendarMonths(3), .calendarMonths(7),
            .calendarMonths(26),
            .every(nanoseconds: 1_000_000_000), .every(nanoseconds: 7_777_777_777_777), .every(nanoseconds: .max),
        ]
        for _ in 0..<5_000 {
            let window = windows.randomElement(using: &random)!
            let zone = zones.randomElement(using: &random)!
            let time = Timestamp(nanosecondsSince1970: random.next().bounded(by: 6_000_000_000) * 1_000_000_000)
            let anchor = Timestamp(nanosecondsSince1970: random.next().bounded(by: 6_000_000_000) * 1_000_000_000)
            let here = window.interval(containing: time, anchor: anchor, zone: zone)
            guard here.contains(time) else { Issue.record("\(window) at \(time): \(here)"); return }
            let probes = [here.start, Timestamp(nanosecondsSince1970: here.end.nanosecondsSince1970 - 1)]
            for probe in probes where window.interval(containing: probe, anchor: anchor, zone: zone) != here {
                Issue.record("\(window) at \(time): \(here), not so at \(probe)")
                return
            }
            if here.end.nanosecondsSince1970 < .max {
                let next = window.interval(containing: here.end, anchor: anchor, zone: zone)
                if next.start != here.end { Issue.record("\(window): \(next) after \(here)"); return }
            }
        }
    }

    @Test func `no instant and no anchor trap`() {
        for window in [BudgetWindow.calendarDay, .calendarWeek, .calendarMonths(1), .calendarMonths(1199)]
            + [.every(nanoseconds: 1), .every(nanoseconds: .max), .every(nanoseconds: .min), .calendarMonths(.min)]
        {
            for time in [Int64.min, -1, 0, .max] {
                for anchor in [Int64.min, -1, 0, .max] {
                    _ = window.interval(
                        containing: Timestamp(nanosecondsSince1970: time),
                        anchor: Timestamp(nanosecondsSince1970: anchor), zone: berlin)
                }
            }
        }
    }
}

extension UInt64 {
    func bounded(by limit: UInt64) -> Int64 { Int64(self % limit) }
}
