import JSONText
import Units

/// A response that the gateway keeps, so that `previous_response_id` and `GET /v1/responses/{id}` work with providers
/// that store nothing.
///
/// Rules
/// 1. It holds what was new with it: the client's own input and the answer. What went before is in the response that
///    ``previousID`` names; a chain is the list of them, oldest first.
/// 2. Of an earlier request nothing but items is inherited: "the instructions from a previous response will not be
///    carried over to the next response"
///    (https://platform.openai.com/docs/api-reference/responses/create, read on 2026-11-29); neither are tools.
/// 3. Items keep the ids that the client knows. The codec does not send a provider ids that we made.
public struct StoredResponse: Equatable, Sendable {
    /// `resp_…`, as the client got it.
    public var id: String
    /// Seconds since 1970.
    public var created: Int64
    /// What the client asked, without `previous_response_id` and `input`.
    public var request: JSONObject
    /// The items of its own input, each with an id.
    public var input: [JSON]
    /// The `response` object that the client got.
    public var response: JSON
    /// The response before this one; nil for the first of a chain.
    public var previousID: String?

    /// The items of the answer.
    public var output: [JSON] { response["output"]?.array ?? [] }

    /// - Parameters:
    ///   - response: what the client got, whole: of a stream, the response of its last event.
    ///   - request: what the client asked, as it sent it.
    ///   - requestID: the gateway's id of the request, for ids of input items that have none.
    /// - Returns: nil where the response has no id.
    public init?(_ response: JSON, to request: JSON, requestID: String) {
        guard let id = response["id"]?.string else { return nil }
        self.id = id
        created = response["created_at"]?.number.flatMap { Int64(exactly: $0.rounded(.down)) } ?? 0
        self.request = (request.object ?? JSONObject()).without(["previous_response_id", "input"])
        previousID = request["previous_response_id"]?.string
        self.response = response
        input = StoredResponse.items(of: request).enumerated().map { index, item in
            guard var object = item.object else { return item }
            if object["id"]?.string == nil {
                object["id"] = .string(ResponsesIDs.inputItem(object["type"]?.string, for: requestID, index: index))
            }
            return .object(object)
        }
    }

    // MARK: - Going on

    /// The request whose input is all that was said, and then what is new.
    ///
    /// - Parameter chain: the stored responses, oldest first; the last is the one that the request goes on from.
    public static func chain(_ chain: [StoredResponse], with request: JSON) -> JSON {
        var history: [JSON] = []
        for stored in chain { history += stored.input + stored.output }
        let known = Dictionary(
            history.compactMap { item in item["id"]?.string.map { ($0, item) } },
            uniquingKeysWith: { first, _ in first })
        var added: [JSON] = []
        for item in items(of: request) {
            // What a reference names is in the history already, unless its place is meant to be here.
            if ResponsesItems.isReference(item), let id = item["id"]?.string, known[id] != nil { continue }
            added.append(item)
        }
        var whole = (request.object ?? JSONObject()).without(["previous_response_id", "input"])
        whole["input"] = .array(history + added)
        return .object(whole)
    }

    /// The items of a request's `input`, each with its type.
    private static func items(of request: JSON) -> [JSON] {
        if let text = request["input"]?.string {
            return [["type": "message", "role": "user", "content": .string(text)]]
        }
        return (request["input"]?.array ?? []).map { item in
            guard item["type"]?.string == nil, item["role"] != nil, let object = item.object else { return item }
            var typed: JSONObject = ["type": "message"]
            for (key, value) in object { typed[key] = value }
            return .object(typed)
        }
    }

    // MARK: - Answers

    /// `GET /v1/responses/{id}`
    public var retrieved: JSON { response }

    /// `DELETE /v1/responses/{id}`
    public var deleted: JSON { ["id": .string(id), "object": "response", "deleted": true] }

    /// Which way a list of items goes.
    public enum Order: String, Sendable {
        case ascending = "asc"
        case descending = "desc"

        /// - Parameter text: what the query says; nil where it says nothing: newest first.
        public init(named text: String?) throws(RequestError) {
            let text = text ?? Order.descending.rawValue
            guard let order = Order(rawValue: text) else {
                throw RequestError(
                    message: "Invalid value: '\(text.shown)'. Supported values are: 'asc' and 'desc'.", param: "order",
                    code: "invalid_value")
            }
            self = order
        }
    }

