import JSONText
import Testing
import WireFormats

@Suite("How many answers a client wants")
struct ConversationAnswersTests: ToolRequests {
    /// What no other dialect can be asked for, and the member that says so.
    static let refused: [(Dialect, String, String)] = [
        (.messages, #"{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"x"}]}"#, "max_tokens"),
        (.completions, #"{"model":"m","prompt":"x","max_tokens":0,"echo":true}"#, "max_tokens"),
        (.completions, #"{"model":"m","prompt":["a","b"]}"#, "prompt"),
        (
            .responses, #"{"model":"m","input":"x","prompt_cache_options":{"prewarm":true}}"#,
            "prompt_cache_options.prewarm"
        ),
    ]

    @Test(
        "none, or one to each of several prompts, are refused by every other dialect, with the member's name",
        arguments: refused)
    func refusals(client: Dialect, text: String, param: String) throws {
        let body = try JSON.parse(text)
        let codec = try #require(client.codec)
        for provider in Dialect.conversations where provider != client {
            let other = try #require(provider.codec)
            let error = refusal(codec, body, to: other)
            #expect(error?.status == 400 && error?.param == param, "\(provider)")
        }
        #expect(refusal(codec, body, to: codec) == nil)
    }

    @Test("one is refused by nobody")
    func one() throws {
        for text in [
            #"{"model":"m","input":"x","prompt_cache_options":{"prewarm":false}}"#,
            #"{"model":"m","input":"x","prompt_cache_options":{"prewarm":null}}"#,
            #"{"model":"m","input":"x","max_output_tokens":16}"#,
        ] {
            let body = try JSON.parse(text)
            for provider in Dialect.conversations {
                let codec = try #require(provider.codec)
                #expect(refusal(ResponsesCodec.self, body, to: codec) == nil, "\(provider) \(text)")
            }
        }
        let chat = try written(
            ResponsesCodec.self, ["model": "m", "input": "x", "prompt_cache_options": ["prewarm": false]],
            to: ChatCompletionsCodec.self)
        #expect(chat.losses.isEmpty)
    }
}
