import JSONText

/// Collects the frames that an encoder writes, as bytes for the client.
public struct FrameWriter: Sendable {
    /// Written since the last ``take()``.
    public private(set) var bytes: [UInt8] = []

    /// With nothing written.
    public init() {}

    /// Whether nothing was written since the last ``take()``.
    public var isEmpty: Bool { bytes.isEmpty }

    /// Hands the bytes out and begins anew.
    public mutating func take() -> [UInt8] {
        defer { bytes.removeAll(keepingCapacity: true) }
        return bytes
    }

    /// `event: name` (where there is one), `data: document`, a blank line. JSON text has no raw line ends.
    public mutating func sse(_ document: JSON, event: StaticString? = nil) {
        if let event {
            text("event: ")
            text(event)
            text("\n")
        }
        text("data: ")
        document.append(to: &bytes)
        text("\n\n")
    }

    /// `data: [DONE]`
    public mutating func sseDone() { text("data: [DONE]\n\n") }

    /// A comment, by which connections are kept open.
    public mutating func sseComment(_ words: StaticString = "keep-alive") {
        text(": ")
        text(words)
        text("\n\n")
    }

    /// Bytes as they are: other framings.
    public mutating func raw(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// Words as they are, without an escape.
    public mutating func text(_ words: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: words.utf8Start, count: words.utf8CodeUnitCount))
    }

    /// A document as it is.
    public mutating func json(_ document: JSON) { document.append(to: &bytes) }
}
