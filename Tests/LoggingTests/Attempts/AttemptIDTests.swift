import TestSupport
import Testing
import Units

@testable import Logging

@Suite struct AttemptIDTests {
    @Test func idsOfASlotOnlyGrowWhateverTheClockDoes() {
        var random = SeededRandom(seed: 7)
        var source = AttemptIDSource(slot: 3, above: nil)
        var now = Scene.start
        var last = AttemptID(rawValue: 0)
        for _ in 0..<100_000 {
            now = now + .milliseconds(Int.random(in: -50...50, using: &random))
            let id = source.next(at: now)
            #expect(id > last && id.slot == 3)
            last = id
        }
    }

    @Test func theTimeInAnIDIsTheClocksUnlessTheClockWasSetBack() {
        var source = AttemptIDSource(slot: 0, above: nil)
        #expect(source.next(at: Scene.start).millisecondsSince1970 == Scene.start.millisecondsSince1970)
        let ahead = source.next(at: Scene.start + .seconds(10))
        #expect(ahead.millisecondsSince1970 == Scene.start.millisecondsSince1970 + 10_000)
        #expect(source.next(at: Scene.start).millisecondsSince1970 == ahead.millisecondsSince1970)
    }

    @Test func moreThanACounterHoldsInAMillisecondGoesOnInTheNext() {
        var source = AttemptIDSource(slot: 255, above: nil)
        var ids: Set<AttemptID> = []
        for _ in 0..<40_000 { ids.insert(source.next(at: Scene.start)) }
        #expect(ids.count == 40_000)
        #expect(ids.max()!.millisecondsSince1970 == Scene.start.millisecondsSince1970 + 2)
        #expect(ids.allSatisfy { $0.slot == 255 })
    }

    @Test func slotsNeverMakeTheSameID() {
        var one = AttemptIDSource(slot: 0, above: nil)
        var other = AttemptIDSource(slot: 1, above: nil)
        let ones = Set((0..<1000).map { _ in one.next(at: Scene.start) })
        let others = Set((0..<1000).map { _ in other.next(at: Scene.start) })
        #expect(ones.isDisjoint(with: others))
    }

    @Test func aSourceBeginsAboveTheHighestIDOfAnySlot() {
        for slot in [0, 5, 9] {
            var earlier = AttemptIDSource(slot: slot, above: nil)
            var highest = earlier.next(at: Scene.start)
            for _ in 0..<100 { highest = earlier.next(at: Scene.start) }
            var source = AttemptIDSource(slot: 5, above: highest)
            #expect(source.next(at: Scene.start - .seconds(3600)) > highest)
        }
    }

    @Test func theTextOfAnIDReadsBack() {
        var source = AttemptIDSource(slot: 17, above: nil)
        let id = source.next(at: Scene.start)
        #expect(AttemptID(id.description) == id)
        for text in ["", "x", "-5", "0", "1.5", "99999999999999999999"] { #expect(AttemptID(text) == nil) }
    }
}
