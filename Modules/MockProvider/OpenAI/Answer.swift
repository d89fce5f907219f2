import Glibc

/// The content of an answer in pieces of one token each: text, or the arguments of a tool call.
///
/// Whole and streamed answers are made of the same pieces, so both cost the same.
struct Answer {
    enum Source {
        /// A tag of the prompt in brackets, then words of the vocabulary, over and over.
        case words(tag: UInt32)
        /// JSON-escaped bytes; `ends[i]` is where piece i ends.
        case text([UInt8], ends: [Int])
        /// The letter x, `pieceBytes` of it per piece, `totalBytes` in all.
        case filler(pieceBytes: Int, totalBytes: Int)
    }

    let source: Source
    /// How many pieces are sent; fewer than there are where `max_tokens` cut the answer.
    private(set) var pieces: Int
    private(set) var isTruncated: Bool
    /// The name of the called tool, JSON-escaped.
    var tool: [UInt8]?

    /// - Parameter tokensMax: the request's `max_tokens`.
    init(words count: Int, tag: UInt32, tokensMax: Int?) {
        source = .words(tag: tag)
        pieces = min(count, tokensMax ?? count)
        isTruncated = pieces < count
    }

    /// Cuts `text` every `pieceBytes` bytes, but never inside of a character.
    init(text: [UInt8], pieceBytes: Int, tokensMax: Int?) {
        var escaped = ByteQueue()
        var ends: [Int] = []
        var start = 0
        text.withUnsafeBytes { bytes in
            while start < bytes.count {
                var end = min(start + pieceBytes, bytes.count)
                while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
                escaped.append(escaping: bytes.slice(start..<end))
                ends.append(escaped.count)
                start = end
            }
        }
        source = .text(escaped.copy(), ends: ends)
        pieces = min(ends.count, tokensMax ?? ends.count)
        isTruncated = pieces < ends.count
    }

    /// Cuts `text` before each word.
    init(prose text: [UInt8], tokensMax: Int?) {
        var escaped = ByteQueue()
        var ends: [Int] = []
        text.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count {
                var end = start + 1
                while end < bytes.count, bytes[end] != 0x20 { end += 1 }
                escaped.append(escaping: bytes.slice(start..<end))
                ends.append(escaped.count)
                start = end
            }
        }
        source = .text(escaped.copy(), ends: ends)
        pieces = min(ends.count, tokensMax ?? ends.count)
        isTruncated = pieces < ends.count
    }

    /// `totalBytes` of text; where `tokensMax` would cut it, its pieces are larger instead.
    init(fillerOf totalBytes: Int, tokensMax: Int?) {
        let wanted = (totalBytes + 16_383) / 16_384
        let count = min(wanted, tokensMax ?? wanted)
        let pieceBytes = (totalBytes + count - 1) / count
        source = .filler(pieceBytes: pieceBytes, totalBytes: totalBytes)
        pieces = (totalBytes + pieceBytes - 1) / pieceBytes
        isTruncated = false
    }

    /// Keeps the first `count` pieces.
    mutating func cut(to count: Int) {
        guard count < pieces else { return }
        pieces = count
        isTruncated = true
    }

    /// How many bytes ``writeText(to:)`` writes.
    var textBytes: Int {
        switch source {
        case .words: pieces == 0 ? 0 : Vocabulary.tagBytes + Vocabulary.bytes(ofWords: pieces - 1)
        case .text(_, let ends): pieces == 0 ? 0 : ends[pieces - 1]
        case .filler(let pieceBytes, let total): min(total, pieces * pieceBytes)
        }
    }

    func writeText(to out: inout ByteQueue) {
        switch source {
        case .words(let tag):
            guard pieces > 0 else { return }
            Vocabulary.write(tag: tag, to: &out)
            var left = Vocabulary.bytes(ofWords: pieces - 1)
            while left > 0 {
                let count = min(left, Vocabulary.text.count)
                out.append(Vocabulary.text[0..<count])
                left -= count
            }
        case .text(let bytes, let ends):
            if pieces > 0 { out.append(bytes[0..<ends[pieces - 1]]) }
        case .filler:
            out.append(repeating: UInt8(ascii: "x"), count: textBytes)
        }
    }

    func write(piece index: Int, to out: inout ByteQueue) {
        switch source {
        case .words(let tag):
            if index == 0 {
                Vocabulary.write(tag: tag, to: &out)
            } else {
                let word = (index - 1) % Vocabulary.words
                out.append(Vocabulary.text[Vocabulary.starts[word]..<Vocabulary.starts[word + 1]])
            }
        case .text(let bytes, let ends):
            out.append(bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]])
        case .filler(let pieceBytes, let total):
            out.append(repeating: UInt8(ascii: "x"), count: min(pieceBytes, total - index * pieceBytes))
        }
    }

    var finishReason: StaticString { isTruncated ? "\"length\"" : tool != nil ? "\"tool_calls\"" : "\"stop\"" }
}

/// The words of a default answer: ASCII that JSON need not escape.
enum Vocabulary {
    static let text = Array(
        (" this is the built-in provider of tollgate. it answers every prompt with the same calm words, one token"
            + " each, so that a test can count what was sent; nothing here was thought.").utf8)

    /// Where each word begins (at its space); the last is the end of the text.
    static let starts = text.indices.filter { text[$0] == UInt8(ascii: " ") } + [text.count]

    static let words = starts.count - 1

    /// `[1a2b3c4d]`
    static let tagBytes = 10

    static func write(tag: UInt32, to out: inout ByteQueue) {
        out.append(byte: UInt8(ascii: "["))
        out.append(hex: UInt64(tag), digits: 8)
        out.append(byte: UInt8(ascii: "]"))
    }

    static func bytes(ofWords count: Int) -> Int { count / words * text.count + starts[count % words] }

    /// A tag of a prompt: its length and its first and last 64 bytes decide.
    static func tag(of prompt: UnsafeRawBufferPointer) -> UInt32 {
        let head = prompt.slice(0..<min(64, prompt.count))
        let tail = prompt.slice(max(prompt.count - 64, 0)..<prompt.count)
        let hash = Hash.of(tail, seed: Hash.of(head) ^ UInt64(prompt.count))
        return UInt32(truncatingIfNeeded: hash ^ (hash >> 32))
    }
}
