import JSONText

/// Reads what whole replies used, in place: the numbers of each dialect's own codec, which gets the usage object alone.
public enum DialectReply {
    /// What the reply says that the call used; nil where it says nothing.
    public static func usage(fromWhole body: UnsafeRawBufferPointer, dialect: Dialect) -> TokenUsage? {
        guard let root = JSONView(unchecked: body) else { return nil }
        if root.kind == .array, dialect == .generateContent {
            // A stream without `alt=sse` is one array of chunks.
            var google = GoogleReading()
            for element in root.elements { google.add(element) }
            return google.tokens
        }
        guard root.kind == .object else { return nil }
        switch dialect {
        case .messages:
            guard let usage = root.present("usage") else { return nil }
            var counts = MessagesCounts()
            counts.add(usage)
            return counts.tokens
        case .responses: return responses(root.present("usage"))
        case .generateContent:
            var google = GoogleReading()
            google.add(root)
            return google.tokens
        case .converse: return converse(root.present("usage"))
        case .chatCompletions, .completions, .embeddings: return OpenAIReply.usage(in: root)
        case .cohereChat, .ollamaChat: return nil
        }
    }

    /// The same, for bytes in an array.
    public static func usage(fromWhole body: [UInt8], dialect: Dialect) -> TokenUsage? {
        body.withUnsafeBytes { usage(fromWhole: $0, dialect: dialect) }
    }

    static func responses(_ usage: JSONView?) -> TokenUsage? {
        guard let usage, let value = try? JSON.read(usage.raw) else { return nil }
        return ResponsesUsage.read(value)?.tokens
    }

    static func converse(_ usage: JSONView?) -> TokenUsage? {
        guard let usage, usage.kind == .object, let value = try? JSON.read(usage.raw) else { return nil }
        return ConverseUsage.read(value).tokens
    }
}
