/// The shapes of credentials. A row of `TokenRow.known`, or one that a prefix and a run of characters can't describe.
enum SecretShape: Sendable, Equatable {
    case token(row: Int)
    case jwt
    case privateKey
    case connectionString
    case connectionPassword
    case awsSecretKey

    /// Its bit in the set of shapes that have a live candidate.
    var bit: UInt32 {
        switch self {
        case .jwt: 1
        case .privateKey: 2
        case .connectionString: 4
        case .connectionPassword: 8
        case .awsSecretKey: 16
        case .token(let row): 32 << UInt32(row)
        }
    }
}

/// A place in the text where a credential may have begun, told the characters that follow, one by one.
///
/// States, and how each is left:
/// - *undecided*: what has been read may be the beginning of a credential. → *certain* when the shape is complete or as
///   long as `undecidedMax` allows; → dropped at the first character that doesn't fit.
/// - *certain*: it is one; everything that fits on belongs to it. → ended at the first character that doesn't.
///
/// One candidate per shape is enough at any time: a second that began inside the first would be made of a part of the
/// same characters, so it would never be certain where the first is dropped (`SecretCandidateTests` checks this).
struct SecretCandidate {
    enum Step: Equatable {
        case goesOn
        case dropped
        /// It became certain with this character.
        case certain(SecretKind)
        /// It had ended before this character.
        case ended
        /// It ends with this character.
        case endsHere
        /// It became certain by what ended it.
        case wasCertain(SecretKind)
    }

    /// Bytes of text after which an undecided candidate is decided. Per shape, because this is what holds text back.
    static let jwtUndecidedMax = 4096
    static let connectionUndecidedMax = 512
    static let passwordUndecidedMax = 128
    static let labelUndecidedMax = 96

    let shape: SecretShape
    /// Offset of its first byte in the text; `Int.max` while only a keyword was read, which isn't part of it.
    private(set) var start: Int
    /// Offset after the last byte that certainly belongs to it.
    private(set) var end: Int
    private(set) var isCertain = false
    private(set) var kind: SecretKind
    private var phase: UInt8 = 0
    private var count = 0
    /// Letters and digits in a row.
    private var run = 0
    /// Classes of all characters so far.
    private var seen: ByteClass = []
    /// Token: the first bytes after the prefix, to tell variants. Others: the first character of the value.
    private var head: UInt64 = 0
    private var previous: UInt8 = 0
    /// Token: the row's facts, here because a row holds arrays and this is read for every character.
    private var row = TokenRow.Facts.none
    /// Password: a `;` stood before the keyword. Connection: the password so far is digits. Block: dashes in a row.
    private var mark = 0

    /// - Parameters:
    ///   - start: where the literal began that raised suspicion.
    ///   - end: where that literal ended.
    init(_ shape: SecretShape, from start: Int, to end: Int, afterSemicolon: Bool = false) {
        self.shape = shape
        self.end = end
        switch shape {
        case .token(let index):
            self.start = start
            kind = TokenRow.known[index].kind
            row = TokenRow.known[index].facts
        case .jwt:
            self.start = start
            kind = .jwt
        case .privateKey:
            self.start = start
            kind = .privateKey
        case .connectionString:
            self.start = end
            kind = .connectionString
        case .connectionPassword:
            self.start = end
            kind = .connectionPassword
            mark = afterSemicolon ? 1 : 0
        case .awsSecretKey:
            self.start = Int.max
            kind = .awsSecretKey
        }
    }

    /// Whether a new keyword starts the search afresh.
    var isWaitingForValue: Bool { start == Int.max }

    /// Reads one character: an ASCII byte, 0x20 for any white space beyond ASCII, 0x80 for every other character.
    mutating func read(_ character: UInt8, from: Int, to: Int) -> Step {
        switch shape {
        case .token: return readToken(character, to: to)
        case .jwt: return readJWT(character, to: to)
        case .privateKey: return readPrivateKey(character, to: to)
        case .connectionString: return readConnectionString(character, to: to)
        case .connectionPassword: return readConnectionPassword(character, to: to)
        case .awsSecretKey: return readAWSSecretKey(character, from: from, to: to)
        }
    }

    /// An invisible character: read as nothing, but a run of them must not keep a candidate undecided for ever.
    mutating func skipInvisible(to: Int, spanMax: Int) -> Step {
        if isCertain {
            if shape == .privateKey { end = to }
            return .goesOn
        }
        guard start != Int.max, to - start > spanMax else { return .goesOn }
        switch shape {
        case .jwt where phase == 0: return .dropped
        case .connectionString where phase == 0: return .dropped
        case .connectionPassword where mark == 0: return .dropped
        default: return becomeCertain()
        }
    }

