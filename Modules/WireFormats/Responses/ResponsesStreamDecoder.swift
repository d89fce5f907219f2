import JSONText

/// Reads the events of a Responses stream.
///
/// Rules
/// 1. An item is known by its `output_index`; where a provider leaves that out, by its id.
/// 2. Deltas go out as they come. `output_item.done` has the truth: what it holds beyond the deltas (all of it, where a
///    provider sends none; annotations; encrypted reasoning) goes out then, and the item's parts end. Of a text that does
///    not begin with its deltas nothing does: what went out cannot be taken back.
/// 3. An item of a tool of the provider's is one part and begins whole: when it is done, or when another item begins.
/// 4. The last response adds items that had no event, and members that were not there when it began.
/// 5. What comes after the end is passed over. So are events that only tell of progress (`web_search_call.searching`).
public struct ResponsesStreamDecoder: ReplyStreamDecoder {
    private enum Key: Hashable {
        case content(Int)
        case whole
    }

    /// A part and what of it went out.
    private struct Sent {
        var place: PartPlace
        var content: Part.Content
        var text = ""
        var arguments = ""
        var citations = 0
        var summaries: [Int: String] = [:]
        var proof: Proof?
        var extras: JSONObject
    }

    private struct Item {
        let type: String?
        let id: String?
        /// What the model says; each of its contents is a part.
        let isMessage: Bool
        /// As far as it is known; nothing of what is done is kept.
        var json: JSON
        var parts: [Key: Sent] = [:]
        /// Of a tool of the provider's: its part has not begun.
        var waits = false
        var isDone = false
        /// How many log probabilities of each content went out.
        var logprobs: [Int: Int] = [:]

        init(_ json: JSON) {
            type = json["type"]?.string
            id = json["id"]?.string
            isMessage = type == "message" && json["role"]?.string ?? "assistant" == "assistant"
            self.json = json
        }
    }

    private var head: ReplyHead?
    private var items: [Int: Item] = [:]
    private var indexByID: [String: Int] = [:]
    private var waiting: Int?
    private var partCount = 0
    private var indexMax = -1
    /// The client is to run something; the model declined.
    private var hasCalls = false
    private var hasRefusal = false
    private var isOver = false

    init() {}

    public mutating func decode(_ frame: StreamFrame, into events: inout [ReplyEvent]) throws(ReplyError) {
        if isOver { return }
        switch frame {
        case .keepAlive: events.append(.keepAlive)
        // OpenRouter sends it, after all is said.
        case .done: break
        case .failed(let error): fail(error, &events)
        case .exception(let type, let payload):
            fail(ProviderError(message: payload["message"]?.string ?? "", type: type), &events)
        case .json(let event, let name): try decode(event, name, into: &events)
        }
    }

    /// Nothing: a stream that is complete has said so.
    public mutating func finish(into events: inout [ReplyEvent]) { isOver = true }

    private mutating func decode(
        _ event: JSON, _ name: String?, into events: inout [ReplyEvent]
    ) throws(ReplyError) {
        guard let object = event.object else { throw .malformed("an event is no object") }
        guard let type = object["type"]?.string ?? name else {
            if let error = ResponsesReplyDecoder.failure(object) { return fail(error, &events) }
            throw .malformed("an event has no type")
        }
        switch type {
        case "error":
            var error = event
            if let nested = object["error"], !nested.isNull { error = nested }
            return fail(ResponsesReplyDecoder.error(error, object), &events)
        case "response.created", "response.in_progress", "response.queued": begin(object["response"]?.object, &events)
        case "response.completed", "response.incomplete", "response.cancelled":
            guard let response = object["response"]?.object else { throw .malformed("\(type) has no response") }
            complete(response, &events)
        case "response.failed":
            let response = object["response"]?.object ?? JSONObject()
            let error = ResponsesReplyDecoder.failure(response) ?? ProviderError(message: "", code: "server_error")
            fail(error, &events)
        case "response.output_item.added":
            guard let item = object["item"], item.object != nil else { throw .malformed("\(type) has no item") }
            begin(nil, &events)
            added(item, at: index(object, item) ?? items.count, &events)
        case "response.output_item.done":
            guard let item = object["item"], item.object != nil else { throw .malformed("\(type) has no item") }
            begin(nil, &events)
            done(item, at: index(object, item) ?? items.count, &events)
        default: try progress(type, object, &events)
        }
    }

