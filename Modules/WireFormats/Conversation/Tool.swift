import JSONText

/// Something that the model may ask for, or that the provider runs for it.
public struct Tool: Equatable, Sendable {
    /// What kind of tool it is, and what the client says of it.
    public enum Definition: Equatable, Sendable {
        /// Its arguments are JSON.
        case function(FunctionTool)
        /// Free text instead of JSON arguments (Responses' and Chat's `custom`).
        case custom(CustomTool)
        /// A group of tools under one name (Responses' `namespace`).
        case namespace(name: String, description: String?, tools: [Tool])
        /// Runs at the provider, or is a tool that the provider defines (Anthropic's `computer_…`, `bash_…`).
        case server(ServerTool)
    }

    /// What kind of tool it is, and what the client says of it.
    public var definition: Definition
    /// A prompt-cache breakpoint behind this tool.
    public var cache: CacheMarker?
    /// Members that have no name here, as the origin writes them. A tool of the provider's has them in
    /// ``ServerTool/extras``.
    public var extras = JSONObject()

    /// - Parameter cache: a prompt-cache breakpoint behind the tool.
    public init(_ definition: Definition, cache: CacheMarker? = nil) {
        self.definition = definition
        self.cache = cache
    }

    /// By which the model calls it; nil for tools that have none.
    public var name: String? {
        switch definition {
        case .function(let tool): tool.name
        case .custom(let tool): tool.name
        case .namespace(let name, _, _): name
        case .server(let tool): tool.name
        }
    }
}

/// A function that the client runs.
public struct FunctionTool: Equatable, Sendable {
    /// As the client gave it; ``ToolNames`` makes another for a provider whose rules for names are narrower.
    public var name: String
    public var description: String?
    /// JSON Schema; nil where the client sent none.
    public var parameters: JSON?
    /// OpenAI's `strict`: the arguments keep to the schema to the letter; nil where the client did not say.
    public var strict: Bool?
    /// generateContent only: the schema came as `parameters`, Google's OpenAPI subset with upper-case types, and not as
    /// JSON Schema in `parametersJsonSchema`. ``parameters`` is JSON Schema in either case; ``nativeParameters`` is
    /// what was sent.
    public var nativeParameters: JSON?

    /// - Parameter parameters: JSON Schema, whatever the client's dialect is.
    public init(name: String, description: String? = nil, parameters: JSON? = nil, strict: Bool? = nil) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.strict = strict
    }
}

/// A tool of free text that the client runs.
public struct CustomTool: Equatable, Sendable {
    /// By which the model calls it, as the client gave it.
    public var name: String
    public var description: String?
    /// OpenAI's `format`: `{"type":"text"}` or a grammar.
    public var format: JSON?

    /// - Parameter format: as OpenAI writes it.
    public init(name: String, description: String? = nil, format: JSON? = nil) {
        self.name = name
        self.description = description
        self.format = format
    }
}

/// A tool of the provider's.
public struct ServerTool: Equatable, Sendable {
    /// What a tool of the provider's does, over dialects and their versions of it.
    public enum Kind: String, Sendable {
        case webSearch = "web_search"
        case webFetch = "web_fetch"
        case codeExecution = "code_execution"
        case fileSearch = "file_search"
        case imageGeneration = "image_generation"
        case computerUse = "computer_use"
        case textEditor = "text_editor"
        case shell
        case mcp
        case memory
        case toolSearch = "tool_search"
        case maps
        /// Any other.
        case other
    }

    /// What it does; ``Kind/other`` where nothing like it is known.
    public var kind: Kind
    /// By which the model calls it, where the dialect has such a name.
    public var name: String?
    /// The whole definition as ``nativeDialect`` writes it.
    public var native: JSON
    /// Whose words ``native`` is in.
    public var nativeDialect: Dialect
    /// What a web search, and the fetch of a page, has in common across dialects.
    public var search: SearchOptions?
    /// Members of ``native`` beside its type, its name and what ``search`` holds.
    public var extras = JSONObject()

    /// Where a search may look, and how much of what it finds is read.
    public struct SearchOptions: Equatable, Sendable {
        /// Nil where any is allowed.
        public var allowedDomains: [String]?
        /// Nil where none is blocked.
        public var blockedDomains: [String]?
        /// `{"city","region","country","timezone"}`
        public var userLocation: JSONObject?
        /// low, medium, high.
        public var contextSize: String?
        /// The most searches in one answer; nil where the client names no number.
        public var maxUses: Int64?

