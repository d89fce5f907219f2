/// Decides what a prompt is answered: the mock's rules, the same for every dialect.
///
/// 1. `huge`, then `say`, then `echo` of the controls.
/// 2. `describe request` and `please refuse` (see ``Trigger``).
/// 3. Calls: those that the last text or the last tool results ask for; else, where `tool_choice` demands one and no
///    result came, the tool it names or the first.
/// 4. Results came: a text that repeats them with the ids of their calls.
/// 5. A web search where the provider's search tool is among the tools, and a text that cites it.
/// 6. Structured output: the least that the schema allows.
/// 7. Otherwise the usual words, after a description of each image or document of the last turn.
///
/// Reasoning comes first where it was asked for. A stop sequence in the text ends it there; `max_tokens` ends
/// everything, reasoning and arguments included.
struct Planner {
    let prompt: Prompt
    let behaviour: Behaviour
    let id: ReplyID
    /// What a call's id begins with.
    let callPrefix: StaticString

    /// Bytes per piece of JSON that the mock makes up: about what a token is.
    private static let jsonPieceBytes = 4

    func plan() -> Plan {
        var plan = Plan()
        if prompt.thinks { plan.parts.append(reasoning) }
        decide(&plan)
        stopAtSequence(&plan)
        cut(&plan)
        if behaviour.fault == .badUTF8, let index = plan.parts.firstIndex(where: { $0.kind == .text }) {
            plan.parts[index].breaksUTF8 = true
        }
        plan.usage = usage(of: plan)
        return plan
    }

    // MARK: - Decisions

    private func decide(_ plan: inout Plan) {
        if behaviour.fault == .huge {
            let left = prompt.tokensMax.map { max($0 - plan.pieces, 1) }
            plan.parts.append(
                Plan.Part(kind: .text, content: Answer(fillerOf: behaviour.megabytes * 1_000_000, tokensMax: left)))
            return
        }
        if let say = behaviour.say {
            plan.parts.append(
                Plan.Part(kind: .text, content: Answer(text: say, pieceBytes: behaviour.chunkBytes, tokensMax: nil)))
            return
        }
        if behaviour.echoes {
            plan.parts.append(
                Plan.Part(
                    kind: .text,
                    content: Answer(text: prompt.lastText, pieceBytes: behaviour.chunkBytes, tokensMax: nil)))
            return
        }
        let results = prompt.lastResults
        let trigger = Trigger(text: results.isEmpty ? prompt.lastText : lastWords(results))
        if trigger.describes {
            plan.parts.append(prose(prompt.report.serialized))
        } else if trigger.refuses {
            plan.parts.append(Plan.Part(kind: .refusal, content: prose("The mock must refuse this.").content))
            plan.stop = .refusal
        } else if !addCalls(trigger, hasResults: !results.isEmpty, to: &plan) {
            addText(trigger, results, to: &plan)
        }
    }

    private func addText(_ trigger: Trigger, _ results: [Prompt.Result], to plan: inout Plan) {
        if !results.isEmpty, prompt.format == .text {
            plan.parts.append(prose(repeated(results)))
            return
        }
        if prompt.hasSearch, prompt.choice != .none, results.isEmpty {
            addSearch(trigger, to: &plan)
            return
        }
        switch prompt.format {
        case .schema(let schema): plan.parts.append(json(SchemaExample.value(for: schema)))
        case .jsonObject: plan.parts.append(json(["answer": "mock"]))
        case .oneOf(let values): plan.parts.append(prose(values[0]))
        case .text:
            let media = prompt.lastMedia.map { "[\($0.description)] " }.joined()
            let tag = prompt.lastText.withUnsafeBytes { Vocabulary.tag(of: $0) }
            let words = Answer(words: behaviour.tokens, tag: tag, tokensMax: nil)
            if media.isEmpty {
                plan.parts.append(Plan.Part(kind: .text, content: words))
            } else {
                var text = ByteQueue()
                text.append(text: media)
                words.writeText(to: &text)
                plan.parts.append(prose(text.copy()))
            }
        }
    }

