import Testing

@testable import MockProvider

@Suite struct FaultRulesTests {
    static func rules(_ text: String) throws -> FaultRules {
        try FaultRules.read(try #require(JSONValue(text: text)))
    }

    /// The numbers of the requests for which a rule fires.
    static func fired(
        _ text: String, requests: Int = 10, model: String = "mock-b", endpoint: Endpoint = .chat, stream: Bool = false
    ) throws -> [Int] {
        var rules = try rules(text)
        return Array(model.utf8).withUnsafeBytes { name in
            (1...requests).filter { _ in rules.rule(model: name, endpoint: endpoint, stream: stream) != nil }
        }
    }

    @Test func `every third request is hit`() throws {
        #expect(try Self.fired(#"{"rules":[{"model":"mock-b","every":3,"fault":"500"}]}"#) == [3, 6, 9])
    }

    @Test func `the first n are hit, after those that are skipped`() throws {
        #expect(try Self.fired(#"{"rules":[{"first":2,"fault":500}]}"#) == [1, 2])
        #expect(try Self.fired(#"{"rules":[{"skip":3,"first":2,"fault":500}]}"#) == [4, 5])
        #expect(try Self.fired(#"{"rules":[{"skip":1,"every":2,"first":2,"fault":500}]}"#) == [3, 5])
    }

    @Test func `model, endpoint and stream select`() throws {
        let rule = #"{"rules":[{"model":"mock-*","endpoint":"chat","stream":true,"fault":500}]}"#
        #expect(try Self.fired(rule, requests: 1, stream: true) == [1])
        #expect(try Self.fired(rule, requests: 1, stream: false) == [])
        #expect(try Self.fired(rule, requests: 1, model: "other", stream: true) == [])
        #expect(try Self.fired(rule, requests: 1, endpoint: .embeddings, stream: true) == [])
        #expect(try Self.fired(#"{"rules":[{"model":"mock","fault":500}]}"#, requests: 1) == [])
    }

    @Test func `a probability hits about its share, and the same seed the same requests`() throws {
        let text = #"{"rules":[{"probability":0.25,"seed":42,"fault":500}]}"#
        let first = try Self.fired(text, requests: 4000)
        #expect(try Self.fired(text, requests: 4000) == first)
        #expect((900...1100).contains(first.count))
        let other = #"{"rules":[{"probability":0.25,"seed":43,"fault":500}]}"#
        #expect(try Self.fired(other, requests: 4000) != first)
    }

    @Test func `the first rule that fires wins, and later ones do not count`() throws {
        var rules = try Self.rules(#"{"rules":[{"first":1,"fault":500},{"first":1,"fault":429}]}"#)
        let name = UnsafeRawBufferPointer(start: nil, count: 0)
        var behaviour = Behaviour()
        try rules.rule(model: name, endpoint: .chat, stream: false)?.apply(to: &behaviour)
        #expect(behaviour.fault == .status(500))
        try rules.rule(model: name, endpoint: .chat, stream: false)?.apply(to: &behaviour)
        #expect(behaviour.fault == .status(429))
        #expect(rules.rule(model: name, endpoint: .chat, stream: false) == nil)
    }

    @Test(arguments: [
        #"{"rules":{}}"#, #"{}"#, #"{"rules":[1]}"#, #"{"rules":[{"fualt":500}]}"#, #"{"rules":[{"fault":200}]}"#,
        #"{"rules":[{"every":"3","fault":500}]}"#, #"{"rules":[{"probability":2,"fault":500}]}"#,
        #"{"rules":[{"endpoint":"images","fault":500}]}"#, #"{"rules":[{"first":-1}]}"#, #"{"rules":[{"say":[1]}]}"#,
    ])
    func `a rule with a mistake is refused with a sentence`(_ text: String) {
        #expect(throws: RuleError.self) { try Self.rules(text) }
    }
}
