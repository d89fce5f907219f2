/// Why a request's body is refused, in OpenAI's terms: the status and the members of its error object.
public struct RequestError: Error, Equatable, Sendable {
    /// The HTTP status to answer with.
    public let status: Int
    /// What is wrong, for the client. Of the body it repeats numbers and keys, never texts.
    public let message: String
    /// `invalid_request_error` for all faults of a body.
    public let type: String
    /// Where in the body, as OpenAI writes paths: `messages[1].role`.
    public let param: String?
    /// The kind of fault for programs: `invalid_type`, `missing_required_parameter`, …
    public let code: String?

    /// A 400 about the request's body, where nothing else is said.
    public init(
        status: Int = 400, message: String, type: String = "invalid_request_error", param: String? = nil,
        code: String? = nil
    ) {
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code
    }

    /// A value that the provider would refuse, where ``RangePolicy`` is to refuse.
    static func outOfRange(_ name: String, _ why: String) -> RequestError {
        RequestError(message: "Invalid '\(name)': \(why).", param: name, code: "value_out_of_range")
    }

    /// Of the turns of a conversation nothing is left, for a provider that answers no system prompt alone.
    static let nothingSaid = RequestError(
        message: "Invalid 'messages': at least one message with content is needed; a system prompt alone is not "
            + "enough.",
        param: "messages", code: "invalid_value")

    /// Members that cannot be carried, where none may be dropped.
    ///
    /// - Parameter members: by the client's names, at least one.
    public static func lost(_ members: [String]) -> RequestError {
        let them = members.count > 1 ? "them" : "it"
        return RequestError(
            message: members.map { "'\($0)'" }.joined(separator: ", ")
                + " can't be carried to this model's provider, and this gateway may not drop \(them). "
                + "Leave \(them) out, ask for another model, or ask the operator of the gateway.",
            param: members.first, code: "unsupported_parameter")
    }

    /// A tool's result of which nothing tells what it is the result of.
    ///
    /// - Parameter path: by the encoder, which may not know the place: ``placed(turn:part:inner:)``.
    static func resultWithoutCall(at path: String = "messages") -> RequestError {
        RequestError(
            message: "Invalid '\(path)': no tool call before this result has its id.", param: path,
            code: "invalid_value")
    }

    /// The error as a body for the client.
    public var body: GatewayErrorBody {
        GatewayErrorBody(message: message, type: type, param: param, code: code)
    }
}

extension RequestError: CustomStringConvertible {
    public var description: String { message }
}
