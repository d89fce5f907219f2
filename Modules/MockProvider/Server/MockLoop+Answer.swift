/// What a request is answered with: this is the mock's routing table and its order of decisions.
///
/// path → key → body → (in the books from here) rule → controls → fault → answer
extension MockLoop {
    func answer(_ request: HTTPRequest, on connection: Connection) {
        let bytes = connection.input.bytes
        var path = request.path
        if let query = bytes[path].firstIndex(of: UInt8(ascii: "?")) { path = path.lowerBound..<query }
        if bytes.slice(path).starts(with: "/v1/".utf8) { path = path.lowerBound + 3..<path.upperBound }
        if bytes.matches(path, "/chat/completions") {
            post(.chat, request, bytes, connection)
        } else if bytes.matches(path, "/completions") {
            post(.completions, request, bytes, connection)
        } else if bytes.matches(path, "/embeddings") {
            post(.embeddings, request, bytes, connection)
        } else if answerDialect(request, bytes, connection) {
            return
        } else if bytes.slice(path).starts(with: "/models".utf8) {
            answerModels(path, request, bytes, connection)
        } else if bytes.slice(path).starts(with: "/_mock".utf8) {
            answerControl(path, request, bytes, connection)
        } else {
            let url = String(decoding: bytes[request.path], as: UTF8.self)
            send(
                ErrorReply(
                    status: 404, type: "invalid_request_error", code: nil, param: nil,
                    message: "Invalid URL (\(url))"),
                on: connection, keepsAlive: request.keepsAlive)
        }
    }

    private func post(
        _ endpoint: Endpoint, _ request: HTTPRequest, _ bytes: UnsafeRawBufferPointer, _ connection: Connection
    ) {
        guard request.method == .post else {
            var head = ReplyHead(status: 405, framing: .length(0), closes: !request.keepsAlive)
            head.allow = "POST"
            send(head, [], on: connection)
            return
        }
        let call = Call(loop: self, connection: connection, endpoint: endpoint, request: request, bytes: bytes)
        if let refusal = refusal(of: request, bytes) {
            call.refuse(refusal, RequestScan(bytes, in: request.body))
            return
        }
        guard let scan = RequestScan(bytes, in: request.body) else {
            call.refuse(.notJSON, nil)
            return
        }
        if endpoint == .chat, scan.wrong == nil, scan.choices == 1, scan.needsDialect || hasTrigger(scan, bytes) {
            call.serve(ChatDialect(), JSONValue(bytes, in: request.body), pathModel: nil, refusal: nil)
        } else {
            call.serve(scan)
        }
    }

    /// Whether the last text asks for calls or something else that the fast path does not know.
    private func hasTrigger(_ scan: RequestScan, _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let content = scan.lastContent, content.count >= 6 else { return false }
        let text = bytes.slice(content)
        return (scan.tools != nil && text.contains("call ")) || text.contains("describe request")
            || text.contains("please refuse")
    }

    /// - Returns: the 401 for a request without the right key; a mock that was given no key asks for none.
    func refusal(of request: HTTPRequest, _ bytes: UnsafeRawBufferPointer) -> ErrorReply? {
        guard let key = settings.key else { return nil }
        guard let authorization = request.authorization, authorization.count > 7,
            bytes.matchesLowercased(authorization.lowerBound..<authorization.lowerBound + 7, "bearer ")
        else { return .noKey }
        let presented = bytes.trimmed(authorization.lowerBound + 7..<authorization.upperBound)
        if presented.isEmpty { return .noKey }
        return bytes[presented].elementsEqual(key.utf8) ? nil : .wrongKey
    }

    // MARK: - Small answers

    func send(_ head: ReplyHead, _ body: [UInt8], on connection: Connection) {
        head.write(date: date, to: &connection.output)
        connection.output.append(body)
        if head.closes { connection.closesAfterFlush = true }
    }

    func send(_ error: ErrorReply, on connection: Connection, keepsAlive: Bool) {
        var body = ByteQueue()
        error.write(to: &body)
        let head = ReplyHead(status: error.status, framing: .length(body.count), closes: !keepsAlive)
        send(head, body.copy(), on: connection)
    }

    // MARK: - Models

