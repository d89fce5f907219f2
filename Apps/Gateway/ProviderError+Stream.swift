import JSONText
import WireFormats

extension ProviderError {
    /// The error event among whole events of a stream whose bytes pass; nil where there is none that can be read.
    static func last(in events: [UInt8], of dialect: Dialect) -> ProviderError? {
        events.withUnsafeBytes { dialect == .converse ? last(inMessages: $0) : last(inEvents: $0, dialect) }
    }

    private static func last(inEvents bytes: UnsafeRawBufferPointer, _ dialect: Dialect) -> ProviderError? {
        var found: ProviderError?
        var parser = SSEParser(eventBytesMax: bytes.count)
        do throws(SSEParser.EventTooLong) {
            try parser.feed(bytes) { found = reported(by: $0, dialect) ?? found }
        } catch {
            // What was whole before it counts.
        }
        return found
    }

    private static func last(inMessages bytes: UnsafeRawBufferPointer) -> ProviderError? {
        var found: ProviderError?
        var parser = EventStreamParser(messageBytesMax: bytes.count)
        do throws(EventStreamError) {
            try parser.feed(bytes) { found = reported(by: $0) ?? found }
        } catch {
            // As above.
        }
        return found
    }

    private static func reported(by event: SSEEvent, _ dialect: Dialect) -> ProviderError? {
        guard let data = event.data, isError(event, dialect) else { return nil }
        // `response.failed` of Responses has it in its response.
        let inner = JSONView(unchecked: data)?.member("response")?.present("error")
        return read(from: inner?.raw ?? data, dialect: dialect, status: 0)
    }

    private static func isError(_ event: SSEEvent, _ dialect: Dialect) -> Bool {
        if OpenAIEndpoint(dialect) != nil {
            var stream = OpenAIStream(hidesUsage: false)
            return stream.read(event).kind == .error
        }
        var stream = DialectStream(dialect: dialect)
        return stream.read(event) == .error
    }

    private static func reported(by message: EventStreamMessage) -> ProviderError? {
        var stream = DialectStream(dialect: .converse)
        guard stream.read(message) == .error else { return nil }
        return message.payload.withUnsafeBytes {
            read(
                from: $0, dialect: .converse, status: 0,
                errorType: message.header(":exception-type") ?? message.header(":error-code"))
        }
    }
}
