import Budgets
import Foundation
import TestSupport
import Testing
import Units

private let zoneinfo = "/usr/share/zoneinfo"

@Suite struct TimeZoneRulesTests {
    private func second(_ text: String) -> Int64 { Timestamp(iso8601: text)!.secondsSince1970 }

    @Test(arguments: [
        ("2026-03-29T00:59:59Z", 3600), ("2026-03-29T01:00:00Z", 7200), ("2026-10-25T00:59:59Z", 7200),
        ("2026-10-25T01:00:00Z", 3600), ("2026-12-31T23:59:59Z", 3600), ("2100-07-01", 7200), ("1970-01-01", 3600),
    ])
    func `a POSIX rule changes the clocks at its instants`(time: String, offset: Int64) throws {
        let berlin = try #require(TimeZoneRules(posix: "CET-1CEST,M3.5.0,M10.5.0/3"))
        #expect(berlin.offset(at: second(time)) == offset)
    }

    @Test(arguments: [
        ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18_000),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -14_400),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59:59Z", -14_400),
        ("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -18_000),
        // South of the equator summer time spans new year.
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01", 39_600), ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-06-01", 36_000),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-12-31T23:59:59Z", 39_600),
        // Ireland's winter time is the one that saves; Troll shifts by two hours; Nuuk counts hours below zero.
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01", 3600), ("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01", 0),
        ("<+00>0<+02>-2,M3.5.0/1,M10.5.0/3", "2026-07-01", 7200),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600),
        // RFC 9636's permanent summer time.
        ("XXX3EDT4,0/0,J365/23", "2026-01-01T04:00:00Z", -14_400),
        ("XXX3EDT4,0/0,J365/23", "2026-12-31T23:59:59Z", -14_400),
        ("XXX3EDT4,0/0,J365/23", "2027-01-01T03:59:59Z", -14_400),
        // Julian days: J60 is always 1 March, 59 is 29 February in a leap year.
        ("AAA0BBB,J60/0,J300/0", "2024-02-29T23:59:59Z", 0), ("AAA0BBB,J60/0,J300/0", "2024-03-01", 3600),
        ("AAA0BBB,59/0,300/0", "2024-02-29", 3600), ("AAA0BBB,59/0,300/0", "2026-02-28T23:59:59Z", 0),
        ("UTC0", "2026-07-01", 0), ("<+0545>-5:45", "2026-07-01", 20_700), ("LMT-0:53:28", "2026-07-01", 3208),
    ])
    func `every form of POSIX rule is understood`(rule: String, time: String, offset: Int64) throws {
        let rules = try #require(TimeZoneRules(posix: rule))
        #expect(rules.offset(at: second(time)) == offset)
    }

    @Test(arguments: [
        "", "A0", "AB0", "ABC", "ABC25", "ABC0DEF", "ABC0DEF,M3.5.0", "ABC0DEF,M13.5.0,M10.5.0",
        "ABC0DEF,M3.6.0,M10.5.0",
        "ABC0DEF,M3.5.7,M10.5.0", "ABC0DEF,M3.5.0,M10.5.0x", "ABC0DEF,J0,J5", "ABC0DEF,J366,J5", "ABC0DEF,366,5",
        "ABC0DEF,M3.5.0/168,M10.5.0", "<ABC0", "ABC0:60", "ABC0 ", "ABC99999999999999999999",
    ])
    func `what is no POSIX rule is refused`(rule: String) {
        #expect(TimeZoneRules(posix: rule) == nil)
    }

    @Test func `a fixed offset is what it says, within what Earth has`() throws {
        let india = try #require(TimeZoneRules(fixedOffset: .seconds(19_800)))
        #expect(india.offset(at: 0) == 19_800)
        #expect(india.start(ofDay: 0) == -19_800)
        #expect(TimeZoneRules(fixedOffset: .seconds(27 * 3600)) == nil)
        #expect(TimeZoneRules(fixedOffset: .seconds(Int64.min)) == nil)
    }

    @Test(
        arguments: [
            "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney", "America/Sao_Paulo",
            "Europe/Dublin",
            "Asia/Tokyo", "Pacific/Apia", "Africa/Cairo", "America/St_Johns", "Australia/Lord_Howe", "UTC", "Etc/GMT+5",
        ])
    func `the system's files give the offsets that Foundation gives`(name: String) throws {
        let rules = try TimeZoneRules.named(name)
        let oracle = try #require(TimeZone(identifier: name == "Etc/GMT+5" ? "GMT-0500" : name))
        var random = SeededRandom.fresh()
        for _ in 0..<2000 {
            let second = Int64.random(in: 0...4_000_000_000, using: &random)
            // 2038 and later come from the rule in the footer; Foundation's own data end there for some zones.
            let limited = second < 2_145_916_800 ? second : second % 2_145_916_800
            let expected = oracle.secondsFromGMT(for: Date(timeIntervalSince1970: Double(limited)))
            if rules.offset(at: limited) != Int64(expected) { Issue.record("\(name) at \(limited)"); return }
        }
    }

    @Test(
        arguments: [
            ("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"), ("America/New_York", "EST5EDT,M3.2.0,M11.1.0"),
        ])
    func `a file's table and its footer go on into each other`(name: String, rule: String) throws {
        let file = try TimeZoneRules.named(name)
        let posix = try #require(TimeZoneRules(posix: rule))
        for day in 13_880..<60_000 as Range<Int64> {  // 2008 to 2134
            let second = day * 86_400 + (day % 24) * 3600
            if file.offset(at: second) != posix.offset(at: second) || file.start(ofDay: day) != posix.start(ofDay: day)
            {
                Issue.record("\(name) on \(CivilDate(daysSince1970: day))")
                return
            }
        }
    }

    @Test func `every zone of the system can be read and its days lie end to end`() throws {
        var count = 0
        for name in try FileManager.default.subpathsOfDirectory(atPath: zoneinfo).sorted() {
            guard !name.hasPrefix("right/"), !name.hasPrefix("posix/"), !name.contains("."),
                let data = FileManager.default.contents(atPath: zoneinfo + "/" + name),
                data.starts(with: Array("TZif".utf8))
            else { continue }
            count += 1
            let rules = try TimeZoneRules.named(name)
            for day in stride(from: Int64(-5000), to: 40_000, by: 977) {
                let start = rules.start(ofDay: day)
                // Not before the day, from its first instant on not before it either, and close to UTC's midnight.
                guard rules.date(at: start - 1).daysSince1970 < day, rules.date(at: start).daysSince1970 >= day,
                    rules.start(ofDay: day + 1) >= start, abs(start - day * 86_400) <= 26 * 3600
                else { Issue.record("\(name), day \(day)"); break }
            }
        }
        #expect(count > 300)
    }

    @Test func `the first instant of a day is the one found by looking at every minute`()
        throws
    {
        // Days that a change to summer time, a change back over midnight, or a skipped day makes strange.
        for (name, dates) in [
            ("America/Sao_Paulo", ["2018-11-04", "2018-02-18"]), ("America/Havana", ["2026-03-08", "2026-11-01"]),
            ("America/St_Johns", ["2010-03-14", "2010-11-07"]), ("Pacific/Apia", ["2011-12-30", "2011-12-31"]),
            ("Africa/Cairo", ["2023-04-28", "2023-10-27"]), ("Europe/Berlin", ["2026-03-29", "2026-10-25"]),
            ("America/Asuncion", ["2023-10-01"]), ("Asia/Beirut", ["2024-03-31"]),
        ] {
            let rules = try TimeZoneRules.named(name)
            for date in dates {
                let day = Timestamp(iso8601: date)!.secondsSince1970 / 86_400
                for candidate in day - 1...day + 2 {
                    var second = candidate * 86_400 - 2 * 86_400
                    while rules.date(at: second).daysSince1970 < candidate { second += 60 }
                    #expect(rules.start(ofDay: candidate) == second, "\(name) \(CivilDate(daysSince1970: candidate))")
                }
            }
        }
    }

    @Test(arguments: [
        "", "/etc/passwd", "../../etc/passwd", "Europe/../../../etc/passwd", "Europe/Ber\u{0}lin", "Europe/Berlin.",
        String(repeating: "a", count: 101), "Europe/Bérlin", " UTC",
    ])
    func `a name that could leave the folder is refused`(name: String) {
        #expect(throws: TimeZoneError.invalidName) { try TimeZoneRules.named(name) }
    }

    @Test func `a zone that is not there, a folder and a file that is no zone are refused`() throws {
        #expect(throws: TimeZoneError.unreadable(ENOENT)) { try TimeZoneRules.named("Middle_Earth/Shire") }
        #expect(throws: TimeZoneError.unreadable(EISDIR)) { try TimeZoneRules.named("tmp", folder: "/") }
        #expect(throws: TimeZoneError.malformed("it does not begin with TZif")) {
            try TimeZoneRules.named("passwd", folder: "/etc")
        }
        #expect(throws: TimeZoneError.malformed("it is too large")) { try TimeZoneRules.named("zero", folder: "/dev") }
    }
}

