import JSONText

/// An error as a provider reported it.
public struct ProviderError: Equatable, Sendable {
    /// The provider's words; empty where it sent none. They may name its account: not for every client.
    public let message: String
    /// `invalid_request_error`, `BadRequestError`, `RESOURCE_EXHAUSTED`, `ThrottlingException`, …
    public let type: String?
    /// The member that it finds fault with.
    public let param: String?
    /// As text, also where the provider sent a number.
    public let code: String?
    /// How long Google asks to be left alone, as it writes durations: `38s`, `38.5s`.
    public let retryDelay: String?
    /// Google's `details`, as compact JSON text. They may name its account, as the message may.
    public let details: String?
    /// What it means, whoever says it.
    public let kind: Kind
    /// The provider says by a code that it refuses the key, whatever the status (Google: 400 and `API_KEY_INVALID`). Words
    /// alone don't tell: they may be a client's that the provider quotes.
    public let refusesKey: Bool

    /// - Parameter kind: nil where the words and the code tell.
    public init(
        message: String, type: String? = nil, param: String? = nil, code: String? = nil, details: String? = nil,
        kind: Kind? = nil
    ) {
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        self.details = details
        retryDelay = nil
        self.kind = kind ?? Kind(status: nil, type: type, code: code, message: message)
        refusesKey = Kind.coded(type: type, code: code) == .authentication
    }

    private init(_ reading: Reading, status: Int) {
        message = reading.message
        type = reading.type
        param = reading.param
        code = reading.code
        details = reading.details
        retryDelay = reading.retryDelay
        // Google's reason says more than its code.
        let told = reading.reason ?? reading.code
        kind = Kind(status: status, type: reading.type, code: told, message: reading.message)
        refusesKey = Kind.coded(type: reading.type, code: told) == .authentication
    }

    /// The error that a body or an event's data reports, whatever its status.
    ///
    /// - Returns: nil where it reports none.
    init?(reportedIn root: JSONView) {
        var object = root
        if root.kind == .array {
            var elements = root.elements
            guard let first = elements.next() else { return nil }
            object = first
        }
        guard
            object.present("error") != nil || object.member("object")?.isString("error") == true
                || object.member("type")?.isString("error") == true
        else { return nil }
        self = ProviderError.read(from: object.raw, status: 0)
    }

    /// The same of a document that was read: `{"error": …}`, vLLM's `{"object":"error"}`, Google's `[{"error": …}]`.
    init?(reportedIn body: JSON) {
        let first = body.array?.first ?? body
        guard case .object(let object) = first else { return nil }
        let hasError = object["error"].map { !$0.isNull } ?? false
        guard hasError || object["object"]?.isString("error") == true || object["type"]?.isString("error") == true
        else { return nil }
        let found = first.serialized().withUnsafeBytes { bytes in
            JSONView(unchecked: bytes).flatMap { ProviderError(reportedIn: $0) }
        }
        guard let found else { return nil }
        self = found
    }

    /// A member as text, whatever it is.
    static func text(_ object: JSONView, _ name: StaticString) -> String? {
        guard let value = object.present(name) else { return nil }
        return value.string ?? String(decoding: value.raw.prefix(4096), as: UTF8.self)
    }
}

// MARK: - Reading a failed call's answer

extension ProviderError {
    /// Reads the body of an answer whose status was 400 or more; whatever it is, something is told. Of a shape that nobody
    /// knows that is the body itself, unless an answer may be in it.
    ///
    /// Known shapes: `{"error":{…}}` (OpenAI, Anthropic; Google with `status` and `details`, also as an array's first
    /// element), `{"error":"text"}` (Ollama, xAI), `{"error":["text"]}` (Hugging Face), `{"message"|"Message"}` with
    /// `__type` or the header `x-amzn-errortype` (AWS), `{"message"}` (Cohere), `{"detail"}` (FastAPI), plain text.
    ///
    /// - Parameters:
    ///   - status: 0 for an error inside a stream, whose message may be empty.
    ///   - errorType: the header `x-amzn-errortype`.
    public static func read(
        from body: UnsafeRawBufferPointer, status: Int, errorType: String? = nil
    ) -> ProviderError {
        var reading = Reading(isWholeBody: status != 0)
        if let root = JSONView(unchecked: body) { reading.read(root, body) }
        if let errorType { reading.type = amazonName(errorType) }
        if reading.message.isEmpty, status != 0 { reading.message = "The provider answered with status \(status)." }
        return ProviderError(reading, status: status)
    }

