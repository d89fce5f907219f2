extension Duration {
    /// Whole nanoseconds, rounded towards zero. Saturates at ±292 years.
    public var nanoseconds: Int64 {
        // One division of the processor's, where the components cost several of 128 bits; up to 292 years.
        let (high, low) = (_high, _low)
        if high >= 0, high < 500_000_000 {
            return Int64(UInt64(1_000_000_000).dividingFullWidth((UInt64(high), low)).quotient)
        }
        let (seconds, attoseconds) = components
        return seconds.multipliedSaturated(by: 1_000_000_000).addingSaturated(attoseconds / 1_000_000_000)
    }

    /// Whole milliseconds, rounded towards zero.
    public var milliseconds: Int64 { nanoseconds / 1_000_000 }

    /// Reads a number and a unit: `250ms`, `30s`, `5m`, `2h`, `7d`, `2w`, also `us`.
    ///
    /// - Returns: nil for anything else, negative numbers included, and for more than 100 years.
    public init?(text: some StringProtocol) {
        guard let unitStart = text.firstIndex(where: { !$0.isASCII || !$0.isNumber }),
            unitStart != text.startIndex, let amount = Int64(text[..<unitStart])
        else { return nil }
        let nanosecondsPerUnit: Int64
        switch text[unitStart...] {
        case "us": nanosecondsPerUnit = 1_000
        case "ms": nanosecondsPerUnit = 1_000_000
        case "s": nanosecondsPerUnit = 1_000_000_000
        case "m": nanosecondsPerUnit = 60 * 1_000_000_000
        case "h": nanosecondsPerUnit = 3_600 * 1_000_000_000
        case "d": nanosecondsPerUnit = 86_400 * 1_000_000_000
        case "w": nanosecondsPerUnit = 604_800 * 1_000_000_000
        default: return nil
        }
        let (total, overflow) = amount.multipliedReportingOverflow(by: nanosecondsPerUnit)
        guard !overflow, total <= 36_525 * 86_400 * 1_000_000_000 else { return nil }
        self = .nanoseconds(total)
    }
}
