/// Which rules look at a string of a body, by the key that it belongs to.
enum JSONMemberUse: UInt8 {
    /// Text: every rule. What isn't known to be something else is text.
    case text
    /// A name out of a fixed set, or an identifier that something else refers to: `role`, `type`, `tool_call_id`. A
    /// banned word in it means nothing, and replacing it would break the call; but no secret looks like one.
    case identifier
    /// Where media data stands. Long base64 in it is nobody's text and passes; anything else is text.
    case media
    /// Encrypted or random characters: long base64 passes, anything else is like an identifier, because words turn up
    /// in it by chance.
    case opaque
    /// The tokens of the answer once more, with their probabilities.
    case logprobs

    /// - Parameter key: the bytes between the quotes. A key written with escapes is in no list, so its value is text.
    init(key: UnsafeRawBufferPointer) {
        self = .text
        guard 2...20 ~= key.count, let base = key.baseAddress else { return }
        for row in Self.rows[key.count] where row.name.utf8Start[0] == key[0] {
            let isSame = UnsafeRawBufferPointer(start: base, count: key.count)
                .elementsEqual(UnsafeRawBufferPointer(start: row.name.utf8Start, count: key.count))
            if isSame {
                self = row.use
                return
            }
        }
    }

    /// By length of the name.
    private static let rows: [[(name: StaticString, use: JSONMemberUse)]] = {
        var rows: [[(name: StaticString, use: JSONMemberUse)]] = Array(repeating: [], count: 21)
        let identifiers: [StaticString] = [
            "id", "role", "type", "model", "object", "status", "detail", "format", "effort", "voice", "user",
            "call_id", "file_id", "item_id", "verbosity", "modalities", "tool_choice", "tool_call_id",
            "response_id", "service_tier", "finish_reason", "native_finish_reason", "encoding_format",
            "reasoning_effort", "truncation", "system_fingerprint", "previous_response_id", "provider",
        ]
        let media: [StaticString] = [
            "url", "data", "image_url", "file_url", "file_data", "b64_json", "embedding",
        ]
        let opaque: [StaticString] = ["signature", "thought_signature", "encrypted_content", "obfuscation"]
        for name in identifiers { rows[name.utf8CodeUnitCount].append((name, .identifier)) }
        for name in media { rows[name.utf8CodeUnitCount].append((name, .media)) }
        for name in opaque { rows[name.utf8CodeUnitCount].append((name, .opaque)) }
        rows[8].append(("logprobs", .logprobs))
        return rows
    }()
}