    /// The text beside the results, where there is one, else the results: a result can ask for the next call.
    private func lastWords(_ results: [Prompt.Result]) -> [UInt8] {
        let texts = prompt.lastParts.compactMap { part -> [UInt8]? in
            if case .text(let text) = part { return text }
            return nil
        }
        return Array((texts.isEmpty ? results.map(\.text) : texts).joined(separator: [0x0A]))
    }

    private func repeated(_ results: [Prompt.Result]) -> [UInt8] {
        var out = ByteQueue()
        out.append("tool results:")
        for result in results {
            let name = result.name.isEmpty ? prompt.name(ofCall: result.id) ?? "" : result.name
            let id = result.id.isEmpty ? "" : result.id + " "
            out.append(text: " [\(id)\(name)\(result.isError ? " error" : "")] ")
            out.append(result.text)
            for media in result.media { out.append(text: " (\(media.description))") }
            out.append(";")
        }
        return Array(out.copy().dropLast())
    }

    // MARK: - Parts

    private var reasoning: Plan.Part {
        let tag = prompt.lastText.withUnsafeBytes { Vocabulary.tag(of: $0) }
        var out = ByteQueue()
        out.append("The mock considers ")
        Vocabulary.write(tag: tag, to: &out)
        out.append(text: " in turn \(prompt.turns.count) before it answers.")
        let text = out.copy()
        let part = prose(text)
        if prompt.lastText.contains(words: "think in secret") {
            let data = Signature.make(.redacted, of: text)
            return Plan.Part(kind: .redacted(data: data), content: part.content)
        }
        return Plan.Part(kind: .reasoning(signature: Signature.make(.thinking, of: text)), content: part.content)
    }

    private func addCalls(_ trigger: Trigger, hasResults: Bool, to plan: inout Plan) -> Bool {
        guard !prompt.tools.isEmpty, prompt.choice != .none else { return false }
        var (calls, unknown) = trigger.calls(among: prompt.tools)
        if case .tool(let name) = prompt.choice { calls.removeAll { $0.name != name } }
        if calls.isEmpty, !hasResults {
            switch prompt.choice {
            case .any: calls = [Trigger.Call(name: prompt.tools[0].name, arguments: nil, line: [])]
            case .tool(let name): calls = [Trigger.Call(name: name, arguments: nil, line: [])]
            case .auto where prompt.callsUnasked && unknown.isEmpty:
                calls = [Trigger.Call(name: prompt.tools[0].name, arguments: nil, line: [])]
            case .auto, .none: break
            }
        }
        if calls.isEmpty {
            guard !unknown.isEmpty else { return false }
            let known = prompt.tools.map(\.name).joined(separator: ", ")
            plan.parts.append(
                prose("The mock has no tool \(unknown.joined(separator: ", ")); the request's tools are \(known)."))
            return true
        }
        if !prompt.allowsParallelCalls { calls = Array(calls.prefix(1)) }
        if trigger.explains { plan.parts.append(prose("The mock calls \(calls.map(\.name).joined(separator: ", ")).")) }
        for (index, call) in calls.enumerated() { plan.parts.append(part(of: call, index)) }
        plan.stop = .calls
        return true
    }

    private func part(of call: Trigger.Call, _ index: Int) -> Plan.Part {
        let tool = prompt.tools.first { $0.name == call.name }
        let isFreeForm = tool?.isFreeForm ?? false
        let schema = tool?.schema ?? .object([])
        let example = schema.members?.isEmpty == false ? SchemaExample.value(for: schema) : .object([])
        let arguments = isFreeForm ? JSONValue.string(call.line) : call.arguments ?? example
        let text = isFreeForm ? call.line : arguments.serialized
        return Plan.Part(
            kind: .call(id: callID(index), name: call.name, arguments: arguments, isFreeForm: isFreeForm),
            content: Answer(text: text, pieceBytes: Self.jsonPieceBytes, tokensMax: nil))
    }

    private func callID(_ index: Int) -> String {
        var out = ByteQueue()
        id.write(callPrefix, to: &out)
        out.append(text: index < 10 ? "0\(index)" : "\(index)")
        return String(decoding: out.bytes, as: UTF8.self)
    }

