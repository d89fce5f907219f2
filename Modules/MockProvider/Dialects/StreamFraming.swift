/// How the events of a stream become bytes.
enum StreamFraming: Equatable {
    /// Server-sent events, with an `event:` line each or without.
    case events(named: Bool)
    /// A JSON object a line.
    case lines
    /// One JSON array over the whole stream: Gemini without `alt=sse`.
    case array
    /// AWS frames with the JSON as payload.
    case frames
    /// AWS frames named `chunk`, the JSON in base64 inside of them: Bedrock's InvokeModelWithResponseStream.
    case chunkFrames

    var contentType: StaticString {
        switch self {
        case .events: "text/event-stream; charset=utf-8"
        case .lines: "application/x-ndjson"
        case .array: "application/json; charset=UTF-8"
        case .frames, .chunkFrames: "application/vnd.amazon.eventstream"
        }
    }

    var hasComments: Bool {
        if case .events = self { return true }
        return false
    }

    /// - Parameters:
    ///   - isFirst: nothing was written before it.
    ///   - isBroken: only the first half of the JSON is written.
    func write(
        _ event: StreamEvent, isFirst: Bool, lineEnd: StaticString, isBroken: Bool = false, to out: inout ByteQueue
    ) {
        var text = event.data.serialized
        if isBroken { text.removeSubrange((text.count / 2)...) }
        switch self {
        case .events(let named):
            if named, !event.name.isEmpty {
                out.append("event: ")
                out.append(text: event.name)
                out.append(lineEnd)
            }
            out.append("data: ")
            out.append(text)
            out.append(lineEnd)
            out.append(lineEnd)
        case .lines:
            out.append(text)
            out.append("\n")
        case .array:
            out.append(isFirst ? "[" : ",\r\n")
            out.append(text)
        case .frames:
            EventStreamFrame.write(event.name, isException: event.isException, text, to: &out)
        case .chunkFrames:
            if event.isException {
                EventStreamFrame.write(event.name, isException: true, text, to: &out)
            } else {
                let payload: JSONValue = ["bytes": .string(Base64.encoded(text)), "p": "abcdefgh"]
                EventStreamFrame.write("chunk", isException: false, payload.serialized, to: &out)
            }
        }
    }

    /// What ends the stream after its last event.
    func writeEnd(isFirst: Bool, to out: inout ByteQueue) {
        if case .array = self { out.append(isFirst ? "[]\n" : "]\n") }
    }
}
