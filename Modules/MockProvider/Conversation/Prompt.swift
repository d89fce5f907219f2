/// What a request of any dialect but OpenAI's fast path says, as far as the mock answers by it.
///
/// It is not the gateway's model of a conversation, on purpose: the mock judges what the gateway writes.
struct Prompt {
    enum Role: String { case system, user, assistant, tool }

    struct Turn {
        var role: Role
        var parts: [Part] = []
    }

    enum Part {
        case text([UInt8])
        case media(Media)
        case call(Call)
        case result(Result)
        case thinking(text: [UInt8], signature: [UInt8]?)
        case redacted([UInt8])
        /// Something that is carried and needs no answer: a citation, a search result of an earlier turn.
        case other(String)
    }

    struct Call {
        var id: String
        var name: String
        var arguments: JSONValue
    }

    struct Result {
        var id: String
        var name = ""
        var text: [UInt8]
        var isError = false
        var media: [Media] = []
    }

    struct Tool {
        var name: String
        var schema: JSONValue = .object([])
        /// A free-form tool of the Responses API: its input is text.
        var isFreeForm = false
    }

    enum Choice: Equatable { case auto, none, any, tool(String) }

    enum Format: Equatable {
        case text, jsonObject
        case schema(JSONValue)
        /// One of these, bare. There is at least one.
        case oneOf([String])
    }

    /// A prompt-cache marker, and how many text bytes stand before it.
    struct CacheMarker {
        var bytesBefore: Int
        var lastsHour = false
    }

    var model = ""
    var stream = false
    var turns: [Turn] = []
    var tools: [Tool] = []
    /// The provider's own web search is among the tools.
    var hasSearch = false
    var choice = Choice.auto
    var allowsParallelCalls = true
    /// Without a trigger the first tool is called: OpenAI's chat did so before there were triggers.
    var callsUnasked = false
    var tokensMax: Int?
    var stops: [String] = []
    /// Reasoning is asked for.
    var thinks = false
    var format = Format.text
    var cacheMarkers: [CacheMarker] = []
    /// Bytes of all texts so far, by the mock's rule of prompt tokens (see ``RequestScan``).
    private(set) var textBytes = 0
    /// Tokens that the dialect itself says are cached (Gemini's `cachedContent`).
    var cachedTokens = 0

    mutating func count(text: [UInt8]) { textBytes += text.count }

    /// Adds a part to the last turn and counts its text.
    mutating func add(_ part: Part) {
        switch part {
        case .text(let text): count(text: text)
        case .result(let result): count(text: result.text)
        default: break
        }
        turns[turns.count - 1].parts.append(part)
    }

    /// Writes down a marker at what was counted last.
    mutating func mark(lastsHour: Bool = false) {
        cacheMarkers.append(CacheMarker(bytesBefore: textBytes, lastsHour: lastsHour))
    }

    /// Whether a text but the first ones has the word that OpenAI demands in JSON mode.
    func saysJSON(beyond count: Int = 0) -> Bool {
        turns.flatMap(\.parts).dropFirst(count).contains { part in
            guard case .text(let text) = part else { return false }
            return String(decoding: text, as: UTF8.self).lowercased().contains(substring: "json")
        }
    }

    // MARK: - What decides the answer

    /// The last turns up to the assistant's.
    var lastParts: [Part] {
        var parts: [Part] = []
        for turn in turns.reversed() {
            if turn.role == .assistant { break }
            if turn.role != .system { parts = turn.parts + parts }
        }
        return parts
    }

    /// The first part of the answer whose calls are being answered: it reaches from the user's last words to the last
    /// results, and begins with the thinking that led to it. Claude need not think anew after each result
    /// (https://platform.claude.com/docs/en/build-with-claude/extended-thinking, "Extended thinking with tool use": tool use
    /// loops are one assistant turn; read on 2026-11-29).
    var answerBeginning: Part? {
        let spoken = turns.filter { $0.role != .system }
        let isUsers = { (turn: Turn) in
            turn.role != .assistant
                && turn.parts.contains { if case .result = $0 { false } else { true } }
        }
        guard let end = spoken.lastIndex(where: { $0.role == .assistant }) else { return nil }
        let start = spoken[..<end].lastIndex(where: isUsers).map { $0 + 1 } ?? 0
        return spoken[start...end].first { $0.role == .assistant }?.parts.first
    }

    var lastResults: [Result] {
        lastParts.compactMap { part in
            if case .result(let result) = part { return result }
            return nil
        }
    }

    /// Media of the last turns, those in tool results too.
    var lastMedia: [Media] {
        lastParts.flatMap { part -> [Media] in
            switch part {
            case .media(let media): [media]
            case .result(let result): result.media
            default: []
            }
        }
    }

    /// The last text of the user; of the whole conversation where the last turn has none.
    var lastText: [UInt8] {
        for turn in turns.reversed() where turn.role == .user {
            for part in turn.parts.reversed() {
                if case .text(let text) = part { return text }
            }
        }
        return []
    }

    /// The name of the tool that an earlier call with this id was for.
    func name(ofCall id: String) -> String? {
        for turn in turns.reversed() {
            for part in turn.parts {
                if case .call(let call) = part, call.id == id { return call.name }
            }
        }
        return nil
    }
}

/// An image, a document, a sound or a video, as it arrived.
struct Media {
    enum Source {
        case bytes([UInt8])
        case url(String)
        case file(String)
    }

    /// image, document, audio, video
    var kind: String
    /// As the request says it; empty where the dialect has none.
    var type: String
    var source: Source

    /// `image image/png 68 bytes sha256:0123456789abcdef`, `image https://…`, `document file_1`
    var description: String {
        let typed = type.isEmpty ? kind : "\(kind) \(type)"
        switch source {
        case .bytes(let bytes):
            return "\(typed) \(bytes.count) bytes sha256:\(SHA256.hex(bytes, digits: 16))"
        case .url(let url): return "\(typed) \(url)"
        case .file(let id): return "\(typed) file \(id)"
        }
    }
}
