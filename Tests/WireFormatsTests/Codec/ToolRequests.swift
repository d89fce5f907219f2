import JSONText
import WireFormats

/// Small requests of clients, for suites about tools and formats, and what becomes of them.
protocol ToolRequests {}

extension ToolRequests {
    func written(
        _ client: any DialectCodec.Type, _ body: JSON, to provider: any DialectCodec.Type, isVertex: Bool = false,
        model: String = "m"
    ) throws -> (body: JSON, losses: LossReport) {
        var target = TargetFacts(model: model)
        target.isVertex = isVertex
        var losses = LossReport()
        let conversation = try client.decodeRequest(body, at: RequestPlace(model: "m", stream: false))
        return (try provider.writtenRequest(conversation, for: target, &losses), losses)
    }

    func refusal(
        _ client: any DialectCodec.Type, _ body: JSON, to provider: any DialectCodec.Type
    ) -> RequestError? {
        do {
            _ = try written(client, body, to: provider)
            return nil
        } catch {
            return error as? RequestError
        }
    }

    func messages(_ tools: JSON) -> JSON {
        ["model": "m", "max_tokens": 9, "messages": [["role": "user", "content": "x"]], "tools": tools]
    }

    func responses(_ tools: JSON) -> JSON { ["model": "m", "input": "x", "tools": tools] }

    func chat(_ more: JSONObject) -> JSON {
        var body: JSON = ["model": "m", "messages": [["role": "user", "content": "x"]]]
        for (key, value) in more { body[key] = value }
        return body
    }

    func google(_ more: JSONObject) -> JSON {
        var body: JSON = ["contents": [["role": "user", "parts": [["text": "x"]]]]]
        for (key, value) in more { body[key] = value }
        return body
    }
}