    // MARK: - Beginning and end

    private mutating func begin(_ response: JSONObject?, _ events: inout [ReplyEvent]) {
        guard head == nil else { return }
        var new = response.map { ResponsesReplyDecoder.head(of: $0) } ?? ReplyHead(origin: .responses)
        // The end says how it ended.
        new.extras["status"] = nil
        head = new
        events.append(.began(new))
    }

    private mutating func complete(_ response: JSONObject, _ events: inout [ReplyEvent]) {
        begin(response, &events)
        let output = response["output"]?.array ?? []
        for (index, item) in output.enumerated() {
            // Azure's recorders join several answers, and Codex leaves the output empty: places are what they agree on.
            if let known = known(item, index) {
                if items[known]?.isDone == false { done(item, at: known, &events) }
            } else {
                done(item, at: max(index, indexMax &+ 1), &events)
            }
        }
        for index in items.keys.sorted() where items[index]?.isDone == false {
            guard let item = items[index] else { continue }
            if item.waits || item.parts.isEmpty { done(item.json, at: index, &events) } else { end(index, &events) }
        }
        let last = ResponsesReplyDecoder.head(of: response)
        var more = JSONObject()
        for (key, value) in last.extras where head?.extras[key] != value { more[key] = value }
        // The end names the tier that was really used.
        if let tier = last.serviceTier, tier != head?.serviceTier { events.append(.serviceTier(tier)) }
        if !more.isEmpty { events.append(.extras(more)) }
        let stop = ResponsesReplyDecoder.stop(of: response, hasCalls: hasCalls, hasRefusal: hasRefusal)
        if let stop {
            events.append(.stopped(choice: 0, stop))
        }
        if let usage = ResponsesUsage.read(response["usage"]) { events.append(.usage(usage)) }
        events.append(.ended)
        isOver = true
    }

    /// Which item of the events an item of the last response is: xAI uses an id twice, OpenRouter's places may be
    /// others, and recorders give ids anew.
    private func known(_ item: JSON, _ index: Int) -> Int? {
        let id = item["id"]?.string
        let here = items[index].flatMap { $0.type == item["type"]?.string ? $0 : nil }
        if let here, here.id == id { return index }
        if let id, let known = indexByID[id] { return known }
        return here == nil ? nil : index
    }

    private mutating func fail(_ error: ProviderError, _ events: inout [ReplyEvent]) {
        events.append(.failed(error))
        isOver = true
    }

    private func index(_ event: JSONObject, _ item: JSON?) -> Int? {
        if let index = event["output_index"]?.int { return Int(exactly: index) }
        if let id = event["item_id"]?.string ?? item?["id"]?.string { return indexByID[id] }
        return nil
    }

    // MARK: - Items

    private mutating func added(_ item: JSON, at index: Int, _ events: inout [ReplyEvent]) {
        guard items[index] == nil else { return }
        flushWaiting(&events)
        indexMax = max(indexMax, index)
        var new = Item(item)
        if let id = item["id"]?.string ?? item["item_id"]?.string { indexByID[id] = index }
        switch item["type"]?.string {
        case "message" where item["role"]?.string ?? "assistant" == "assistant": break
        case "reasoning", "function_call", "custom_tool_call":
            for part in ResponsesItems.parts(of: item, seed: head?.id ?? "", index: index) {
                new.parts[.whole] = began(part.opening, &events)
            }
        default:
            new.waits = true
            waiting = index
        }
        items[index] = new
    }

    private mutating func began(_ part: Part, _ events: inout [ReplyEvent]) -> Sent {
        let place = PartPlace(part: partCount)
        partCount += 1
        if case .refusal = part.content { hasRefusal = true }
        events.append(.partBegan(place, part))
        return Sent(place: place, content: part.content, extras: part.extras)
    }

