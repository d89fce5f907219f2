import JSONText

/// Reads items of `output`, and the pieces that items of `input` have in common with them.
///
/// Whole replies, streams' `output_item.done` and stored responses all go through ``parts(of:seed:index:)``, so that they
/// agree.
enum ResponsesItems {
    /// Item type → what kind of tool it tells of, and what of it.
    private static let serverTools: [String: (ServerTool.Kind, ServerToolUse.Phase)] = [
        "web_search_call": (.webSearch, .both), "file_search_call": (.fileSearch, .both),
        "code_interpreter_call": (.codeExecution, .both), "image_generation_call": (.imageGeneration, .both),
        "computer_call": (.computerUse, .call), "computer_call_output": (.computerUse, .result),
        "local_shell_call": (.shell, .call), "local_shell_call_output": (.shell, .result),
        "shell_call": (.shell, .call), "shell_call_output": (.shell, .result),
        "apply_patch_call": (.textEditor, .call), "apply_patch_call_output": (.textEditor, .result),
        "mcp_call": (.mcp, .both), "mcp_list_tools": (.mcp, .result), "mcp_approval_request": (.mcp, .call),
        "mcp_approval_response": (.mcp, .result), "tool_search_call": (.toolSearch, .call),
        "tool_search_output": (.toolSearch, .result),
    ]

    /// Calls of the provider's own tools which the client has to run: the answer waits for their output.
    static let clientRun: Set<String> = ["computer_call", "local_shell_call", "shell_call", "apply_patch_call"]

    /// Whether a use of OpenAI's is what a tool gave back that the client runs.
    ///
    /// - Parameter hosted: the ids of calls which the provider itself ran: its shell's output has the same type.
    static func isClientsOutput(_ use: ServerToolUse, hosted: Set<String>) -> Bool {
        guard use.phase == .result, let type = use.native["type"]?.string else { return false }
        if type == "tool_search_output" { return use.native["execution"]?.string == "client" }
        return clientRun.contains { type == $0 + "_output" } && !(use.id.map(hosted.contains) ?? false)
    }

    /// Whether the item only names another one. Its type may be left out, as OpenAI's SDKs allow (openai 3.54,
    /// `ItemReference`).
    static func isReference(_ item: JSON) -> Bool {
        guard let type = item["type"], !type.isNull else { return item["role"] == nil && item["id"]?.string != nil }
        return type.isString("item_reference")
    }

    /// Whether the client has to run what the item asks for.
    static func isClientRun(_ item: JSON) -> Bool {
        guard let type = item["type"]?.string else { return false }
        // OpenAI runs the shell itself in a container of its own; then the output is there already.
        if type == "shell_call", let place = item["environment"]?["type"]?.string { return place == "local" }
        if type == "tool_search_call" { return item["execution"]?.string == "client" }
        return clientRun.contains(type) || type == "mcp_approval_request"
    }

    // MARK: - Output

    /// The parts of one item; none for a message without contents.
    ///
    /// - Parameters:
    ///   - seed: for ids of calls that have none.
    ///   - index: the item's place in `output`.
    static func parts(of item: JSON, seed: String, index: Int) -> [Part] {
        guard let object = item.object else { return [Part(.native(item))] }
        switch object["type"]?.string {
        case "message" where object["role"]?.string ?? "assistant" == "assistant": return messageParts(object)
        case "reasoning": return [reasoningPart(object)]
        case "function_call": return [callPart(object, .function, "arguments", seed: seed, index: index)]
        case "custom_tool_call": return [callPart(object, .custom, "input", seed: seed, index: index)]
        default: return [opaquePart(object)]
        }
    }

    private static func messageParts(_ item: JSONObject) -> [Part] {
        let shared = messageExtras(item)
        guard let contents = item["content"]?.array else {
            guard let text = item["content"]?.string else { return [] }
            var part = Part.text(text)
            part.id = item["id"]?.string
            part.extras = shared
            return [part]
        }
        return contents.map { content in
            var part = contentPart(content)
            part.id = item["id"]?.string
            for (key, value) in shared { part.extras[key] = value }
            return part
        }
    }

    /// What a message's parts keep of it: its phase, its status where that is not `completed`, and under `item` whatever
    /// has no name.
    static func messageExtras(_ item: JSONObject) -> JSONObject {
        var extras = JSONObject()
        if let phase = item["phase"], !phase.isNull { extras["phase"] = phase }
        let rest = itemExtras(item, ["id", "type", "role", "content", "phase"])
        if let status = rest["status"] { extras["status"] = status }
        let unnamed = rest.without(["status"])
        if !unnamed.isEmpty { extras["item"] = .object(unnamed) }
        return extras
    }

    /// The members but those in `known`; `status` only where it is news. An item that is still being made is taken for
    /// complete: its end says what became of it.
    static func itemExtras(_ item: JSONObject, _ known: Set<String>) -> JSONObject {
        var extras = item.without(known)
        if let status = extras["status"]?.string, status == "completed" || status == "in_progress" {
            extras["status"] = nil
        }
        return extras
    }

