import JSONText

/// The places in which Chat messages hold thinking, in requests as in replies.
///
/// Rules
/// 1. `reasoning_content` (DeepSeek, Z.ai, llama.cpp, LiteLLM) and `reasoning` (OpenRouter, Groq, vLLM) are text alone.
/// 2. `reasoning_details` (OpenRouter, Vercel; https://openrouter.ai/docs/use-cases/reasoning-tokens, read on
///    2026-11-29) and `thinking_blocks` (LiteLLM) are lists with proofs; a plain text beside them repeats what they show.
/// 3. ``Part/form`` names the members in which a part stood, joined by `+`; with a blank line before the name of a text in which
///    one stood before it.
/// 4. What another dialect has in several parts is apart by blank lines in the one text that a client gets. Of a Chat
///    provider's own only those are that came so: a gateway like this one sends them.
enum ChatReasoning {
    static let plainNames = ["reasoning_content", "reasoning"]
    static let blankLine = "\n\n"
    /// ``Part/form`` of thinking in a reply that came with a blank line between it and the thinking before.
    static let apart = "apart"

    /// Whether a blank line stands before a thought in the text that a client gets.
    ///
    /// - Parameter isFirst: no thought stands there yet.
    static func isApart(_ part: Part, isFirst: Bool, isOwn: Bool) -> Bool {
        isOwn ? part.form == apart : !isFirst
    }

    /// Whether a part of an answer stood in `reasoning_details`.
    static func isDetail(_ part: Part) -> Bool { part.form?.hasPrefix("reasoning_details") ?? false }

    /// What a plain member says of the parts that stood in it; nil where none did.
    static func plain(_ name: String, of thoughts: [Part]) -> String? {
        let behindBlank = blankLine + name
        var texts: [String] = []
        for part in thoughts {
            for form in (part.form ?? "reasoning_content").split(separator: "+") {
                guard form == name || form == behindBlank else { continue }
                if form == behindBlank { texts.append(blankLine) }
                texts.append(part.reasoning?.visibleText ?? "")
            }
        }
        return texts.isEmpty ? nil : texts.joined()
    }

    /// All thinking of a message, in order. `belongsToNext` is a proof for the part that follows.
    struct Found {
        var parts: [Part] = []
        var proofOfNext: Proof?
    }

    /// - Parameters:
    ///   - plain: the plain texts, by member.
    ///   - details: `reasoning_details`; nil where there is none.
    ///   - blocks: `thinking_blocks`; nil where there is none.
    ///   - keepsExtras: requests keep what has no name; in replies `index` and `format` tell nothing more.
    static func found(
        plain: [(name: String, text: String)], details: [JSON]?, blocks: [JSON]?, keepsExtras: Bool
    ) -> Found {
        var found = Found()
        if plain.isEmpty, details == nil, blocks == nil { return found }
        for (index, detail) in (details ?? []).enumerated() {
            found.parts.append(part(ofDetail: detail, at: index, keepsExtras: keepsExtras))
        }
        for (index, block) in (blocks ?? []).enumerated() {
            add(block: block, at: index, to: &found, keepsExtras: keepsExtras)
        }
        var lone: [(names: String, text: String)] = []
        for (name, text) in plain {
            var own = text
            if !found.parts.isEmpty, let before = note(text, of: name, in: &found.parts, keepsExtras) {
                own = before
                if own.isEmpty { continue }
            }
            if let same = lone.firstIndex(where: { $0.text == own }) {
                lone[same].names += "+" + name
            } else {
                lone.append((name, own))
            }
        }
        let parts = lone.map { lone in
            var part = Part(.reasoning(Reasoning(lone.text)))
            part.form = lone.names
            return part
        }
        found.parts.insert(contentsOf: parts, at: 0)
        return found
    }

    /// Notes of parts that a plain text ends in what they show, one after the other or apart.
    ///
    /// - Parameter cutsBlank: a blank line before that is noted too, and cut.
    /// - Returns: what stands before that; nil where the text ends in something else.
    private static func note(
        _ text: String, of name: String, in parts: inout [Part], _ cutsBlank: Bool
    ) -> String? {
        let shown = parts.map { $0.reasoning?.visibleText ?? "" }
        for isApart in [false, true] {
            let end = isApart ? shown.filter { !$0.isEmpty }.joined(separator: blankLine) : shown.joined()
            guard var before = prefix(of: text, before: end) else { continue }
            var isBehindBlank = cutsBlank && !end.isEmpty && before.hasSuffix(blankLine)
            if isBehindBlank { before.removeLast(blankLine.count) }
            for index in parts.indices {
                let isMarked = isBehindBlank && !shown[index].isEmpty
                parts[index].form?.append(isMarked ? "+" + blankLine + name : "+" + name)
                if !shown[index].isEmpty { isBehindBlank = isApart }
            }
            return before
        }
        return nil
    }

