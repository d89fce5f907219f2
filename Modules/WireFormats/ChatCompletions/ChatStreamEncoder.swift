import JSONText

/// Writes a stream for a Chat client.
///
/// Rules
/// 1. The first chunk of a choice has its role. The calls of a choice are numbered in the order in which they began.
/// 2. One usage chunk with `choices: []`, last, where the client asked for it and anything is known.
/// 3. `[DONE]` only after a proper end.
struct ChatStreamEncoder: ReplyStreamEncoder {
    private let context: ReplyContext
    private let customNames: Set<String>
    private(set) var losses = LossReport()
    private var head = ReplyHead(origin: .chatCompletions)
    private var tier: String?
    private var choices: [Int: Choice] = [:]
    private var parts: [PartPlace: Open] = [:]
    /// Texts that have ended: their citations may come yet.
    private var endedTexts: [PartPlace: Open] = [:]
    private var usage: Usage?
    /// Members of the reply that wait for a chunk which can take them.
    private var waiting = JSONObject()
    private var isOver = false
    private var isOwn: Bool { head.origin == .chatCompletions }

    private struct Choice {
        var calls = 0
        var details = 0
        var hasLegacyCall = false
        var hasRefusal = false
        /// Some thinking is out.
        var hasThoughts = false
        /// Unicode scalars of the content so far, for the ranges of citations.
        var scalars = 0
        /// How many entries of these lists are out.
        var blocks = 0
        var annotations = 0
    }

    private struct Open {
        var part: Part
        /// The call's number.
        var call = 0
        /// A custom tool whose arguments come as a function's JSON: they wait until they are whole.
        var buffersInput = false
        var hasArguments = false
        /// Some of its thinking is out.
        var hasThoughts = false
        /// Where in the content a text begins, and how many Unicode scalars it has so far.
        var start = 0
        var count = 0
        /// Citations of the whole text: how long that is shows when it ends. Claude's come before its first letter.
        var waiting: [Citation] = []
        /// The last summary that was written to.
        var summary: Int?
    }

    init(_ context: ReplyContext) {
        self.context = context
        customNames = ChatToolNames.customNames(in: context.request.tools)
    }

    mutating func encode(_ event: ReplyEvent, into out: inout FrameWriter) {
        guard !isOver else { return }
        losses.dropUnplaced(of: event, from: head.origin, for: .chatCompletions, toldTier: head.serviceTier)
        switch event {
        case .began(let head):
            self.head = head
            tier = isOwn ? head.serviceTier : ServiceTier.word(head.serviceTier, for: .chatCompletions)
            if isOwn { waiting = head.extras }
            begin(0, &out)
        case .partBegan(let place, let part): begin(part, at: place, &out)
        case .delta(let place, let delta): add(delta, at: place, &out)
        case .partEnded(let place): end(place, &out)
        case .logprobs(let choice, let logprobs):
            begin(choice, &out)
            write([:], choice, with: ["logprobs": logprobs], &out)
        case .choiceExtras(let choice, let extras): if isOwn { add(extras, to: choice, &out) }
        case .stopped(let choice, let stop): self.stop(choice, stop, &out)
        case .usage(let usage): self.usage = usage
        case .serviceTier(let late): if isOwn { tier = late }
        case .extras(let extras): if isOwn { waiting.overlay(extras) }
        case .keepAlive: out.sseComment()
        case .failed: isOver = true
        case .ended: finish(&out)
        }
    }

    mutating func fail(_ error: GatewayErrorBody, status: Int, into out: inout FrameWriter) {
        isOver = true
        out.raw(error.openAIEvent())
    }

    // MARK: - Chunks

    private func chunk(_ choices: [JSON]) -> JSONObject {
        var chunk: JSONObject = [
            "id": .string(head.id ?? "chatcmpl-" + context.requestID), "object": "chat.completion.chunk",
            "created": .int(head.created ?? context.created), "model": .string(context.model),
        ]
        if let tier { chunk["service_tier"] = .string(tier) }
        chunk["choices"] = .array(choices)
        return chunk
    }