    /// `ValidationException:http://internal.amazon.com/…` and `com.amazon.coral.service#ValidationException`.
    private static func amazonName(_ text: String) -> String {
        let name = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        return String(name.split(separator: "#").last ?? name)
    }

    fileprivate struct Reading {
        /// Not an event of a stream, nor an answer.
        let isWholeBody: Bool
        var message = ""
        var type: String?
        var param: String?
        var code: String?
        /// Google's `ErrorInfo.reason`.
        var reason: String?
        var retryDelay: String?
        var details: String?

        mutating func read(_ value: JSONView, _ body: UnsafeRawBufferPointer) {
            switch value.kind {
            case .array:
                var elements = value.elements
                if let first = elements.next() { read(first, body) }
            case .string: message = value.string ?? ""
            case .object: readObject(value)
            default: message = String(decoding: body.prefix(2000), as: UTF8.self)
            }
        }

        private mutating func readObject(_ root: JSONView) {
            let error = root.present("error") ?? root
            switch error.kind {
            case .object: break
            case .array:
                var elements = error.elements
                message = elements.next()?.string ?? text(of: error)
                return
            default:
                // xAI has the code beside it.
                message = error.string ?? ""
                code = ProviderError.text(root, "code")
                return
            }
            var mayHoldAnswer = false
            for name in ["message", "Message", "detail", "error_message", "msg"] as [StaticString] {
                guard let value = error.present(name) else { continue }
                message = value.string ?? text(of: value)
                if !message.isEmpty { break }
                if value.kind != .string { mayHoldAnswer = true }
            }
            if message.isEmpty, !mayHoldAnswer { message = text(of: error) }
            readWordsBehind(error)
            type = ProviderError.text(error, "type") ?? ProviderError.text(error, "status")
            if type == nil, let name = ProviderError.text(error, "__type") { type = amazonName(name) }
            // That an event is one, as Responses says it, is no type.
            if type == "error" { type = nil }
            param = ProviderError.text(error, "param")
            code = ProviderError.text(error, "code")
            if let details = error.present("details"), details.kind == .array { readDetails(details, of: error) }
        }

        /// OpenRouter may say no more than "Provider returned error": what its provider said stands beside it, mostly as JSON
        /// in a text (https://github.com/reVrost/go-openrouter/pull/21, read on 2026-11-30).
        private mutating func readWordsBehind(_ error: JSONView) {
            guard message.lowercased().hasPrefix("provider returned error"), message.utf8.count < 26,
                let raw = error.member("metadata")?.present("raw")
            else { return }
            let text = raw.string ?? String(decoding: raw.raw, as: UTF8.self)
            let isWholeBody = self.isWholeBody
            let words = Array(text.utf8).withUnsafeBytes { bytes in
                guard JSONScanner.isJSON(bytes), let root = JSONView(unchecked: bytes) else { return text }
                var inner = Reading(isWholeBody: isWholeBody)
                inner.read(root, bytes)
                return inner.message
            }
            if !words.isEmpty { message += ": " + String(words.prefix(2000)) }
        }

        /// Gemini tells its wait here alone, with up to nine digits of a second
        /// (https://github.com/googleapis/python-genai/issues/1875 and https://github.com/dcdpr/jp/pull/1061, read on
        /// 2026-11-30).
        private mutating func readDetails(_ details: JSONView, of error: JSONView) {
            for detail in details.elements {
                reason = reason ?? ProviderError.text(detail, "reason")
                if detail.member("@type")?.isString("type.googleapis.com/google.rpc.RetryInfo") == true {
                    retryDelay = retryDelay ?? detail.member("retryDelay")?.string
                }
            }
            guard error.member("status")?.kind == .string, details.range.count <= Self.detailsBytesMax else { return }
            self.details = (try? JSON.read(details.raw))?.text
        }

        private static let detailsBytesMax = 16 << 10

        private static let answerMembers: [StaticString] = ["choices", "content", "output", "candidates", "delta"]

        /// A shape that nobody knows, as it stands.
        private func text(of value: JSONView) -> String {
            guard isWholeBody, Self.answerMembers.allSatisfy({ value.member($0) == nil }) else { return "" }
            return String(decoding: value.raw.prefix(2000), as: UTF8.self)
        }
    }
}