    /// Byte for byte.
    static func ends(_ text: String, in suffix: String) -> Bool {
        text.utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }

    /// What stands before `suffix`, byte for byte; nil where the text does not end in it.
    static func prefix(of text: String, before suffix: String) -> String? {
        guard ends(text, in: suffix) else { return nil }
        return String(decoding: text.utf8.dropLast(suffix.utf8.count), as: UTF8.self)
    }

    // MARK: - reasoning_details

    static func part(ofDetail detail: JSON, at index: Int, keepsExtras: Bool) -> Part {
        var rest = ChatMembers(detail.object ?? [:])
        var reasoning = Reasoning()
        let format = detail["format"]?.string
        let origin = origin(ofFormat: format)
        switch detail["type"]?.string {
        case "reasoning.text":
            reasoning.text = detail["text"]?.string ?? ""
            if !reasoning.text.isEmpty { rest.put("text", nil) }
            if let signature = rest.take("signature")?.string {
                reasoning.proof = Proof(origin ?? .anthropic, .signature, signature)
            }
        case "reasoning.summary":
            reasoning.summaries = [rest.take("summary")?.string ?? ""]
        case "reasoning.encrypted":
            reasoning.isRedacted = true
            reasoning.proof = Proof(
                origin ?? .openAI, .encrypted, rest.take("data")?.string ?? "", itemID: rest.take("id")?.string)
        default:
            var part = Part(.native(detail))
            part.form = "reasoning_details"
            return part
        }
        var part = Part(.reasoning(reasoning))
        part.form = "reasoning_details"
        guard keepsExtras else { return part }
        rest.put("type", nil)
        if rest.peek("index")?.int == Int64(index) { rest.put("index", nil) }
        if let format, reasoning.proof.map({ self.format(of: $0.origin) }) == format { rest.put("format", nil) }
        part.extras = rest.leftover
        // No format is told where one would be written.
        if format == nil, reasoning.proof != nil { part.extras["format"] = .null }
        return part
    }

    static func detail(of part: Part, at index: Int) -> JSON? {
        if case .native(let native) = part.content { return native }
        guard let reasoning = part.reasoning else { return nil }
        var detail = JSONObject()
        if reasoning.isRedacted || (reasoning.proof?.kind == .encrypted && reasoning.visibleText.isEmpty) {
            detail["type"] = "reasoning.encrypted"
            if let data = reasoning.proof?.value, !data.isEmpty { detail["data"] = .string(data) }
            if let id = reasoning.proof?.itemID { detail["id"] = .string(id) }
        } else if !reasoning.summaries.isEmpty {
            detail["type"] = "reasoning.summary"
            detail["summary"] = .string(reasoning.visibleText)
        } else {
            detail["type"] = "reasoning.text"
            if !reasoning.text.isEmpty { detail["text"] = .string(reasoning.text) }
            if let proof = reasoning.proof { detail["signature"] = .string(proof.value) }
        }
        if let proof = reasoning.proof { detail["format"] = .string(format(of: proof.origin)) }
        detail["index"] = .int(Int64(index))
        for (key, value) in part.extras { detail[key] = value.isNull ? JSON?.none : value }
        return .object(detail)
    }

    static func origin(ofFormat format: String?) -> Proof.Origin? {
        guard let format else { return nil }
        if format.hasPrefix("anthropic") { return .anthropic }
        if format.hasPrefix("google") { return .google }
        // `openai-responses-v1`, `azure-openai-responses-v1`, `xai-responses-v1`.
        if format.contains("responses") { return .openAI }
        return nil
    }

    static func format(of origin: Proof.Origin) -> String {
        switch origin {
        case .anthropic: "anthropic-claude-v1"
        case .google: "google-gemini-v1"
        case .openAI: "openai-responses-v1"
        }
    }

    // MARK: - thinking_blocks