    private static let modelsKnown = ["mock-gpt", "mock-gpt-mini", "mock-embedding"]

    private func answerModels(
        _ path: Range<Int>, _ request: HTTPRequest, _ bytes: UnsafeRawBufferPointer, _ connection: Connection
    ) {
        if let refusal = refusal(of: request, bytes) {
            send(refusal, on: connection, keepsAlive: request.keepsAlive)
            return
        }
        let known = settings.models.isEmpty ? Self.modelsKnown : settings.models
        var body = ByteQueue()
        if path.count <= 8 {
            var names = known
            if settings.models.isEmpty {
                books.writeModelNames { name in
                    if !names.contains(name) { names.append(name) }
                }
            }
            body.append("{\"object\":\"list\",\"data\":[")
            for (index, name) in names.enumerated() {
                if index > 0 { body.append(",") }
                Self.write(model: name, to: &body)
            }
            body.append("]}\n")
        } else {
            let name = String(decoding: bytes[path.lowerBound + 8..<path.upperBound], as: UTF8.self)
            guard settings.models.isEmpty || known.contains(name) else {
                send(.unknownModel(name), on: connection, keepsAlive: request.keepsAlive)
                return
            }
            Self.write(model: name, to: &body)
        }
        send(ReplyHead(framing: .length(body.count), closes: !request.keepsAlive), body.copy(), on: connection)
    }

    private static func write(model name: String, to body: inout ByteQueue) {
        body.append("{\"id\":\"")
        body.append(escaping: name)
        body.append("\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"tollgate-mock\"}")
    }

    // MARK: - Control

    private func answerControl(
        _ path: Range<Int>, _ request: HTTPRequest, _ bytes: UnsafeRawBufferPointer, _ connection: Connection
    ) {
        var body = ByteQueue()
        var status = 200
        let isPost = request.method == .post
        if bytes.matches(path, "/_mock/stats") {
            books.writeStats(to: &body)
        } else if bytes.matches(path, "/_mock/attempts") {
            let since = queryNumber("since", request, bytes) ?? 0
            let limit = queryNumber("limit", request, bytes) ?? 10_000
            books.writeAttempts(since: since, limit: min(max(limit, 1), 50_000), to: &body)
        } else if bytes.matches(path, "/_mock/requests") {
            if isPost { books.requests.keep(queryNumber("keep", request, bytes) ?? 100) }
            books.requests.write(since: queryNumber("since", request, bytes) ?? 0, to: &body)
        } else if bytes.matches(path, "/_mock/reset"), isPost {
            books.reset()
            if queryNumber("rules", request, bytes) == 1 { books.setRules(FaultRules()) }
            body.append("{\"reset\":true}\n")
        } else if bytes.matches(path, "/_mock/faults"), isPost {
            status = setRules(bytes, request.body, &body)
        } else if bytes.matches(path, "/_mock/faults") {
            books.writeRules(to: &body)
        } else if bytes.matches(path, "/_mock/health") {
            body.append("{\"status\":\"ok\"}\n")
        } else {
            status = 404
            body.append(
                "{\"error\":\"stats, attempts, requests (GET, POST), reset (POST), faults (GET, POST) and health are here\"}\n"
            )
        }
        let head = ReplyHead(status: status, framing: .length(body.count), closes: !request.keepsAlive)
        send(head, body.copy(), on: connection)
    }

    private func setRules(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ body: inout ByteQueue) -> Int {
        do throws(RuleError) {
            guard let json = JSONValue(bytes, in: range) else { throw RuleError("the body is no JSON") }
            books.setRules(try FaultRules.read(json))
            books.writeRules(to: &body)
            return 200
        } catch {
            body.append("{\"error\":\"")
            body.append(escaping: error.description)
            body.append("\"}\n")
            return 400
        }
    }

    private func queryNumber(
        _ name: String, _ request: HTTPRequest, _ bytes: UnsafeRawBufferPointer
    ) -> Int? {
        let url = String(decoding: bytes[request.path], as: UTF8.self)
        guard let query = url.split(separator: "?", maxSplits: 1).dropFirst().first else { return nil }
        let pair = query.split(separator: "&").first { $0.hasPrefix(name + "=") }
        return pair.flatMap { Int($0.dropFirst(name.count + 1)) }
    }
}
