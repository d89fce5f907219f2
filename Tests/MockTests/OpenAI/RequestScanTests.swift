import Testing

@testable import MockProvider

@Suite struct RequestScanTests {
    static let body = #"""
        {"model" : "mock-gpt", "messages":[{"role":"system","content":"Be \"brief\"."},
         {"role":"user","content":[{"type":"text","text":"Hi é"},{"type":"image_url","image_url":{"url":"data:x"}}]}],
         "stream":true,"stream_options":{"include_usage":true},"max_tokens":9,"max_completion_tokens":7,"n":2,
         "metadata":{"model":"no","stream":false,"deep":[[["]}\""]]]},"x_mock":"tokens=3"}
        """#

    @Test func `members at the top are found, those below are not mistaken for them`() {
        scan(Self.body) { scan, bytes in
            #expect(scan?.model.map { String(decoding: bytes[$0], as: UTF8.self) } == "mock-gpt")
            #expect(scan?.stream == true && scan?.includesUsage == true)
            #expect(scan?.maxTokens == 7 && scan?.choices == 2)
            #expect(scan?.control.map { String(decoding: bytes[$0], as: UTF8.self) } == "tokens=3")
            #expect(scan?.wrong == nil)
        }
    }

    @Test func `prompt tokens are a quarter of the content's bytes, rounded up`() {
        // `Be "brief".` is 11 bytes, `Hi é` is 5.
        #expect(scan(Self.body) { scan, _ in scan?.contentBytes } == 16)
        #expect(scan(Self.body) { scan, _ in scan?.chatPromptTokens } == 4)
        #expect(scan(#"{"messages":[{"content":"12345"}]}"#) { scan, _ in scan?.chatPromptTokens } == 2)
        #expect(scan(#"{"messages":[{"content":null}]}"#) { scan, _ in scan?.chatPromptTokens } == 1)
    }

    @Test func `every truncation is refused`() {
        let bytes = Array(Self.body.utf8)
        for count in 0..<bytes.count {
            #expect(scan(String(decoding: bytes[0..<count], as: UTF8.self)) { scan, _ in scan == nil }, "\(count)")
        }
        #expect(scan(Self.body + "x") { scan, _ in scan == nil })
        #expect(scan("[1]") { scan, _ in scan == nil })
    }

    @Test(arguments: [
        #"{"model":1}"#, #"{"stream":"yes"}"#, #"{"max_tokens":0}"#, #"{"max_tokens":-5}"#, #"{"max_tokens":1e99}"#,
        #"{"n":0}"#, #"{"n":1000}"#, #"{"messages":"hi"}"#, #"{"messages":[1]}"#, #"{"messages":{}}"#,
    ])
    func `a member of the wrong type is named`(_ text: String) {
        #expect(scan(text) { scan, _ in scan?.wrong != nil })
    }

    @Test func `the last message decides whether a tool's result was given`() {
        let result = #"{"messages":[{"role":"user","content":"a"},{"role":"tool","content":"b"}]}"#
        #expect(scan(result) { scan, _ in scan?.lastIsToolResult } == true)
        let after = #"{"messages":[{"role":"tool","content":"b"},{"role":"user","content":"a"}]}"#
        #expect(scan(after) { scan, _ in scan?.lastIsToolResult } == false)
    }

    @Test func `inputs are strings, lists of strings, or token numbers`() {
        func tokens(_ text: String) -> [Int] {
            scan(text) { scan, bytes in scan?.inputs(bytes).map { $0.promptTokens(bytes) } ?? [] }
        }
        #expect(tokens(#"{"input":"12345678"}"#) == [2])
        #expect(tokens(#"{"input":["1","123456789"]}"#) == [1, 3])
        #expect(tokens(#"{"input":[1,2,3]}"#) == [3])
        #expect(tokens(#"{"input":[[1,2],[3]]}"#) == [2, 1])
        #expect(tokens(#"{"input":[]}"#) == [])
    }

    @Test func `the counted length of an escaped string is that of its decoded bytes`() {
        let parts = [
            "a", #"\n"#, #"\""#, #"\\"#, #"\u0041"#, #"\u00e9"#, #"\u20ac"#, #"\ud83d\ude00"#, "é", "😀", #"\/"#,
        ]
        for seed in 1...500 {
            var generator = SplitMix64(seed: UInt64(seed))
            let text = (0..<Int(generator.next() % 12)).map { _ in parts[Int(generator.next() % 11)] }.joined()
            Array(text.utf8).withUnsafeBytes { bytes in
                let range = 0..<bytes.count
                #expect(bytes.unescapedCount(range) == bytes.unescaped(range).count, "seed \(seed): \(text)")
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func `a string of nothing but escapes is scanned in linear time`() {
        let text = "{\"messages\":[{\"content\":\"" + String(repeating: #"\\"#, count: 2_000_000) + "\"}]}"
        let start = ContinuousClock.now
        #expect(scan(text) { scan, _ in scan?.contentBytes } == 2_000_000)
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}