        /// Any domain, and no bound.
        public init() {}
    }

    /// - Parameter native: the whole definition, as `nativeDialect` writes it.
    public init(
        _ kind: Kind, name: String? = nil, native: JSON, nativeDialect: Dialect, search: SearchOptions? = nil
    ) {
        self.kind = kind
        self.name = name
        self.native = native
        self.nativeDialect = nativeDialect
        self.search = search
    }
}

/// Which tools the model may or must ask for.
public enum ToolChoice: Equatable, Sendable {
    /// May.
    case auto
    /// Must not.
    case none
    /// Must ask for one, whichever.
    case required
    /// Must ask for this function.
    case function(String)
    /// Must ask for this custom tool.
    case custom(String)
    /// May (`isRequired` false) or must ask for one of these.
    case allowed([String], isRequired: Bool)
    /// Must use a tool of the provider's own, as the origin writes it.
    case server(JSON)
    /// A choice of a kind that nobody knows, as the origin writes it.
    case native(JSON)
}

/// The model asks the client to run a tool.
public struct ToolCall: Equatable, Sendable {
    /// What its arguments are: JSON of a function, free text of a custom tool.
    public enum Kind: String, Sendable {
        /// Arguments are JSON.
        case function
        /// Arguments are free text.
        case custom
    }

    /// What ``arguments`` are.
    public var kind: Kind
    /// By which the result names it. Where the provider has none, its decoder makes one: ``ToolIDs``.
    public var id: String
    /// The tool's, as the model wrote it.
    public var name: String
    /// Responses' `namespace`.
    public var namespace: String?
    /// JSON text as the model wrote it (it may be broken); free text for ``Kind/custom``. Empty where there are none.
    public var arguments: String

    /// - Parameter arguments: empty also for a call whose arguments are still to come in deltas.
    public init(
        _ kind: Kind = .function, id: String, name: String, namespace: String? = nil, arguments: String = ""
    ) {
        self.kind = kind
        self.id = id
        self.name = name
        self.namespace = namespace
        self.arguments = arguments
    }

    /// The arguments for a dialect that wants an object.
    ///
    /// Nothing is `{}`, and so is `null`, which some models write; what is no JSON object is carried in a member `_raw`, so that nothing is lost.
    public var argumentsObject: JSONObject { readableArguments ?? wrappedArguments }

    /// nil where they are no JSON object.
    fileprivate var readableArguments: JSONObject? {
        if arguments.utf8.allSatisfy({ $0 == 32 || (9...13).contains($0) }) { return JSONObject() }
        if kind == .custom { return JSONObject("input", .string(arguments)) }
        guard let value = try? JSON.read(arguments) else { return nil }
        return value.isNull ? JSONObject() : value.object
    }

    fileprivate var wrappedArguments: JSONObject { JSONObject("_raw", .string(arguments)) }
}

extension LossReport {
    /// The arguments of a call in a request, for a provider that wants an object. That they are none is reported.
    mutating func arguments(of call: ToolCall, _ names: ClientNames) -> JSONObject {
        if let object = call.readableArguments { return object }
        adjust(names["arguments"])
        return call.wrappedArguments
    }

    /// The same for a provider that wants the text of an object: as the model wrote it, where it is one.
    mutating func argumentsText(of call: ToolCall, _ names: ClientNames) -> String {
        if call.kind == .function, (try? JSON.read(call.arguments))?.object != nil { return call.arguments }
        return JSON.object(arguments(of: call, names)).text
    }
}

/// What a tool of the client's gave back.
public struct ToolResult: Equatable, Sendable {
    /// ``ToolCall/id`` of the call that it answers.
    public var callID: String
    /// The tool's name, where the dialect says it (generateContent), or where the conversation's call does.
    public var name: String?
    /// That of the call that it answers.
    public var kind: ToolCall.Kind
    /// What the tool gave back: texts and media, in their order.
    public var parts: [Part]
    /// The content was written as one string.
    public var isPlainText: Bool
    /// Whether the tool failed; nil where the client did not say.
    public var isError: Bool?
    /// The result as a JSON object where the dialect has one (generateContent's `response`, Converse's `json`), as
    /// sent; ``parts`` then has its text.
    public var object: JSON?

