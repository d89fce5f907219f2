import Testing

@testable import MockProvider

@Suite struct TimerHeapTests {
    @Test func `timers fire in order, replaced ones at their new time, cancelled ones never`() {
        for seed in 1...50 {
            var generator = SplitMix64(seed: UInt64(seed))
            var heap = TimerHeap()
            var model: [Int: Int64] = [:]
            for _ in 0..<500 {
                let slot = Int(generator.next() % 40)
                if generator.next() % 4 == 0 {
                    heap.cancel(slot)
                    model[slot] = nil
                } else {
                    let deadline = Int64(generator.next() % 1000)
                    heap.set(slot, to: deadline)
                    model[slot] = deadline
                }
                #expect(heap.earliest == model.values.min(), "seed \(seed)")
                #expect(heap.count == model.count, "seed \(seed)")
            }
            var last: Int64 = -1
            while let slot = heap.takeDue(at: 1000) {
                let deadline = model.removeValue(forKey: slot)
                #expect(deadline.map { $0 >= last } == true, "seed \(seed)")
                last = deadline ?? last
            }
            #expect(model.isEmpty, "seed \(seed)")
        }
    }

    @Test func `a timer is not taken before it is due`() {
        var heap = TimerHeap()
        heap.set(3, to: 100)
        #expect(heap.takeDue(at: 99) == nil)
        #expect(heap.takeDue(at: 100) == 3)
        #expect(heap.takeDue(at: 100) == nil)
    }
}
