import Testing

@testable import MockProvider

/// A dialect's route and key, for what must hold in all of them.
struct SpokenDialect: CustomTestStringConvertible, Sendable {
    let name: String
    let whole: String
    let stream: String
    let headers: [String]
    /// A body that asks for a text; the stream's is the same unless the path decides.
    let body: String
    var streamBody: String?
    /// The text of an error body.
    let errorPath: [String]

    var testDescription: String { name }

    static let anthropicHeaders = ["x-api-key: k", "anthropic-version: 2023-06-01"]
    static let bearer = ["Authorization: Bearer test"]

    static let all: [SpokenDialect] = [
        SpokenDialect(
            name: "messages", whole: "/v1/messages", stream: "/v1/messages", headers: anthropicHeaders,
            body: #"{"model":"m","max_tokens":50,"messages":[{"role":"user","content":"hello world"}]}"#,
            streamBody:
                #"{"model":"m","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"hello world"}]}"#,
            errorPath: ["error", "message"]),
        SpokenDialect(
            name: "invoke", whole: "/model/m/invoke", stream: "/model/m/invoke-with-response-stream", headers: bearer,
            body: #"""
                {"anthropic_version":"bedrock-2023-05-31","max_tokens":50,"messages":[{"role":"user","content":"hello world"}]}
                """#, errorPath: ["message"]),
        SpokenDialect(
            name: "rawPredict", whole: "/v1/projects/p/locations/l/publishers/anthropic/models/m:rawPredict",
            stream: "/v1/projects/p/locations/l/publishers/anthropic/models/m:streamRawPredict", headers: bearer,
            body: #"""
                {"anthropic_version":"vertex-2023-10-16","max_tokens":50,"messages":[{"role":"user","content":"hello world"}]}
                """#, errorPath: ["error", "message"]),
        SpokenDialect(
            name: "gemini", whole: "/v1beta/models/m:generateContent",
            stream: "/v1beta/models/m:streamGenerateContent?alt=sse", headers: ["x-goog-api-key: k"],
            body: #"{"contents":[{"role":"user","parts":[{"text":"hello world"}]}]}"#, errorPath: ["error", "message"]),
        SpokenDialect(
            name: "vertex", whole: "/v1/projects/p/locations/l/publishers/google/models/m:generateContent",
            stream: "/v1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent", headers: bearer,
            body: #"{"contents":[{"role":"user","parts":[{"text":"hello world"}]}]}"#, errorPath: ["error", "message"]),
        SpokenDialect(
            name: "converse", whole: "/model/m/converse", stream: "/model/m/converse-stream", headers: bearer,
            body: #"{"messages":[{"role":"user","content":[{"text":"hello world"}]}]}"#, errorPath: ["message"]),
        SpokenDialect(
            name: "responses", whole: "/v1/responses", stream: "/v1/responses", headers: bearer,
            body: #"{"model":"m","input":"hello world"}"#,
            streamBody: #"{"model":"m","input":"hello world","stream":true}"#, errorPath: ["error", "message"]),
        SpokenDialect(
            name: "cohere", whole: "/v2/chat", stream: "/v2/chat", headers: bearer,
            body: #"{"model":"m","messages":[{"role":"user","content":"hello world"}]}"#,
            streamBody: #"{"model":"m","stream":true,"messages":[{"role":"user","content":"hello world"}]}"#,
            errorPath: ["message"]),
        SpokenDialect(
            name: "ollama", whole: "/api/chat", stream: "/api/chat", headers: [],
            body: #"{"model":"m","stream":false,"messages":[{"role":"user","content":"hello world"}]}"#,
            streamBody: #"{"model":"m","messages":[{"role":"user","content":"hello world"}]}"#, errorPath: ["error"]),
    ]

    func ask(_ client: TestClient, mock: String? = nil, streams: Bool = false) -> TestClient.Reply {
        client.post(streams ? stream : whole, streams ? streamBody ?? body : body, mock: mock, headers: headers)
    }
}

extension JSONValue {
    func at(_ path: [String]) -> JSONValue? { path.reduce(self) { value, step in value?[step] } }
}

extension TestClient {
    func messages(_ body: String, mock: String? = nil) -> Reply {
        post("/v1/messages", body, mock: mock, headers: SpokenDialect.anthropicHeaders)
    }
}

/// The frames of an AWS event stream, each checked for both of its sums.
struct Frames {
    var names: [String] = []
    var payloads: [JSONValue] = []
    var isValid = true

    init(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while rest.count >= 16 {
            let head = Array(rest.prefix(12))
            let total = Self.number(head[0..<4])
            let headers = Self.number(head[4..<8])
            guard total <= rest.count, UInt32(Self.number(head[8..<12])) == CRC32.of(Array(head[0..<8])) else { break }
            let frame = Array(rest.prefix(total))
            isValid = isValid && UInt32(Self.number(frame[(total - 4)...])) == CRC32.of(Array(frame.dropLast(4)))
            names.append(Self.firstHeader(Array(frame[12..<12 + headers])))
            payloads.append(JSONValue(Array(frame[(12 + headers)..<(total - 4)])) ?? .null)
            rest = rest.dropFirst(total)
        }
        isValid = isValid && rest.isEmpty
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

    /// `:event-type` or `:exception-type` is written first.
    private static func firstHeader(_ bytes: [UInt8]) -> String {
        let value = 1 + Int(bytes[0]) + 1
        let count = number(bytes[value..<value + 2])
        return String(decoding: bytes[(value + 2)..<(value + 2 + count)], as: UTF8.self)
    }
}
