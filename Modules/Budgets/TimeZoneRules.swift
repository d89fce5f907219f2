import Units

/// What the clocks of a place showed, show and will show: a pure table of changes and the rule that goes on after it.
///
/// Made from a fixed offset, from a POSIX rule (`CET-1CEST,M3.5.0,M10.5.0/3`) or from the bytes of a TZif file.
/// All instants are whole seconds since 1970 UTC, and all offsets are seconds that local time is ahead of UTC.
public struct TimeZoneRules: Equatable, Sendable {
    /// In force before the first change.
    var firstOffset: Int32
    /// Ascending.
    var changeTimes: [Int64]
    /// The offset from the change of the same index on.
    var changeOffsets: [Int32]
    /// In force from the last change on.
    var footer: PosixRule?

    init(firstOffset: Int32, changeTimes: [Int64] = [], changeOffsets: [Int32] = [], footer: PosixRule? = nil) {
        self.firstOffset = firstOffset
        self.changeTimes = changeTimes
        self.changeOffsets = changeOffsets
        self.footer = footer
    }

    /// No offset and no changes.
    public static let utc = TimeZoneRules(firstOffset: 0)

    /// A zone without changes.
    ///
    /// - Returns: nil beyond ±26 hours, which no place on Earth has.
    public init?(fixedOffset: Duration) {
        let seconds = fixedOffset.components.seconds
        guard seconds.magnitude <= Self.offsetMax else { return nil }
        self.init(firstOffset: Int32(seconds))
    }

    static let offsetMax: Int64 = 26 * 3600

    /// Seconds that the local clock is ahead of UTC at an instant.
    public func offset(at second: Int64) -> Int64 {
        guard let last = changeTimes.last, second < last else {
            if let footer { return footer.offset(at: second) }
            return Int64(changeOffsets.last ?? firstOffset)
        }
        let later = changeTimes.firstIndexAbove(second)
        return Int64(later == 0 ? firstOffset : changeOffsets[later - 1])
    }

    /// The date on the local calendar at an instant.
    public func date(at second: Int64) -> CivilDate {
        CivilDate(daysSince1970: second.addingSaturated(offset(at: second)).flooredQuotient(by: 86_400))
    }

    /// The first instant at which the local clock shows this day or a later one.
    ///
    /// That is the day's midnight; the first of two where the clock goes through it twice; and what the clock jumps to
    /// where a change skips it.
    public func start(ofDay daysSince1970: Int64) -> Int64 {
        let midnight = daysSince1970.multipliedSaturated(by: 86_400)
        // Far enough back that the local clock shows an earlier day whatever the offset is.
        var from = midnight.subtractingSaturated(2 * 86_400)
        while true {
            let reaches = midnight.subtractingSaturated(offset(at: from))
            if reaches <= from { return from }
            guard let change = nextChange(after: from), change <= reaches else { return reaches }
            from = change
        }
    }

    /// The first instant after `second` at which the offset may change.
    func nextChange(after second: Int64) -> Int64? {
        if let last = changeTimes.last, second < last {
            return changeTimes[changeTimes.firstIndexAbove(second)]
        }
        return footer?.nextChange(after: second)
    }
}

extension [Int64] {
    /// The index of the first element greater than `value` in an ascending array.
    fileprivate func firstIndexAbove(_ value: Int64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
