import TestSupport
import Testing

@testable import Secrets

@Suite struct AddressScrubberTests {
    @Test(
        "addresses, private names and names with ports go",
        arguments: [
            ("dial tcp 10.1.2.3:8080: refused", "dial tcp «host»: refused"),
            ("from 10.1.2.3.", "from «host»."),
            ("[2001:db8::1]:443 and fe80::1%eth0", "«host» and «host»%eth0"),
            ("at 2001:db8:0:0:0:0:0:1, gone", "at «host», gone"),
            ("vllm-worker-3.ml.svc.cluster.local is away", "«host» is away"),
            ("<p>gw-7.internal.example.com</p>", "<p>«host»</p>"),
            ("localhost:8000 refused; db.example.com:5432 too", "«host» refused; «host» too"),
            ("https://user:pw@gpu-7.corp.internal:8443/v1?x=1", "https://«host»/v1?x=1"),
            ("https://user:pw@example.com/v1", "https://«host»/v1"),
            (
                "http://[::1]:9/x http://localhost/y http://10.0.0.1/z",
                "http://«host»/x http://«host»/y http://«host»/z"
            ),
            ("postgres://u:p@db.example.com/x", "postgres://«host»/x"),
            ("arn:aws:iam::123456789012:role/r", "arn:aws:iam::«account»:role/r"),
            ("in organization org-AbCdEf0123456789 on tokens", "in organization «account» on tokens"),
            ("of proj_AbCdEf0123456789.", "of «account»."),
        ])
    func hidden(text: String, expected: String) {
        #expect(AddressScrubber.scrubbed(text) == expected)
        #expect(AddressScrubber.scrubbed(expected) == expected)
    }

    @Test(
        "what says nothing of machines stays",
        arguments: [
            "You can find your API key at https://platform.openai.com/account/api-keys.",
            "anthropic.claude-3-sonnet-20240229-v1:0", "llama3.1:70b", "messages.0.content: required", "12:30:45",
            "1.2.3",
            "std::string", "gs://bucket.local/a.png", "org-wide", "tool.private_key", "::", "e.g. this",
            "über.straße",
            "arn:aws:bedrock:us-east-1::foundation-model/m", "Invalid 'input[0].text': 5", "file:///tmp/x",
            "temperature: 12", "",
        ])
    func kept(text: String) {
        #expect(AddressScrubber.scrubbed(text) == text)
    }

    @Test("eight times the text is about eight times the work", arguments: ["a:", "[a:", "arn:", "1.", "a://", "::"])
    func linear(piece: String) {
        func time(_ count: Int) -> Duration {
            let text = String(repeating: piece, count: count)
            return (0..<3).map { _ in processorTime { _ = AddressScrubber.scrubbed(text) } }.min() ?? .zero
        }
        _ = time(1000)
        #expect(time(160_000) < time(20_000) * 24)
    }
}
