/// How one provider's API is spoken: reading a prompt strictly, writing a plan, and its own errors.
///
/// A dialect here is a judge: what the real API refuses, it refuses, with that API's status and body.
protocol Dialect {
    /// The provider's way to say what went wrong.
    var errors: ErrorStyle { get }
    /// What a call's id begins with.
    var callPrefix: StaticString { get }

    /// - Parameter json: the body, an object.
    /// - Throws: what the provider answers to a request like this.
    func read(_ json: JSONValue) throws(ErrorReply) -> Prompt

    /// The writer of one reply.
    func narrator(of plan: Plan, _ context: ReplyContext) -> any Narrator

    /// - Throws: what the provider answers to a request without the right key in the right header.
    func authenticate(_ headers: RequestHeaders, key: String?) throws(ErrorReply)

    func streams(_ json: JSONValue) -> Bool

    var notJSON: ErrorReply { get }

    func unknownModel(_ name: String) -> ErrorReply

    /// The body that tells how many tokens a prompt has.
    func count(_ tokens: Int) -> JSONValue

    /// Headers of a whole reply.
    func headers(of plan: Plan) -> [(String, String)]
}

extension Dialect {
    func streams(_ json: JSONValue) -> Bool { json["stream"]?.isTrue ?? false }

    func unknownModel(_ name: String) -> ErrorReply { errors.status(404, model: name) }

    func count(_ tokens: Int) -> JSONValue { ["input_tokens": .int(tokens)] }

    func headers(of plan: Plan) -> [(String, String)] { [] }

    /// `Authorization: Bearer` with the key, or with anything where the mock has none.
    func authenticateBearer(_ headers: RequestHeaders, key: String?) throws(ErrorReply) {
        guard let bearer = headers.bearer, !bearer.isEmpty else { throw errors.noKey }
        if let key, bearer != key { throw errors.wrongKey }
    }
}

/// What a reply says besides its plan.
struct ReplyContext {
    let id: ReplyID
    /// Seconds since 1970.
    let created: Int
    /// The model's name without controls.
    let model: String
    let hasUsage: Bool
    /// The body of the request.
    let request: JSONValue
    let prompt: Prompt
}

/// Tells a plan in a dialect, whole or moment by moment.
protocol Narrator {
    var framing: StreamFraming { get }

    /// The whole reply's body.
    func whole() -> JSONValue

    /// What a stream says at this moment; nothing is fine.
    mutating func events(at moment: Moment) -> [StreamEvent]

    /// What a stream says when it fails half-way.
    mutating func failure(_ error: ErrorReply) -> [StreamEvent]

    /// What keeps an idle stream alive; nil: the dialect has nothing for it.
    var keepAlive: StreamEvent? { get }
}

extension Narrator {
    var keepAlive: StreamEvent? { nil }
}

/// The moments of a stream, in their order. `piece` is what is billed.
enum Moment: Equatable {
    case start
    case open(part: Int)
    case piece(part: Int, piece: Int)
    case close(part: Int)
    case finish
    case over
}

/// One event, line, frame or element of a stream.
struct StreamEvent {
    /// The event's name; an exception's for a frame that is one. Framings without names do not write it.
    var name: String
    var data: JSONValue
    var isException = false

    init(_ name: String, _ data: JSONValue, isException: Bool = false) {
        self.name = name
        self.data = data
        self.isException = isException
    }

    /// Anthropic's and OpenAI's events repeat their name as `type`.
    static func typed(_ name: String, _ members: JSONValue) -> StreamEvent {
        StreamEvent(name, .object([.init(key: "type", value: .text(name))] + (members.members ?? [])))
    }
}
