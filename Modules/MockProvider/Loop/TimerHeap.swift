/// One timer per slot (a connection's descriptor), earliest first: a binary heap that knows where each slot stands.
package struct TimerHeap {
    private struct Entry {
        var deadline: Int64
        var slot: Int
    }

    private var entries: [Entry] = []
    /// Index into `entries` per slot; -1 where the slot has no timer.
    private var positions: [Int] = []

    package init() {}

    package var count: Int { entries.count }
    package var earliest: Int64? { entries.first?.deadline }

    /// Sets the slot's timer; one that was set before is replaced.
    package mutating func set(_ slot: Int, to deadline: Int64) {
        while positions.count <= slot { positions.append(-1) }
        let position = positions[slot]
        if position < 0 {
            entries.append(Entry(deadline: deadline, slot: slot))
            positions[slot] = entries.count - 1
            rise(entries.count - 1)
        } else {
            let former = entries[position].deadline
            entries[position].deadline = deadline
            if deadline < former { rise(position) } else { sink(position) }
        }
    }

    package mutating func cancel(_ slot: Int) {
        guard slot < positions.count, positions[slot] >= 0 else { return }
        let position = positions[slot]
        positions[slot] = -1
        let last = entries.removeLast()
        guard position < entries.count else { return }
        entries[position] = last
        positions[last.slot] = position
        rise(position)
        sink(positions[last.slot])
    }

    /// Takes one timer that is due at `now`.
    package mutating func takeDue(at now: Int64) -> Int? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        cancel(first.slot)
        return first.slot
    }

    private mutating func rise(_ start: Int) {
        var position = start
        while position > 0 {
            let parent = (position - 1) / 2
            guard entries[position].deadline < entries[parent].deadline else { return }
            exchange(position, parent)
            position = parent
        }
    }

    private mutating func sink(_ start: Int) {
        var position = start
        while true {
            var least = position
            for child in [2 * position + 1, 2 * position + 2]
            where child < entries.count && entries[child].deadline < entries[least].deadline {
                least = child
            }
            if least == position { return }
            exchange(position, least)
            position = least
        }
    }

    private mutating func exchange(_ left: Int, _ right: Int) {
        entries.swapAt(left, right)
        positions[entries[left].slot] = left
        positions[entries[right].slot] = right
    }
}
