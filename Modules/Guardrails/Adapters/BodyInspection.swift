import JSONText

/// What a whole body comes to.
public enum BodyVerdict: Sendable, Equatable {
    /// It may go as it is.
    case pass
    /// It may go like this: forbidden text replaced, every other byte as it was.
    case redacted([UInt8], [Finding])
    /// It may not go. The one finding is that of the rule that refused it.
    case refused(Finding)
}

extension GuardrailSet {
    /// Inspects the JSON body of a chat, completions or embeddings request, or any other.
    ///
    /// Every string in it is text: message content and its parts, tool calls' arguments and results, descriptions,
    /// `prompt`, `input`, members that this gateway does not know. Escapes are resolved first, so `\u0073k-…` is found;
    /// replacements are escaped, and a body with nothing forbidden in it is not copied. Exceptions:
    /// - keys, identifiers and names out of fixed sets (`role`, `tool_call_id`, `model`, …) are searched for secrets
    ///   but not for banned words; keys that hold secrets are numbered, so that they stay different keys and become
    ///   none that is there already, and so are short strings that name one (`required` of a schema);
    /// - base64 of 256 bytes and more in members made for it (`image_url`, `input_audio.data`, `file_data`, encrypted
    ///   reasoning, …) passes: what can't be read as text can't be inspected;
    /// - a secret that is split over two strings, such as two content parts, is not put together.
    public func inspect(requestBody body: [UInt8]) -> BodyVerdict { inspect(body: body) }

    /// Inspects the body of a whole answer the same way. Where something is replaced, `logprobs` become null: they
    /// spell the text out again. In `logprobs` alone (a token that the model did not choose) nothing is refused; they
    /// go.
    ///
    /// A body that is no JSON is inspected as plain text.
    public func inspect(replyBody body: [UInt8]) -> BodyVerdict { inspect(body: body) }

    private func inspect(body: [UInt8]) -> BodyVerdict {
        guard !isEmpty else { return .pass }
        return body.withUnsafeBytes { bytes in
            var inspection = BodyInspection(self)
            while !inspection.advance(in: bytes, upTo: bytes.count) {}
            return inspection.verdict(on: bytes)
        }
    }
}

/// An inspection of a body that can be done a part at a time, so that a body of megabytes does not keep an event loop
/// from its other work.
///
///     var inspection = BodyInspection(guardrails)
///     while !inspection.advance(in: bytes, upTo: inspection.offset + 256 * 1024) { await loop.yield() }
///     switch inspection.verdict(on: bytes) { … }
public struct BodyInspection: Sendable {
    struct Change {
        let place: Range<Int>
        private(set) var replacement: [UInt8]

