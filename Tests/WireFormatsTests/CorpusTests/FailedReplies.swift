import Testing

/// Recorded replies that the provider failed with a status of 200, each with where it shows in the record: a whole one throws,
/// a stream ends in a failure. A record that is here and fine fails the suites, and so does one that failed and is not here.
///
/// scripts/judges/exceptions.txt lists the same for scripts/fidelity; what a suite alone excepts stands in it, by the record too.
enum FailedReplies {
    static let reasons: [String: String] = [
        "8d4e41fe32b56f82": "`error`: Azure withheld the prompt",
        "d30f0ea027904113": "`error`: the recorder stored an error's body under a status of 200",
        "b6d70e24c59b385c": "`event: error`: Groq threw away the call that its model wrote",
        "9a2f369f41d8a3e3": "`finish_reason: ERROR`: Cohere threw away the call that its model wrote",
        "89bc1db39fb54ceb": "`finish_reason: ERROR`: Cohere threw away the call that its model wrote",
    ]

    /// - Parameter failed: whether decoding told a failure of a reply whose status is a success.
    static func check(_ failed: Bool, _ record: TrafficRecord) {
        #expect(failed == (reasons[record.id] != nil), "\(record.name): \(reasons[record.id] ?? "it failed")")
    }
}