    /// Another item begins before a tool of the provider's is done: its part begins as it is, to keep the order.
    private mutating func flushWaiting(_ events: inout [ReplyEvent]) {
        guard let index = waiting, var item = items[index], item.waits else { return }
        waiting = nil
        item.waits = false
        for part in ResponsesItems.parts(of: item.json, seed: head?.id ?? "", index: index) {
            item.parts[.whole] = began(part, &events)
        }
        items[index] = item
    }

    private mutating func done(_ json: JSON, at index: Int, _ events: inout [ReplyEvent]) {
        if let known = items[index], known.isDone { return }
        if waiting == index { waiting = nil } else { flushWaiting(&events) }
        var item = items[index] ?? Item(json)
        item.json = json
        item.waits = false
        indexMax = max(indexMax, index)
        if let id = json["id"]?.string ?? json["item_id"]?.string { indexByID[id] = index }
        let parts = ResponsesItems.parts(of: json, seed: head?.id ?? "", index: index)
        let isMessage = json["type"]?.string == "message" && json["role"]?.string ?? "assistant" == "assistant"
        for (number, part) in parts.enumerated() {
            let key = isMessage ? Key.content(number) : .whole
            if item.parts[key] == nil { item.parts[key] = began(part.opening, &events) }
            guard let sent = item.parts[key] else { continue }
            addRest(of: part, sent, &events)
            if isMessage { addLogprobs(json["content"]?[number]?["logprobs"], number, &item, &events) }
        }
        items[index] = item
        end(index, &events)
    }

    private mutating func end(_ index: Int, _ events: inout [ReplyEvent]) {
        guard let item = items[index], !item.isDone else { return }
        if ResponsesReplyDecoder.isCall(item.json) { hasCalls = true }
        items[index]?.isDone = true
        items[index]?.json = .null
        let places = item.parts.values.map(\.place).sorted { $0.part < $1.part }
        for place in places { events.append(.partEnded(place)) }
        items[index]?.parts = [:]
    }

    /// What the part holds beyond what went out.
    private func addRest(of part: Part, _ sent: Sent, _ events: inout [ReplyEvent]) {
        func rest(_ text: String, _ sent: String) -> String? {
            guard text.utf8.count > sent.utf8.count, text.utf8.starts(with: sent.utf8) else { return nil }
            return sent.isEmpty ? text : String(decoding: text.utf8.dropFirst(sent.utf8.count), as: UTF8.self)
        }
        // Done as another kind than it began as: nothing can be added.
        func delta(_ delta: PartDelta) { if delta.fits(sent.content) { events.append(.delta(sent.place, delta)) } }
        switch part.content {
        case .text(let text):
            if let more = rest(text.text, sent.text) { delta(.text(more)) }
            for citation in text.citations.dropFirst(sent.citations) { delta(.citation(citation)) }
        case .refusal(let text): if let more = rest(text, sent.text) { delta(.text(more)) }
        case .reasoning(let reasoning):
            if let more = rest(reasoning.text, sent.text) { delta(.reasoning(more)) }
            for (index, summary) in reasoning.summaries.enumerated() {
                if let more = rest(summary, sent.summaries[index] ?? "") {
                    delta(.summary(index, more))
                } else if sent.summaries[index] == nil {
                    delta(.summary(index, ""))
                }
            }
            if let proof = reasoning.proof, proof != sent.proof { delta(.proof(proof)) }
        case .toolCall(let call): if let more = rest(call.arguments, sent.arguments) { delta(.arguments(more)) }
        case .media, .toolResult, .serverTool, .native:
            if part.content != sent.content { delta(.replaced(part.content)) }
        }
        var more = JSONObject()
        for (key, value) in part.extras where sent.extras[key] != value { more[key] = value }
        if !more.isEmpty { delta(.extras(more)) }
    }

    private func addLogprobs(_ value: JSON?, _ number: Int, _ item: inout Item, _ events: inout [ReplyEvent]) {
        guard let logprobs = value?.array, logprobs.count > item.logprobs[number] ?? 0 else { return }
        let more = Array(logprobs.dropFirst(item.logprobs[number] ?? 0))
        item.logprobs[number] = logprobs.count
        events.append(.logprobs(choice: 0, ["content": .array(more)]))
    }

    // MARK: - Deltas