    /// `GET /v1/responses/{id}/input_items`: what the response was made from, all that went before included.
    ///
    /// - Parameters:
    ///   - chain: the stored responses, oldest first; the last is the one that is asked for.
    ///   - limit: 1 to 100; 20 where the client names none.
    ///   - after: the id of the item behind which to begin.
    ///   - order: newest first where the client names none.
    public static func inputItems(
        of chain: [StoredResponse], limit: Int64? = nil, after: String? = nil, order: Order = .descending
    ) throws(RequestError) -> JSON {
        let limit = limit ?? 20
        guard (1...100).contains(limit) else {
            throw RequestError(
                message: "Invalid 'limit': expected a value from 1 to 100, but got \(limit) instead.", param: "limit",
                code: limit < 1 ? "integer_below_min_value" : "integer_above_max_value")
        }
        var items: [JSON] = []
        for stored in chain.dropLast() { items += stored.input + stored.output }
        items += chain.last?.input ?? []
        if order == .descending { items.reverse() }
        var rest = items[...]
        if let after {
            guard let place = items.firstIndex(where: { $0["id"]?.string == after }) else {
                throw RequestError(
                    message: "Invalid 'after': no item with this id.", param: "after", code: "invalid_value")
            }
            rest = items[(place + 1)...]
        }
        let page = rest.prefix(Int(limit)).map(listed)
        var list: JSONObject = ["object": "list"]
        list["data"] = .array(page)
        list["first_id"] = page.first?["id"] ?? .null
        list["last_id"] = page.last?["id"] ?? .null
        list["has_more"] = .bool(rest.count > page.count)
        return .object(list)
    }

    /// The item in its long form: a list of contents, and a status.
    private static func listed(_ item: JSON) -> JSON {
        guard var object = item.object else { return item }
        switch object["type"]?.string {
        case "message":
            if let text = object["content"]?.string {
                object["content"] =
                    object["role"]?.string == "assistant"
                    ? [["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]]
                    : [["type": "input_text", "text": .string(text)]]
            }
        case "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output": break
        default: return item
        }
        if object["status"]?.string == nil { object["status"] = "completed" }
        return .object(object)
    }

    // MARK: - For a store

    /// All of it as one object, which ``init(json:)`` reads back.
    public var json: JSON {
        var object: JSONObject = ["id": .string(id), "created": .int(created)]
        object["request"] = .object(request)
        object["input"] = .array(input)
        object["response"] = response
        object["previous_id"] = previousID.map { .string($0) }
        return .object(object)
    }

    /// - Returns: nil where it is not what ``json`` wrote.
    public init?(json: JSON) {
        guard let id = json["id"]?.string, let created = json["created"]?.int, let request = json["request"]?.object,
            let input = json["input"]?.array, let response = json["response"]
        else { return nil }
        self.id = id
        self.created = created
        self.request = request
        self.input = input
        self.response = response
        previousID = json["previous_id"]?.string
    }
}

/// The answers at the other paths below `/v1/responses`.
public enum ResponsesAnswers {
    /// `POST /v1/responses/input_tokens`, whose body is that of a request.
    public static func inputTokens(_ count: Int64) -> JSON {
        ["object": "response.input_tokens", "input_tokens": .int(count)]
    }

    /// A `previous_response_id` that names nothing which this client may see: OpenAI's own words, from a recorded
    /// answer. It says what was sent, whatever that is, up to 64 characters: longer ids there are not.
    ///
    /// - Parameter later: what was sent, where it is there and builds on what is not: that was deleted, or has expired.
    public static func previousNotFound(_ id: String, below later: String? = nil) -> RequestError {
        func quoted(_ id: String) -> String { "'\(String(id.unicodeScalars.prefix(64)))'" }
        let reason = later.map { " The response \(quoted($0)) builds on it." } ?? ""
        return RequestError(
            message: "Previous response with id \(quoted(id)) not found.\(reason)", param: "previous_response_id",
            code: "previous_response_not_found")
    }

    /// `GET` or `DELETE` of what is not there.
    public static func notFound(_ id: String) -> RequestError {
        RequestError(status: 404, message: "Response with id '\(shown(id))' not found.")
    }

    /// `POST /v1/responses/compact` with a provider that has none. What it gives back is encrypted by OpenAI for its own
    /// models: nobody else can make it.
    public static var compactionUnsupported: RequestError {
        RequestError(
            message: "Compaction ('POST /v1/responses/compact') is not supported by the provider of this model.",
            param: "model", code: "unsupported_endpoint")
    }

    /// Ids in paths are letters, digits, `_` and `-`; nothing else is repeated to the client.
    private static func shown(_ id: String) -> String { ToolIDs.legal(id, bytesMax: 128) }
}