    private mutating func becomeCertain() -> Step {
        if case .token(let row) = shape {
            for variant in TokenRow.known[row].variants where continues(with: variant.continuation) {
                kind = variant.kind
            }
        }
        isCertain = true
        if shape == .privateKey { phase = 1 }
        return .certain(kind)
    }

    /// The text is over.
    mutating func textEnded() -> Step {
        if isCertain { return .ended }
        guard shape == .connectionPassword, mark == 1, count > 0, !isPlaceholder else { return .dropped }
        return .wasCertain(kind)
    }

    /// `-----END ` was read inside a private key: the block goes on to the dashes after the label.
    mutating func blockEnds(at to: Int) {
        guard shape == .privateKey, isCertain else { return }
        phase = 2
        count = 0
        mark = 0
        end = to
    }

    // MARK: Tokens

    private mutating func readToken(_ character: UInt8, to: Int) -> Step {
        let byteClass = ByteClass(character)
        guard !row.characters.isDisjoint(with: byteClass) else { return isCertain ? .ended : .dropped }
        end = to
        if isCertain { return .goesOn }
        if count < 8 { head |= UInt64(character) << UInt64(8 * count) }
        count += 1
        seen.formUnion(byteClass)
        run = byteClass.isDisjoint(with: .alphanumeric) ? 0 : run + 1
        if run >= 16 { mark = 1 }
        guard count >= row.countMin, count >= row.countSure || isProved(row.proof) else { return .goesOn }
        return becomeCertain()
    }

    private func isProved(_ proof: TokenRow.Proof) -> Bool {
        switch proof {
        case .none: true
        case .digit: seen.contains(.digits)
        case .mixed: seen.contains(.digits) && (seen.contains(.capitals) || mark == 1)
        }
    }

    private func continues(with continuation: String) -> Bool {
        var place: UInt64 = 0
        for byte in continuation.utf8 {
            guard UInt8(truncatingIfNeeded: head >> place) == byte else { return false }
            place += 8
        }
        return true
    }

    // MARK: JSON web tokens

    /// Header `.` payload `.` signature, base64url; the header begins with `eyJ` (`{"`), which is what was found. A
    /// payload that begins so too is proof enough; any other needs the third part.
    private mutating func readJWT(_ character: UInt8, to: Int) -> Step {
        let isDot = character == UInt8(ascii: ".")
        guard isDot || ByteClass.base64url.holds(character) else { return isCertain ? .ended : .dropped }
        if isCertain {
            // A dot belongs to the token only if the token goes on after it; it may also end the sentence.
            if !isDot { end = to }
            return .goesOn
        }
        end = to
        if isDot {
            guard phase == 0 ? count >= 7 : phase == 1 && (count >= 10 || count == 0) else { return .dropped }
            phase += 1
            count = 0
            head = 0
            return .goesOn
        }
        if count < 3 { head = head << 8 | UInt64(character) }
        count += 1
        let isLong = to - start >= Self.jwtUndecidedMax
        switch phase {
        case 0:
            return isLong ? .dropped : .goesOn
        case 1:
            guard isLong || count >= 10 && head == 0x65_79_4A else { return .goesOn }
        default:
            guard isLong || count >= 10 else { return .goesOn }
        }
        return becomeCertain()
    }

    // MARK: Private key blocks

    /// The label after `-----BEGIN ` says PRIVATE KEY, then everything to the END line belongs to it, or to the end of
    /// the text if there is none: what follows the header of a key is key.
    private mutating func readPrivateKey(_ character: UInt8, to: Int) -> Step {
        if isCertain {
            end = to
            guard phase == 2 else { return .goesOn }
            count += 1
            mark = character == UInt8(ascii: "-") ? mark + 1 : 0
            return mark == 5 || count > 80 || character == UInt8(ascii: "\n") ? .endsHere : .goesOn
        }
        let label: StaticString = "PRIVATE KEY"
        let isSpace = character == UInt8(ascii: " ")
        guard isSpace || !ByteClass(character).isDisjoint(with: [.capitals, .digits]),
            to - start <= Self.labelUndecidedMax
        else { return .dropped }
        end = to
        if isSpace, previous == character { return .goesOn }
        previous = character
        // No proper beginning of the label but its P comes back inside it, so a mismatch falls back to there.
        if character == label.utf8Start[count] {
            count += 1
        } else {
            count = character == UInt8(ascii: "P") ? 1 : 0
        }
        guard count == label.utf8CodeUnitCount else { return .goesOn }
        return becomeCertain()
    }

    // MARK: Connection strings

