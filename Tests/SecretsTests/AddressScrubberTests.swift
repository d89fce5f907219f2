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
                "http://[::1]:90/x http://localhost/y http://10.0.0.1/z",
                "http://«host»/x http://«host»/y http://«host»/z"
            ),
            ("postgres://u:p@db.example.com/x", "postgres://«host»/x"),
            ("连接10.0.0.1:8080失败", "连接«host»失败"), ("“10.0.0.1”", "“«host»”"), ("ip-10.0.0.1", "ip-«host»"),
            ("10.0.0.1-10.0.0.9", "«host»-«host»"), (#""x\n10.0.0.1""#, #""x\n«host»""#),
            ("to host vllm-backend:8000 ssl:default", "to host «host» ssl:default"),
            ("HTTPConnectionPool(host='vllm', port=8000)", "HTTPConnectionPool(host='«host»', port=8000)"),
            (#"https:\/\/gpu7:8000\/v1"#, #"https:\/\/«host»\/v1"#),
            ("`org_01hv0123456789abcdef`", "`«account»`"),
            ("projects/my-proj/locations/x", "projects/«account»/locations/x"),
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
            "详情请见https://help.aliyun.com/zh/a", "https://docs.x.com。更多", "https://docs.x.com! **https://docs.x.com**",
            "[https://docs.x.com] https://docs.x.com: more", "tools.0.input_schema.properties.internal",
            "properties.svc.description", "max_tokens:32768 line:1200",
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

    @Test(
        "eight times the text is about eight times the work",
        arguments: ["a:", "[a:", "arn:", "arn/ ", "1.", "1-", "a://", "::", "host=", "projects/"])
    func linear(piece: String) {
        func time(_ count: Int) -> Duration {
            let text = String(repeating: piece, count: count)
            return (0..<3).map { _ in processorTime { _ = AddressScrubber.scrubbed(text) } }.min() ?? .zero
        }
        _ = time(1000)
        #expect(time(160_000) < time(20_000) * 24)
    }
}
