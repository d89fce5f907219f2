import JSONText

extension TargetFacts {
    /// The model refuses histories whose ``DialectRequest/lacksProof``.
    public func demandsProof(in dialect: Dialect) -> Bool {
        dialect == .generateContent ? isGemini3 : isClaude
    }

    /// Told by levels, which came with Gemini 3.
    var isGemini3: Bool { thinking == .level }
}

/// Histories in which another provider's model thought or called tools: bytes that pass would be refused.
extension DialectRequest {
    /// The history lacks what some models of this dialect demand, because another model made it. Claude refuses such a
    /// request, and so does Gemini 3; the codecs know what to write instead.
    ///
    /// Messages and Converse: thinking without a signature, and, where the request thinks by a budget (`thinking.type:
    /// enabled`), calls in an answer that does not begin with thinking (``LastAnswer``). generateContent: the first call
    /// of each turn, which alone has a signature (https://ai.google.dev/gemini-api/docs/thought-signatures, read on
    /// 2026-11-29).
    public var lacksProof: Bool {
        body.withUnsafeBytes { bytes -> Bool in
            switch dialect {
            case .messages:
                // The request has a member `thinking` of its own.
                guard let messages = document.value("messages", in: bytes) else { return false }
                let isBudget = thinksByBudget(document.value("thinking", in: bytes))
                let needsThinking = isBudget && document.holds("\"tool_use\"", in: messages)
                guard needsThinking || document.holds("\"thinking\"", in: messages) else { return false }
                let history = claudes(bytes)
                return history.hasUnsigned || (needsThinking && history.lastCallsLackThinking)
            case .converse:
                let fields = document.value("additionalModelRequestFields", in: bytes)
                let isBudget =
                    thinksByBudget(fields?.present("thinking")) || thinksByBudget(fields?.present("reasoning_config"))
                let needsThinking = isBudget && document.holds("\"toolUse\"", in: bytes)
                guard needsThinking || document.holds("\"reasoningText\"", in: bytes) else { return false }
                let history = claudes(bytes)
                return history.hasUnsigned || (needsThinking && history.lastCallsLackThinking)
            case .generateContent:
                return (document.holds("\"functionCall\"", in: bytes) || document.holds("\"function_call\"", in: bytes))
                    && firstCallLacksSignature(bytes)
            default: return false
            }
        }
    }

    /// The history has thinking whose signature is empty: so the gateway shows in Messages what nobody signed. Anthropic
    /// refuses it, and the codec leaves it out. (Thinking without a signature is of servers that sign none, and theirs.)
    public var holdsUnsignedThinking: Bool {
        guard dialect == .messages else { return false }
        return body.withUnsafeBytes { bytes in
            document.holds("\"signature\"", in: bytes) && claudes(bytes).hasEmptySignature
        }
    }

    private func thinksByBudget(_ thinking: JSONView?) -> Bool {
        thinking?.present("type")?.isString("enabled") ?? false
    }

    // MARK: - Claude

    /// What a history shows that Claude would refuse.
    private struct ClaudesHistory {
        /// There is thinking with an empty signature.
        var hasEmptySignature = false
        /// There is thinking with an empty signature or with none.
        var hasUnsigned = false
        /// As ``Conversation`` has it.
        var lastCallsLackThinking = false
    }

    private func claudes(_ bytes: UnsafeRawBufferPointer) -> ClaudesHistory {
        var history = ClaudesHistory()
        guard let messages = document.value("messages", in: bytes) else { return history }
        var cursor = JSONCursor(messages, longStrings: document.longStrings)
        guard cursor.enterArray() else { return history }
        var answer = LastAnswer()
        while cursor.nextElement() {
            var blocks = LastAnswer.Blocks()
            let role = readTurn(&cursor, "content") { cursor in note(&cursor, &blocks, &history) }
            guard let role else { continue }
            if role.isString("assistant") {
                answer.assistantSaid(blocks)
            } else if role.isString("user") {
                answer.userSaid(blocks)
            }
        }
        history.lastCallsLackThinking = answer.callsLackThinking
        return history
    }