    private func addSearch(_ trigger: Trigger, to plan: inout Plan) {
        var out = ByteQueue()
        id.write("", to: &out)
        let query = String(decoding: trigger.query.prefix(200), as: UTF8.self)
        let arguments: JSONValue = ["query": .text(query)]
        plan.parts.append(
            Plan.Part(
                kind: .search(id: String(decoding: out.bytes, as: UTF8.self), query: query),
                content: Answer(text: arguments.serialized, pieceBytes: Self.jsonPieceBytes, tokensMax: nil)))
        var text = prose("The web says: \(Plan.pages[0].title).")
        text.cites = true
        plan.parts.append(text)
        plan.usage.searches = 1
    }

    private func prose(_ text: [UInt8]) -> Plan.Part {
        Plan.Part(kind: .text, content: Answer(prose: text, tokensMax: nil))
    }

    private func prose(_ text: String) -> Plan.Part { prose(Array(text.utf8)) }

    private func json(_ value: JSONValue) -> Plan.Part {
        Plan.Part(
            kind: .text, content: Answer(text: value.serialized, pieceBytes: Self.jsonPieceBytes, tokensMax: nil))
    }

    // MARK: - Ends

    private func stopAtSequence(_ plan: inout Plan) {
        guard !prompt.stops.isEmpty, behaviour.fault != .huge else { return }
        for (index, part) in plan.parts.enumerated() where part.kind == .text {
            let text = part.bytes
            var first: (at: Int, stop: String)?
            for stop in prompt.stops {
                guard let found = text.firstRange(of: Array(stop.utf8)), found < first?.at ?? .max else { continue }
                first = (found, stop)
            }
            guard let first else { continue }
            plan.parts[index].content = Answer(prose: Array(text.prefix(first.at)), tokensMax: nil)
            plan.parts.removeSubrange((index + 1)...)
            plan.stop = .sequence(first.stop)
            return
        }
    }

    /// Ends the plan after `max_tokens` pieces.
    private func cut(_ plan: inout Plan) {
        guard var left = prompt.tokensMax else { return }
        for index in plan.parts.indices {
            let count = plan.parts[index].content.pieces
            if count > left {
                plan.parts[index].content.cut(to: left)
                plan.parts.removeSubrange((left > 0 ? index + 1 : index)...)
                plan.stop = .length
                return
            }
            left -= count
        }
    }

    /// Markers make the usage: the tokens up to the last one but one were read from the cache, those from there to the
    /// last one were written into it. The control `cached` says what was read instead.
    private func usage(of plan: Plan) -> Plan.Usage {
        var usage = plan.usage
        let prompt = PromptTokens.of(contentBytes: self.prompt.textBytes)
        let markers = self.prompt.cacheMarkers
        if let last = markers.last {
            let read = markers.count > 1 ? markers[markers.count - 2].bytesBefore : 0
            usage.cacheRead = min((read + 3) / 4, prompt)
            let written = min((last.bytesBefore + 3) / 4, prompt) - usage.cacheRead
            if last.lastsHour { usage.cacheWrite1h = written } else { usage.cacheWrite5m = written }
        }
        let said = max(behaviour.cachedTokens, self.prompt.cachedTokens)
        if said > 0 {
            usage.cacheWrite5m = 0
            usage.cacheWrite1h = 0
            usage.cacheRead = min(said, prompt)
        }
        usage.input = prompt - usage.cacheRead - usage.cacheWrite
        usage.reasoning = plan.parts.reduce(0) { $0 + ($1.isReasoning ? $1.content.pieces : 0) }
        usage.text = plan.pieces - usage.reasoning
        return usage
    }
}

extension [UInt8] {
    /// Where `pattern` first begins.
    fileprivate func firstRange(of pattern: [UInt8]) -> Int? {
        guard !pattern.isEmpty, count >= pattern.count else { return nil }
        return (0...count - pattern.count).first { self[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }

    func contains(words: String) -> Bool { firstRange(of: Array(words.utf8)) != nil }
}
