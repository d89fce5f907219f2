import Units

extension TimeZoneRules {
    /// Reads a rule in the form of POSIX's TZ variable: `UTC0`, `EST5EDT,M3.2.0,M11.1.0`, `<-03>3`.
    ///
    /// - Returns: nil for anything else. (A rule with summer time must say when it begins and ends.)
    public init?(posix text: some StringProtocol) {
        guard let rule = PosixRule(Array(text.utf8)) else { return nil }
        self.init(firstOffset: Int32(rule.standardOffset), footer: rule)
    }
}

/// A rule for every year: one offset, or two and the days on which the clocks change.
///
/// The grammar is that of POSIX's TZ with RFC 9636's extension (hours of a change from -167 to 167).
struct PosixRule: Equatable, Sendable {
    struct Summer: Equatable, Sendable {
        var offset: Int64
        var begins: YearlyChange
        var ends: YearlyChange
    }

    var standardOffset: Int64
    var summer: Summer?

    func offset(at second: Int64) -> Int64 {
        guard let summer else { return standardOffset }
        var result = standardOffset
        let year = yearOf(second)
        // The year before is needed too: its last change may be the one in force, as in the southern hemisphere.
        for candidate in year - 1...year + 1 {
            for change in changes(in: candidate, summer) where change.second <= second { result = change.offset }
        }
        return result
    }

    func nextChange(after second: Int64) -> Int64? {
        guard let summer else { return nil }
        let year = yearOf(second)
        for candidate in year - 1...year + 2 {
            for change in changes(in: candidate, summer) where change.second > second { return change.second }
        }
        return nil
    }

    private func yearOf(_ second: Int64) -> Int64 {
        CivilDate(daysSince1970: second.flooredQuotient(by: 86_400)).year
    }

    /// The two changes of a year in their order. Where summer time ends at the very instant at which next year's begins
    /// (RFC 9636's way to write permanent summer time), the later year's change comes later and wins.
    private func changes(in year: Int64, _ summer: Summer) -> [(second: Int64, offset: Int64)] {
        let begins = (second: summer.begins.localSecond(in: year) - standardOffset, offset: summer.offset)
        let ends = (second: summer.ends.localSecond(in: year) - summer.offset, offset: standardOffset)
        return begins.second <= ends.second ? [begins, ends] : [ends, begins]
    }
}

/// A day of the year and a local time on it.
struct YearlyChange: Equatable, Sendable {
    enum Day: Equatable, Sendable {
        /// 1...365, 29 February never counted.
        case withoutLeapDay(Int64)
        /// 0...365, 29 February counted.
        case withLeapDay(Int64)
        /// Week 5 is the last one; day 0 is Sunday.
        case weekday(month: Int64, week: Int64, day: Int64)
    }

    var day: Day
    /// Seconds after midnight, of either sign.
    var time: Int64

    /// Seconds since 1970 on the local clock as it was before the change.
    func localSecond(in year: Int64) -> Int64 {
        let newYear = CivilDate.daysSince1970(year: year, month: 1)
        let date: Int64
        switch day {
        case .withoutLeapDay(let number):
            let isLeap = CivilDate.daysIn(month: 2, year: year) == 29
            date = newYear + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .withLeapDay(let number):
            date = newYear + number
        case .weekday(let month, let week, let day):
            let first = CivilDate.daysSince1970(year: year, month: month)
            // 1970-01-01 was a Thursday, day 4 of a week that begins on Sunday.
            let firstWeekday = (first + 4) - (first + 4).flooredQuotient(by: 7) * 7
            var candidate = first + (day - firstWeekday + 7) % 7 + (week - 1) * 7
            if candidate >= first + CivilDate.daysIn(month: month, year: year) { candidate -= 7 }
            date = candidate
        }
        return date * 86_400 + time
    }
}

extension PosixRule {
    init?(_ text: [UInt8]) {
        var reader = PosixReader(text)
        guard reader.name(), let standard = reader.offset(hoursMax: 24) else { return nil }
        standardOffset = -standard
        if reader.atEnd { return }
        guard reader.name() else { return nil }
        var offset = standardOffset + 3600
        if reader.peek != UInt8(ascii: ",") {
            guard let given = reader.offset(hoursMax: 24) else { return nil }
            offset = -given
        }
        guard reader.skip(","), let begins = reader.change(), reader.skip(","), let ends = reader.change(), reader.atEnd
        else { return nil }
        summer = Summer(offset: offset, begins: begins, ends: ends)
    }
}

private struct PosixReader {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var atEnd: Bool { position == bytes.count }
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Three letters or more, or anything between `<` and `>`.
    mutating func name() -> Bool {
        if skip("<") {
            while let byte = peek, byte != UInt8(ascii: ">") { position += 1 }
            return skip(">")
        }
        let start = position
        while let byte = peek, byte < 128, (65...90).contains(byte & 0xDF) { position += 1 }
        return position - start >= 3
    }

    mutating func number(upTo max: Int64) -> Int64? {
        var value: Int64 = 0
        let start = position
        while let byte = peek, (48...57).contains(byte) {
            value = value * 10 + Int64(byte - 48)
            guard value <= max else { return nil }
            position += 1
        }
        return position > start ? value : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func offset(hoursMax: Int64) -> Int64? {
        let negative = skip("-")
        if !negative { _ = skip("+") }
        guard let hours = number(upTo: hoursMax) else { return nil }
        var seconds = hours * 3600
        if skip(":") {
            guard let minutes = number(upTo: 59) else { return nil }
            seconds += minutes * 60
            if skip(":") {
                guard let rest = number(upTo: 59) else { return nil }
                seconds += rest
            }
        }
        return negative ? -seconds : seconds
    }

    /// `Jn`, `n` or `Mm.w.d`, each with an optional `/time`.
    mutating func change() -> YearlyChange? {
        let day: YearlyChange.Day
        if skip("J") {
            guard let number = number(upTo: 365), number >= 1 else { return nil }
            day = .withoutLeapDay(number)
        } else if skip("M") {
            guard let month = number(upTo: 12), month >= 1, skip("."), let week = number(upTo: 5), week >= 1,
                skip("."), let weekday = number(upTo: 6)
            else { return nil }
            day = .weekday(month: month, week: week, day: weekday)
        } else {
            guard let number = number(upTo: 365) else { return nil }
            day = .withLeapDay(number)
        }
        var time: Int64 = 2 * 3600
        if skip("/") {
            guard let given = offset(hoursMax: 167) else { return nil }
            time = given
        }
        return YearlyChange(day: day, time: time)
    }
}