    /// `user:password@host…` after `://`. The scheme itself may leave.
    private mutating func readConnectionString(_ character: UInt8, to: Int) -> Step {
        guard !Self.endsURL(character) else { return isCertain ? .ended : .dropped }
        if isCertain {
            // Punctuation belongs to it only if it goes on after it.
            if !Self.endsSentence(character) { end = to }
            return .goesOn
        }
        end = to
        if phase == 0 {
            switch character {
            case UInt8(ascii: ":"):
                phase = 1
                count = 0
                mark = 1
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "@"), UInt8(ascii: "["):
                return .dropped
            default:
                count += 1
            }
            return to - start >= Self.connectionUndecidedMax ? .dropped : .goesOn
        }
        if character == UInt8(ascii: "@"), count > 0 {
            guard !isPlaceholder else { return .dropped }
            return becomeCertain()
        }
        // host:port is no password.
        if mark == 1, Self.followsPort(character) { return .dropped }
        addToValue(character)
        if !ByteClass.digits.holds(character) { mark = 0 }
        guard to - start >= Self.connectionUndecidedMax else { return .goesOn }
        return becomeCertain()
    }

    private static func endsURL(_ character: UInt8) -> Bool {
        switch character {
        case 0...0x20, 0x7F, UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"), UInt8(ascii: "<"),
            UInt8(ascii: ">"), UInt8(ascii: "\\"):
            true
        default: false
        }
    }

    private static func endsSentence(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ":"), UInt8(ascii: ")"),
            UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "!"):
            true
        default: false
        }
    }

    private static func followsPort(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: ","), UInt8(ascii: ";"),
            UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "|"):
            true
        default: false
        }
    }

    // MARK: Passwords of ADO connection strings

    /// The value after `password=`, if a `;` stood before the keyword or ends the value: `Server=db;Password=…`.
    private mutating func readConnectionPassword(_ character: UInt8, to: Int) -> Step {
        let quote = phase
        if quote == 0, count == 0, character == UInt8(ascii: "'") || character == UInt8(ascii: "\"") {
            phase = character
            end = to
            return .goesOn
        }
        let ends = quote == 0 ? Self.endsPassword(character) : character == quote || character < 0x20
        guard !ends else {
            if isCertain { return .ended }
            let isADO = mark == 1 || character == UInt8(ascii: ";")
            return isADO && count > 0 && !isPlaceholder ? .wasCertain(kind) : .dropped
        }
        end = to
        if isCertain { return .goesOn }
        addToValue(character)
        // What has parentheses in it is a call in a program, unless the place says otherwise.
        if character == UInt8(ascii: "("), mark == 0 { return .dropped }
        guard to - start >= Self.passwordUndecidedMax else { return .goesOn }
        guard mark == 1 else { return .dropped }
        return becomeCertain()
    }

    private static func endsPassword(_ character: UInt8) -> Bool {
        switch character {
        case 0...0x20, 0x7F, UInt8(ascii: ";"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"),
            UInt8(ascii: "\\"):
            true
        default: false
        }
    }

    // MARK: AWS secret keys

    /// Forty characters of base64 after a keyword and at most 24 separators.
    private mutating func readAWSSecretKey(_ character: UInt8, from: Int, to: Int) -> Step {
        if ByteClass([.letters, .digits, .plusSlash]).holds(character) || isCertain && character == UInt8(ascii: "=") {
            if start == Int.max {
                start = from
                count = 0
            }
            end = to
            if isCertain { return .goesOn }
            count += 1
            guard count == 40 else { return .goesOn }
            return becomeCertain()
        }
        guard start == Int.max else { return isCertain ? .ended : .dropped }
        switch character {
        case 0x09...0x0D, 0x20, UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"), UInt8(ascii: ":"),
            UInt8(ascii: "="), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: ","):
            count += 1
            return count > 24 ? .dropped : .goesOn
        default:
            return .dropped
        }
    }

    // MARK: Values

    private mutating func addToValue(_ character: UInt8) {
        if count == 0 { head = UInt64(character) }
        count += 1
        previous = character
        seen.formUnion(ByteClass(character))
        // Stars only, capitals and underscores only: how templates write "put it here".
        if character != UInt8(ascii: "*") { run |= 1 }
        if count > 1, ByteClass([.capitals, .digits, .underscore]).isDisjoint(with: ByteClass(character)) { run |= 2 }
    }

    /// `***`, `${NAME}`, `$NAME`, `{name}`, `<name>`, `[REDACTED:…]`, `%s` stand for a password and are none.
    private var isPlaceholder: Bool {
        if run & 1 == 0 { return true }
        switch (UInt8(truncatingIfNeeded: head), previous) {
        case (UInt8(ascii: "$"), UInt8(ascii: "}")), (UInt8(ascii: "{"), UInt8(ascii: "}")),
            (UInt8(ascii: "<"), UInt8(ascii: ">")), (UInt8(ascii: "["), UInt8(ascii: "]")):
            return count > 2
        case (UInt8(ascii: "$"), _): return run & 2 == 0
        case (UInt8(ascii: "%"), _): return count == 2
        default: return false
        }
    }
}
