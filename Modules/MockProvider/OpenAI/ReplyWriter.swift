/// The id of an attempt, in all the shapes that OpenAI gives it.
struct ReplyID {
    let nonce: UInt32
    let sequence: Int

    func write(_ prefix: StaticString, to out: inout ByteQueue) {
        out.append(prefix)
        out.append(hex: UInt64(nonce), digits: 8)
        out.append(hex: UInt64(sequence), digits: 12)
    }
}

/// The usage of a reply.
struct ReplyUsage {
    var prompt: Int
    var cached = 0
    var completion: Int
    var reasoning = 0

    func write(to out: inout ByteQueue) {
        out.append("{\"prompt_tokens\":")
        out.append(decimal: prompt)
        out.append(",\"completion_tokens\":")
        out.append(decimal: completion)
        out.append(",\"total_tokens\":")
        out.append(decimal: prompt + completion)
        out.append(",\"prompt_tokens_details\":{\"cached_tokens\":")
        out.append(decimal: min(cached, prompt))
        out.append(",\"audio_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":")
        out.append(decimal: min(reasoning, completion))
        out.append(",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}")
    }
}

/// Writes the bodies of chat and completions replies in OpenAI's shape.
///
/// Source: https://platform.openai.com/docs/api-reference/chat (object, streaming) and …/completions; the field lists
/// are those of openai-python's types `ChatCompletion`, `ChatCompletionChunk` and `Completion`.
struct ReplyWriter {
    let id: ReplyID
    let endpoint: Endpoint
    let created: Int
    /// JSON-escaped.
    let model: UnsafeRawBufferPointer
    let usage: ReplyUsage
    let hasUsage: Bool
    let breaksUTF8: Bool

    private static let fingerprint: StaticString = "fp_tollgatemock"

    /// - Parameters:
    ///   - answers: one a choice.
    ///   - text: writes the content of each choice where it belongs.
    func writeWhole(_ answers: [Answer], to out: inout ByteQueue, text: (Answer, inout ByteQueue) -> Void) {
        writeStart(endpoint == .chat ? "chat.completion" : "text_completion", to: &out)
        for (index, answer) in answers.enumerated() {
            if index > 0 { out.append(byte: UInt8(ascii: ",")) }
            if endpoint == .chat {
                writeMessage(index, answer, to: &out, text: text)
            } else {
                out.append("{\"text\":\"")
                text(answer, &out)
                out.append("\",\"index\":")
                out.append(decimal: index)
            }
            out.append(",\"logprobs\":null,\"finish_reason\":")
            out.append(answer.finishReason)
            out.append("}")
        }
        out.append("]")
        if hasUsage {
            out.append(",\"usage\":")
            usage.write(to: &out)
        }
        if endpoint == .chat { out.append(",\"service_tier\":\"default\"") }
        out.append(",\"system_fingerprint\":\"")
        out.append(Self.fingerprint)
        out.append("\"}\n")
    }

    func writeWhole(_ answers: [Answer], to out: inout ByteQueue) {
        writeWhole(answers, to: &out) { answer, out in
            answer.writeText(to: &out)
            if breaksUTF8 { Self.writeBrokenUTF8(to: &out) }
        }
    }

    private func writeMessage(
        _ index: Int, _ answer: Answer, to out: inout ByteQueue, text: (Answer, inout ByteQueue) -> Void
    ) {
        out.append("{\"index\":")
        out.append(decimal: index)
        out.append(",\"message\":{\"role\":\"assistant\",\"content\":")
        if let tool = answer.tool {
            out.append("null,\"tool_calls\":[{\"id\":\"")
            id.write("call_", to: &out)
            out.append("\",\"type\":\"function\",\"function\":{\"name\":\"")
            out.append(tool)
            out.append("\",\"arguments\":\"")
            text(answer, &out)
            out.append("\"}}]")
        } else {
            out.append("\"")
            text(answer, &out)
            out.append("\"")
        }
        out.append(",\"refusal\":null,\"annotations\":[]}")
    }

    private func writeStart(_ object: StaticString, to out: inout ByteQueue) {
        out.append("{\"id\":\"")
        id.write(endpoint == .chat ? "chatcmpl-" : "cmpl-", to: &out)
        out.append("\",\"object\":\"")
        out.append(object)
        out.append("\",\"created\":")
        out.append(decimal: created)
        out.append(",\"model\":\"")
        out.append(model)
        out.append("\",\"choices\":[")
    }

    /// What every event of a stream begins with, up to the list of choices.
    func streamStart() -> [UInt8] {
        var out = ByteQueue()
        out.append("{\"id\":\"")
        id.write(endpoint == .chat ? "chatcmpl-" : "cmpl-", to: &out)
        out.append("\",\"object\":\"")
        out.append(endpoint == .chat ? "chat.completion.chunk" : "text_completion")
        out.append("\",\"created\":")
        out.append(decimal: created)
        out.append(",\"model\":\"")
        out.append(model)
        if endpoint == .chat { out.append("\",\"service_tier\":\"default") }
        out.append("\",\"system_fingerprint\":\"")
        out.append(Self.fingerprint)
        out.append("\",\"choices\":[")
        return out.copy()
    }

    /// Starts a byte sequence that never ends, an overlong one, and a lone continuation.
    static func writeBrokenUTF8(to out: inout ByteQueue) { out.append([0xFF, 0xC3, 0x28, 0xC0, 0xAF, 0x80]) }
}

/// Writes the choices of one event of a stream.
struct DeltaWriter {
    let endpoint: Endpoint
    let id: ReplyID
    /// One a choice.
    let answers: [Answer]
    let breaksUTF8: Bool

    /// The chunk that opens a choice: its role, or the tool that is called.
    func writeOpening(choice: Int, to out: inout ByteQueue) {
        out.append("{\"index\":")
        out.append(decimal: choice)
        if let tool = answers[choice].tool {
            out.append(",\"delta\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":\"")
            id.write("call_", to: &out)
            out.append("\",\"type\":\"function\",\"function\":{\"name\":\"")
            out.append(tool)
            out.append("\",\"arguments\":\"\"}}],\"refusal\":null}")
        } else {
            out.append(",\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}")
        }
        out.append(",\"logprobs\":null,\"finish_reason\":null}")
    }

    func write(piece: Int, choice: Int, to out: inout ByteQueue) {
        let answer = answers[choice]
        out.append("{\"index\":")
        out.append(decimal: choice)
        if endpoint != .chat {
            out.append(",\"text\":\"")
        } else if answer.tool != nil {
            out.append(",\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"")
        } else {
            out.append(",\"delta\":{\"content\":\"")
        }
        answer.write(piece: piece, to: &out)
        if breaksUTF8, piece == 0 { ReplyWriter.writeBrokenUTF8(to: &out) }
        if endpoint != .chat {
            out.append("\"")
        } else if answer.tool != nil {
            out.append("\"}}]}")
        } else {
            out.append("\"}")
        }
        out.append(",\"logprobs\":null,\"finish_reason\":null}")
    }

    func writeFinish(choice: Int, to out: inout ByteQueue) {
        out.append("{\"index\":")
        out.append(decimal: choice)
        out.append(endpoint == .chat ? ",\"delta\":{}" : ",\"text\":\"\"")
        out.append(",\"logprobs\":null,\"finish_reason\":")
        out.append(answers[choice].finishReason)
        out.append("}")
    }
}
