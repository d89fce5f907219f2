/// One API call: from a scanned request to a reply on the connection, at once or as a script.
struct Call {
    let loop: MockLoop
    let connection: Connection
    let endpoint: Endpoint
    let request: HTTPRequest
    /// The connection's input; the call reads it in place and keeps nothing of it.
    let bytes: UnsafeRawBufferPointer
    /// Whose errors and headers the reply has.
    var style = ErrorStyle.openAI

    /// A model's name as the request has it, cut at the `?` that begins its controls.
    struct ModelName {
        let name: UnsafeRawBufferPointer
        /// JSON-escaped.
        let text: UnsafeRawBufferPointer
        let control: UnsafeRawBufferPointer?
    }

    // MARK: - Order of decisions

    /// Answers an error that needs no behaviour; it is in the books all the same.
    func refuse(_ error: ErrorReply, _ scan: RequestScan?) {
        withModel(scan) { model in
            let ticket = open(model, scan?.stream ?? false).ticket
            refuse(error, ticket, Behaviour())
        }
    }

    func serve(_ scan: RequestScan) {
        withModel(scan) { model in
            let (ticket, rule) = open(model, scan.stream)
            let behaviour: Behaviour
            do throws(ControlError) {
                behaviour = try self.behaviour(rule, model, scan.control.map { bytes.unescaped($0) })
            } catch {
                refuse(.invalid(error.description, param: "x_mock", code: "mock_control"), ticket, Behaviour())
                return
            }
            if let error = mistake(in: scan, model) {
                refuse(error, ticket, behaviour)
            } else if let error = faultError(behaviour, model) {
                refuse(error, ticket, behaviour)
            } else if let fault = behaviour.fault, [.redirect, .wrongType, .empty, .cut].contains(fault) {
                answerNothing(fault, ticket, behaviour)
            } else if endpoint == .embeddings {
                embed(scan, model, ticket, behaviour)
            } else {
                generate(scan, model, ticket, behaviour)
            }
        }
    }

    /// What the rule, the model's name, the body and the header say, each over the former.
    func behaviour(
        _ rule: FaultRules.Rule?, _ model: ModelName, _ inBody: [UInt8]?
    ) throws(ControlError) -> Behaviour {
        var behaviour = loop.settings.behaviour
        if let rule { try rule.apply(to: &behaviour) }
        if let control = model.control { try behaviour.apply([UInt8](control)) }
        if let inBody { try behaviour.apply(inBody) }
        if let control = request.control { try behaviour.apply([UInt8](bytes[control])) }
        return behaviour
    }

    /// What OpenAI would say of the request.
    private func mistake(in scan: RequestScan, _ model: ModelName) -> ErrorReply? {
        if let wrong = scan.wrong {
            return .invalid(
                "Invalid type for '\(wrong.member)': expected \(wrong.expected).", param: "\(wrong.member)",
                code: "invalid_type")
        }
        if model.name.isEmpty { return .invalid("you must provide a model parameter") }
        if endpoint == .chat ? !scan.hasMessages : scan.text == nil {
            let name = endpoint == .chat ? "messages" : endpoint == .completions ? "prompt" : "input"
            return .invalid(
                "Missing required parameter: '\(name)'.", param: name, code: "missing_required_parameter")
        }
        let known = loop.settings.models
        if !known.isEmpty, !known.contains(where: { model.name.elementsEqual($0.utf8) }) {
            return .unknownModel(String(decoding: model.name, as: UTF8.self))
        }
        return nil
    }

    func faultError(_ behaviour: Behaviour, _ model: ModelName) -> ErrorReply? {
        let error: ErrorReply? =
            switch behaviour.fault {
            case .status(let status): style.status(status, model: String(decoding: model.name, as: UTF8.self))
            case .contextLength: style.contextLength
            case .quota: style.quota
            default: nil
            }
        guard var error else { return nil }
        if let code = behaviour.errorCode { error.code = code }
        if let message = behaviour.errorMessage { error.message = message }
        return error
    }

    // MARK: - Names and books