@Suite struct TZifTests {
    /// One block of a file as RFC 9636 lays it out.
    private func block(
        version: UInt8, times: [Int64], types: [UInt8], offsets: [Int32], leapSeconds: UInt32 = 0, timeBytes: Int
    ) -> [UInt8] {
        var bytes = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
        func append(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.bigEndian) { bytes += $0 } }
        for count in [0, 0, leapSeconds, UInt32(times.count), UInt32(offsets.count), 4] { append(count) }
        for time in times { if timeBytes == 4 { append(Int32(truncatingIfNeeded: time)) } else { append(time) } }
        bytes += types
        for offset in offsets {
            append(offset)
            bytes += [0, 0]
        }
        return bytes + Array("ABC\0".utf8)
    }

    private var twoBlocks: [UInt8] {
        block(version: 0x32, times: [1], types: [0], offsets: [60], timeBytes: 4)
            + block(version: 0x32, times: [1000, 5_000_000_000], types: [1, 0], offsets: [3600, 7200], timeBytes: 8)
            + Array("\nABC-3\n".utf8)
    }

    @Test func `version 1 is read from its only block`() throws {
        let rules = try TimeZoneRules(
            tzif: block(version: 0, times: [-5, 1000], types: [1, 0], offsets: [3600, -7200], timeBytes: 4))
        #expect(rules.offset(at: -6) == 3600)
        #expect(rules.offset(at: -5) == -7200)
        #expect(rules.offset(at: 1000) == 3600)
        #expect(rules.offset(at: .max) == 3600)
    }

    @Test func `version 2 is read from its second block and goes on by its footer`() throws {
        let rules = try TimeZoneRules(tzif: twoBlocks)
        #expect(rules.offset(at: 999) == 3600)
        #expect(rules.offset(at: 1000) == 7200)
        #expect(rules.offset(at: 4_999_999_999) == 7200)
        #expect(rules.offset(at: 5_000_000_000) == 10_800)
    }

    @Test func `a file cut anywhere is refused`() {
        for count in 0..<twoBlocks.count {
            #expect(throws: TimeZoneError.self) { try TimeZoneRules(tzif: Array(twoBlocks.prefix(count))) }
        }
    }

    @Test func `leap seconds, disorder, a missing type and absurd lengths are refused`() {
        let wrong = [
            block(version: 0, times: [], types: [], offsets: [0], leapSeconds: 1, timeBytes: 4),
            block(version: 0, times: [5, 5], types: [0, 0], offsets: [0], timeBytes: 4),
            block(version: 0, times: [5], types: [1], offsets: [0], timeBytes: 4),
            block(version: 0, times: [], types: [], offsets: [], timeBytes: 4),
            block(version: 0, times: [], types: [], offsets: [100_000], timeBytes: 4),
            block(version: 0, times: [], types: [], offsets: [.min], timeBytes: 4),
            block(version: 7, times: [], types: [], offsets: [0], timeBytes: 4),
        ]
        for bytes in wrong { #expect(throws: TimeZoneError.self) { try TimeZoneRules(tzif: bytes) } }
        var lengths = wrong[0]
        lengths.replaceSubrange(20..<44, with: [UInt8](repeating: 0xFF, count: 24))
        #expect(throws: TimeZoneError.self) { try TimeZoneRules(tzif: lengths) }
    }

    @Test func `no bytes make the reader trap, nor what it read from them`() {
        var random = SeededRandom.fresh()
        for _ in 0..<20_000 {
            var bytes = twoBlocks
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            guard let rules = try? TimeZoneRules(tzif: bytes) else { continue }
            for time in [Int64.min, -1, 0, 5_000_000_000_000_000_000, .max] {
                let time = Timestamp(nanosecondsSince1970: time)
                _ = BudgetWindow.calendarDay.interval(containing: time, anchor: time, zone: rules)
                _ = BudgetWindow.calendarMonths(5).interval(containing: time, anchor: time, zone: rules)
            }
            _ = (rules.offset(at: .min), rules.offset(at: .max), rules.start(ofDay: .min), rules.start(ofDay: .max))
        }
    }
}
