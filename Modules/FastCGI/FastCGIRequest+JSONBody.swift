import Glibc
import Units

/// What a request's header says of its body that makes it none that the programs read: they read JSON in UTF-8, as it is.
/// The answer to it is a 415.
public enum UnreadableBody: Error, Equatable, CustomStringConvertible {
    /// A content encoding other than `identity`, as the header names it.
    case encoded(String)
    /// Another content type, or another character set, as the header names it.
    case typed(String)

    /// What the error's `code` is.
    public var code: String {
        switch self {
        case .encoded: "unsupported_content_encoding"
        case .typed: "unsupported_content_type"
        }
    }

    public var description: String {
        switch self {
        case .encoded(let encoding):
            "Unsupported content encoding '\(encoding.shown)'. This endpoint takes bodies as they are."
        case .typed(let type):
            "Unsupported content type '\(type.shown)'. This endpoint takes 'application/json' in UTF-8."
        }
    }

    /// Header lines of the answer. `Accept-Encoding`: "ought to be used to indicate which (if any) content codings would have
    /// been accepted" (RFC 9110, 15.5.16).
    public var headers: [String] {
        switch self {
        case .encoded: ["Accept-Encoding: identity"]
        case .typed: []
        }
    }
}

extension FastCGIRequest {
    /// Lets through a body that is JSON in UTF-8 by its header. A type that is absent counts as that, as OpenAI has it: the
    /// body decides.
    public func checkJSONHeader() throws(UnreadableBody) {
        if let bytes = parameterBuffer("HTTP_CONTENT_ENCODING"), !bytes.isEmpty {
            let encoding = String(decoding: bytes, as: UTF8.self)
            guard encoding.lowercased() == "identity" else { throw .encoded(encoding) }
        }
        let isUsual = withParameter("CONTENT_TYPE") { $0[0] == 0 || strcmp($0, "application/json") == 0 }
        if isUsual ?? true { return }
        let type = parameter("CONTENT_TYPE") ?? ""
        let parts = type.lowercased().filter { $0 != " " && $0 != "\t" && $0 != "\"" }.split(separator: ";")
        let mediaType = parts.first ?? ""
        guard mediaType == "application/json" || mediaType.hasSuffix("+json"),
            parts.dropFirst().allSatisfy({ !$0.hasPrefix("charset=") || utf8Names.contains($0.dropFirst(8)) })
        else { throw .typed(type) }
    }
}

/// Names of UTF-8 and of its half that is ASCII.
private let utf8Names: Set<Substring> = ["utf-8", "utf8", "us-ascii", "ascii"]
