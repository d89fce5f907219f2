/// Writes replies of generateContent.
struct GeminiNarrator: Narrator {
    let isVertex: Bool
    let framing: StreamFraming
    let plan: Plan
    let context: ReplyContext

    private let includesThoughts: Bool
    private var textSent = 0
    private var reasoningSent = 0

    init(isVertex: Bool, framing: StreamFraming, plan: Plan, context: ReplyContext) {
        self.isVertex = isVertex
        self.framing = framing
        self.plan = plan
        self.context = context
        let thinking = context.request.either("generationConfig")?.either("thinkingConfig")
        includesThoughts = thinking?.either("includeThoughts")?.isTrue ?? false
    }

    func whole() -> JSONValue {
        var parts: [JSONValue] = []
        for index in plan.parts.indices {
            guard var part = part(plan.parts[index]) else { continue }
            if signedPart == index { part = part.with("thoughtSignature", .text(signature(of: index))) }
            parts.append(part)
        }
        return reply(parts, isLast: true, usage: usage(text: plan.usage.text, reasoning: plan.usage.reasoning))
    }

    mutating func events(at moment: Moment) -> [StreamEvent] {
        switch moment {
        case .start, .open, .finish: return []
        case .piece(let index, let piece):
            let part = plan.parts[index]
            if part.isReasoning { reasoningSent += 1 } else { textSent += 1 }
            switch part.kind {
            case .text: return chunk([["text": part.json(piece: piece)]])
            case .reasoning where includesThoughts: return chunk([["text": part.json(piece: piece), "thought": true]])
            default: return []
            }
        case .close(let index):
            // Arguments are never sent in part: the call is one chunk.
            guard plan.parts[index].isCall, let part = part(plan.parts[index]) else { return [] }
            guard signedPart == index else { return chunk([part]) }
            return chunk([part.with("thoughtSignature", .text(signature(of: index)))])
        case .over:
            var parts: [JSONValue] = [["text": ""]]
            if let index = signedPart, !plan.parts[index].isCall {
                parts = [["text": "", "thoughtSignature": .text(signature(of: index))]]
            }
            if plan.stop == .refusal { parts = [] }
            let usage = usage(text: plan.usage.text, reasoning: plan.usage.reasoning)
            return [StreamEvent("", reply(parts, isLast: true, usage: usage))]
        }
    }

    func failure(_ error: ErrorReply) -> [StreamEvent] {
        [StreamEvent("", ["error": ErrorStyle.google.googleError(error)])]
    }

    // MARK: - Parts

    private func chunk(_ parts: [JSONValue]) -> [StreamEvent] {
        [StreamEvent("", reply(parts, isLast: false, usage: usage(text: textSent, reasoning: reasoningSent)))]
    }

    private func part(_ part: Plan.Part) -> JSONValue? {
        switch part.kind {
        case .text: return ["text": part.json]
        case .reasoning: return includesThoughts ? ["text": part.json, "thought": true] : nil
        case .call(let id, let name, let arguments, _):
            let input = part.content.isTruncated || arguments.members == nil ? [:] : arguments
            let call: JSONValue = ["name": .text(name), "args": input]
            let hasID = context.model.hasPrefix("gemini-3") && !isVertex
            return ["functionCall": hasID ? call.with("id", .text(id)) : call]
        case .redacted, .search, .refusal: return nil
        }
    }

    /// The part that carries the signature: the first call, else the last text.
    ///
    /// Gemini 3 signs the first call of a step whether thinking was asked for or not, since it thinks always
    /// (https://ai.google.dev/gemini-api/docs/thought-signatures, read on 2026-11-29); a text's signature may be missing.
    private var signedPart: Int? {
        if let call = plan.parts.firstIndex(where: \.isCall) {
            return context.prompt.thinks || context.model.hasPrefix("gemini-3") ? call : nil
        }
        return context.prompt.thinks ? plan.parts.lastIndex { $0.kind == .text } : nil
    }

    private func signature(of index: Int) -> String {
        var text = "text"
        if case .call(_, let name, _, _) = plan.parts[index].kind { text = "call \(name)" }
        return Signature.make(.thought, of: Array(text.utf8), nonce: Array(context.id.text("").utf8))
    }

    // MARK: - The reply around them

    private func reply(_ parts: [JSONValue], isLast: Bool, usage: JSONValue) -> JSONValue {
        var candidate: JSONValue = [:]
        if !parts.isEmpty { candidate = ["content": ["parts": .array(parts), "role": "model"]] }
        if isLast {
            candidate = candidate.with("finishReason", .text(finishReason))
            if plan.usage.searches > 0 { candidate = candidate.with("groundingMetadata", grounding) }
        }
        candidate = candidate.with("index", 0)
        let reply: JSONValue = ["candidates": [candidate]]
        return reply.with("usageMetadata", context.hasUsage ? usage : nil).with("modelVersion", .text(context.model))
            .with("responseId", .text(context.id.text("")))
    }

    private var finishReason: String {
        switch plan.stop {
        case .length: "MAX_TOKENS"
        case .refusal: "SAFETY"
        case .end, .calls, .sequence: "STOP"
        }
    }

    /// The prompt includes what was cached; thoughts are beside the candidates, not among them.
    private func usage(text: Int, reasoning: Int) -> JSONValue {
        let prompt = plan.usage.prompt
        var usage: JSONValue = ["promptTokenCount": .int(prompt)]
        if plan.usage.cacheRead > 0 { usage = usage.with("cachedContentTokenCount", .int(plan.usage.cacheRead)) }
        usage = usage.with("candidatesTokenCount", .int(text))
        if reasoning > 0 { usage = usage.with("thoughtsTokenCount", .int(reasoning)) }
        usage = usage.with("totalTokenCount", .int(prompt + text + reasoning))
            .with("promptTokensDetails", [["modality": "TEXT", "tokenCount": .int(prompt)]])
        return isVertex ? usage.with("trafficType", "ON_DEMAND") : usage
    }

    private var grounding: JSONValue {
        var query = ""
        for part in plan.parts {
            if case .search(_, let asked) = part.kind { query = asked }
        }
        let text = plan.parts.first { $0.cites }?.bytes ?? []
        let chunks = Plan.pages.map { page -> JSONValue in
            ["web": ["uri": .text(page.url), "title": .text(page.title)]]
        }
        return [
            "searchEntryPoint": ["renderedContent": "<div>tollgate-mock</div>"],
            "groundingChunks": .array(chunks),
            "groundingSupports": [
                [
                    "segment": ["startIndex": 0, "endIndex": .int(text.count), "text": .string(text)],
                    "groundingChunkIndices": [0],
                ]
            ],
            "webSearchQueries": [.text(query)],
        ]
    }
}
