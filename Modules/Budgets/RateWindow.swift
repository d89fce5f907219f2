import Units

/// The requests and tokens of one scope in the last 60 seconds, in steps of one second or of a small part of the limit.
///
/// 1. An entry stands for one or more seconds in which something was admitted and remembers the last such instant. It
///    expires 60 seconds after that instant, so no half-open 60 seconds ever hold more than the sums say.
/// 2. An entry of more than one second holds at most a ``grains``th of each limit when it takes the next one, and begins
///    at most 30 seconds before its end. So what is counted for longer than 60 seconds, which is in the oldest entry
///    only, is at most that, one second's calls and what they overran; and a scope far from its limits, of which there
///    may be 100,000, has three entries instead of 60.
/// 3. Entries are in ascending order of their seconds; there are at most 61 that have not expired.
/// 4. The sums are those of the entries.
struct RateWindow: Sendable {
    static let length: Int64 = 60_000_000_000
    static let second: Int64 = 1_000_000_000
    static let grains: Int64 = 64
    private static let entrySecondsMax: Int64 = 30

    struct Entry: Sendable {
        /// The last instant at which something was admitted.
        var last: Int64
        /// How many seconds before the last one's the first one was.
        var secondsBefore: UInt32
        var requests: UInt32
        var tokens: Int64

        var lastSecond: Int64 { last / RateWindow.second }
        var firstSecond: Int64 { lastSecond - Int64(secondsBefore) }
        var expires: Int64 { last + RateWindow.length }

        func covers(second: Int64) -> Bool { firstSecond <= second && second <= lastSecond }
    }

    /// How much an entry may hold and still take a further second: a part of each limit, without bound where there is
    /// no limit.
    struct Grain {
        var requests: Int64
        var tokens: Int64

        /// No entry takes a second one.
        static let second = Grain(requests: -1, tokens: -1)

        private init(requests: Int64, tokens: Int64) {
            self.requests = requests
            self.tokens = tokens
        }

        init(requestsPerMinute: Int64, tokensPerMinute: Int64) {
            requests = requestsPerMinute < 0 ? .max : requestsPerMinute / RateWindow.grains
            tokens = tokensPerMinute < 0 ? .max : tokensPerMinute / RateWindow.grains
        }
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
    mutating func add(requests added: UInt32, tokens addedTokens: Int64, grain: Grain, at now: Int64) {
        let second = now / Self.second
        if count == 0 || !extendLast(to: second, by: Int64(added), addedTokens, grain) {
            if count == ring.count { grow() }
            count += 1
            self[count - 1] = Entry(last: now, secondsBefore: 0, requests: 0, tokens: 0)
        }
        let last = (head + count - 1) & (ring.count - 1)
        ring[last].last = now
        ring[last].requests += added
        ring[last].tokens += addedTokens
        requests += Int64(added)
        tokens += addedTokens
    }

    /// Lets the last entry end in this second, if it does already or the grain allows it.
    private mutating func extendLast(
        to second: Int64, by requests: Int64, _ tokens: Int64, _ grain: Grain
    ) -> Bool {
        let place = (head + count - 1) & (ring.count - 1)
        let entry = ring[place]
        if entry.lastSecond == second { return true }
        let firstSecond = entry.firstSecond
        guard second - firstSecond <= Self.entrySecondsMax, Int64(entry.requests) + requests <= grain.requests,
            entry.tokens + tokens <= grain.tokens
        else { return false }
        ring[place].secondsBefore = UInt32(second - firstSecond)
        return true
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
            if self[middle].lastSecond < second { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].covers(second: second) ? low : nil
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
        ring[0] = Entry(last: now, secondsBefore: 0, requests: UInt32(clamping: requests), tokens: tokens)
    }

    /// The latest second in which something was admitted.
    var latestSecond: Int64? { count == 0 ? nil : self[count - 1].lastSecond }

    private mutating func grow() {
        let entries = (0..<count).map { self[$0] }
        let blank = Entry(last: 0, secondsBefore: 0, requests: 0, tokens: 0)
        ring = entries + [Entry](repeating: blank, count: ring.isEmpty ? 2 : ring.count)
        head = 0
    }
}
