import TestSupport
import Testing
import Units

@Suite struct MoneyTests {
    @Test func `dollars are written as the shortest exact decimal`() {
        #expect(NanoUSD(nanos: 15_000).description == "0.000015")
        #expect(NanoUSD.dollars(10).description == "10")
        #expect(NanoUSD(nanos: -1).description == "-0.000000001")
        #expect(NanoUSD(nanos: .min).description == "-9223372036.854775808")
        #expect(NanoUSD(decimal: "0.0000000001") == nil)
        #expect(NanoUSD(decimal: "10000000000") == nil)
    }

    @Test func `sums and differences saturate instead of trapping`() {
        let most = NanoUSD(nanos: .max)
        let least = NanoUSD(nanos: .min)
        #expect(most + NanoUSD(nanos: 1) == most)
        #expect(least - NanoUSD(nanos: 1) == least)
        #expect(least + NanoUSD(nanos: -1) == least)
        #expect(NanoUSD.zero - least == most)
        #expect(TokenCount(Int64.max) + 1 == TokenCount(Int64.max))
        #expect(TokenCount(Int64.min) - 1 == TokenCount(Int64.min))
        let absurd = TokenPrice(femtoDollarsPerToken: .max) * TokenCount(Int64.max)
        #expect((absurd + absurd + absurd + absurd).rounded == most)
    }

    @Test func `a price states dollars per million and per token exactly`() {
        #expect(TokenPrice(dollarsPerMillion: "0.0375") == TokenPrice(femtoDollarsPerToken: 37_500_000))
        #expect(TokenPrice(dollarsPerToken: "2.5e-06") == TokenPrice(dollarsPerMillion: "2.50"))
        #expect(TokenPrice(dollarsPerMillion: "-1") == nil)
        #expect(TokenPrice(dollarsPerMillion: "0.0000000001") == nil)
        #expect(TokenPrice(dollarsPerMillion: "2.50")?.description == "2.5")
    }

    @Test(arguments: [
        (0, 0, 0), (1, 0, 1), (499_999, 0, 1), (500_000, 1, 1), (1_000_000, 1, 1), (1_000_001, 1, 2),
        (1_500_000, 2, 2), (-1, 0, 0), (-500_000, 0, 0), (-500_001, -1, 0), (-1_000_000, -1, -1), (-1_500_000, -1, -1),
        (-1_500_001, -2, -1),
    ])
    func `a sum is rounded once, halves up, or up`(femtos: Int, nearest: Int64, up: Int64) {
        #expect(FemtoUSD(femtos: Int128(femtos)).rounded == NanoUSD(nanos: nearest))
        #expect(FemtoUSD(femtos: Int128(femtos)).roundedUp == NanoUSD(nanos: up))
    }

    @Test func `what is held is never less than what is charged`() {
        var random = SeededRandom.fresh()
        for _ in 0..<10_000 {
            let sum =
                TokenPrice(femtoDollarsPerToken: abs(random.anySize() >> 20)) * TokenCount(abs(random.anySize() >> 20))
            if sum.roundedUp < sum.rounded { Issue.record("\(sum.femtos)") }
        }
        #expect(FemtoUSD(femtos: .max).rounded == NanoUSD(nanos: .max))
        #expect(FemtoUSD(femtos: .min).roundedUp == NanoUSD(nanos: .min))
    }
}
