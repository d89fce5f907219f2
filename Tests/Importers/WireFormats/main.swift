import WireFormats

// What a gateway must know of a request, and the same bytes with another model in them.
let body = Array(#"{"model":"gpt-4o", "stream":true, "x":1.0, "messages":[{"role":"user","content":"Hi"}]}"#.utf8)
let request = try OpenAIRequest(body, endpoint: .chatCompletions)
print(request.model, request.stream, request.inputTokenCeiling)
print(String(decoding: request.upstreamBody(model: "other", addIncludeUsage: true), as: UTF8.self))
do {
    _ = try OpenAIRequest(Array(#"{"model":"m","messages":7}"#.utf8), endpoint: .chatCompletions)
} catch {
    print(error.status, String(decoding: error.body.openAI(), as: UTF8.self))
}
