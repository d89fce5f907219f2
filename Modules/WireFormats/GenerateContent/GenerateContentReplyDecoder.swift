import JSONText

/// Reads a provider's whole reply.
struct GenerateContentReplyDecoder {
    static func decode(_ body: JSON) throws(ReplyError) -> Reply {
        if let chunks = body.array { return try folded(chunks) }
        if let error = ProviderError(reportedIn: body) { throw .failed(error) }
        do throws(GenerateContentFault) {
            var spelling: Set<String> = []
            return try reply(try GoogleMembers(body, at: "", &spelling))
        } catch {
            throw error.replyError
        }
    }

    /// A stream without `alt=sse` is one array of replies.
    private static func folded(_ chunks: [JSON]) throws(ReplyError) -> Reply {
        var decoder = GenerateContentStreamDecoder()
        var events: [ReplyEvent] = []
        for chunk in chunks { try decoder.decode(.json(chunk, event: nil), into: &events) }
        decoder.finish(into: &events)
        var assembler = ReplyAssembler(origin: .generateContent)
        assembler.add(events)
        if let failure = assembler.failure { throw .failed(failure) }
        return assembler.reply
    }

    private static func reply(_ whole: GoogleMembers) throws(GenerateContentFault) -> Reply {
        var members = whole
        var reply = Reply(origin: .generateContent)
        reply.id = try members.string("responseId")
        reply.model = try members.string("modelVersion")
        let usage = members.take("usageMetadata")
        let candidates = try members.list("candidates") ?? []
        reply.extras = members.present
        var searches: Int64 = 0
        var numbers = ChoiceNumbers()
        for (position, value) in candidates.enumerated() {
            var candidate = try GoogleCandidate(value, position: position)
            // Vertex leaves `index` out where it is 0; two of one number are an error of the provider's.
            candidate.index = numbers.free(candidate.index)
            searches += GoogleUsage.searches(candidate.extras["groundingMetadata"], model: reply.model)
            reply.choices.append(choice(candidate, seed: reply.id ?? ""))
        }
        if candidates.isEmpty, let stop = GoogleStop.blocked(members.rest["promptFeedback"]) {
            reply.choices = [Reply.Choice(stop: stop)]
        }
        if let usage {
            reply.usage = GoogleUsage.read(usage, searches: searches)
            reply.serviceTier = usage["serviceTier"]?.string
        }
        return reply
    }

    private static func choice(_ candidate: GoogleCandidate, seed: String) -> Reply.Choice {
        var choice = Reply.Choice(index: candidate.index)
        var reader = GenerateContentReplyDecoder.reader(seed: seed, choice: candidate.index)
        for value in candidate.parts { choice.parts.append(reader.replyPart(value)) }
        let hasCalls = choice.parts.contains(where: \.isToolCall)
        choice.logprobs = candidate.logprobs
        choice.extras = candidate.extras
        if let reason = candidate.finishReason {
            choice.stop = GoogleStop.stop(reason, hasCalls: hasCalls, &choice.extras)
        }
        guard choice.extras.holds("groundingMetadata") || choice.extras.holds("citationMetadata") else { return choice }
        let texts = choice.parts.enumerated().compactMap { index, part in part.text.map { (part: index, text: $0) } }
        var grounding = GoogleGrounding(texts)
        let found = grounding.citations(
            grounding: choice.extras["groundingMetadata"], citations: choice.extras["citationMetadata"])
        for (part, citation) in found {
            guard case .text(var text) = choice.parts[part].content else { continue }
            text.citations.append(citation)
            choice.parts[part].content = .text(text)
        }
        return choice
    }

    /// Ids of calls that have none depend on the reply's id, the choice and the call's place in it.
    static func reader(seed: String, choice: Int) -> GenerateContentPartReader {
        GenerateContentPartReader { ToolIDs.made(from: seed, index: choice &* 1000 &+ $0) }
    }
}

extension GenerateContentPartReader {
    /// A part of an answer: one that is not as it should be is carried as it is.
    mutating func replyPart(_ value: JSON) -> Part {
        do throws(GenerateContentFault) {
            return try part(value, at: "parts")
        } catch {
            return Part(.native(value))
        }
    }
}
