import Units

/// One row of the books.
struct Attempt {
    var sequence: Int
    var model: Int
    var endpoint: Endpoint
    var stream: Bool
    var attemptID = InlineArray<40, UInt8>(repeating: 0)
    var attemptIDCount = 0
    var startedAt: Int64
    var endedAt: Int64 = 0
    var bill = NanoUSD.zero
    var outcome = Books.Outcome()

    init(
        sequence: Int, model: Int, endpoint: Endpoint, stream: Bool, attemptID: UnsafeRawBufferPointer?,
        startedAt: Int64
    ) {
        self.sequence = sequence
        self.model = model
        self.endpoint = endpoint
        self.stream = stream
        self.startedAt = startedAt
        outcome.ended = .open
        guard let attemptID else { return }
        attemptIDCount = min(attemptID.count, Books.attemptIDBytesMax)
        for index in 0..<attemptIDCount { self.attemptID[index] = attemptID[index] }
    }
}

/// The last attempts, by sequence number; the oldest makes room for the newest.
struct AttemptRing: ~Copyable, @unchecked Sendable {
    // @unchecked Sendable: it owns `rows` alone, and the books reach it only under their lock.
    let capacity: Int
    // Left untouched until used: an idle mock does not pay for 200,000 rows. Rows own nothing, so none is destroyed.
    private let rows: UnsafeMutablePointer<Attempt>

    init(capacity: Int) {
        self.capacity = capacity
        rows = .allocate(capacity: capacity)
    }

    deinit { rows.deallocate() }

    /// Only rows that were written and not yet overwritten may be read.
    subscript(_ sequence: Int) -> Attempt {
        get { rows[sequence % capacity] }
        nonmutating set { (rows + sequence % capacity).initialize(to: newValue) }
    }
}
