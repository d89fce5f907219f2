/// OpenAI's Responses API.
///
/// Sources: https://platform.openai.com/docs/api-reference/responses and …/responses-streaming; the recorded traffic;
/// error texts as the API gives them.
struct ResponsesDialect: Dialect {
    enum Action { case create, count, compact }

    let memory: ResponseMemory
    var action = Action.create

    var errors: ErrorStyle { .openAI }
    var callPrefix: StaticString { "call_" }
    var notJSON: ErrorReply { .notJSON }

    func streams(_ json: JSONValue) -> Bool { action == .create && json["stream"]?.isTrue ?? false }

    func unknownModel(_ name: String) -> ErrorReply {
        .invalid("The requested model '\(name)' does not exist.", param: "model", code: "model_not_found")
    }

    func authenticate(_ headers: RequestHeaders, key: String?) throws(ErrorReply) {
        try authenticateBearer(headers, key: key)
    }

    func count(_ tokens: Int) -> JSONValue { ["object": "response.input_tokens", "input_tokens": .int(tokens)] }

    func read(_ json: JSONValue) throws(ErrorReply) -> Prompt {
        var reader = ResponsesReader(memory: memory, action: action)
        return try reader.read(json)
    }

    func narrator(of plan: Plan, _ context: ReplyContext) -> any Narrator {
        let input = ResponsesReader.items(of: context.request, memory) ?? []
        if action == .compact { return CompactionNarrator(plan: plan, context: context, input: input) }
        let narrator = ResponsesNarrator(plan: plan, context: context)
        if context.request["store"] != .bool(false) {
            let known: JSONValue = .array(narrator.identified(input))
            let entry = ResponseMemory.Entry(
                body: narrator.completed.serialized, input: known.serialized, isQueued: narrator.isQueued,
                events: context.prompt.stream ? Self.events(of: plan, by: narrator) : nil)
            memory.keep(entry, as: context.id.text("resp_"))
        }
        return narrator
    }

    private static func events(of plan: Plan, by narrator: ResponsesNarrator) -> [[UInt8]] {
        var narrator = narrator
        return plan.moments.flatMap { narrator.events(at: $0) }.map { event in
            var bytes = ByteQueue()
            narrator.framing.write(event, isFirst: false, lineEnd: "\n", to: &bytes)
            return bytes.copy()
        }
    }

    // MARK: - What is remembered

    /// The stream of a response again, as `GET /v1/responses/{id}?stream=true` tells it; nil where it was none: what was
    /// not streamed when it was made is told whole.
    ///
    /// - Parameter number: of the last event that is not told: `starting_after`.
    func stream(_ id: String, after number: Int?) -> [UInt8]? {
        guard let events = memory[id]?.events else { return nil }
        // An event's number is its place.
        return events.indices.filter { $0 > number ?? -1 }.flatMap { events[$0] }
    }

    /// Answers GET, DELETE and POST below `/v1/responses/{id}`; nil: no such path.
    func manage(_ id: String, _ action: String?, _ headers: RequestHeaders) -> (status: Int, body: JSONValue)? {
        guard let entry = memory[id] else {
            let error = ErrorReply(
                status: 404, type: "invalid_request_error", code: nil, param: nil,
                message: "Response with id '\(id)' not found.")
            return (404, error.openAIBody)
        }
        let body = JSONValue(entry.body) ?? .null
        switch (headers.request.method, action) {
        case (.get, nil):
            guard entry.isQueued else { return (200, body) }
            var seen = entry
            seen.isQueued = false
            memory.keep(seen, as: id)
            return (200, body)
        case (.delete, nil):
            _ = memory.delete(id)
            return (200, ["id": .text(id), "object": "response", "deleted": true])
        case (.get, "input_items"):
            do throws(ErrorReply) {
                return (200, try page(of: JSONValue(entry.input)?.elements ?? [], headers))
            } catch {
                return (error.status, error.openAIBody)
            }
        case (.post, "cancel"):
            guard body["background"]?.isTrue == true else {
                return (400, ErrorReply.invalid("Cannot cancel a synchronous response.").openAIBody)
            }
            guard entry.isQueued else { return (200, body) }
            let cancelled = body.replacing("status", "cancelled").replacing("output", []).replacing("usage", .null)
            memory.keep(ResponseMemory.Entry(body: cancelled.serialized, input: entry.input), as: id)
            return (200, cancelled)
        default: return nil
        }
    }

    /// The items that the query asks for: by `order`, `after` and `limit`.
    ///
    /// Source: https://learn.microsoft.com/en-us/azure/foundry/reference/rest/list-input-items (read on 2026-11-30)
    private func page(of items: [JSONValue], _ headers: RequestHeaders) throws(ErrorReply) -> JSONValue {
        let order = headers.parameter("order") ?? "desc"
        guard ["asc", "desc"].contains(order) else {
            throw .invalid(
                "Invalid value: '\(order)'. Supported values are: 'asc' and 'desc'.", param: "order",
                code: "invalid_value")
        }
        let most = headers.parameter("limit") ?? "20"
        guard let limit = Int(most), (1...100).contains(limit) else {
            throw .invalid("Invalid 'limit': expected an integer from 1 to 100, but got '\(most)'.", param: "limit")
        }
        var rest = (order == "asc" ? items : items.reversed())[...]
        if let after = headers.parameter("after") {
            guard let place = rest.firstIndex(where: { $0["id"]?.text == after }) else {
                throw .invalid("Invalid 'after': there is no item '\(after)'.", param: "after")
            }
            rest = rest[(place + 1)...]
        }
        let page = Array(rest.prefix(limit))
        return [
            "object": "list", "data": .array(page), "first_id": page.first?["id"] ?? .null,
            "last_id": page.last?["id"] ?? .null, "has_more": .bool(rest.count > page.count),
        ]
    }
}
