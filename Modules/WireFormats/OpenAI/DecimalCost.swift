import JSONText
import Units

/// An amount of dollars that a provider reports, rounded half up to a nano-dollar without floating point.
///
/// Beyond a million dollars it is no report: the ledger's sums hold thousands of such calls, not of any amount.
enum DecimalCost {
    private static let nanosMax: Int64 = 1_000_000 * 1_000_000_000

    /// xAI's unit: 10^-10 dollars (https://docs.x.ai/docs/api-reference, `cost_in_usd_ticks`).
    ///
    /// - Returns: nil for 0 too: Azure's xAI models always say so, which tells nothing.
    static func read(ticks: Int64?) -> NanoUSD? {
        guard let ticks, ticks > 0, ticks <= nanosMax * 10 else { return nil }
        return NanoUSD(nanos: ticks / 10 + (ticks % 10 >= 5 ? 1 : 0))
    }

    /// - Returns: nil where the value is absent, no number, negative or beyond a million dollars.
    static func read(_ value: JSONView?) -> NanoUSD? {
        guard let value, value.kind == .number else { return nil }
        var digits: Int64 = 0
        var power = 9
        var inFraction = false
        var index = value.range.lowerBound
        while index < value.range.upperBound {
            let byte = value.bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                // Digits beyond the 17th are below any amount that matters; before the point they only shift.
                if digits < 10_000_000_000_000_000 {
                    digits = digits * 10 + Int64(byte - 0x30)
                    if inFraction { power -= 1 }
                } else if !inFraction {
                    power += 1
                }
            case UInt8(ascii: "."): inFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                let text = String(decoding: value.bytes[index..<value.range.upperBound], as: UTF8.self)
                guard let exponent = Int(text), abs(exponent) <= 999 else { return nil }
                power += exponent
                index = value.range.upperBound
            default: return nil
            }
        }
        while power > 0, digits > 0 {
            let (scaled, overflow) = digits.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            digits = scaled
            power -= 1
        }
        while power < -1, digits > 0 {
            digits /= 10
            power += 1
        }
        if power == -1 { digits = digits / 10 + (digits % 10 >= 5 ? 1 : 0) }
        guard digits <= nanosMax else { return nil }
        return NanoUSD(nanos: digits)
    }
}
