import Units

/// Names one upstream attempt for ever: the primary key of its ledger row.
///
/// 63 bits: 41 of milliseconds since 2024-01-01T00:00Z (until 2093), 8 of journal slot, 14 of a counter within the
/// millisecond. A slot is held by one journal of one process at a time and its ids only grow, so ids are unique over
/// loops, processes and restarts, and their order is the order in which attempts began.
public struct AttemptID: Hashable, Comparable, Sendable {
    /// Positive; 0 stands for an attempt that no journal has opened.
    public let rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// Journals that can be open at once, over all processes: slots are 0 to 255.
    public static let slotsMax = 256

    static let counterBits: Int64 = 14
    static let slotBits: Int64 = 8
    static let countersPerMillisecond: Int64 = 1 << counterBits
    /// 2024-01-01T00:00:00Z.
    static let epochMilliseconds: Int64 = 1_704_067_200_000
    private static let millisecondsMax: Int64 = 1 << 41

    init(milliseconds: Int64, slot: Int, counter: Int64) {
        let sinceEpoch = min(max(milliseconds - Self.epochMilliseconds, 0), Self.millisecondsMax - 1)
        rawValue =
            sinceEpoch << (Self.slotBits + Self.counterBits) | Int64(slot) << Self.counterBits
            | counter & (Self.countersPerMillisecond - 1)
    }

    /// The smallest id that an attempt beginning at `time` can have; ids of earlier milliseconds are below it.
    static func lowest(at time: Timestamp) -> AttemptID {
        AttemptID(milliseconds: time.millisecondsSince1970, slot: 0, counter: 0)
    }

    /// The wall clock when the id was made, or later: while a clock that was set back catches up, ids run ahead of it.
    public var millisecondsSince1970: Int64 {
        rawValue >> (Self.slotBits + Self.counterBits) + Self.epochMilliseconds
    }

    /// Which journal made it: 0 to 255.
    public var slot: Int { Int(rawValue >> Self.counterBits & Int64(Self.slotsMax - 1)) }

    var counter: Int64 { rawValue & (Self.countersPerMillisecond - 1) }

    /// Days since 1970 in UTC; decides the ledger partition.
    var day: Int64 { millisecondsSince1970 / 86_400_000 }

    public static func < (left: AttemptID, right: AttemptID) -> Bool { left.rawValue < right.rawValue }
}

extension AttemptID: CustomStringConvertible {
    /// Decimal, as in the ledger's `id` column.
    public var description: String { String(rawValue) }

    /// Reads the form of ``description``.
    ///
    /// - Returns: nil for anything but a positive number.
    public init?(_ text: some StringProtocol) {
        guard let value = Int64(text), value > 0 else { return nil }
        rawValue = value
    }
}

/// Makes the ids of one slot. Pure: the clock comes in.
struct AttemptIDSource {
    let slot: Int
    private var milliseconds: Int64
    private var counter: Int64

    /// - Parameter highest: no id at or below this one's millisecond is made again. Any slot's id may be given.
    init(slot: Int, above highest: AttemptID?) {
        precondition((0..<AttemptID.slotsMax).contains(slot), "a journal slot is a number from 0 to 255")
        self.slot = slot
        if let highest {
            milliseconds = highest.millisecondsSince1970
            // An id of another slot says nothing about this slot's counter: begin with the next millisecond.
            counter = highest.slot == slot ? highest.counter : AttemptID.countersPerMillisecond - 1
        } else {
            milliseconds = 0
            counter = 0
        }
    }

    /// Greater than every id before it, also when the clock was set back or more than 16,384 begin in a millisecond.
    mutating func next(at now: Timestamp) -> AttemptID {
        let present = now.millisecondsSince1970
        if present > milliseconds {
            milliseconds = present
            counter = 0
        } else if counter + 1 < AttemptID.countersPerMillisecond {
            counter += 1
        } else {
            milliseconds += 1
            counter = 0
        }
        return AttemptID(milliseconds: milliseconds, slot: slot, counter: counter)
    }
}