    /// What is left out was not said by the client.
    public init(
        callID: String, name: String? = nil, kind: ToolCall.Kind = .function, parts: [Part] = [],
        isPlainText: Bool = false, isError: Bool? = nil
    ) {
        self.callID = callID
        self.name = name
        self.kind = kind
        self.parts = parts
        self.isPlainText = isPlainText
        self.isError = isError
    }

    /// All its text, for dialects that take nothing else.
    public var text: String { parts.compactMap(\.text).filter { !$0.isEmpty }.joined(separator: "\n") }
}

/// A tool that the provider ran, or is running: its call, its result, or both in one item.
public struct ServerToolUse: Equatable, Sendable {
    /// Which half of the use a block tells of.
    public enum Phase: String, Sendable {
        /// The model's, or the provider's, asking for it.
        case call
        /// What came of it.
        case result
        /// One item for both (Responses' `web_search_call`).
        case both
    }

    /// What the tool does; ``ServerTool/Kind/other`` where nothing like it is known.
    public var kind: ServerTool.Kind
    /// Which half of the use it tells of.
    public var phase: Phase
    /// Which call, where the dialect says so.
    public var id: String?
    /// As the dialect calls the tool; nil where the block does not say it.
    public var name: String?
    /// What it was asked, as JSON text, where the dialect says so.
    public var input: String
    /// The whole block as ``nativeDialect`` writes it.
    public var native: JSON
    /// Whose words ``native`` is in.
    public var nativeDialect: Dialect

    /// - Parameter native: the whole block, as `nativeDialect` writes it.
    public init(
        _ kind: ServerTool.Kind, _ phase: Phase, id: String? = nil, name: String? = nil, input: String = "",
        native: JSON, nativeDialect: Dialect
    ) {
        self.kind = kind
        self.phase = phase
        self.id = id
        self.name = name
        self.input = input
        self.native = native
        self.nativeDialect = nativeDialect
    }

    /// What a web search was asked, as its provider tells it; empty where it does not, and of anything else (Responses' items
    /// of that type open pages, too).
    var searchQueries: [String] {
        guard kind == .webSearch, phase != .result else { return [] }
        guard let asked = (native["action"] ?? (try? JSON.read(input)))?.object else { return [] }
        let several = (asked["queries"]?.array ?? []).compactMap(\.string)
        let told = several.isEmpty ? [asked["query"]?.string ?? asked["q"]?.string].compactMap { $0 } : several
        return told.filter { !$0.isEmpty }
    }
}

/// Ids of tool calls that every dialect takes.
public enum ToolIDs {
    /// Makes an id for a call of a provider that sends none (Gemini before 2026, Ollama).
    ///
    /// - Parameters:
    ///   - seed: the reply's own id, or the gateway's for the request: another reply has other ids.
    ///   - index: the place of the call in the reply.
    public static func made(from seed: String, index: Int) -> String {
        "call_" + hex(hash(seed.utf8, index)) + String(index)
    }

    /// The id as a provider takes it that allows `A–Z a–z 0–9 _ -` and `bytesMax` of them (Anthropic: no stated length;
    /// Converse: 64; Chat: 40). An id that is fine stays as it is; any other becomes one that depends on nothing but
    /// itself, so that a call and its result still meet.
    public static func legal(_ id: String, bytesMax: Int = 64) -> String {
        let isLegal = { (byte: UInt8) in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
                || byte == 45
        }
        let count = id.utf8.count
        if (1...bytesMax).contains(count), id.utf8.allSatisfy(isLegal) { return id }
        let kept = id.utf8.prefix(max(0, bytesMax - 17)).map { isLegal($0) ? $0 : 95 }
        return String((String(decoding: kept, as: UTF8.self) + "_" + hex(hash(id.utf8, 0))).suffix(bytesMax))
    }

    /// Mistral's ids are nine letters and digits (https://docs.mistral.ai/capabilities/function_calling; its API answers
    /// 400 "Tool call id was … but must be a-z, A-Z, 0-9, with a length of 9").
    public static func nineCharacters(_ id: String) -> String {
        let isLegal = { (byte: UInt8) in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        }
        if id.utf8.count == 9, id.utf8.allSatisfy(isLegal) { return id }
        return String(hex(hash(id.utf8, 0)).prefix(9))
    }

    /// FNV-1a, 64 bits: stable over processes and platforms.
    private static func hash(_ bytes: some Sequence<UInt8>, _ salt: Int) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(bitPattern: Int64(salt))
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
