import JSONText
import Testing

@testable import WireFormats

/// Requests of n pieces.
enum RequestShape: String, CaseIterable, CustomTestStringConvertible {
    /// n turns, of the user's and the model's.
    case turns
    /// n parts of one turn; n of them with a cache marker.
    case parts, markers
    /// n calls in one turn, each of another tool, and their results; calls and results in turn.
    case calls, rounds
    /// n documents without a name.
    case documents
    /// n tools, with a schema of their own; one with a schema of n members.
    case tools, schema
    /// n system prompts, of which each second stands in the middle.
    case systems
    /// n members that nobody knows.
    case extras

    var testDescription: String { rawValue }

    /// How many pieces the small run has.
    var count: Int {
        switch self {
        case .extras: 50
        default: 64 * Growth.scale
        }
    }

    func conversation(_ count: Int, origin: Dialect) -> Conversation {
        var conversation = Conversation(origin: origin, model: "m")
        conversation.sampling.maxOutputTokens = 100
        conversation.turns = [.text(.user, "Go on.")]
        let results: Turn.Role =
            [.messages, .converse, .generateContent].contains(origin) ? .user : .tool
        switch self {
        case .turns:
            conversation.turns += (1..<count).map { .text($0.isMultiple(of: 2) ? .user : .assistant, "Work \($0).") }
        case .parts: conversation.turns = [Turn(.user, (0..<count).map { .text("Work \($0).") })]
        case .markers:
            conversation.turns = [
                Turn(.user, (0..<count).map { Part(.text(Text("Work \($0).")), cache: CacheMarker()) })
            ]
        case .calls:
            let numbers = 0..<count
            conversation.tools = [tool("f", ["type": "object"])]
            conversation.turns += [Turn(.assistant, numbers.map { call($0) })]
            conversation.turns +=
                results == .tool
                ? numbers.map { Turn(.tool, [result($0)]) } : [Turn(.user, numbers.map { result($0) })]
        case .rounds:
            conversation.tools = [tool("f", ["type": "object"])]
            for number in 0..<count {
                conversation.turns += [Turn(.assistant, [call(number)]), Turn(results, [result(number)])]
            }
        case .documents:
            let document = Media(.document, .base64("V29yay4="), mediaType: "text/plain")
            conversation.turns = [Turn(.user, Array(repeating: Part(.media(document)), count: count))]
        case .tools:
            conversation.tools = (0..<count).map { number in
                tool("f\(number)", ["type": "object", "properties": ["a": ["type": "string"]]])
            }
        case .schema:
            let properties = JSONObject((0..<count).map { ("p\($0)", ["type": "string", "description": "Work."]) })
            conversation.tools = [tool("f", ["type": "object", "properties": .object(properties)])]
        case .systems:
            conversation.turns = (0..<count).map { .text($0.isMultiple(of: 2) ? .system : .user, "Work \($0).") }
        case .extras: for number in 0..<count { conversation.extras["new_\(number)"] = true }
        }
        return conversation
    }

    private func tool(_ name: String, _ schema: JSON) -> Tool {
        Tool(.function(FunctionTool(name: name, description: "Works.", parameters: schema)))
    }

    private func call(_ number: Int) -> Part {
        Part(.toolCall(ToolCall(id: "call_\(number)", name: "f\(number)", arguments: "{\"n\":\(number)}")))
    }

    private func result(_ number: Int) -> Part {
        Part(.toolResult(ToolResult(callID: "call_\(number)", parts: [.text("Done.")], isPlainText: true)))
    }
}

@Suite("Eight times the request is about eight times the work")
struct RequestGrowthTests {
    @Test("in any dialect, written and read", arguments: RequestShape.allCases)
    func requests(_ shape: RequestShape) throws {
        for dialect in StreamGrowthTests.dialects where dialect != .completions {
            guard let codec = dialect.codec else { continue }
            func request(_ count: Int, _ origin: Dialect) throws -> JSON {
                var losses = LossReport()
                return try codec.encodeRequest(
                    shape.conversation(count, origin: origin), for: TargetFacts(model: "m"), &losses)
            }
            let other = dialect == .chatCompletions ? Dialect.messages : .chatCompletions
            try Growth.expectLinear("\(shape) to \(dialect)", shape.count) { count in
                let conversation = shape.conversation(count, origin: other)
                return {
                    var losses = LossReport()
                    _ = try codec.encodeRequest(conversation, for: TargetFacts(model: "m"), &losses)
                }
            }
            try Growth.expectLinear("\(shape) of \(dialect)", shape.count) { count in
                let body = try request(count, dialect)
                return { _ = try codec.decodeRequest(body, at: RequestPlace(model: "m")) }
            }
        }
    }

