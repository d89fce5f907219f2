import JSONText

/// One event of a `text/event-stream`, in the bytes that brought it.
///
/// It borrows: every buffer is valid only inside the closure that was given the event.
public struct SSEEvent {
    /// The event byte for byte, its blank line included, so that it can be forwarded unchanged. All events' raw bytes
    /// one after the other are the stream, but for a byte order mark before the first.
    public let raw: UnsafeRawBufferPointer
    /// The `data` field; several are joined by a line feed. Nil for an event without one: a comment, a blank line.
    public let data: UnsafeRawBufferPointer?
    /// Where `data` is in `raw`; nil where there is none, or where it was joined from several lines.
    public let dataRange: Range<Int>?
    /// The `event` field; empty where there is none.
    public let name: UnsafeRawBufferPointer
    /// The `id` field; empty where there is none.
    public let id: UnsafeRawBufferPointer
    /// False for what stood at the stream's end without its blank line.
    public let isTerminated: Bool

    /// Its blank line came, or nothing but that is missing: its data is a whole document or `[DONE]`, or it is an error
    /// in words whose line ended. Else it was cut.
    public var isWhole: Bool {
        if isTerminated { return true }
        guard let data else { return isLineEnd || bareError != nil }
        if isNamed("error"), raw.last == 0x0A || raw.last == 0x0D { return true }
        return dataIs("[DONE]") || (try? JSON.read(data, names: .ofDialects)) != nil
    }

    /// Nothing but line ends: a blank line, or the LF of a CRLF that was cut apart.
    var isLineEnd: Bool { raw.allSatisfy { $0 == 0x0A || $0 == 0x0D } }

    /// An error that stands there as a JSON text, in no field: so Google's streams may end, which are a JSON array without
    /// `alt=sse`.
    public var bareError: ProviderError? {
        guard data == nil, let first = raw.first(where: { $0 > 0x20 }), first == 0x7B || first == 0x5B,
            JSONScanner.isJSON(raw)
        else { return nil }
        return JSONView(unchecked: raw).flatMap { ProviderError(reportedIn: $0) }
    }

    /// Where an error's JSON is: its data, or all there is of it (``bareError``).
    public var errorText: UnsafeRawBufferPointer { data ?? raw }

    /// The event with other data in place of its own, everything else byte for byte.
    ///
    /// - Parameter other: JSON text. Where the event has several data lines it gets one: line ends in JSON are white space.
    public func with(data other: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(raw.count + other.count + 16)
        if let dataRange {
            output.append(contentsOf: UnsafeRawBufferPointer(rebasing: raw[..<dataRange.lowerBound]))
            output.append(contentsOf: other)
            output.append(contentsOf: UnsafeRawBufferPointer(rebasing: raw[dataRange.upperBound...]))
            return output
        }
        for (field, value) in [("event: ", name), ("id: ", id)] where !value.isEmpty {
            output.append(contentsOf: field.utf8)
            output.append(contentsOf: value)
            output.append(0x0A)
        }
        output.append(contentsOf: "data: ".utf8)
        output.append(contentsOf: other.lazy.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 })
        output.append(contentsOf: [0x0A, 0x0A])
        return output
    }

    /// Without data it has lines that are neither comments nor fields. No client reads them, and they may be a provider's
    /// words about its own failure.
    public var isStray: Bool {
        guard data == nil else { return false }
        var start = 0
        while start < raw.count {
            let end = raw[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? raw.count
            let line = UnsafeRawBufferPointer(rebasing: raw[start..<end])
            if !line.isEmpty, !SSEEvent.isReadByClients(line) { return true }
            start = end + 1
        }
        return false
    }

    /// A comment, or a field without data: its name stands before the first colon, or is the whole line.
    private static func isReadByClients(_ line: UnsafeRawBufferPointer) -> Bool {
        let name = UnsafeRawBufferPointer(rebasing: line.prefix { $0 != UInt8(ascii: ":") })
        return name.isEmpty || (["event", "id", "retry"] as [StaticString]).contains { name.equals($0) }
    }

    /// Whether the `event` field says `text`.
    public func isNamed(_ text: StaticString) -> Bool {
        name.equals(text)
    }

    /// Whether the data is `text`, apart from spaces around it.
    public func dataIs(_ text: StaticString) -> Bool {
        guard let data else { return false }
        var start = 0
        var end = data.count
        while start < end, data[start] == 0x20 { start += 1 }
        while end > start, data[end - 1] == 0x20 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: data[start..<end]).equals(text)
    }
}