        /// - Parameter next: the byte behind the place.
        mutating func add(_ number: Int, before next: UInt8) {
            replacement += Array(" \(number)".utf8)
            // A digit would make it another number, and an escape may be a digit.
            if next == UInt8(ascii: "\\") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) {
                replacement.append(0x20)
            }
        }
    }

    private var machine: MatchMachine?
    private(set) var walk = JSONStringWalk()
    /// Strings that someone else inspects, by the offset after their first quote.
    private let except: [Int]
    private let readsPlainText: Bool
    private var current: (token: JSONStringWalk.Token, text: JSONStringText)?
    private var scratch: [UInt8] = []
    private(set) var changes: [Change] = []
    private var keyNumbers = KeyNumbers()
    /// All strings were inspected, and the keys are read again for their numbers.
    private var isNumbering = false
    private var plainTextChanges: [Change] = []
    /// What is inspected as plain text because it is no JSON, with the changes to its strings made.
    private var plainText: [UInt8]?
    private var isFinished = false
    private(set) var refusal: Finding?
    /// In `logprobs` stands what a rule refuses.
    private(set) var isLogprobsForbidden = false
    /// How far the body was read; it may be read twice.
    public private(set) var offset = 0

    /// An inspection of one body, read from its beginning. With a set without rules it is finished before it begins.
    public init(_ set: GuardrailSet) { self.init(set, except: [], readsPlainText: true) }

    /// - Parameters:
    ///   - except: strings to leave out, as their ranges with quotes.
    ///   - readsPlainText: whether a body that is no JSON is read again as plain text.
    init(_ set: GuardrailSet, except: [Range<Int>], readsPlainText: Bool) {
        machine = set.program.map { MatchMachine($0) }
        self.except = except.map { $0.lowerBound + 1 }
        self.readsPlainText = readsPlainText
    }

    var findings: [Finding] { machine?.findings ?? [] }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - body: the whole body, the same in every call.
    ///   - goal: where to pause; the pause comes at most 32 KB of text later.
    /// - Returns: true when there is nothing more to read.
    public mutating func advance(in body: UnsafeRawBufferPointer, upTo goal: Int) -> Bool {
        guard machine != nil, !isFinished else { return true }
        while !isFinished {
            if plainText != nil {
                readPlainText()
            } else if isNumbering {
                numberKeys(body)
            } else if current == nil {
                beginString(body)
                // The keys are read from the beginning, which is far before the goal.
                if isNumbering { break }
            } else {
                readString(body)
            }
            if offset >= goal { break }
        }
        return isFinished
    }

    /// What the body comes to; complete once `advance` returned true.
    public func verdict(on body: UnsafeRawBufferPointer) -> BodyVerdict {
        if let refusal { return .refused(refusal) }
        if let plainText {
            guard isChanged || !plainTextChanges.isEmpty else { return .pass }
            var edit = JSONEdit()
            for change in plainTextChanges { edit.replace(change.place, with: change.replacement) }
            return .redacted(edit.applied(to: plainText), findings)
        }
        return isChanged ? .redacted(changed(body), findings) : .pass
    }

    private var isChanged: Bool { !changes.isEmpty || isLogprobsForbidden }

    /// The body with replacements in its strings, and without log probabilities.
    private func changed(_ body: UnsafeRawBufferPointer) -> [UInt8] {
        var edit = JSONEdit()
        var removed = walk.logprobs[...]
        for range in removed { edit.replace(range, with: Array("null".utf8)) }
        for change in changes {
            while let first = removed.first, first.upperBound <= change.place.lowerBound { removed.removeFirst() }
            if let first = removed.first, first.contains(change.place.lowerBound) { continue }
            edit.replace(change.place, with: change.replacement)
        }
        return edit.applied(to: body)
    }

    // MARK: Strings

    private mutating func beginString(_ body: UnsafeRawBufferPointer) {
        guard let token = walk.next(in: body) else {
            if keyNumbers.areNeeded {
                isNumbering = true
                offset = 0
            } else {
                endStrings(body)
            }
            return
        }
        offset = token.range.lowerBound
        let mayBeBlob = !token.isKey && (token.use == .media || token.use == .opaque)
        if mayBeBlob && Self.isBase64(UnsafeRawBufferPointer(rebasing: body[token.range]))
            || except.contains(token.range.lowerBound)
        {
            offset = token.range.upperBound
            return
        }
        let hasNoWords = token.isKey || token.use == .identifier || token.use == .opaque
        let ignoresWords = hasNoWords && !token.isInLogprobs
        machine?.beginText(ignoringWords: ignoresWords)
        current = (token, JSONStringText(token.range, in: body))
    }

    private mutating func readString(_ body: UnsafeRawBufferPointer) {
        guard let token = current?.token, var text = current?.text else { return }
        if !text.isAtEnd {
            text.withNextPiece(in: body, scratch: &scratch) { machine?.read($0) }
            offset = text.offset
            current = (token, text)
        }
        guard text.isAtEnd || machine?.refusal != nil else { return }
        current = nil
        offset = token.range.upperBound
        machine?.endText()
        guard let machine else { return }
        if let refusal = machine.refusal {
            if token.isInLogprobs {
                isLogprobsForbidden = true
            } else {
                self.refusal = refusal.finding
                isFinished = true
            }
        } else if !machine.spans.isEmpty {
            let spans = Inspection.disjoint(machine.spans)
            let places = JSONStringText.places(of: spans, in: token.range, of: body)
            for (span, place) in zip(spans, places) {
                var replacement: [UInt8] = []
                machine.program.replacement(rule: span.rule, kind: span.kind).withUnsafeBytes {
                    JSONEscapes.append($0, to: &replacement)
                }
                changes.append(Change(place: place, replacement: replacement))
            }
            let isShort = token.range.count <= 256
            if token.isKey || isShort {
                keyNumbers.note(Array(body[token.range]), isKey: token.isKey, change: changes.count - 1)
            }
        }
    }

    private mutating func numberKeys(_ body: UnsafeRawBufferPointer) {
        if let place = keyNumbers.readOn(in: body) {
            offset = place
            return
        }
        for (number, numbered) in keyNumbers.given() {
            for index in numbered {
                let end = changes[index].place.upperBound
                changes[index].add(number, before: end < body.count ? body[end] : 0)
            }
        }
        isNumbering = false
        endStrings(body)
    }

    private mutating func endStrings(_ body: UnsafeRawBufferPointer) {
        offset = body.count
        if walk.isMalformed, readsPlainText {
            becomePlainText(body)
        } else {
            isFinished = true
        }
    }

    /// A `data:` URL or bare base64, long enough to be a blob and nothing but.
    private static func isBase64(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count >= 256 else { return false }
        var start = 0
        if text[0] == UInt8(ascii: "d"), text.starts(with: "data:".utf8) {
            // The media type and its parameters are short.
            guard let comma = text.prefix(200).firstIndex(of: UInt8(ascii: ",")) else { return false }
            start = comma + 1
        }
        guard text.count - start >= 256 else { return false }
        var others: UInt8 = 0
        for index in start..<text.count {
            others |= base64Others[Int(text[index])]
            // Looked at now and then: a long text with a blank in it is known at once.
            if index & 255 == 0, others != 0 { return false }
        }
        return others == 0
    }

    /// By byte: 0 for the characters of base64, both alphabets, padding and the slash that JSON may escape.
    private static let base64Others: [UInt8] = (0...255 as ClosedRange<UInt8>).map { byte in
        let isBase64 = !ByteClass(byte).isDisjoint(
            with: [.letters, .digits, .plusSlash, .dash, .underscore, .equals])
        return isBase64 || byte == UInt8(ascii: "\\") ? 0 : 1
    }

    // MARK: What is no JSON

    /// Text may stand where no string is, so all of it is read again as it stands, after the strings have been seen to.
    private mutating func becomePlainText(_ body: UnsafeRawBufferPointer) {
        plainText = isChanged ? changed(body) : [UInt8](body)
        offset = 0
        machine?.beginText()
    }

    private mutating func readPlainText() {
        guard let plainText else { return }
        let end = min(plainText.count, offset + JSONStringText.pieceBytesMax)
        plainText[offset..<end].withUnsafeBufferPointer { machine?.read($0) }
        offset = end
        guard offset == plainText.count || machine?.refusal != nil else { return }
        machine?.endText()
        isFinished = true
        guard let machine else { return }
        if let refusal = machine.refusal {
            self.refusal = refusal.finding
            return
        }
        for span in Inspection.disjoint(machine.spans) {
            plainTextChanges.append(
                Change(
                    place: span.start..<span.end,
                    replacement: machine.program.replacement(rule: span.rule, kind: span.kind)))
        }
    }
}
