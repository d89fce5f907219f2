import Synchronization

/// The series of one kind on one loop: a few cells of counters per combination of labels.
///
/// One thread writes (``cells(for:)`` and ``add(_:to:)``), any thread may read (``forEach(_:)``) at any time. Cells
/// only grow in number, up to `capacity`; after that, what is new is counted under key 0, which means "other"
/// everywhere.
///
/// `@unchecked Sendable`: a reader sees only what was published. A key is written before `published` is raised past it
/// (releasing, acquiring) and never changed after; cells are atomics; `slots` is the writer's alone.
final class SeriesTable: @unchecked Sendable {
    let cellsPerKey: Int
    private let capacity: Int
    private let keys: UnsafeMutablePointer<UInt64>
    private let cells: UnsafeMutablePointer<Atomic<Int>>
    /// Open addressing: 1 + the place of a key, 0 for none.
    private let slots: UnsafeMutablePointer<UInt16>
    private let slotMask: Int
    private let published = Atomic<Int>(0)

    init(capacity: Int, cellsPerKey: Int) {
        precondition(capacity < Int(UInt16.max), "a table's places are numbered in 16 bits")
        self.capacity = capacity
        self.cellsPerKey = cellsPerKey
        keys = .allocate(capacity: capacity)
        cells = .allocate(capacity: capacity * cellsPerKey)
        var slotCount = 16
        while slotCount < capacity * 2 { slotCount *= 2 }
        slotMask = slotCount - 1
        slots = .allocate(capacity: slotCount)
        slots.initialize(repeating: 0, count: slotCount)
        _ = cells(for: 0)
    }

    deinit {
        keys.deallocate()
        cells.deallocate()
        slots.deallocate()
    }

    /// Where the cells of a key begin.
    func cells(for key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 40) & slotMask
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if keys[place] == key { return place * cellsPerKey }
            slot = (slot + 1) & slotMask
        }
        let place = published.load(ordering: .relaxed)
        guard place < capacity else { return 0 }
        keys[place] = key
        for cell in 0..<cellsPerKey { (cells + place * cellsPerKey + cell).initialize(to: Atomic(0)) }
        slots[slot] = UInt16(place + 1)
        published.store(place + 1, ordering: .releasing)
        return place * cellsPerKey
    }

    /// Only the one writer stores, so no read-modify-write is needed.
    func add(_ amount: Int, to cell: Int) {
        let value = cells[cell].load(ordering: .relaxed)
        cells[cell].store(value &+ amount, ordering: .relaxed)
    }

    func set(_ value: Int, of cell: Int) { cells[cell].store(value, ordering: .relaxed) }

    /// For any thread: every key with its cells.
    func forEach(_ body: (UInt64, (Int) -> Int) -> Void) {
        for place in 0..<published.load(ordering: .acquiring) {
            body(keys[place]) { self.cells[place * self.cellsPerKey + $0].load(ordering: .relaxed) }
        }
    }
}

/// The bounds of a histogram, in nanoseconds. Its cells: one per bound, one for what is above all, and the sum.
struct HistogramBounds: Sendable {
    let nanoseconds: [Int]

    var cellCount: Int { nanoseconds.count + 2 }
    var sumCell: Int { nanoseconds.count + 1 }

    init(milliseconds: [Double]) { nanoseconds = milliseconds.map { Int($0 * 1_000_000) } }

    func bucket(of value: Int) -> Int {
        var bucket = 0
        while bucket < nanoseconds.count, value > nanoseconds[bucket] { bucket += 1 }
        return bucket
    }

    static let requestDuration = HistogramBounds(milliseconds: [
        5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000,
    ])
    static let timeToFirstToken = HistogramBounds(milliseconds: [
        5, 10, 25, 50, 100, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 10_000, 30_000, 60_000,
    ])
    static let overhead = HistogramBounds(milliseconds: [
        0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000,
    ])
}
