import TestSupport
import Testing

@testable import Secrets

@Suite struct AddressScrubberTests {
    static let id = "16f2151a-40f4-4a80-8ad0-cae00c27e8dd"

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
            // As they stand in JSON.
            (#""x\ngpu-7.corp.internal\u003cvllm-3:8000\u003e""#, #""x\n«host»\u003c«host»\u003e""#),
            (#""\norg-AbCdEf0123456789""#, #""\n«account»""#),
            (#"https:\/\/user:pw@example.com\/v1"#, #"https:\/\/«host»\/v1"#),
            // Private names that begin as a way to a member does, or have a number.
            ("data.ml.svc.cluster.local and gpu.7.corp.internal", "«host» and «host»"),
            ("gw.internal.firma.de", "«host»"), ("node ip-10-0-12-34 is down", "node «host» is down"),
            // What resolvers say.
            (
                "dial tcp: lookup vllm-backend on 10.96.0.10:53: no such host",
                "dial tcp: lookup «host» on «host»: no such host"
            ),
            ("lookup vllm: no such host", "lookup «host»: no such host"),
            ("getaddrinfo ENOTFOUND vllm", "getaddrinfo ENOTFOUND «host»"),
            ("Could not resolve host: vllm.", "Could not resolve host: «host»."),
            ("Failed to resolve 'vllm-backend' (x)", "Failed to resolve '«host»' (x)"),
            ("Cannot connect to host vllm:8000 ssl:default", "Cannot connect to host «host» ssl:default"),
            // Accounts of Anthropic's, xAI's and Google's.
            ("organization (\(AddressScrubberTests.id)) of", "organization («account») of"),
            ("(org: \(AddressScrubberTests.id), model: m)", "(org: «account», model: m)"),
            ("Your team \(AddressScrubberTests.id) has", "Your team «account» has"),
            (
                "Team: \(AddressScrubberTests.id), API key ID: \(AddressScrubberTests.id), Model",
                "Team: «account», API key ID: «account», Model"
            ),
            (#"{"team_id": "\#(AddressScrubberTests.id)"}"#, #"{"team_id": "«account»"}"#),
            ("for consumer 'project_number:681255809395'.", "for consumer 'project_number:«account»'."),
            (#""consumer":"projects/681255809395""#, #""consumer":"projects/«account»""#),
        ] as [(String, String)])
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
            "1.2.3", "lookup table on disk", "Could not resolve 'response_format'", "Could not resolve 'x'.",
            "lookup x on ",
            "std::string", "gs://bucket.local/a.png", "org-wide", "tool.private_key", "::", "e.g. this",
            "über.straße",
            "arn:aws:bedrock:us-east-1::foundation-model/m", "Invalid 'input[0].text': 5", "file:///tmp/x",
            "temperature: 12", "", "file.py:120", "/app/vllm/async_llm.py:120 and src/router.rs:88", "index.js:1200: x",
            #"v2.0.0.1, version 2.0.0.1 and "version": "2.0.0.1""#, "core::ops::Add a::b", "2026-11-30T12:30:45.123Z",
            "request ID: \(AddressScrubberTests.id)", #"(request_id: "\#(AddressScrubberTests.id)")"#,
            "lookup failed: x", "the host is unknown", "resolve host names", "projects/teams", #"C:\new\tests"#,
            #"see https:\/\/docs.x.com\/v1"#, #""\nhttps://docs.x.com""#,
        ])
    func kept(text: String) {
        #expect(AddressScrubber.scrubbed(text) == text)
    }

    @Test(
        "eight times the text is about eight times the work",
        arguments: [
            "a:", "[a:", "arn:", "arn/ ", "1.", "1-", "a://", "::", "host=", "projects/", "lookup ", "host a:",
            #"\u00"#,
            "team 1-", "v1.1.1.1 ",
        ])
    func linear(piece: String) {
        func time(_ count: Int) -> Duration {
            let text = String(repeating: piece, count: count)
            return (0..<3).map { _ in processorTime { _ = AddressScrubber.scrubbed(text) } }.min() ?? .zero
        }
        _ = time(1000)
        #expect(time(160_000) < time(20_000) * 24)
    }
}
