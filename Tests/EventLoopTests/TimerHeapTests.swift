import TestSupport
import Testing

@testable import EventLoop

@Suite struct TimerHeapTests {
    @Test func `timers fire in the order of their deadlines, however they were moved about`() {
        var random = SeededRandom(seed: 7)
        var heap = TimerHeap()
        var fired: [Int] = []
        var timers: [LoopTimer] = []
        var deadlines: [Int: Int64] = [:]
        for number in 0..<200 { timers.append(LoopTimer { fired.append(number) }) }
        for _ in 0..<5_000 {
            let number = Int.random(in: 0..<200, using: &random)
            if Int.random(in: 0..<4, using: &random) == 0 {
                heap.remove(timers[number])
                deadlines[number] = nil
            } else {
                let deadline = Int64.random(in: 0..<1_000, using: &random)
                heap.schedule(timers[number], at: MonotonicTime(nanoseconds: deadline))
                deadlines[number] = deadline
            }
            #expect(heap.nextDeadline?.nanoseconds == deadlines.values.min())
        }
        while let timer = heap.popDue(at: MonotonicTime(nanoseconds: 2_000)) { timer.fire() }
        #expect(fired.count == deadlines.count)
        #expect(zip(fired, fired.dropFirst()).allSatisfy { (deadlines[$0] ?? 0) <= (deadlines[$1] ?? 0) })
        #expect(timers.allSatisfy { !$0.isScheduled })
    }

    @Test func `a timer is not due before its deadline`() {
        var heap = TimerHeap()
        let timer = LoopTimer {}
        heap.schedule(timer, at: MonotonicTime(nanoseconds: 10))
        #expect(heap.popDue(at: MonotonicTime(nanoseconds: 9)) == nil)
        #expect(heap.popDue(at: MonotonicTime(nanoseconds: 10)) === timer)
    }
}
