import TestSupport
import Testing
import Units

@Suite struct DecimalTextTests {
    @Test(arguments: [
        ("0", 9, 0), ("1", 9, 1_000_000_000), ("0.25", 9, 250_000_000), ("-0.25", 9, -250_000_000), ("+3", 0, 3),
        (".5", 1, 5), ("5.", 0, 5), ("3e-7", 9, 300), ("3E-7", 9, 300), ("2.5e-06", 15, 2_500_000_000),
        ("1e3", 0, 1000), ("1.50", 1, 15), ("1.000", 0, 1), ("007", 0, 7), ("-0", 9, 0), ("0e9999", 9, 0),
        ("9223372036854775807", 0, Int64.max), ("-9223372036854775808", 0, Int64.min),
        ("9223372036.854775807", 9, Int64.max), ("0.000000000000000000000000000000000000000000000000", 9, 0),
        ("1.000000000000000000000000000000000000000000000000", 9, 1_000_000_000),
        ("0000000000000000000000000000000000000000000000000001", 0, 1),
        ("1000000000000000000000000000000000000000000000000e-48", 0, 1),
    ])
    func `a decimal is read exactly`(text: String, power: Int, expected: Int64) {
        #expect(DecimalText.scaled(text, byPowerOfTen: power) == expected)
    }

    @Test(arguments: [
        "", "-", "+", ".", "e5", "1e", "1e+", "--1", "1.2.3", "1,5", "0x10", "NaN", "inf", "1 ", " 1", "1e99999",
        "1e5 ",
        "٣", "1e0.5", "9223372036854775808", "-9223372036854775809", "1e19", "1e999", "0.1", "1e-1", "1e-999",
        "1.0000000000000000000000000000000000000000000000001", "123456789012345678901234567890123456789",
    ])
    func `what is no decimal, too fine or too large is refused`(text: String) {
        #expect(DecimalText.scaled(text, byPowerOfTen: 0) == nil)
    }

    @Test func `random decimals agree with integer arithmetic`() {
        var random = SeededRandom.fresh()
        for _ in 0..<20_000 {
            // value = digits × 10^exponent, written in one of the ways a person or a program writes it.
            let digits = random.anySize() >> Int64.random(in: 0..<32, using: &random)
            let fraction = Int.random(in: 0...12, using: &random)
            let exponent = Int.random(in: -12...12, using: &random)
            let power = Int.random(in: 0...15, using: &random)
            let plain = DecimalText.text(of: digits, powerOfTen: fraction)
            let text = exponent == 0 ? plain : "\(plain)e\(exponent)"
            let shift = power + exponent - fraction
            var expected: Int64? = digits
            for _ in 0..<max(shift, 0) {
                expected = expected.flatMap { $0.multipliedReportingOverflow(by: 10).overflow ? nil : $0 * 10 }
            }
            for _ in 0..<max(-shift, 0) { expected = expected.flatMap { $0 % 10 == 0 ? $0 / 10 : nil } }
            let actual = DecimalText.scaled(text, byPowerOfTen: power)
            if actual != expected { Issue.record("\(text) × 10^\(power): \(actual as Any), not \(expected as Any)") }
        }
    }

    @Test func `every value survives being written and read`() {
        var random = SeededRandom.fresh()
        for _ in 0..<20_000 {
            let value = random.anySize()
            let power = Int.random(in: 0...18, using: &random)
            let text = DecimalText.text(of: value, powerOfTen: power)
            if DecimalText.scaled(text, byPowerOfTen: power) != value {
                Issue.record("\(value) × 10^-\(power) was written as \(text)")
            }
            if text.contains("."), text.hasSuffix("0") || text.hasSuffix(".") {
                Issue.record("\(text) is not the shortest")
            }
        }
    }

    @Test func `no text makes the reader trap`() {
        var random = SeededRandom.fresh()
        let alphabet = Array("0123456789+-.eE ,x٣\u{0}")
        for _ in 0..<50_000 {
            let length = Int.random(in: 0...60, using: &random)
            let text = String((0..<length).map { _ in alphabet.randomElement(using: &random)! })
            _ = DecimalText.scaled(text, byPowerOfTen: Int.random(in: 0...18, using: &random))
        }
        #expect(DecimalText.scaled(String(repeating: "0", count: 1_000_000) + "7", byPowerOfTen: 9) == 7_000_000_000)
        #expect(DecimalText.scaled(String(repeating: "9", count: 1_000_000), byPowerOfTen: 9) == nil)
    }
}