    static func contentPart(_ content: JSON) -> Part {
        guard let object = content.object else { return Part(.native(content)) }
        switch object["type"]?.string {
        case "output_text", "text":
            guard let text = object["text"]?.string else { break }
            let annotations = object["annotations"]?.array ?? []
            var part = Part(.text(Text(text, citations: annotations.map { citation($0) })))
            part.extras = object.without(["type", "text", "annotations", "logprobs"])
            return part
        case "refusal":
            guard let text = object["refusal"]?.string else { break }
            var part = Part(.refusal(text))
            part.extras = object.without(["type", "refusal"])
            return part
        default: break
        }
        return Part(.native(content))
    }

    static func citation(_ annotation: JSON) -> Citation {
        var citation = Citation(native: annotation, nativeDialect: .responses)
        // A file's has a place, and may name its container.
        citation.saysMore = annotation["type"]?.isString("url_citation") == false
        citation.url = annotation["url"]?.string
        citation.title = annotation["title"]?.string ?? annotation["filename"]?.string
        citation.fileID = annotation["file_id"]?.string
        if let start = annotation["start_index"]?.int, let end = annotation["end_index"]?.int, start >= 0, start <= end,
            let low = Int(exactly: start), let high = Int(exactly: end)
        {
            citation.range = low..<high
        }
        return citation
    }

    static func reasoningPart(_ item: JSONObject) -> Part {
        var reasoning = Reasoning()
        let contents = item["content"]?.array ?? []
        reasoning.text = contents.compactMap { $0["text"]?.string }.joined()
        reasoning.summaries = (item["summary"]?.array ?? []).compactMap { $0["text"]?.string }
        let id = item["id"]?.string
        if let encrypted = item["encrypted_content"]?.string, !encrypted.isEmpty {
            reasoning.proof = Proof(.openAI, .encrypted, encrypted, itemID: id)
        }
        var part = Part(.reasoning(reasoning), id: id)
        part.extras = itemExtras(item, ["id", "type", "summary", "content", "encrypted_content"])
        return part
    }

    /// Whether a reasoning's list has nothing but texts of that type.
    static func areTexts(_ list: JSON, _ type: String) -> Bool {
        if list.isNull { return true }
        return list.array?.allSatisfy { element in
            guard let object = element.object, object["text"]?.string != nil else { return false }
            return object["type"]?.string == type && object.without(["type", "text"]).isEmpty
        } ?? false
    }

    private static func callPart(
        _ item: JSONObject, _ kind: ToolCall.Kind, _ arguments: String, seed: String, index: Int
    ) -> Part {
        let callID = item["call_id"]?.string ?? ""
        var call = ToolCall(
            kind, id: callID.isEmpty ? ToolIDs.made(from: seed, index: index) : callID,
            name: item["name"]?.string ?? "")
        // mistral.rs and its like give an object.
        call.arguments = item[arguments].map { $0.string ?? ($0.isNull ? "" : $0.text) } ?? ""
        call.namespace = item["namespace"]?.string
        // Bedrock Mantle: `item_id`, and the item's place.
        var part = Part(.toolCall(call), id: item["id"]?.string ?? item["item_id"]?.string)
        part.extras = itemExtras(
            item, ["id", "item_id", "output_index", "type", "call_id", "name", "namespace", arguments])
        return part
    }

    // MARK: - Opaque items

    /// An item that nothing but Responses knows, or that tells of a tool of the provider's.
    static func opaquePart(_ item: JSONObject) -> Part {
        let id = item["id"]?.string
        let native = JSON.object(item)
        guard let type = item["type"]?.string, let (kind, phase) = serverTools[type] else {
            return Part(.native(native), id: id)
        }
        let use = ServerToolUse(
            kind, phase, id: item["call_id"]?.string ?? id, name: item["name"]?.string, input: input(of: item, type),
            native: native, nativeDialect: .responses)
        return Part(.serverTool(use), id: id)
    }

    /// What the tool was asked, as JSON text.
    private static func input(of item: JSONObject, _ type: String) -> String {
        // xAI writes the arguments of its own searches as function calls do.
        if let arguments = item["arguments"]?.string { return arguments }
        switch type {
        case "web_search_call":
            guard let action = item["action"] else { return "" }
            if let query = action["query"]?.string ?? action["queries"]?[0]?.string {
                return JSON.object(["query": .string(query)]).text
            }
            return action["url"].map { JSON.object(["url": $0]).text } ?? ""
        case "code_interpreter_call":
            return item["code"]?.string.map { JSON.object(["code": .string($0)]).text } ?? ""
        case "file_search_call": return item["queries"].map { JSON.object(["queries": $0]).text } ?? ""
        case "shell_call", "local_shell_call", "computer_call": return item["action"]?.text ?? ""
        case "apply_patch_call": return item["operation"]?.text ?? ""
        default: return ""
        }
    }
}
