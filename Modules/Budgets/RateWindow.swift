import Units

/// The requests and tokens of one scope in the last 60 seconds, in steps of one second.
///
/// 1. An entry stands for one second in which something was admitted and remembers the last such instant in it. It
///    expires 60 seconds after that instant, so no half-open 60 seconds ever hold more than the sums say.
/// 2. Entries are in ascending order of their second; there are at most 61 that have not expired.
/// 3. The sums are those of the entries.
struct RateWindow: Sendable {
    static let length: Int64 = 60_000_000_000
    static let second: Int64 = 1_000_000_000

    struct Entry: Sendable {
        var second: Int64
        var lastNanosecond: UInt32
        var requests: UInt32
        var tokens: Int64

        var expires: Int64 { second * RateWindow.second + Int64(lastNanosecond) + RateWindow.length }
    }

    /// A ring whose capacity is a power of two: most scopes see few requests a minute and never grow it.
    private var ring: [Entry] = []
    private var head = 0
    private(set) var count = 0
    private(set) var requests: Int64 = 0
    private(set) var tokens: Int64 = 0

    private subscript(position: Int) -> Entry {
        get { ring[(head + position) & (ring.count - 1)] }
        set { ring[(head + position) & (ring.count - 1)] = newValue }
    }

    /// Forgets what lies 60 seconds back.
    mutating func expire(at now: Int64) {
        while count > 0, self[0].expires <= now {
            requests -= Int64(self[0].requests)
            tokens -= self[0].tokens
            head = (head + 1) & (ring.count - 1)
            count -= 1
        }
    }

    /// Counts what was admitted now. `now` is never earlier than at the call before.
    mutating func add(requests added: UInt32, tokens addedTokens: Int64, at now: Int64) {
        let second = now / Self.second
        let nanosecond = UInt32(now % Self.second)
        if count == 0 || self[count - 1].second != second {
            if count == ring.count { grow() }
            count += 1
            self[count - 1] = Entry(second: second, lastNanosecond: nanosecond, requests: 0, tokens: 0)
        }
        let last = (head + count - 1) & (ring.count - 1)
        ring[last].lastNanosecond = nanosecond
        ring[last].requests += added
        ring[last].tokens += addedTokens
        requests += Int64(added)
        tokens += addedTokens
    }

    /// Corrects the tokens of an earlier second, if it has not been forgotten.
    mutating func adjustTokens(by difference: Int64, inSecond second: Int64) {
        guard difference != 0, let position = position(ofSecond: second) else { return }
        self[position].tokens += difference
        tokens += difference
    }

    func remembers(second: Int64) -> Bool { position(ofSecond: second) != nil }

    private func position(ofSecond second: Int64) -> Int? {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].second < second { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].second == second ? low : nil
    }

    /// When so much will have expired that `asked` more fit under `limit`, if nothing else is admitted meanwhile.
    /// Nil where it never will.
    ///
    /// - Parameter amount: what of an entry the sum counts.
    func firstFit(of asked: Int64, under limit: Int64, sum: Int64, _ amount: (Entry) -> Int64) -> Int64? {
        guard asked <= limit else { return nil }
        var left = sum
        for position in 0..<count {
            left -= amount(self[position])
            if left <= limit - asked { return self[position].expires }
        }
        return nil
    }

    /// When everything admitted so far will have expired.
    var emptyAt: Int64? { count == 0 ? nil : self[count - 1].expires }

    /// The clock was set back: what was admitted is taken to have been admitted now, so nothing is forgotten too early.
    mutating func gather(at now: Int64) {
        guard count > 0 else { return }
        let (requests, tokens) = (requests, tokens)
        head = 0
        count = 1
        ring[0] = Entry(
            second: now / Self.second, lastNanosecond: UInt32(now % Self.second), requests: UInt32(clamping: requests),
            tokens: tokens)
    }

    /// The latest second in which something was admitted.
    var latestSecond: Int64? { count == 0 ? nil : self[count - 1].second }

    private mutating func grow() {
        let entries = (0..<count).map { self[$0] }
        let blank = Entry(second: 0, lastNanosecond: 0, requests: 0, tokens: 0)
        ring = entries + [Entry](repeating: blank, count: ring.isEmpty ? 2 : ring.count)
        head = 0
    }
}