    private mutating func progress(
        _ type: String, _ event: JSONObject, _ events: inout [ReplyEvent]
    ) throws(ReplyError) {
        guard let index = index(event, nil), items[index]?.isDone == false else { return }
        let number = event["content_index"]?.int.flatMap { Int(exactly: $0) } ?? 0
        switch type {
        case "response.content_part.added":
            guard let part = event["part"] else { return }
            open(part, number, index, &events)
        case "response.output_text.delta":
            try text(event, number, index, ["type": "output_text", "text": ""], &events)
            logprobs(event, number, index, &events)
        case "response.refusal.delta":
            try text(event, number, index, ["type": "refusal", "refusal": ""], &events)
        case "response.output_text.annotation.added":
            guard let annotation = event["annotation"], !annotation.isNull else { return }
            let citation = PartDelta.citation(ResponsesItems.citation(annotation))
            guard let place = place(of: citation, .content(number), index) else { return }
            items[index]?.parts[.content(number)]?.citations += 1
            events.append(.delta(place, citation))
        case "response.reasoning_text.delta":
            guard let delta = try delta(event), let place = place(of: .reasoning(delta), .whole, index) else { return }
            items[index]?.parts[.whole]?.text += delta
            events.append(.delta(place, .reasoning(delta)))
        case "response.reasoning_summary_text.delta":
            let summary = event["summary_index"]?.int.flatMap { Int(exactly: $0) } ?? 0
            guard let delta = try delta(event), (0..<10_000).contains(summary),
                let place = place(of: .summary(summary, delta), .whole, index)
            else { return }
            items[index]?.parts[.whole]?.summaries[summary, default: ""] += delta
            events.append(.delta(place, .summary(summary, delta)))
        case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
            guard let delta = try delta(event), let place = place(of: .arguments(delta), .whole, index) else { return }
            items[index]?.parts[.whole]?.arguments += delta
            events.append(.delta(place, .arguments(delta)))
        default: break
        }
    }

    /// Where a delta goes; nil where no part of its kind is there.
    private func place(of delta: PartDelta, _ key: Key, _ index: Int) -> PartPlace? {
        guard let sent = items[index]?.parts[key], delta.fits(sent.content) else { return nil }
        return sent.place
    }

    private func delta(_ event: JSONObject) throws(ReplyError) -> String? {
        guard let value = event["delta"], !value.isNull else { return nil }
        guard let text = value.string else { throw .malformed("a delta is no string") }
        return text.isEmpty ? nil : text
    }

    /// A content of a message begins.
    private mutating func open(_ content: JSON, _ number: Int, _ index: Int, _ events: inout [ReplyEvent]) {
        guard let item = items[index], item.parts[.content(number)] == nil, item.isMessage else { return }
        var part = ResponsesItems.contentPart(content).opening
        // What only Responses knows begins when it is all there.
        switch part.content {
        case .text, .refusal: break
        default: return
        }
        flushWaiting(&events)
        part.id = item.json["id"]?.string
        for (key, value) in ResponsesItems.messageExtras(item.json.object ?? JSONObject()) { part.extras[key] = value }
        // Into the item itself, of which a copy would have all its parts.
        let sent = began(part, &events)
        items[index]?.parts[.content(number)] = sent
    }

    private mutating func text(
        _ event: JSONObject, _ number: Int, _ index: Int, _ content: JSON,
        _ events: inout [ReplyEvent]
    ) throws(ReplyError) {
        guard let delta = try delta(event) else { return }
        // Some servers open no contents.
        if items[index]?.parts[.content(number)] == nil { open(content, number, index, &events) }
        guard let place = place(of: .text(delta), .content(number), index) else { return }
        items[index]?.parts[.content(number)]?.text += delta
        events.append(.delta(place, .text(delta)))
    }

    private mutating func logprobs(
        _ event: JSONObject, _ number: Int, _ index: Int, _ events: inout [ReplyEvent]
    ) {
        guard let logprobs = event["logprobs"]?.array, !logprobs.isEmpty else { return }
        items[index]?.logprobs[number, default: 0] += logprobs.count
        events.append(.logprobs(choice: 0, ["content": .array(logprobs)]))
    }
}