    private mutating func write(_ delta: JSONObject, _ choice: Int, _ out: inout FrameWriter) {
        write(delta, choice, with: JSONObject(), &out)
    }

    private mutating func write(
        _ delta: JSONObject, _ choice: Int, with members: JSONObject, _ out: inout FrameWriter
    ) {
        var object: JSONObject = ["index": .int(Int64(choice)), "delta": .object(delta)]
        object["finish_reason"] = .null
        for (key, value) in members { object[key] = value }
        var chunk = chunk([.object(object)])
        for (key, value) in waiting { chunk[key] = value }
        waiting = JSONObject()
        out.sse(.object(chunk))
    }

    private mutating func begin(_ choice: Int, _ out: inout FrameWriter) {
        guard choices[choice] == nil else { return }
        choices[choice] = Choice()
        write(["role": "assistant", "content": ""], choice, &out)
    }

    private mutating func add(_ extras: JSONObject, to choice: Int, _ out: inout FrameWriter) {
        begin(choice, &out)
        var extras = extras
        let message = extras["message"]?.object ?? [:]
        extras["message"] = nil
        write(message, choice, with: extras, &out)
    }

    // MARK: - Parts

    private mutating func begin(_ part: Part, at place: PartPlace, _ out: inout FrameWriter) {
        begin(place.choice, &out)
        var open = Open(part: part)
        switch part.content {
        case .toolCall(let call): begin(call, at: place, &open, &out)
        case .text: open.start = choices[place.choice]?.scalars ?? 0
        case .refusal: choices[place.choice]?.hasRefusal = true
        case .media(let media):
            losses.dropProof(of: part)
            write(media, part, at: place, &out)
        case .serverTool: losses.drop("server_tool_use")
        case .native(let native):
            if isOwn { write(["content": .array([native])], place.choice, &out) } else { losses.drop("content") }
        case .toolResult: losses.drop("tool_result")
        case .reasoning: break
        }
        parts[place] = open
    }

    private mutating func begin(_ call: ToolCall, at place: PartPlace, _ open: inout Open, _ out: inout FrameWriter) {
        var call = call
        if call.kind == .function, customNames.contains(call.name) {
            call.kind = .custom
            open.buffersInput = true
        }
        if context.request.usesLegacyFunctions || open.part.form == "function_call" {
            open.call = -1
            if choices[place.choice]?.hasLegacyCall == true {
                losses.drop("tool_calls")
                open.call = -2
                return
            }
            choices[place.choice]?.hasLegacyCall = true
            write(["function_call": ["name": .string(call.name), "arguments": ""]], place.choice, &out)
            return
        }
        open.call = choices[place.choice]?.calls ?? 0
        choices[place.choice]?.calls += 1
        if call.kind == .custom, !open.buffersInput { open.part.content = .toolCall(call) }
        call.arguments = ""
        var written: JSONObject = ["index": .int(Int64(open.call))]
        written.overlay(ChatCalls.call(call, id: call.id))
        if isOwn { written.overlay(open.part.extras) }
        write(["tool_calls": [.object(written)]], place.choice, &out)
    }

    private mutating func write(_ media: Media, _ part: Part, at place: PartPlace, _ out: inout FrameWriter) {
        switch (media.kind, media.source) {
        case (.audio, .base64(let data)):
            var audio: JSONObject = ["id": .string(part.id ?? "audio_" + context.requestID)]
            if !data.isEmpty { audio["data"] = .string(data) }
            if let text = media.transcript { audio["transcript"] = .string(text) }
            if let expires = part.extras["expires_at"] { audio["expires_at"] = expires }
            write(["audio": .object(audio)], place.choice, &out)
        case (.image, .base64(let data)):
            let type = media.imageType
            write(image: DataURL.written(type, data), place, &out)
        case (.image, .url(let url)): write(image: url, place, &out)
        default: losses.drop(media.kind.rawValue)
        }
    }

    private mutating func write(image url: String, _ place: PartPlace, _ out: inout FrameWriter) {
        let image: JSON = ["type": "image_url", "image_url": ["url": .string(url)]]
        write(["images": [image]], place.choice, &out)
    }