    private func withModel(_ scan: RequestScan?, _ body: (ModelName) -> Void) {
        guard let range = scan?.model, !range.isEmpty else {
            let empty = UnsafeRawBufferPointer(start: nil, count: 0)
            body(ModelName(name: empty, text: empty, control: nil))
            return
        }
        let raw = bytes.slice(range)
        if !raw.contains(UInt8(ascii: "\\")) {
            let (name, control) = Self.split(raw)
            body(ModelName(name: name, text: name, control: control))
            return
        }
        bytes.unescaped(range).withUnsafeBytes { plain in
            let (name, control) = Self.split(plain)
            var text = ByteQueue()
            text.append(escaping: name)
            body(ModelName(name: name, text: text.bytes, control: control))
        }
    }

    static func split(
        _ name: UnsafeRawBufferPointer
    ) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer?) {
        guard let mark = name.firstIndex(of: UInt8(ascii: "?")) else { return (name, nil) }
        return (name.slice(0..<mark), name.slice(mark + 1..<name.count))
    }

    func open(_ model: ModelName, _ stream: Bool) -> (ticket: Books.Ticket, rule: FaultRules.Rule?) {
        let opened = loop.books.open(
            model: model.name, endpoint: endpoint, stream: stream && endpoint != .embeddings,
            attemptID: request.attemptID.map { bytes.slice($0) }, at: loop.wallClock)
        if loop.books.requests.isOn {
            loop.books.requests.add(request, bytes, sequence: opened.ticket.sequence)
        }
        return opened
    }

    func id(_ ticket: Books.Ticket) -> ReplyID { ReplyID(nonce: loop.nonce, sequence: ticket.sequence) }

    /// When the first byte of a reply goes out; nil: never.
    func begins(_ behaviour: Behaviour) -> Int64? {
        guard behaviour.fault == .stall else { return loop.now + behaviour.latency }
        return behaviour.stallFor.map { loop.now + behaviour.latency + $0 }
    }

    func head(_ ticket: Books.Ticket, _ behaviour: Behaviour, _ framing: ReplyHead.Framing) -> ReplyHead {
        var head = ReplyHead(framing: framing, closes: !request.keepsAlive)
        if style == .openAI { head.id = id(ticket) } else { head.headers = style.headers(id(ticket)) }
        head.processing = Int(behaviour.latency / 1_000_000)
        if behaviour.fault == .headerFlood { head.floodHeaders = behaviour.headerCount }
        return head
    }

    // MARK: - Replies

    func refuse(_ error: ErrorReply, _ ticket: Books.Ticket, _ behaviour: Behaviour) {
        var body = ByteQueue()
        if style == .openAI {
            error.write(to: &body)
        } else {
            style.body(of: error, id(ticket), retryAfter: behaviour.retryAfter).write(to: &body)
        }
        var head = head(ticket, behaviour, .length(body.count))
        head.headers += style.headers(of: error)
        head.status = error.status
        head.retryAfter = behaviour.retryAfter
        sendUnserved(head, body.bytes, .error, ticket, behaviour)
    }

    /// The faults that answer no API reply at all.
    func answerNothing(_ fault: Fault, _ ticket: Books.Ticket, _ behaviour: Behaviour) {
        if fault == .cut {
            let script = WholeScript(
                status: 0, isServed: false, ended: .cut, tokens: BilledTokens(), bytes: [],
                begins: loop.now + behaviour.latency, pause: .cut(reset: behaviour.resets))
            start(.whole(script), ticket, behaviour)
            return
        }
        var body = ByteQueue()
        if fault == .wrongType {
            body.append("<!doctype html><html><head><title>502</title></head><body>tollgate-mock</body></html>\n")
        }
        var head = head(ticket, behaviour, .length(body.count))
        if fault == .wrongType { head.contentType = "text/html; charset=utf-8" }
        if fault == .redirect {
            head.status = 302
            head.location = behaviour.location
        }
        sendUnserved(head, body.bytes, .error, ticket, behaviour)
    }

    func sendUnserved(
        _ head: ReplyHead, _ body: UnsafeRawBufferPointer, _ ended: Books.Ended, _ ticket: Books.Ticket,
        _ behaviour: Behaviour
    ) {
        if behaviour.latency == 0 {
            head.write(date: loop.date, to: &connection.output)
            connection.output.append(body)
            if head.closes || behaviour.hangsUp { connection.closesAfterFlush = true }
            let outcome = Books.Outcome(status: head.status, ended: ended, fault: behaviour.fault)
            loop.books.close(ticket, outcome, at: loop.wallClock)
            return
        }
        var reply = ByteQueue()
        head.write(date: loop.date, to: &reply)
        reply.append(body)
        let script = WholeScript(
            status: head.status, isServed: false, ended: ended, tokens: BilledTokens(), bytes: reply.copy(),
            begins: loop.now + behaviour.latency)
        start(.whole(script), ticket, behaviour)
    }

    func start(_ script: Script, _ ticket: Books.Ticket, _ behaviour: Behaviour) {
        connection.exchange = Exchange(
            ticket: ticket, fault: behaviour.fault, script: script,
            keepsAlive: request.keepsAlive && !behaviour.hangsUp,
            behaviour: behaviour, bytesBefore: connection.output.count)
    }

    /// A whole body that was composed: sent at once, late, in two parts or in part.
    func sendWhole(
        _ body: UnsafeRawBufferPointer, _ tokens: BilledTokens, _ ticket: Books.Ticket, _ behaviour: Behaviour,
        headers: [(String, String)] = []
    ) {
        let cuts = behaviour.fault == .badJSON
        let body = cuts ? body.slice(0..<body.count / 2) : body
        var head = head(ticket, behaviour, .length(body.count))
        head.headers += headers
        if behaviour.isPlain {
            head.write(date: loop.date, to: &connection.output)
            connection.output.append(body)
            if head.closes || behaviour.hangsUp { connection.closesAfterFlush = true }
            let outcome = Books.Outcome(status: 200, ended: .complete, isServed: true, tokens: tokens)
            loop.books.close(ticket, outcome, at: loop.wallClock)
            return
        }
        var reply = ByteQueue()
        head.write(date: loop.date, to: &reply)
        let headBytes = reply.count
        reply.append(body)
        var script = WholeScript(
            status: 200, isServed: true, ended: .complete, tokens: tokens, bytes: reply.copy(),
            begins: begins(behaviour))
        switch behaviour.fault {
        case .cutChunk, .cutInside: script.pause = .cut(reset: behaviour.resets)
        case .stallChunk: script.pause = .stall(for: behaviour.stallFor)
        default: break
        }
        script.pauseAt = headBytes + body.count / 2
        start(.whole(script), ticket, behaviour)
    }

    private func embed(_ scan: RequestScan, _ model: ModelName, _ ticket: Books.Ticket, _ behaviour: Behaviour) {
        let inputs = scan.inputs(bytes)
        let dimensions = scan.dimensions ?? Embedding.dimensionsDefault
        guard !inputs.isEmpty, inputs.count <= 2048, (1...Embedding.dimensionsMax).contains(dimensions) else {
            refuse(.invalid("'$.input' is invalid, or 'dimensions' is.", param: "input"), ticket, behaviour)
            return
        }
        var body = ByteQueue()
        body.append("{\"object\":\"list\",\"data\":[")
        for (index, input) in inputs.enumerated() {
            if index > 0 { body.append(",") }
            body.append("{\"object\":\"embedding\",\"index\":")
            body.append(decimal: index)
            body.append(",\"embedding\":")
            let vector = Embedding.vector(of: bytes.slice(input.range), dimensions: dimensions)
            if scan.asksBase64 {
                Embedding.writeBase64(vector, to: &body)
            } else {
                Embedding.write(vector, to: &body)
            }
            body.append("}")
        }
        let tokens = BilledTokens(prompt: inputs.reduce(0) { $0 + $1.promptTokens(bytes) })
        body.append("],\"model\":\"")
        body.append(model.text)
        body.append("\"")
        if behaviour.usage != .none {
            body.append(",\"usage\":{\"prompt_tokens\":")
            body.append(decimal: tokens.prompt)
            body.append(",\"total_tokens\":")
            body.append(decimal: tokens.prompt)
            body.append("}")
        }
        body.append("}\n")
        sendWhole(body.bytes, tokens, ticket, behaviour)
    }

    private func generate(
        _ scan: RequestScan, _ model: ModelName, _ ticket: Books.Ticket, _ behaviour: Behaviour
    ) {
        let answers = AnswerChoice(scan: scan, bytes: bytes, behaviour: behaviour, endpoint: endpoint).answers
        let prompt =
            endpoint == .chat
            ? scan.chatPromptTokens : scan.inputs(bytes).reduce(0) { $0 + $1.promptTokens(bytes) }
        let usage = ReplyUsage(
            prompt: max(prompt, 1), cached: min(behaviour.cachedTokens, prompt),
            completion: answers.reduce(0) { $0 + $1.pieces }, reasoning: behaviour.reasoningTokens)
        let writer = ReplyWriter(
            id: id(ticket), endpoint: endpoint, created: Int(loop.wallClock / 1_000_000_000), model: model.text,
            usage: usage, hasUsage: behaviour.usage != .none, breaksUTF8: behaviour.fault == .badUTF8)
        let textBytes = answers.reduce(0) { $0 + $1.textBytes }
        if scan.stream {
            stream(scan, writer, answers, ticket, behaviour)
        } else if textBytes > MockLoop.outputBytesMax, behaviour.fault != .badJSON {
            sendLarge(writer, answers, textBytes: textBytes, ticket, behaviour)
        } else {
            let tokens = BilledTokens(prompt: usage.prompt, cached: usage.cached, completion: usage.completion)
            loop.scratch.removeAll()
            writer.writeWhole(answers, to: &loop.scratch)
            sendWhole(loop.scratch.bytes, tokens, ticket, behaviour)
        }
    }

    /// A whole answer that is written as the client reads. Faults that end it half-way are for smaller ones.
    private func sendLarge(
        _ writer: ReplyWriter, _ answers: [Answer], textBytes: Int, _ ticket: Books.Ticket, _ behaviour: Behaviour
    ) {
        var body = ByteQueue()
        var insertions: [Int] = []
        writer.writeWhole(answers, to: &body) { _, out in insertions.append(out.count) }
        let count = body.count + textBytes
        var reply = ByteQueue()
        head(ticket, behaviour, .length(count)).write(date: loop.date, to: &reply)
        reply.append(body.bytes.slice(0..<insertions[0]))
        var parts = [reply.copy()]
        for (index, insertion) in insertions.enumerated() {
            let end = index + 1 < insertions.count ? insertions[index + 1] : body.count
            parts.append([UInt8](body.bytes[insertion..<end]))
        }
        let tokens = BilledTokens(
            prompt: writer.usage.prompt, cached: writer.usage.cached, completion: writer.usage.completion)
        let script = LargeScript(
            answers: answers, tokens: tokens, parts: parts, begins: begins(behaviour) ?? .max)
        start(.large(script), ticket, behaviour)
    }

    private func stream(
        _ scan: RequestScan, _ writer: ReplyWriter, _ answers: [Answer], _ ticket: Books.Ticket, _ behaviour: Behaviour
    ) {
        var head = head(ticket, behaviour, request.isVersion11 ? .chunked : .untilClose)
        head.contentType = "text/event-stream; charset=utf-8"
        if !request.isVersion11 { head.closes = true }
        var headBytes = ByteQueue()
        head.write(date: loop.date, to: &headBytes)
        let deltas = DeltaWriter(endpoint: endpoint, id: id(ticket), answers: answers, breaksUTF8: writer.breaksUTF8)
        let script = StreamScript(
            behaviour: behaviour, head: headBytes.copy(), start: writer.streamStart(), deltas: deltas,
            usage: writer.usage, includesUsage: scan.includesUsage && writer.hasUsage, isChunked: request.isVersion11,
            begins: begins(behaviour) ?? .max)
        start(.stream(script), ticket, behaviour)
        if !request.isVersion11 { connection.exchange?.keepsAlive = false }
    }
}
