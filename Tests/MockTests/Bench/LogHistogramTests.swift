import Testing

@testable import tollgate_bench

@Suite struct LogHistogramTests {
    @Test func `a quantile is within one percent of the sorted list's`() {
        var state: UInt64 = 99
        var histogram = LogHistogram()
        var values: [Int64] = []
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Int64(state >> 34) % (1 << Int64(state % 30 + 1))
            histogram.record(value)
            values.append(value)
        }
        values.sort()
        for share in [0.01, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = values[max(Int((share * 20_000).rounded(.up)), 1) - 1]
            let found = histogram.quantile(share)
            #expect(found >= exact && Double(found) <= Double(exact) * 1.01 + 1, "\(share): \(found) for \(exact)")
        }
        #expect(histogram.max == values.last)
    }

    @Test(arguments: [0, 1, 255, 256, 257, 1000, 1_000_000_007, Int64.max / 2, Int64.max])
    func `one value is its own quantile`(_ value: Int64) {
        var histogram = LogHistogram()
        histogram.record(value)
        #expect(histogram.quantile(0.5) == value && histogram.max == value && histogram.count == 1)
    }

    @Test func `adding two histograms is recording both lists`() {
        var left = LogHistogram()
        var right = LogHistogram()
        for value in 1...1000 { left.record(Int64(value)) }
        for value in 1001...2000 { right.record(Int64(value)) }
        left.add(right)
        #expect(left.count == 2000 && left.max == 2000)
        #expect((1000...1010).contains(left.quantile(0.5)))
    }
}
