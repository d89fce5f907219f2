import JSONText

/// Reads and edits whole replies of OpenAI-compatible providers, in place.
public enum OpenAIReply {
    /// What the reply says that the call used; nil where it says nothing.
    public static func usage(fromWhole body: UnsafeRawBufferPointer) -> TokenUsage? {
        guard let root = JSONView(unchecked: body), root.kind == .object else { return nil }
        return usage(in: root)
    }

    /// The same, for bytes in an array.
    public static func usage(fromWhole body: [UInt8]) -> TokenUsage? {
        body.withUnsafeBytes { usage(fromWhole: $0) }
    }

    /// The same, where the body was scanned: only the members that can hold it are read.
    public static func usage(in document: JSONDocument, of body: [UInt8]) -> TokenUsage? {
        body.withUnsafeBytes { bytes in
            let own = document.value("usage", in: bytes).flatMap { OpenAIUsage.read($0) }
            return own
                ?? document.value("x_groq", in: bytes).flatMap { $0.member("usage") }.flatMap { OpenAIUsage.read($0) }
        }
    }

    /// The error that a body or an event's data reports, whatever its status; nil where it reports none.
    ///
    /// Known shapes: `{"error":{"message","type","param","code"}}`, `{"error":"text"}`, `{"object":"error","message"}`
    /// (vLLM, Mistral), `[{"error":{…}}]` (Gemini's compatible path).
    public static func error(in body: UnsafeRawBufferPointer) -> ProviderError? {
        JSONView(unchecked: body).flatMap { ProviderError(reportedIn: $0) }
    }

    /// The failure that ended a choice of a whole reply, though its status says success; nil where none did.
    public static func failure(in document: JSONDocument, of body: UnsafeRawBufferPointer) -> ProviderError? {
        guard let choices = document.value("choices", in: body), document.holds("\"error\"", in: choices),
            let list = (try? JSON.read(choices.raw))?.array
        else { return nil }
        return ChatReplyDecoder.failure(of: list)
    }

    /// Every text that the model wrote, in order.
    public static func texts(in body: UnsafeRawBufferPointer) -> [OpenAIText] {
        OpenAITextFinder.texts(in: body, isStream: false)
    }

    /// The reply with other texts (UTF-8), and without the log probabilities that spell the old ones out.
    public static func rewritten(
        _ body: UnsafeRawBufferPointer, _ changes: [(text: OpenAIText, replacement: [UInt8])]
    ) -> [UInt8] {
        edit(changes).applied(to: body)
    }

    static func edit(_ changes: [(text: OpenAIText, replacement: [UInt8])]) -> JSONEdit {
        var edit = JSONEdit()
        var emptied: [Range<Int>] = []
        for change in changes {
            var string: [UInt8] = [0x22]
            string.reserveCapacity(change.replacement.count + 2)
            change.replacement.withUnsafeBytes { JSONEscapes.append($0, to: &string) }
            string.append(0x22)
            edit.replace(change.text.value, with: string)
            guard let logprobs = change.text.logprobs, !emptied.contains(logprobs) else { continue }
            emptied.append(logprobs)
            edit.replace(logprobs, with: Array("null".utf8))
        }
        return edit
    }

    /// `usage`, or Groq's `x_groq.usage`.
    static func usage(in root: JSONView) -> TokenUsage? {
        var found: TokenUsage?
        for member in root.members {
            if member.isNamed("usage") {
                found = OpenAIUsage.read(member.value) ?? found
            } else if member.isNamed("x_groq"), found == nil, let usage = member.value.member("usage") {
                found = OpenAIUsage.read(usage)
            }
        }
        return found
    }
}
