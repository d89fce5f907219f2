import TestSupport
import Testing
import Units

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-11-23T13:19:41.123Z", 1_795_439_981_123_000_000),
        ("2026-11-23", 1_795_392_000_000_000_000), ("2026-11-23 13:19:41Z", 1_795_439_981_000_000_000),
        ("2026-11-23T13:19:41", 1_795_439_981_000_000_000), ("2026-11-23T14:19:41+01:00", 1_795_439_981_000_000_000),
        ("2026-11-23T08:19:41-0500", 1_795_439_981_000_000_000), ("1969-12-31T23:59:59.999999999Z", -1),
        ("2026-11-23T13:19:41.1234567899Z", 1_795_439_981_123_456_789), ("1970-01-01T00:00:60Z", 60_000_000_000),
    ])
    func `ISO 8601 is read`(text: String, nanoseconds: Int64) {
        #expect(Timestamp(iso8601: text) == Timestamp(nanosecondsSince1970: nanoseconds))
    }

    @Test(arguments: [
        "", "2026", "2026-11", "2026-11-23T", "2026-11-23T13", "2026-11-23T13:19", "2026-02-29", "2026-13-01",
        "2026-11-23T24:00:00Z", "2026-11-23T13:60:00Z", "2026-11-23T13:19:61Z", "2026-11-23T13:19:41.Z",
        "2026-11-23T13:19:41Zx", "2026-11-23T13:19:41+1", "2026-11-23T13:19:41+24:00", "2026-11-23T13:19:41+01:60",
        "0001-01-01", "9999-12-31", "2026/11/23", "x026-11-23", " 2026-11-23", "٢026-11-23",
        "2026-11-23T13:19:41+01:00Z",
    ])
    func `anything else is refused`(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test func `random times survive being written and read`() {
        var random = SeededRandom.fresh()
        for _ in 0..<20_000 {
            let nanoseconds = Int64.random(in: -8_999_999_999_000_000_000...8_999_999_999_000_000_000, using: &random)
            let time = Timestamp(nanosecondsSince1970: nanoseconds)
            if Timestamp(iso8601: time.text(fractionDigits: 9)) != time { Issue.record("\(nanoseconds)") }
            let digits = Int.random(in: 0...8, using: &random)
            var unit: Int64 = 1
            for _ in digits..<9 { unit *= 10 }
            let cut = nanoseconds.flooredQuotient(by: unit) * unit
            if Timestamp(iso8601: time.text(fractionDigits: digits))?.nanosecondsSince1970 != cut {
                Issue.record("\(nanoseconds) with \(digits) digits: \(time.text(fractionDigits: digits))")
            }
        }
    }

    @Test func `the bounds of time can be written, converted and added to`() {
        for nanoseconds in [Int64.min, .min + 1, -1, 0, .max - 1, .max] {
            let time = Timestamp(nanosecondsSince1970: nanoseconds)
            for digits in [-1, 0, 3, 9, 100] { _ = time.text(fractionDigits: digits) }
            _ = (time.secondsSince1970, time.millisecondsSince1970, time + .seconds(1), time - .seconds(1))
        }
        #expect(Timestamp(nanosecondsSince1970: .min).text(fractionDigits: 9) == "1677-09-21T00:12:43.145224192Z")
        #expect(Timestamp(nanosecondsSince1970: .max).text(fractionDigits: 9) == "2262-04-11T23:47:16.854775807Z")
        let last = Timestamp(nanosecondsSince1970: .max)
        let first = Timestamp(nanosecondsSince1970: .min)
        #expect(last + .seconds(1) == last)
        #expect(first - .seconds(1) == first)
        #expect((last - first).nanoseconds == .max)
        #expect((first - last).nanoseconds == .min)
        #expect(Timestamp(secondsSince1970: .max) == last)
        #expect(Timestamp(millisecondsSince1970: .min) == first)
    }

    @Test func `no text makes the reader trap`() {
        var random = SeededRandom.fresh()
        let valid = Array("2026-11-23T13:19:41.123+01:00".utf8)
        for _ in 0..<50_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0x20...0x7E, using: &random)
            }
            bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
            _ = Timestamp(iso8601: String(decoding: bytes, as: UTF8.self))
        }
    }
}
