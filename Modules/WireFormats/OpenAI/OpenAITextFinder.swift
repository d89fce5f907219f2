import JSONText

/// Finds the texts in the `choices` of a reply or a chunk.
///
/// Everything a model wrote is reported, known or not: an unknown member could carry text past a guardrail. Left out
/// are names, ids, roles, types, signatures, encrypted reasoning and media data.
struct OpenAITextFinder {
    /// Every text in order, if they are collected.
    private(set) var texts: [OpenAIText] = []
    /// Bytes of the texts that continue a running one, as JSON.
    private(set) var runningBytes = 0

    private let isStream: Bool
    private let collects: Bool
    private var choice = 0
    private var logprobs: Range<Int>?
    /// What is being walked is part of a running text.
    private var isRunning = false

    /// - Parameters:
    ///   - isStream: whether `delta` and `text` are parts of a running text.
    ///   - collects: whether the texts are wanted, or only how many bytes they are.
    init(isStream: Bool, collects: Bool) {
        self.isStream = isStream
        self.collects = collects
    }

    /// Every text in the `choices` of a reply's body or a chunk's data.
    static func texts(in body: UnsafeRawBufferPointer, isStream: Bool) -> [OpenAIText] {
        guard let choices = JSONView(unchecked: body)?.member("choices") else { return [] }
        var finder = OpenAITextFinder(isStream: isStream, collects: true)
        var position = 0
        for choice in choices.elements {
            _ = finder.walkChoice(choice, position: position)
            position += 1
        }
        return finder.texts
    }

    /// - Returns: whether the choice has a `finish_reason`.
    mutating func walkChoice(_ view: JSONView, position: Int) -> Bool {
        var message: JSONView?
        var delta: JSONView?
        var text: JSONView?
        var isFinished = false
        choice = position
        logprobs = nil
        var members = view.members
        while let member = members.next() {
            if member.isNamed("delta") {
                delta = member.value
            } else if member.isNamed("index") {
                choice = member.value.int.map { Int($0) } ?? position
            } else if member.isNamed("finish_reason") {
                isFinished = !member.value.isNull
            } else if member.isNamed("message") {
                message = member.value
            } else if member.isNamed("text") {
                text = member.value
            } else if member.isNamed("logprobs"), !member.value.isNull {
                logprobs = member.value.range
            }
        }
        isRunning = isStream
        if let text { report(text, .completion) }
        if let delta { walk(delta) }
        if let message {
            isRunning = isStream && delta == nil
            walk(message)
        }
        return isFinished
    }

    private mutating func report(_ value: JSONView, _ channel: OpenAIChannel, isPart: Bool = true) {
        guard value.kind == .string else { return }
        let isWhole = !(isRunning && isPart)
        if !isWhole { runningBytes += value.range.count - 2 }
        guard collects else { return }
        texts.append(
            OpenAIText(choice: choice, channel: channel, value: value.range, isWhole: isWhole, logprobs: logprobs))
    }

    private mutating func walk(_ message: JSONView) {
        var members = message.members
        while let member = members.next() {
            let value = member.value
            if value.isNull { continue }
            if member.isNamed("content") {
                walkContent(value)
            } else if member.isNamed("tool_calls") {
                walkToolCalls(value)
            } else if member.isNamed("reasoning_content") {
                walkKnown(value, .reasoningContent, "reasoning_content")
            } else if member.isNamed("reasoning") {
                walkKnown(value, .reasoning, "reasoning")
            } else if member.isNamed("refusal") {
                walkKnown(value, .refusal, "refusal")
            } else if member.isNamed("reasoning_details") {
                walkReasoningDetails(value)
            } else if member.isNamed("function_call") {
                walkCall(value, .functionArguments, "arguments")
            } else if member.isNamed("audio") {
                if let transcript = value.member("transcript") { report(transcript, .audioTranscript) }
            } else if OpenAITextFinder.isNoText(member) {
                continue
            } else {
                walkKnown(value, .other(member.name), member.name)
            }
        }
    }

    /// A running text where the value is a string; else whatever strings are in it.
    private mutating func walkKnown(_ value: JSONView, _ channel: OpenAIChannel, _ name: String) {
        if value.kind == .string { report(value, channel) } else { walkUnknown(value, name, depth: 0) }
    }

    private mutating func walkContent(_ content: JSONView) {
        guard content.kind == .array else { return walkKnown(content, .content, "content") }
        var parts = content.elements
        while let part = parts.next() {
            if part.kind == .string { report(part, .content) }
            var members = part.members
            while let member = members.next() {
                if member.isNamed("text") {
                    walkKnown(member.value, .content, "content")
                } else if member.isNamed("refusal") {
                    walkKnown(member.value, .refusal, "refusal")
                } else if member.isNamed("thinking"), member.value.kind == .array {
                    var thoughts = member.value.elements
                    while let thought = thoughts.next() {
                        if let text = thought.member("text") { report(text, .thinking) }
                    }
                } else if !OpenAITextFinder.isNoText(member) {
                    walkUnknown(member.value, "content", depth: 0)
                }
            }
        }
    }

    private mutating func walkToolCalls(_ calls: JSONView) {
        var position = 0
        var elements = calls.elements
        while let call = elements.next() {
            let index = call.member("index")?.int.map { Int($0) } ?? position
            if let function = call.member("function") {
                walkCall(function, .toolArguments(index), "arguments")
            }
            if let custom = call.member("custom") { walkCall(custom, .toolInput(index), "input") }
            position += 1
        }
    }

    private mutating func walkCall(_ call: JSONView, _ channel: OpenAIChannel, _ name: StaticString) {
        guard let text = call.member(name) else { return }
        if text.kind == .string { report(text, channel) } else { walkUnknown(text, "arguments", depth: 0) }
    }

    private mutating func walkReasoningDetails(_ details: JSONView) {
        var position = 0
        var elements = details.elements
        while let detail = elements.next() {
            let index = detail.member("index")?.int.map { Int($0) } ?? position
            var members = detail.members
            while let member = members.next() {
                if member.isNamed("text") {
                    report(member.value, .reasoningDetail(index))
                } else if member.isNamed("summary") {
                    report(member.value, .reasoningSummary(index))
                } else if !OpenAITextFinder.isNoText(member) {
                    walkUnknown(member.value, "reasoning_details", depth: 0)
                }
            }
            position += 1
        }
    }

    /// Every string within, each complete in itself.
    private mutating func walkUnknown(_ value: JSONView, _ name: String, depth: Int) {
        // A scanned document is no deeper than this.
        guard depth <= JSONLimits.depthCeiling else { return }
        switch value.kind {
        case .string: report(value, .other(name), isPart: false)
        case .array:
            var elements = value.elements
            while let element = elements.next() { walkUnknown(element, name, depth: depth + 1) }
        case .object:
            for member in value.members where !OpenAITextFinder.isNoText(member) {
                walkUnknown(member.value, name, depth: depth + 1)
            }
        default: break
        }
    }

    private static func isNoText(_ member: JSONMemberView) -> Bool {
        member.isNamed("role") || member.isNamed("type") || member.isNamed("id") || member.isNamed("name")
            || member.isNamed("index") || member.isNamed("tool_call_id") || member.isNamed("signature")
            || member.isNamed("data") || member.isNamed("format") || member.isNamed("encrypted_content")
            || member.isNamed("b64_json")
    }
}
