import JSONText

/// Reads a whole `response` object.
enum ResponsesReplyDecoder {
    /// Members that the model has names for.
    private static let named: Set<String> = [
        "id", "object", "created_at", "model", "output", "usage", "service_tier", "status", "error",
        "incomplete_details",
        // The SDKs' own, which some servers send: it repeats the texts of `output`.
        "output_text",
    ]

    static func decode(_ body: JSON) throws(ReplyError) -> Reply {
        guard let response = body.object else { throw .malformed("the reply is no object") }
        if let error = failure(response) { throw .failed(error) }
        guard let output = response["output"]?.array else { throw .malformed("the reply has no array `output`") }
        var reply = Reply(origin: .responses)
        let head = head(of: response)
        reply.id = head.id
        reply.model = head.model
        reply.created = head.created
        reply.serviceTier = head.serviceTier
        reply.extras = head.extras
        var choice = Reply.Choice()
        var logprobs: [JSON] = []
        // mistral.rs has the thinking beside the output, where the settings should be.
        if let text = response["reasoning"]?.string, !text.allSatisfy(\.isWhitespace) {
            choice.parts.append(Part(.reasoning(Reasoning(text))))
        }
        for (index, item) in output.enumerated() {
            choice.parts += ResponsesItems.parts(of: item, seed: head.id ?? "", index: index)
            for content in item["content"]?.array ?? [] { logprobs += content["logprobs"]?.array ?? [] }
        }
        if !logprobs.isEmpty { choice.logprobs = ["content": .array(logprobs)] }
        let hasRefusal = choice.parts.contains { if case .refusal = $0.content { true } else { false } }
        choice.stop = stop(of: response, hasCalls: output.contains { isCall($0) }, hasRefusal: hasRefusal)
        if choice.stop == nil, let status = response["status"] { reply.extras["status"] = status }
        reply.choices = [choice]
        reply.usage = ResponsesUsage.read(response["usage"])
        return reply
    }

    /// What of a `response` object the model has names for, but for its output and its end.
    static func head(of response: JSONObject) -> ReplyHead {
        var head = ReplyHead(origin: .responses)
        head.id = response["id"]?.string
        head.model = response["model"]?.string
        head.created = response["created_at"]?.number.flatMap { Int64(exactly: $0.rounded(.down)) }
        head.serviceTier = response["service_tier"]?.string
        head.extras = response.without(named)
        if head.extras["reasoning"]?.string != nil { head.extras["reasoning"] = nil }
        // A compaction is no answer.
        if let object = response["object"]?.string, object != "response" { head.extras["object"] = .string(object) }
        return head
    }

    /// Whether an item is something that the client has to run.
    static func isCall(_ item: JSON) -> Bool {
        switch item["type"]?.string {
        case "function_call", "custom_tool_call": true
        default: ResponsesItems.isClientRun(item)
        }
    }

    /// - Parameters:
    ///   - hasCalls: the answer asks the client to run something.
    ///   - hasRefusal: a message of it says that the model declines.
    /// - Returns: nil where the answer is still being made (`background`).
    static func stop(of response: JSONObject, hasCalls: Bool, hasRefusal: Bool) -> Stop? {
        switch response["status"]?.string {
        case "in_progress", "queued": return nil
        case "incomplete":
            let reason = response["incomplete_details"]?["reason"]?.string
            switch reason {
            case "max_output_tokens", "max_tokens": return Stop(.maxTokens, native: reason)
            case "content_filter": return Stop(.contentFilter, native: reason)
            default: return Stop(.other, native: reason ?? "incomplete")
            }
        case "completed", nil:
            return Stop(hasCalls ? .toolUse : hasRefusal ? .refusal : .endTurn, native: "completed")
        case .some(let status): return Stop(.other, native: status)
        }
    }

    /// The error of a response that failed, or of a body that is nothing but an error.
    static func failure(_ response: JSONObject) -> ProviderError? {
        if let error = response["error"], !error.isNull { return self.error(error, response) }
        guard response["status"]?.string == "failed" else { return nil }
        return ProviderError(message: "", type: nil, param: nil, code: "server_error")
    }

    static func error(_ error: JSON, _ around: JSONObject) -> ProviderError {
        // xAI: `{"code": …, "error": "…"}`.
        if let text = error.string { return ProviderError(message: text, code: code(around["code"])) }
        // An `error` event is its own error: that it is one is no type.
        let type = error["type"]?.string
        return ProviderError(
            message: error["message"]?.string ?? "", type: type == "error" ? nil : type,
            param: error["param"]?.string, code: code(error["code"]))
    }

    private static func code(_ value: JSON?) -> String? { value.flatMap { $0.string ?? $0.int.map { String($0) } } }
}
