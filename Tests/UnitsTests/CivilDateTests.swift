import TestSupport
import Testing
import Units

@Suite struct CivilDateTests {
    @Test func `every day from year 1 to 3000 agrees with a calendar counted day by day`() {
        // 0001-01-01 was day -719162 and a Monday.
        var (year, month, day, weekday) = (Int64(1), Int64(1), Int64(1), Int64(0))
        for number in Int64(-719_162)...376_200 {
            let date = CivilDate(daysSince1970: number)
            guard date.year == year, date.month == month, date.day == day, date.weekday == weekday,
                date.daysSince1970 == number, CivilDate(year: year, month: month, day: day) == date
            else {
                Issue.record("day \(number) is \(date), counted \(year)-\(month)-\(day)")
                return
            }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let length: Int64 = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
            weekday = (weekday + 1) % 7
            day += 1
            if day > length { (day, month) = (1, month + 1) }
            if month > 12 { (month, year) = (1, year + 1) }
        }
        #expect(year == 3000)
    }

    @Test(arguments: [
        (2026, 2, 29), (2100, 2, 29), (2026, 4, 31), (2026, 0, 1), (2026, 13, 1), (2026, 1, 0), (2026, 1, 32),
        (-1, 1, 1),
        (10_000, 1, 1), (Int64.max, Int64.max, Int64.max), (Int64.min, Int64.min, Int64.min),
    ])
    func `a day that does not exist is refused`(year: Int64, month: Int64, day: Int64) {
        #expect(CivilDate(year: year, month: month, day: day) == nil)
    }

    @Test func `leap days of 2000 and 2024 exist`() {
        #expect(CivilDate(year: 2000, month: 2, day: 29)?.description == "2000-02-29")
        #expect(CivilDate(year: 2024, month: 2, day: 29)?.daysSince1970 == 19_782)
        #expect(CivilDate(year: 0, month: 2, day: 29)?.description == "0000-02-29")
    }

    @Test func `no number of days traps`() {
        for days in [Int64.min, -1_000_000_000_000, -719_529, 2_932_897, 1_000_000_000_000, .max] {
            _ = CivilDate(daysSince1970: days).description
        }
        #expect(CivilDate(daysSince1970: 2_932_897).description == "10000-01-01")
        #expect(CivilDate(daysSince1970: -719_529).description == "-1-12-31")
    }

    @Test func `floored division rounds towards the past also at the bounds`() {
        var random = SeededRandom.fresh()
        for _ in 0..<10_000 {
            let value = random.anySize()
            let divisor = Int64.random(in: 1...1_000_000, using: &random)
            let quotient = Int128(value.flooredQuotient(by: divisor))
            let rest = Int128(value) - quotient * Int128(divisor)
            if rest < 0 || rest >= Int128(divisor) { Issue.record("\(value) by \(divisor) is \(quotient)") }
        }
    }
}