    /// Google's clients keep an answer as it came. Texts of a size that shows whether the whole is copied for each piece.
    @Test("where an answer comes back in pieces", arguments: [false, true])
    func pieces(_ areThoughts: Bool) throws {
        let piece = String(repeating: "All work. ", count: 200)
        let part: Part = areThoughts ? Part(.reasoning(Reasoning(piece))) : .text(piece)
        try Growth.expectLinear("pieces", 128) { count in
            var conversation = Conversation(origin: .generateContent, model: "m")
            conversation.turns = [.text(.user, "Go on."), Turn(.assistant, Array(repeating: part, count: count))]
            return { #expect(conversation.joiningPieces(for: .messages).turns.last?.parts.count == 1) }
        }
    }

    /// A model's turn of nothing goes to Google as none, and the user's around it are one.
    @Test("where turns say nothing")
    func emptyTurns() throws {
        try Growth.expectLinear("empty turns", 2_000) { count in
            var conversation = Conversation(origin: .chatCompletions, model: "m")
            conversation.turns = (0..<count).map {
                .text($0.isMultiple(of: 2) ? .user : .assistant, $0.isMultiple(of: 2) ? "a" : "")
            }
            return {
                var losses = LossReport()
                let body = try GenerateContentCodec.encodeRequest(conversation, for: TargetFacts(model: "m"), &losses)
                #expect(body["contents"]?.array?.count == 1)
            }
        }
    }

    /// More than ``RequestShape/calls`` has: the list of a message's calls is small beside each of them.
    @Test("where a message of Chat has that many calls")
    func manyCalls() throws {
        try Growth.expectLinear("calls of a message", 1_000) { count in
            let conversation = RequestShape.calls.conversation(count, origin: .responses)
            return {
                var losses = LossReport()
                _ = try ChatCompletionsCodec.encodeRequest(conversation, for: TargetFacts(model: "m"), &losses)
            }
        }
    }

    /// Of every second call the id that would be made is another's already.
    @Test("where as many calls, each of an answer of its own, have the same id")
    func repeatedIDs() throws {
        try Growth.expectLinear("repeated ids", 1_000) { count in
            let ids = (0..<count).map { $0.isMultiple(of: 2) ? "call_0" : "call_0_\($0)" }
            var conversation = Conversation(origin: .chatCompletions, model: "m")
            for id in ids {
                let result = Part(.toolResult(ToolResult(callID: id, parts: [.text("Done.")], isPlainText: true)))
                conversation.turns += [
                    Turn(.assistant, [Part(.toolCall(ToolCall(id: id, name: "f", arguments: "{}")))]),
                    Turn(.tool, [result]),
                ]
            }
            let asked = conversation
            return {
                var unique = asked
                unique.makeCallIDsUnique()
                let made = Set(unique.turns.flatMap(\.parts).compactMap(\.toolCall?.id))
                #expect(made.count == count)
            }
        }
    }

    /// Names that differ only behind what a number leaves of them.
    @Test("where documents of Converse have long names, each twice")
    func longNames() throws {
        try Growth.expectLinear("long names", 64) { count in
            var conversation = Conversation(origin: .chatCompletions, model: "m")
            let names = (0..<count).map { String(repeating: "x", count: 190) + "\(1_000_000 + $0)" }
            conversation.turns = [
                Turn(.user, (names + names).map { Part(.media(Media(.document, .text("Work."), filename: $0))) })
            ]
            return {
                var losses = LossReport()
                _ = try ConverseCodec.encodeRequest(conversation, for: TargetFacts(model: "m"), &losses)
            }
        }
    }

    /// Names of one length, which a look at their lengths does not tell apart.
    @Test("where a part has that many members that nobody knows", arguments: StreamGrowthTests.dialects)
    func membersOfAPart(_ dialect: Dialect) throws {
        guard let codec = dialect.codec, dialect != .completions else { return }
        try Growth.expectLinear("members of a part of \(dialect)", 2_000) { count in
            let unknown = (0..<count).map { "\"x\($0 + 1_000_000)\":true" }.joined(separator: ",")
            let part =
                switch dialect {
                case .converse, .generateContent: "{\(unknown),\"text\":\"Hello\"}"
                case .responses: "{\(unknown),\"type\":\"input_text\",\"text\":\"Hello\"}"
                default: "{\(unknown),\"type\":\"text\",\"text\":\"Hello\"}"
                }
            let body =
                switch dialect {
                case .generateContent: "{\"contents\":[{\"role\":\"user\",\"parts\":[\(part)]}]}"
                case .responses: "{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":[\(part)]}]}"
                default:
                    "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":[\(part)]}]}"
                }
            let value = try JSON.read(Array(body.utf8))
            return { _ = try? codec.decodeRequest(value, at: RequestPlace(model: "m")) }
        }
    }

    @Test("where a choice of tools names that many of them", arguments: [Dialect.chatCompletions, .responses])
    func allowedTools(_ dialect: Dialect) throws {
        let codec = try #require(dialect.codec)
        try Growth.expectLinear("allowed tools of \(dialect)", 500) { count in
            let isChat = dialect == .chatCompletions
            let named = (0..<count).map { isChat ? #"{"name":"f\#($0)"}"# : #""f\#($0)""# }
            let tools = named.map {
                isChat ? "{\"type\":\"function\",\"function\":\($0)}" : "{\"type\":\"function\",\"name\":\($0)}"
            }
            .joined(separator: ",")
            let members = "\"mode\":\"auto\",\"tools\":[\(tools)]"
            let choice =
                isChat
                ? "{\"type\":\"allowed_tools\",\"allowed_tools\":{\(members)}}"
                : "{\"type\":\"allowed_tools\",\(members)}"
            let turns = isChat ? #""messages":[{"role":"user","content":"a"}]"# : #""input":"a""#
            let body = try JSON.read(
                Array("{\"model\":\"m\",\(turns),\"tools\":[\(tools)],\"tool_choice\":\(choice)}".utf8))
            return { _ = try codec.decodeRequest(body, at: RequestPlace(model: "m")) }
        }
    }

    /// Each says more beside its reference.
    @Test("where a schema is a reference to a reference, that many times")
    func chainedReferences() throws {
        try Growth.expectLinear("chained references", 250) { count in
            let links = (0..<count).map { ##""D\##($0)":{"$ref":"#/$defs/D\##($0 + 1)","k\##($0)":1}"## }
            let last = #""D\#(count)":{"type":"object","properties":{}}"#
            let schema = try JSON.read(
                Array(##"{"$ref":"#/$defs/D0","$defs":{\##((links + [last]).joined(separator: ","))}}"##.utf8))
            return { #expect(OutputFormat.Schema(name: nil, schema: schema).ofObject == nil) }
        }
    }

    @Test("where choices at a schema's top have that many branches or names", arguments: TopChoice.allCases)
    func choicesAtTheTop(_ choice: TopChoice) throws {
        try Growth.expectLinear("\(choice) at the top of a schema", 1_000 * Growth.scale) { count in
            let schema = try JSON.parse(choice.schema(count))
            return {
                var fitting = MessagesSchema()
                let fitted = fitting.toolSchema(schema)
                #expect(fitted["type"] == "object")
            }
        }
    }
}

/// Choices at the top of a schema, of n pieces.
enum TopChoice: String, CaseIterable, CustomTestStringConvertible {
    /// n branches that all hold, of a name each.
    case all
    /// Two branches of n names; n branches of a name, of which the first says it n times.
    case any, repeated
    /// A branch with the n properties that the schema has already.
    case properties
    /// n branches that refer to one definition of n names.
    case references

    var testDescription: String { rawValue }

    func schema(_ count: Int) -> String {
        let names = (0..<count).map { "\"a\($0 + 1_000_000)\"" }
        switch self {
        case .all: return "{\"allOf\":\(list(names.map(demanding)))}"
        case .any:
            let branch = demanding(names.joined(separator: ","))
            return "{\"anyOf\":\(list([branch, branch]))}"
        case .repeated:
            let same = names.map { _ in "\"a\"" }
            return "{\"anyOf\":\(list([demanding(same.joined(separator: ","))] + same.map(demanding)))}"
        case .properties:
            let properties = "\"properties\":{\(names.map { $0 + ":{}" }.joined(separator: ","))}"
            return "{\(properties),\"anyOf\":[{\(properties)}]}"
        case .references:
            let properties = "\"properties\":{\(names.map { $0 + ":{}" }.joined(separator: ","))}"
            let definition = "{\(properties),\"required\":\(list(names))}"
            let branches = names.map { _ in ##"{"$ref":"#/$defs/A","title":"a"}"## }
            return "{\"anyOf\":\(list(branches)),\"$defs\":{\"A\":\(definition)}}"
        }
    }

    private func list(_ pieces: [String]) -> String { "[\(pieces.joined(separator: ","))]" }

    private func demanding(_ names: String) -> String { "{\"required\":[\(names)]}" }
}
