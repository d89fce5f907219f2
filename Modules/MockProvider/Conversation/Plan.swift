/// What the mock answers, before a dialect gives it its shape.
struct Plan {
    struct Part {
        enum Kind: Equatable {
            case text
            case reasoning(signature: String)
            /// Reasoning that is there and may not be read.
            case redacted(data: String)
            case call(id: String, name: String, arguments: JSONValue, isFreeForm: Bool)
            case search(id: String, query: String)
            case refusal
        }

        var kind: Kind
        /// The text, the thoughts, or the arguments as JSON text, in pieces of a token each.
        var content: Answer
        /// Cites the search before it.
        var cites = false
        var breaksUTF8 = false

        var isCall: Bool {
            if case .call = kind { return true }
            return false
        }

        var isReasoning: Bool {
            switch kind {
            case .reasoning, .redacted: true
            default: false
            }
        }

        /// The whole content as a JSON string.
        var json: JSONValue {
            var out = ByteQueue()
            out.append("\"")
            content.writeText(to: &out)
            if breaksUTF8 { ReplyWriter.writeBrokenUTF8(to: &out) }
            out.append("\"")
            return .raw(out.copy())
        }

        /// One piece as a JSON string.
        func json(piece: Int) -> JSONValue {
            var out = ByteQueue()
            out.append("\"")
            content.write(piece: piece, to: &out)
            if breaksUTF8, piece == 0 { ReplyWriter.writeBrokenUTF8(to: &out) }
            out.append("\"")
            return .raw(out.copy())
        }

        /// The whole content, unescaped.
        var bytes: [UInt8] { JSONValue(json.serialized)?.text.map { Array($0.utf8) } ?? [] }
    }

    enum Stop: Equatable {
        case end
        case calls
        case length
        case sequence(String)
        case refusal
    }

    var parts: [Part] = []
    var stop = Stop.end
    var usage = Usage()

    /// The classes of tokens, none inside another: each dialect adds them up as its provider does.
    struct Usage: Equatable {
        /// Prompt tokens that were neither read from the cache nor written into it.
        var input = 0
        var cacheRead = 0
        var cacheWrite5m = 0
        var cacheWrite1h = 0
        /// Output without reasoning.
        var text = 0
        var reasoning = 0
        var searches = 0

        var cacheWrite: Int { cacheWrite5m + cacheWrite1h }
        var prompt: Int { input + cacheRead + cacheWrite }
        var output: Int { text + reasoning }
    }

    /// The moments of its stream.
    var moments: [Moment] {
        var moments = [Moment.start]
        for (index, part) in parts.enumerated() {
            moments.append(.open(part: index))
            moments += (0..<part.content.pieces).map { Moment.piece(part: index, piece: $0) }
            moments.append(.close(part: index))
        }
        moments += [Moment.finish, .over]
        return moments
    }

    var pieces: Int { parts.reduce(0) { $0 + $1.content.pieces } }

    var billed: BilledTokens {
        BilledTokens(
            prompt: usage.prompt, cached: usage.cacheRead, cacheWrite: usage.cacheWrite, completion: usage.output)
    }

    /// The pages that every search finds.
    static let pages = [
        (title: "Tollgate mock: first page", url: "https://mock.example.com/first"),
        (title: "Tollgate mock: second page", url: "https://mock.example.com/second"),
    ]
}
