import JSONText
import Testing

@testable import WireFormats

/// What a peer sends to Anthropic for the same Chat request. Where we differ, and why, is told by case.
@Suite(.enabled(if: Corpus.folder != nil)) struct MessagesVectorTests {
    /// Text content as one list of blocks, system as blocks; the default cap left out.
    private func normalised(_ body: JSON, hasCap: Bool) -> JSON {
        func blocks(_ value: JSON) -> JSON {
            value.string.map { [["type": "text", "text": .string($0)]] } ?? value
        }
        var body = body
        if let system = body["system"] { body["system"] = blocks(system) }
        body["messages"] = .array(
            (body["messages"]?.array ?? []).map { message in
                var message = message
                if let content = message["content"] {
                    message["content"] = .array(
                        (blocks(content).array ?? []).map { block in
                            var block = block
                            if block["type"] == "tool_result", let inner = block["content"] {
                                block["content"] = blocks(inner)
                            }
                            return block
                        })
                }
                return message
            })
        // `custom` is what a tool without a type is; `output_format` is the beta's name of `output_config.format`.
        if let tools = body["tools"]?.array {
            body["tools"] = .array(
                tools.map { tool in
                    var tool = tool
                    if tool["type"] == "custom" { tool["type"] = nil }
                    return tool
                })
        }
        if let format = body["output_format"] {
            body["output_format"] = nil
            body["output_config"] = ["format": format]
        }
        if !hasCap { body["max_tokens"] = nil }
        if body["stream"] == false { body["stream"] = nil }
        return body
    }

    @Test func comparedWithThePeer() throws {
        guard let folder = Corpus.folder else { return }
        var same = 0
        var differs = 0
        for (file, host, style) in [
            ("anthropic", TargetFacts.MessagesHost.direct, TargetFacts.ThinkingStyle.budget),
            ("anthropic_opus", .direct, .level), ("vertex_ai_anthropic", .vertex, .budget),
            ("bedrock_invoke_anthropic", .bedrock, .budget),
        ] {
            for line in Corpus.read("\(folder)/vectors/requests/\(file).jsonl").split(separator: 0x0A) {
                let vector = try JSON.parse(Array(line))
                guard var request = vector["openai_request"], let theirs = vector["provider_request"]?["body"] else {
                    continue
                }
                let name = vector["id"]?.string ?? "?"
                if request["model"] == nil { request["model"] = "m" }
                // The Chat decoder's business: `null` is absent.
                if let messages = request["messages"]?.array {
                    request["messages"] = .array(
                        messages.map { message in
                            var message = message
                            if message["content"]?.isNull == true { message["content"] = nil }
                            return message
                        })
                }
                do {
                    let conversation = try ChatCompletionsCodec.decodeRequest(request, at: RequestPlace())
                    var target = TargetFacts(model: theirs["model"]?.string ?? "m")
                    target.host = host
                    target.thinking = style
                    var losses = LossReport()
                    let ours = try MessagesCodec.encodeRequest(conversation, for: target, &losses)
                    let hasCap = request["max_tokens"] != nil || request["max_completion_tokens"] != nil
                    let difference = firstDifference(
                        canonical(normalised(theirs, hasCap: hasCap)), canonical(normalised(ours, hasCap: hasCap)))
                    if let difference {
                        differs += 1
                        print("vector \(name): \(difference.prefix(330)) | \(losses.dropped) \(losses.adjusted)")
                    } else {
                        same += 1
                    }
                } catch {
                    differs += 1
                    print("vector \(name): we refuse: \(error)")
                }
            }
        }
        print("vectors: \(same) the same, \(differs) differ")
        #expect(same > 100)
    }
}
