import JSONText

/// For guardrails: the texts of a chunk, the chunk with other texts, and chunks of our own.
extension OpenAIStream {
    /// Every text in an event's data, in order. The places count in that data.
    public static func texts(in data: UnsafeRawBufferPointer) -> [OpenAIText] {
        OpenAITextFinder.texts(in: data, isStream: true)
    }

    /// The `index` of every choice that an event's data ends: its held-back text has to go out before this event.
    public static func finishedChoices(in data: UnsafeRawBufferPointer) -> [Int] {
        guard let choices = JSONView(unchecked: data)?.member("choices") else { return [] }
        var finished: [Int] = []
        var position = 0
        for choice in choices.elements {
            if choice.present("finish_reason") != nil {
                finished.append(choice.member("index")?.int.map { Int($0) } ?? position)
            }
            position += 1
        }
        return finished
    }

    /// The event with other texts (UTF-8), everything else byte for byte; log probabilities of a changed choice, which
    /// spell its text out, become null.
    ///
    /// - Parameter changes: texts that ``texts(in:)`` found in this event's data.
    public static func rewritten(
        _ event: SSEEvent, _ changes: [(text: OpenAIText, replacement: [UInt8])]
    ) -> [UInt8] {
        guard let data = event.data, !changes.isEmpty else { return [UInt8](event.raw) }
        return event.with(data: OpenAIReply.edit(changes).applied(to: data))
    }

    /// An event of our own that carries text which was held back: a chunk with the stream's id, model and time, one
    /// choice and nothing but this text in it.
    ///
    /// - Parameter text: UTF-8.
    /// - Returns: nil before the stream's first content chunk, where nothing can have been held back.
    public func chunk(choice: Int, channel: OpenAIChannel, text: [UInt8]) -> [UInt8]? {
        template?.event(choice: choice, channel: channel, text: text)
    }

    /// The chunk that a client asks for with `stream_options.include_usage`: "the choices field will always be an empty array"
    /// (openai 3.54, `ChatCompletionStreamOptionsParam`).
    ///
    /// - Returns: nil where no usage stood beside choices, or the client did not ask: then there is none to tell.
    public func usageChunk() -> [UInt8]? {
        usageBesideChoices.isEmpty ? nil : template?.event(usage: usageBesideChoices)
    }

    /// The event without the usage that is told elsewhere.
    public static func withoutUsage(_ event: SSEEvent, at place: Range<Int>) -> [UInt8] {
        guard let data = event.data else { return [UInt8](event.raw) }
        var edit = JSONEdit()
        edit.replace(place, with: Array("null".utf8))
        return event.with(data: edit.applied(to: data))
    }
}

/// The members that all chunks of a stream have in common, as JSON text.
struct ChunkTemplate: Sendable {
    private var common: [UInt8] = []

    init(_ chunk: JSONView) {
        for member in chunk.members
        where member.isNamed("id") || member.isNamed("object") || member.isNamed("created")
            || member.isNamed("model") || member.isNamed("system_fingerprint") || member.isNamed("provider")
        {
            common.append(0x22)
            common.append(contentsOf: member.value.bytes[member.key.range])
            common.append(contentsOf: [0x22, UInt8(ascii: ":")])
            common.append(contentsOf: ChunkTemplate.line(member.value.raw))
            common.append(UInt8(ascii: ","))
        }
    }

    /// A raw line end would end the event's data line.
    private static func line(_ json: some Sequence<UInt8>) -> some Sequence<UInt8> {
        json.lazy.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
    }

    /// A chunk with these members beside the common ones.
    private func event(_ members: some Sequence<UInt8>, capacity: Int) -> [UInt8] {
        var event: [UInt8] = []
        event.reserveCapacity(common.count + capacity + 16)
        event.append(contentsOf: "data: {".utf8)
        event.append(contentsOf: common)
        event.append(contentsOf: members)
        event.append(contentsOf: "}\n\n".utf8)
        return event
    }

    /// - Parameter usage: JSON text.
    func event(usage: [UInt8]) -> [UInt8] {
        event(Array(#""choices":[],"usage":"#.utf8) + ChunkTemplate.line(usage), capacity: usage.count + 32)
    }

    func event(choice: Int, channel: OpenAIChannel, text: [UInt8]) -> [UInt8] {
        var writer = JSONWriter(capacity: text.count + 128)
        writer.beginArray()
        writer.beginObject()
        writer.member("index", choice)
        if case .completion = channel {
            writer.key("text")
            text.withUnsafeBytes { writer.string(utf8: $0) }
        } else {
            writer.key("delta")
            writer.beginObject()
            ChunkTemplate.write(channel, text, &writer)
            writer.endObject()
        }
        writer.key("logprobs")
        writer.null()
        writer.key("finish_reason")
        writer.null()
        writer.endObject()
        writer.endArray()

        return event(Array(#""choices":"#.utf8) + writer.bytes, capacity: writer.bytes.count + 16)
    }

    /// The delta's one member.
    private static func write(_ channel: OpenAIChannel, _ text: [UInt8], _ writer: inout JSONWriter) {
        func string(_ name: StaticString) {
            writer.key(name)
            text.withUnsafeBytes { writer.string(utf8: $0) }
        }
        func list(_ name: StaticString, _ index: Int, _ element: (inout JSONWriter) -> Void) {
            writer.key(name)
            writer.beginArray()
            writer.beginObject()
            writer.member("index", index)
            element(&writer)
            writer.endObject()
            writer.endArray()
        }
        func object(_ name: StaticString, _ member: StaticString, _ writer: inout JSONWriter) {
            writer.key(name)
            writer.beginObject()
            writer.key(member)
            text.withUnsafeBytes { writer.string(utf8: $0) }
            writer.endObject()
        }
        switch channel {
        case .content, .completion: string("content")
        case .refusal: string("refusal")
        case .reasoningContent: string("reasoning_content")
        case .reasoning: string("reasoning")
        case .reasoningDetail(let index):
            list("reasoning_details", index) { writer in
                writer.member("type", "reasoning.text")
                writer.key("text")
                text.withUnsafeBytes { writer.string(utf8: $0) }
            }
        case .reasoningSummary(let index):
            list("reasoning_details", index) { writer in
                writer.member("type", "reasoning.summary")
                writer.key("summary")
                text.withUnsafeBytes { writer.string(utf8: $0) }
            }
        case .thinking:
            writer.key("content")
            writer.beginArray()
            writer.beginObject()
            writer.member("type", "thinking")
            writer.key("thinking")
            writer.beginArray()
            writer.beginObject()
            writer.member("type", "text")
            writer.key("text")
            text.withUnsafeBytes { writer.string(utf8: $0) }
            writer.endObject()
            writer.endArray()
            writer.endObject()
            writer.endArray()
        case .toolArguments(let index): list("tool_calls", index) { object("function", "arguments", &$0) }
        case .toolInput(let index): list("tool_calls", index) { object("custom", "input", &$0) }
        case .functionArguments: object("function_call", "arguments", &writer)
        case .audioTranscript: object("audio", "transcript", &writer)
        case .other(let name):
            writer.key(name)
            text.withUnsafeBytes { writer.string(utf8: $0) }
        }
    }
}
