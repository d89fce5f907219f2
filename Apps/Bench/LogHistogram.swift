/// Counts of durations in logarithmic buckets, like an HDR histogram: 128 per power of two, so within 0.8 %.
struct LogHistogram {
    private static let subBucketBits = 7
    private static let subBuckets = 1 << subBucketBits

    private var counts = [Int](repeating: 0, count: (64 - subBucketBits + 1) * subBuckets)
    private(set) var count = 0
    private(set) var max: Int64 = 0
    private var sum: Int64 = 0

    var isEmpty: Bool { count == 0 }
    var mean: Int64 { count == 0 ? 0 : sum / Int64(count) }

    mutating func record(_ nanoseconds: Int64) {
        let value = Swift.max(nanoseconds, 0)
        counts[Self.bucket(of: value)] += 1
        count += 1
        sum &+= value
        max = Swift.max(max, value)
    }

    mutating func add(_ other: LogHistogram) {
        for index in counts.indices { counts[index] += other.counts[index] }
        count += other.count
        sum &+= other.sum
        max = Swift.max(max, other.max)
    }

    /// The duration that this share of the recorded ones does not exceed: its bucket's upper end, at most `max`.
    func quantile(_ share: Double) -> Int64 {
        let wanted = Swift.max(Int((share * Double(count)).rounded(.up)), 1)
        var seen = 0
        for index in counts.indices where counts[index] > 0 {
            seen += counts[index]
            if seen >= wanted { return Swift.min(Self.upperEnd(of: index), max) }
        }
        return max
    }

    // Values below 2 × subBuckets have a bucket each; above, each power of two has `subBuckets` of them.
    private static func bucket(of value: Int64) -> Int {
        if value < 2 * Int64(subBuckets) { return Int(value) }
        let shift = 63 - value.leadingZeroBitCount - subBucketBits
        return shift * subBuckets + Int(value >> Int64(shift))
    }

    private static func upperEnd(of bucket: Int) -> Int64 {
        if bucket < 2 * subBuckets { return Int64(bucket) }
        let shift = bucket / subBuckets - 1
        let leading = Int64(bucket - shift * subBuckets)
        return (leading + 1) << Int64(shift) &- 1
    }
}