    /// Steps over the block, or the text, at the cursor.
    private func note(
        _ cursor: inout JSONCursor, _ blocks: inout LastAnswer.Blocks, _ history: inout ClaudesHistory
    ) {
        guard cursor.enterObject() else {
            blocks.note(.other)
            _ = cursor.skip()
            return
        }
        var isThinking = false
        var signature: JSONView?
        while let key = cursor.nextKey() {
            if dialect == .converse {
                let block = Self.block { key.isNamed($0, in: cursor.bytes) }
                if let block { blocks.note(block) }
                let isReasoning = cursor.isKey(key, "reasoningContent")
                let value = cursor.skip()
                guard isReasoning, let text = value.present("reasoningText") else { continue }
                isThinking = true
                signature = text.member("signature")
            } else {
                let (isType, isSignature) = (cursor.isKey(key, "type"), cursor.isKey(key, "signature"))
                let value = cursor.skip()
                if isType {
                    if let block = Self.block(value.isString) { blocks.note(block) }
                    isThinking = value.isString("thinking")
                }
                if isSignature { signature = value }
            }
        }
        guard isThinking else { return }
        let isEmpty = signature?.textRange?.isEmpty
        if isEmpty ?? true { history.hasUnsigned = true }
        if isEmpty ?? false { history.hasEmptySignature = true }
    }

    /// Nil where nobody says anything.
    ///
    /// - Parameter isNamed: a block's `type`, or its one member's key.
    private static func block(_ isNamed: (StaticString) -> Bool) -> LastAnswer.Block? {
        if isNamed("tool_use") || isNamed("toolUse") { return .call }
        if isNamed("thinking") || isNamed("redacted_thinking") || isNamed("reasoningContent") { return .thinking }
        if isNamed("tool_result") || isNamed("toolResult") { return .result }
        return isNamed("cachePoint") ? nil : .other
    }

    // MARK: - Gemini

    private func firstCallLacksSignature(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let contents = document.value("contents", in: bytes) else { return false }
        var cursor = JSONCursor(contents, longStrings: document.longStrings)
        guard cursor.enterArray() else { return false }
        while cursor.nextElement() {
            /// Of the turn's first call; nil before it.
            var isSigned: Bool?
            _ = readTurn(&cursor, "parts") { cursor in
                guard isSigned == nil, cursor.enterObject() else {
                    _ = cursor.skip()
                    return
                }
                var (isCall, hasSignature) = (false, false)
                while let key = cursor.nextKey() {
                    let isThere = cursor.kind != .null
                    if cursor.isKey(key, "functionCall") || cursor.isKey(key, "function_call") { isCall = isThere }
                    if cursor.isKey(key, "thoughtSignature") || cursor.isKey(key, "thought_signature") {
                        hasSignature = isThere
                    }
                    _ = cursor.skip()
                }
                if isCall { isSigned = hasSignature }
            }
            if isSigned == false { return true }
        }
        return false
    }

    // MARK: - Turns

    /// Steps over the turn at the cursor.
    ///
    /// - Parameter read: steps over one element of the turn's list of that name, or over what stands there instead.
    /// - Returns: the turn's `role`, where it has one.
    private func readTurn(
        _ cursor: inout JSONCursor, _ list: StaticString, _ read: (inout JSONCursor) -> Void
    ) -> JSONView? {
        guard cursor.enterObject() else {
            _ = cursor.skip()
            return nil
        }
        var role: JSONView?
        while let key = cursor.nextKey() {
            if cursor.isKey(key, "role") {
                role = cursor.skip()
            } else if cursor.isKey(key, list) {
                if cursor.enterArray() {
                    while cursor.nextElement() { read(&cursor) }
                } else {
                    read(&cursor)
                }
            } else {
                _ = cursor.skip()
            }
        }
        return role
    }
}
