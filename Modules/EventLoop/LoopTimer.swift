import Glibc

/// A point on the system's monotonic clock.
public struct MonotonicTime: Comparable, Hashable, Sendable {
    /// Since an instant that the system chose: of use for differences only.
    public var nanoseconds: Int64

    /// - Parameter nanoseconds: of the same clock.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The clock's time at this moment, later than that of a loop's tick.
    public static func read() -> MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    /// To the nanosecond, rounded towards zero.
    public static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        let (seconds, attoseconds) = duration.components
        return MonotonicTime(nanoseconds: time.nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// Below zero where `left` is the earlier.
    public static func - (left: MonotonicTime, right: MonotonicTime) -> Duration {
        .nanoseconds(left.nanoseconds - right.nanoseconds)
    }
}

/// Something to do once at a later time; may be scheduled again, moved or cancelled at will. Confined to its loop.
public final class LoopTimer {
    fileprivate var deadline = MonotonicTime(nanoseconds: 0)
    fileprivate var position = -1
    private let action: () -> Void

    /// - Parameter action: called on the loop's thread, once each time the timer runs out. It may schedule the timer
    /// again.
    public init(_ action: @escaping () -> Void) { self.action = action }

    /// Whether it will fire; false while its action runs, unless that schedules it again.
    public var isScheduled: Bool { position >= 0 }

    func fire() { action() }
}

/// A binary heap whose members know their place, so that moving and removing one costs O(log n) and leaves nothing
/// behind: thousands of streams re-arm their idle timers with every chunk.
struct TimerHeap {
    private var timers: [LoopTimer] = []

    var nextDeadline: MonotonicTime? { timers.first?.deadline }

    mutating func schedule(_ timer: LoopTimer, at deadline: MonotonicTime) {
        timer.deadline = deadline
        if timer.position < 0 {
            timer.position = timers.count
            timers.append(timer)
            rise(timer.position)
        } else {
            rise(timer.position)
            sink(timer.position)
        }
    }

    mutating func remove(_ timer: LoopTimer) {
        let hole = timer.position
        guard hole >= 0 else { return }
        timer.position = -1
        let last = timers.removeLast()
        guard last !== timer else { return }
        timers[hole] = last
        last.position = hole
        rise(hole)
        sink(last.position)
    }

    mutating func popDue(at now: MonotonicTime) -> LoopTimer? {
        guard let first = timers.first, first.deadline <= now else { return nil }
        remove(first)
        return first
    }

    private mutating func rise(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard timers[index].deadline < timers[parent].deadline else { return }
            swap(index, parent)
            index = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < timers.count && timers[child].deadline < timers[least].deadline {
                least = child
            }
            guard least != index else { return }
            swap(index, least)
            index = least
        }
    }

    private mutating func swap(_ left: Int, _ right: Int) {
        timers.swapAt(left, right)
        timers[left].position = left
        timers[right].position = right
    }
}
