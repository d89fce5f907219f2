import JSONText

/// What the model thought, as far as it can be seen, and the proof that the provider wants back with the next turn.
public struct Reasoning: Equatable, Sendable {
    /// The visible thinking. Where the dialect has several summaries, they are in ``summaries`` and this is empty.
    public var text: String
    /// OpenAI Responses' `summary` texts.
    public var summaries: [String]
    /// Signature or encrypted thinking.
    public var proof: Proof?
    /// Nothing of it may be seen: Anthropic's `redacted_thinking`. ``proof`` holds all there is.
    public var isRedacted: Bool

    /// Without arguments: one that begins, to be filled by deltas.
    public init(_ text: String = "", summaries: [String] = [], proof: Proof? = nil, isRedacted: Bool = false) {
        self.text = text
        self.summaries = summaries
        self.proof = proof
        self.isRedacted = isRedacted
    }

    /// All that can be read of it.
    public var visibleText: String { text.isEmpty ? summaries.joined(separator: "\n\n") : text }
}

/// What a provider signs or encrypts and wants back unchanged. It means something only to its origin.
public struct Proof: Equatable, Sendable {
    /// Who made a proof, and alone can read it.
    public enum Origin: String, Sendable {
        /// Anthropic's `signature` and `redacted_thinking.data`: "compatible across platforms", that is, direct, Bedrock
        /// and Vertex (https://docs.claude.com/en/docs/build-with-claude/extended-thinking, read on 2026-11-29).
        case anthropic
        /// Google's `thoughtSignature`.
        case google
        /// `encrypted_content` of a Responses provider.
        case openAI = "openai"
    }

    /// What a proof is.
    public enum Kind: String, Sendable {
        /// Vouches for visible thinking, or for the part it hangs on.
        case signature
        /// Is the thinking, unreadable.
        case encrypted
    }

    /// Who made it, and alone can read it.
    public var origin: Origin
    /// Whether it vouches for thinking or is the thinking.
    public var kind: Kind
    /// As the origin wrote it; nobody here looks into it.
    public var value: String
    /// The id that goes back with it (Responses' `rs_…`).
    public var itemID: String?

    /// - Parameter value: as the origin wrote it.
    public init(_ origin: Origin, _ kind: Kind, _ value: String, itemID: String? = nil) {
        self.origin = origin
        self.kind = kind
        self.value = value
        self.itemID = itemID
    }
}

/// Carries a proof through a client whose dialect has no place for it.
///
/// Where a client's dialect differs from the origin of a proof, the reply's encoder puts ``wrapped(_:)`` where that
/// dialect has its own opaque string, which its clients must send back unchanged: Messages `signature` or
/// `redacted_thinking.data`, Responses `encrypted_content`, generateContent `thoughtSignature`, Chat's
/// `thinking_blocks[].signature|data`. The request's decoder recognises it with ``unwrapped(_:)``, so the provider gets
/// its own bytes back.
public enum ProofEnvelope {
    private static let prefix = MadeMarks.word + "."

    /// What a proof is wrapped with, so that it comes back to the right place.
    public struct Letter: Equatable, Sendable {
        /// What is to go back to the provider.
        public var proof: Proof
        /// Texts that the client's dialect could not show beside it (summaries), for the way back.
        public var summaries: [String]?
        /// It hangs on the part that follows, which is no thinking.
        public var belongsToNext: Bool
        /// It hangs on the part before: a stream learnt of it when that was out already.
        public var belongsToPrevious: Bool

        /// - Parameter proof: goes back to its origin only.
        public init(
            _ proof: Proof, summaries: [String]? = nil, belongsToNext: Bool = false, belongsToPrevious: Bool = false
        ) {
            self.proof = proof
            self.summaries = summaries
            self.belongsToNext = belongsToNext
            self.belongsToPrevious = belongsToPrevious
        }
    }

    /// The letter as one text, which ``unwrapped(_:)`` reads back: `tollgate1.` and base64 of JSON.
    public static func wrapped(_ letter: Letter) -> String {
        var object = JSONObject()
        object["o"] = .string(letter.proof.origin.rawValue)
        object["k"] = .string(letter.proof.kind.rawValue)
        object["v"] = .string(letter.proof.value)
        if let id = letter.proof.itemID { object["i"] = .string(id) }
        if let summaries = letter.summaries { object["s"] = .array(summaries.map { .string($0) }) }
        if letter.belongsToNext { object["n"] = true }
        if letter.belongsToPrevious { object["p"] = true }
        return prefix + Base64.encoded(JSON.object(object).serialized())
    }

    /// - Returns: nil where the text is a dialect's own, or is damaged.
    public static func unwrapped(_ text: String) -> Letter? {
        guard text.utf8.starts(with: prefix.utf8), let bytes = Base64.decoded(text.utf8.dropFirst(prefix.utf8.count)),
            let object = try? JSON.read(bytes),
            let origin = object["o"]?.string.flatMap(Proof.Origin.init),
            let kind = object["k"]?.string.flatMap(Proof.Kind.init), let value = object["v"]?.string
        else { return nil }
        return Letter(
            Proof(origin, kind, value, itemID: object["i"]?.string),
            summaries: object["s"]?.array?.compactMap(\.string), belongsToNext: object["n"]?.bool ?? false,
            belongsToPrevious: object["p"]?.bool ?? false)
    }
}

/// Base64 (RFC 4648, section 4) without Foundation.
public enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, letter) in letters.enumerated() { values[Int(letter)] = UInt8(value) }
        values[Int(UInt8(ascii: "-"))] = 62
        values[Int(UInt8(ascii: "_"))] = 63
        return values
    }()

    /// With padding and without line ends.
    public static func encoded(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 1
            if count == 3 {
                for shift in [18, 12, 6, 0] as [UInt32] { text.append(letters[Int(bits >> shift & 63)]) }
                bits = 0
                count = 0
            }
        }
        switch count {
        case 1: text += [letters[Int(bits >> 2 & 63)], letters[Int(bits << 4 & 63)], 61, 61]
        case 2:
            text += [
                letters[Int(bits >> 10 & 63)], letters[Int(bits >> 4 & 63)], letters[Int(bits << 2 & 63)], 61,
            ]
        default: break
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Takes the URL-safe alphabet too, and padding or none.
    ///
    /// - Returns: nil where the text is no base64.
    public static func decoded(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var isPadded = false
        for letter in text {
            if letter == 61 {
                isPadded = true
                continue
            }
            let value = values[Int(letter)]
            guard value != 0xFF, !isPadded else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 1
            if count == 4 {
                bytes += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
                bits = 0
                count = 0
            }
        }
        switch count {
        case 0: break
        case 2: bytes.append(UInt8(bits >> 4 & 255))
        case 3: bytes += [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)]
        default: return nil
        }
        return bytes
    }
}
