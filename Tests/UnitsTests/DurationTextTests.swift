import Testing
import Units

@Suite struct DurationTextTests {
    @Test(arguments: [
        ("250ms", Duration.milliseconds(250)), ("30s", .seconds(30)), ("5m", .seconds(300)), ("2h", .seconds(7200)),
        ("7d", .seconds(604_800)), ("2w", .seconds(1_209_600)), ("10us", .microseconds(10)), ("0s", .zero),
        ("36525d", .seconds(36_525 * 86_400)),
    ])
    func `a number and a unit are read`(text: String, duration: Duration) {
        #expect(Duration(text: text) == duration)
    }

    @Test(arguments: [
        "", "s", "5", "-5s", "+5s", "5 s", "5S", "1.5s", "5mo", "5y", "36526d", "9223372036854775807w",
        "99999999999999999999s", "٣s", "5²s", "s5", "5s5", "5sm",
    ])
    func `anything else is refused`(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test func `whole nanoseconds saturate at what Int64 holds`() {
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.seconds(Int64.min).nanoseconds == .min)
        #expect(Duration.nanoseconds(Int64.min).nanoseconds == .min)
        #expect(Duration.nanoseconds(Int64.max).nanoseconds == .max)
        #expect(Duration.milliseconds(-1500).milliseconds == -1500)
    }
}