    /// A block whose members are not what they are called stays as it is.
    static func add(block: JSON, at index: Int = 0, to found: inout Found, keepsExtras: Bool = false) {
        var rest = ChatMembers(block.object ?? [:])
        var reasoning = Reasoning()
        let isRedacted = block["type"]?.string == "redacted_thinking"
        let proof = rest.peek(isRedacted ? "data" : "signature")
        let text = isRedacted ? JSON?.none : rest.peek("thinking")
        let isKnown = isRedacted ? proof?.string?.isEmpty == false : block["type"]?.string == "thinking"
        guard isKnown, [proof, text].allSatisfy({ $0.map { $0.string != nil } ?? true }) else {
            var part = Part(.native(block))
            part.form = "thinking_blocks"
            found.parts.append(part)
            return
        }
        rest.put("type", nil)
        reasoning.text = text?.string ?? ""
        if text != nil { rest.put("thinking", nil) }
        if let value = proof?.string, !value.isEmpty {
            rest.put(isRedacted ? "data" : "signature", nil)
            if let letter = ProofEnvelope.unwrapped(value) {
                if letter.belongsToNext {
                    found.proofOfNext = letter.proof
                    return
                }
                reasoning.proof = letter.proof
                if let summaries = letter.summaries {
                    reasoning.summaries = summaries
                    reasoning.text = ""
                }
                reasoning.isRedacted = isRedacted && letter.proof.origin == .anthropic
            } else {
                reasoning.proof = Proof(.anthropic, isRedacted ? .encrypted : .signature, value)
                reasoning.isRedacted = isRedacted
            }
        }
        var part = Part(.reasoning(reasoning))
        part.form = "thinking_blocks"
        if keepsExtras {
            // Echoed from a stream's deltas; it says what the place in the list says.
            if rest.peek("index")?.int == Int64(index) { rest.put("index", nil) }
            part.extras = rest.leftover
            // None is written where none was.
            if text == nil, !isRedacted { part.extras["thinking"] = .null }
        }
        found.parts.append(part)
    }

    /// A part as the client wrote it, with what stood beside its thinking.
    static func ownBlock(of part: Part) -> JSON? {
        if case .native(let native) = part.content { return native }
        guard let reasoning = part.reasoning, var block = block(of: reasoning).object else { return nil }
        for (key, value) in part.extras { block[key] = value.isNull ? JSON?.none : value }
        return .object(block)
    }

    /// A part of thinking as a block, with its proof in an envelope where it is not Anthropic's.
    static func block(of reasoning: Reasoning) -> JSON {
        var value: String?
        if let proof = reasoning.proof {
            value =
                proof.origin == .anthropic
                ? proof.value
                : ProofEnvelope.wrapped(
                    ProofEnvelope.Letter(proof, summaries: reasoning.summaries.isEmpty ? nil : reasoning.summaries))
        }
        if reasoning.visibleText.isEmpty, let value {
            // A signature on thinking that is not shown (`display: omitted`) stays a thinking block.
            if reasoning.proof?.origin != .anthropic || reasoning.proof?.kind == .encrypted {
                return ["type": "redacted_thinking", "data": .string(value)]
            }
        }
        var block: JSONObject = ["type": "thinking", "thinking": .string(reasoning.visibleText)]
        if let value { block["signature"] = .string(value) }
        return .object(block)
    }

    /// A proof that hangs on the text that follows.
    static func block(ofProofOfNext proof: Proof) -> JSON {
        [
            "type": "redacted_thinking",
            "data": .string(ProofEnvelope.wrapped(ProofEnvelope.Letter(proof, belongsToNext: true))),
        ]
    }

    /// Whether a part's thinking must stand in `thinking_blocks` too: it has a proof, or nothing that can be seen.
    static func needsBlock(_ part: Part) -> Bool {
        guard let reasoning = part.reasoning else { return false }
        return reasoning.proof != nil || reasoning.isRedacted
    }

    // MARK: - Google's signatures of calls

    /// Takes the signature out of a call's `extra_content.google`.
    ///
    /// Source: https://ai.google.dev/gemini-api/docs/thought-signatures, "OpenAI compatibility" (read on 2026-11-29).
    static func takeProof(ofCall members: inout ChatMembers) -> Proof? {
        guard var extra = members.peek("extra_content")?.object, var google = extra["google"]?.object,
            let signature = google["thought_signature"]?.string, !signature.isEmpty
        else { return nil }
        google["thought_signature"] = nil
        extra["google"] = google.isEmpty ? JSON?.none : .object(google)
        members.put("extra_content", extra.isEmpty ? JSON?.none : .object(extra))
        return ProofEnvelope.unwrapped(signature)?.proof ?? Proof(.google, .signature, signature)
    }

    /// `extra_content` with the proof of a call, and with what else stood in it.
    static func extraContent(with proof: Proof, beside old: JSON?) -> JSON {
        var extra = old ?? [:]
        var google = extra["google"] ?? [:]
        google["thought_signature"] = .string(
            proof.origin == .google ? proof.value : ProofEnvelope.wrapped(ProofEnvelope.Letter(proof)))
        extra["google"] = google
        return extra
    }
}
