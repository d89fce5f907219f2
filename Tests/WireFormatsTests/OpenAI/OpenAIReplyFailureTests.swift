import JSONText
import Testing
import WireFormats

@Suite("Failures in OpenAI's whole replies")
struct OpenAIReplyFailureTests {
    private func failure(_ text: String) throws -> ProviderError? {
        let body = Array(text.utf8)
        let document = try JSONScanner.scan(body)
        return body.withUnsafeBytes { OpenAIReply.failure(in: document, of: $0) }
    }

    @Test("a choice's error is found in place")
    func found() throws {
        let told = try failure(
            #"{"choices":[{"message":{"content":"a"}},{"finish_reason":"error","error":{"code":429,"message":"m"}}]}"#)
        #expect(told?.message == "m" && told?.code == "429")
        #expect(try failure(#"{"choices":[{"message":{"content":"a"},"finish_reason":"error"}]}"#)?.kind == .server)
    }

    @Test(
        "what only speaks of errors is none",
        arguments: [
            #"{"choices":[{"message":{"content":"\"error\""},"finish_reason":"stop"}]}"#,
            #"{"choices":[{"message":{"content":"error"},"finish_reason":"stop","error":null}]}"#,
            #"{"choices":[{"message":{"content":null,"error":{"message":"m"}},"finish_reason":"stop"}]}"#,
            #"{"choices":[]}"#, #"{"error":"x"}"#,
        ])
    func none(text: String) throws {
        #expect(try failure(text) == nil)
    }
}