    private mutating func add(_ delta: PartDelta, at place: PartPlace, _ out: inout FrameWriter) {
        guard var open = parts[place] else {
            if case .citation(let citation) = delta, let text = endedTexts[place] { write(citation, text, place, &out) }
            return
        }
        // Taken out, so that what it holds is appended to in place.
        parts[place] = nil
        open.part.add(delta)
        switch delta {
        case .text(let more):
            if case .refusal = open.part.content {
                write(["refusal": .string(more)], place.choice, &out)
            } else {
                let count = more.unicodeScalars.count
                open.count += count
                choices[place.choice]?.scalars += count
                write(["content": .string(more)], place.choice, &out)
            }
        case .reasoning(let more): write(thinking: more, &open, place, &out)
        case .summary(let number, let more):
            let isNext = open.summary.map { $0 != number } ?? false
            open.summary = number
            write(thinking: isNext ? ChatReasoning.blankLine + more : more, &open, place, &out)
        case .arguments(let more):
            if !more.isEmpty { open.hasArguments = true }
            write(arguments: more, open, place, &out)
        case .citation(let citation):
            if isOwn || citation.range != nil {
                write(citation, open, place, &out)
            } else {
                open.waiting.append(citation)
            }
        case .proof(let proof): write(proof, open, place, &out)
        case .media(let data): write(["audio": ["data": .string(data)]], place.choice, &out)
        case .transcript(let more): write(["audio": ["transcript": .string(more)]], place.choice, &out)
        case .extras(let extras):
            if let expires = extras["expires_at"], isOwn {
                write(["audio": ["expires_at": expires]], place.choice, &out)
            }
        case .replaced: break
        }
        // Texts and arguments need not be kept; what waits for its end must.
        switch open.part.content {
        case .text: open.part.content = .text(Text(""))
        case .refusal: open.part.content = .refusal("")
        case .toolCall(var call) where !open.buffersInput:
            call.arguments = ""
            open.part.content = .toolCall(call)
        case .media: open.part.content = .media(Media(.audio, .base64("")))
        default: break
        }
        parts[place] = open
    }

    private mutating func write(
        thinking more: String, _ open: inout Open, _ place: PartPlace, _ out: inout FrameWriter
    ) {
        // Entries of `reasoning_details` are written whole, with their proofs, when they end.
        if isOwn, ChatReasoning.isDetail(open.part) { return }
        var text = more
        if !more.isEmpty, !open.hasThoughts {
            let isFirst = choices[place.choice]?.hasThoughts != true
            if ChatReasoning.isApart(open.part, isFirst: isFirst, isOwn: isOwn) {
                text = ChatReasoning.blankLine + more
            }
            open.hasThoughts = true
            choices[place.choice]?.hasThoughts = true
        }
        write(["reasoning_content": .string(text)], place.choice, &out)
    }

    private mutating func write(arguments more: String, _ open: Open, _ place: PartPlace, _ out: inout FrameWriter) {
        guard case .toolCall(let call) = open.part.content, !open.buffersInput, !more.isEmpty else { return }
        switch open.call {
        case -2: break
        case -1: write(["function_call": ["arguments": .string(more)]], place.choice, &out)
        default:
            let inner: JSONObject =
                call.kind == .custom ? ["custom": ["input": .string(more)]] : ["function": ["arguments": .string(more)]]
            var written: JSONObject = ["index": .int(Int64(open.call))]
            written.overlay(inner)
            write(["tool_calls": [.object(written)]], place.choice, &out)
        }
    }

    private mutating func write(_ citation: Citation, _ open: Open, _ place: PartPlace, _ out: inout FrameWriter) {
        // Perplexity's stand beside the choices.
        if isOwn, citation.native == nil { return }
        guard let annotation = ChatCitations.annotation(citation, start: open.start, count: open.count) else {
            losses.drop("citations")
            return
        }
        let number = choices[place.choice]?.annotations ?? 0
        choices[place.choice]?.annotations += 1
        write(["annotations": [numbered(annotation, number)]], place.choice, &out)
    }

    private mutating func write(thinkingBlock block: JSON, _ place: PartPlace, _ out: inout FrameWriter) {
        let number = choices[place.choice]?.blocks ?? 0
        choices[place.choice]?.blocks += 1
        write(["thinking_blocks": [numbered(block, number)]], place.choice, &out)
    }

