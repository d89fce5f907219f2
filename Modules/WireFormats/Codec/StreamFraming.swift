import JSONText

/// How a stream of replies is cut into frames.
public enum StreamFraming: String, Sendable {
    /// `text/event-stream`.
    case sse
    /// A JSON document a line (Ollama).
    case lines
    /// One JSON array, an element a frame (generateContent without `alt=sse`).
    case array
    /// `application/vnd.amazon.eventstream`.
    case eventStream

    /// What the content type of such a stream holds, in lower case.
    public var contentType: StaticString {
        switch self {
        case .sse: "text/event-stream"
        case .lines: "ndjson"
        case .array: "application/json"
        case .eventStream: "application/vnd.amazon.eventstream"
        }
    }
}

/// One frame of a provider's stream.
public enum StreamFrame: Equatable, Sendable {
    /// A document, and the event's name where the framing has one (SSE `event`, AWS `:event-type`).
    case json(JSON, event: String?)
    /// `data: [DONE]`.
    case done
    /// A comment, a blank event, a ping without data.
    case keepAlive
    /// An SSE event that is named `error`, whatever its data.
    case failed(ProviderError)
    /// An AWS exception frame: its `:exception-type` (or `:error-code`) and its payload.
    case exception(type: String, JSON)
}
