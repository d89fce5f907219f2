/// A call in any dialect but OpenAI's fast path.
extension Call {
    /// - Parameters:
    ///   - json: the body; nil where it is no JSON.
    ///   - pathModel: the model, where the path names it; with its controls.
    ///   - refusal: what the provider says to the key, or to its lack.
    func serve(_ dialect: any Dialect, _ json: JSONValue?, pathModel: String?, refusal: ErrorReply?) {
        let named = pathModel ?? json?["model"]?.text ?? ""
        Array(named.utf8).withUnsafeBytes { raw in
            let (name, control) = Self.split(raw)
            let model = ModelName(name: name, text: name, control: control)
            let streams = json.map { dialect.streams($0) } ?? false
            let (ticket, rule) = open(model, streams)
            do throws(ErrorReply) {
                try answer(dialect, json, model, refusal, ticket, rule)
            } catch {
                refuse(error, ticket, Behaviour())
            }
        }
    }

    private func answer(
        _ dialect: any Dialect, _ json: JSONValue?, _ model: ModelName, _ refusal: ErrorReply?, _ ticket: Books.Ticket,
        _ rule: FaultRules.Rule?
    ) throws(ErrorReply) {
        if let refusal { throw refusal }
        guard let json, json.members != nil else { throw dialect.notJSON }
        let behaviour: Behaviour
        do throws(ControlError) {
            behaviour = try self.behaviour(rule, model, json["x_mock"]?.text.map { Array($0.utf8) })
        } catch {
            throw ErrorReply.invalid(error.description)
        }
        let name = String(decoding: model.name, as: UTF8.self)
        let known = loop.settings.models
        var prompt: Prompt
        do throws(ErrorReply) {
            prompt = try dialect.read(json)
            if !name.isEmpty, !known.isEmpty, !known.contains(name) { throw dialect.unknownModel(name) }
        } catch {
            refuse(error, ticket, behaviour)
            return
        }
        prompt.model = name
        prompt.stream = dialect.streams(json)
        if let error = faultError(behaviour, model) {
            refuse(error, ticket, behaviour)
        } else if let fault = behaviour.fault, [.redirect, .wrongType, .empty, .cut].contains(fault) {
            answerNothing(fault, ticket, behaviour)
        } else if endpoint == .countTokens {
            sendCount(dialect.count(PromptTokens.of(contentBytes: prompt.textBytes)), ticket, behaviour)
        } else {
            tell(dialect, prompt, json, ticket, behaviour)
        }
    }

    /// Counting costs nothing: the attempt is in the books, not served.
    private func sendCount(_ body: JSONValue, _ ticket: Books.Ticket, _ behaviour: Behaviour) {
        var bytes = ByteQueue()
        body.write(to: &bytes)
        sendUnserved(head(ticket, behaviour, .length(bytes.count)), bytes.bytes, .complete, ticket, behaviour)
    }

    private func tell(
        _ dialect: any Dialect, _ prompt: Prompt, _ json: JSONValue, _ ticket: Books.Ticket, _ behaviour: Behaviour
    ) {
        let id = id(ticket)
        let plan = Planner(prompt: prompt, behaviour: behaviour, id: id, callPrefix: dialect.callPrefix).plan()
        let context = ReplyContext(
            id: id, created: Int(loop.wallClock / 1_000_000_000), model: prompt.model,
            hasUsage: behaviour.usage != .none, request: json, prompt: prompt)
        let narrator = dialect.narrator(of: plan, context)
        if prompt.stream {
            stream(plan, narrator, ticket, behaviour)
        } else {
            var body = ByteQueue()
            narrator.whole().write(to: &body)
            sendWhole(body.bytes, plan.billed, ticket, behaviour, headers: dialect.headers(of: plan))
        }
    }

    private func stream(
        _ plan: Plan, _ narrator: any Narrator, _ ticket: Books.Ticket, _ behaviour: Behaviour
    ) {
        var head = head(ticket, behaviour, request.isVersion11 ? .chunked : .untilClose)
        head.contentType = narrator.framing.contentType
        if case .chunkFrames = narrator.framing {
            head.headers.append(("X-Amzn-Bedrock-Content-Type", "application/json"))
        }
        if !request.isVersion11 { head.closes = true }
        var headBytes = ByteQueue()
        head.write(date: loop.date, to: &headBytes)
        let script = PlanScript(
            plan: plan, narrator: narrator, errors: style, behaviour: behaviour, head: headBytes.copy(),
            isChunked: request.isVersion11, begins: begins(behaviour) ?? .max)
        start(.plan(script), ticket, behaviour)
        if !request.isVersion11 { connection.exchange?.keepsAlive = false }
    }
}