    /// The SDK's accumulator finds the entries of every list in a delta by their `index`, and fails without.
    private func numbered(_ entry: JSON, _ number: Int) -> JSON {
        guard !isOwn, case .object(var object) = entry else { return entry }
        object["index"] = .int(Int64(number))
        return .object(object)
    }

    private mutating func write(_ proof: Proof, _ open: Open, _ place: PartPlace, _ out: inout FrameWriter) {
        switch open.part.content {
        case .reasoning: break
        case .toolCall:
            guard open.call >= 0 else { return }
            // Without arguments the SDK's accumulator takes the chunk for a broken one.
            let isCustom = open.part.toolCall?.kind == .custom || open.buffersInput
            let inner: JSONObject =
                isCustom ? ["custom": ["input": ""]] : ["function": ["arguments": ""]]
            var call: JSONObject = ["index": .int(Int64(open.call))]
            call.overlay(inner)
            call["extra_content"] = ChatReasoning.extraContent(with: proof, beside: nil)
            write(["tool_calls": [.object(call)]], place.choice, &out)
        // It would come back on the text.
        case .media: losses.drop("reasoning")
        default: write(thinkingBlock: ChatReasoning.block(ofProofOfNext: proof), place, &out)
        }
    }

    private mutating func end(_ place: PartPlace, _ out: inout FrameWriter) {
        guard var open = parts.removeValue(forKey: place) else { return }
        switch open.part.content {
        case .text:
            for citation in open.waiting { write(citation, open, place, &out) }
            open.waiting = []
            endedTexts[place] = open
        case .reasoning(let reasoning):
            if isOwn, ChatReasoning.isDetail(open.part) {
                let number = choices[place.choice]?.details ?? 0
                choices[place.choice]?.details += 1
                guard let detail = ChatReasoning.detail(of: open.part, at: number) else { return }
                var delta: JSONObject = ["reasoning_details": [detail]]
                // In one chunk: who reads both takes the plain text for the same.
                for name in ChatReasoning.plainNames {
                    guard let text = ChatReasoning.plain(name, of: [open.part]), !text.isEmpty else { continue }
                    delta[name] = .string(text)
                }
                write(delta, place.choice, &out)
            } else if ChatReasoning.needsBlock(open.part) {
                write(thinkingBlock: ChatReasoning.block(of: reasoning), place, &out)
            }
        case .toolCall(let call) where !isOwn && call.kind == .function && !open.buffersInput && !open.hasArguments:
            write(arguments: ChatCalls.parseable(""), open, place, &out)
        case .toolCall(let call) where open.buffersInput && open.call >= 0:
            let input = ChatToolNames.input(ofArguments: call.arguments)
            let written: JSON = ["index": .int(Int64(open.call)), "custom": ["input": .string(input)]]
            write(["tool_calls": [written]], place.choice, &out)
        default: break
        }
    }

    // MARK: - The end

    private mutating func stop(_ choice: Int, _ stop: Stop, _ out: inout FrameWriter) {
        begin(choice, &out)
        if let words = stop.explainingWords { write(["refusal": .string(words)], choice, &out) }
        let state = choices[choice] ?? Choice()
        let hasCalls = state.calls > 0 || state.hasLegacyCall
        let word = ChatStop.word(
            stop, hasCalls: hasCalls || (isOwn && stop.reason == .toolUse),
            isLegacy: context.request.usesLegacyFunctions, hasRefusal: state.hasRefusal)
        var members: JSONObject = ["finish_reason": .string(word)]
        if let sequence = stop.sequence { members["stop_reason"] = .string(sequence) }
        write([:], choice, with: members, &out)
    }

    private mutating func finish(_ out: inout FrameWriter) {
        isOver = true
        if context.request.includeUsage, let usage {
            var chunk = chunk([])
            for (key, value) in waiting { chunk[key] = value }
            chunk["usage"] = ChatUsage.written(usage, isOwn: isOwn)
            out.sse(.object(chunk))
        }
        out.sseDone()
    }
}
