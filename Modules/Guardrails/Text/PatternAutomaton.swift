/// All literal patterns of a rule set in one Aho–Corasick automaton over folded UTF-8: one table look-up per byte,
/// whatever the text and however many words.
///
/// It sees text as `MatchMachine` presents it: characters folded, runs of white space one space, invisible characters
/// gone. The tables are dense (state × byte class); the words of a set may be `wordBytesMax` long together, which
/// bounds them to about 16 MB, and typical lists of some hundred words take a few hundred kilobytes.
///
/// A view of tables that `RuleProgram` owns and frees: plain pointers, because a class or an array here would be
/// retained and released around every byte.
///
/// `@unchecked Sendable`: the tables are written in `init` and only read after it.
struct PatternAutomaton: @unchecked Sendable {
    static let wordBytesMax = 64 * 1024

    /// What a pattern needs on its left, and whether its beginning must be held back while it may still become a match.
    struct Needs: OptionSet {
        let rawValue: UInt8
        /// It may begin anywhere.
        static let nothing = Needs(rawValue: 1)
        /// It begins at the edge of a word.
        static let wordEdge = Needs(rawValue: 2)
        /// It begins where no ASCII letter or digit stands before it.
        static let tokenEdge = Needs(rawValue: 4)
    }

    struct Pattern {
        /// Folded bytes, white space collapsed.
        let bytes: [UInt8]
        /// The same bytes before folding, if case counts. A byte is 0 where folding changed a character's length.
        let exact: [UInt8]?
        let needs: Needs
        /// False for a keyword such as `password=`, which may leave: only what follows it is withheld.
        let holds: Bool
        let meaning: Meaning

        var length: Int { bytes.count }
    }

    enum Meaning {
        case word(rule: Int, whole: Bool)
        case secret(SecretShape)
        case blockEnd
    }

    static let root: UInt32 = 0

    let patterns: UnsafeMutablePointer<Pattern>
    private let patternCount: Int
    let longest: Int
    private let classCount: Int
    /// byte → class × 1; 0 is "in no pattern".
    private let classes: UnsafeMutablePointer<UInt8>
    /// state × classCount + class → state.
    private let next: UnsafeMutablePointer<UInt32>
    private let depths: UnsafeMutablePointer<UInt16>
    private let failures: UnsafeMutablePointer<UInt32>
    /// First entry of a state in `outputs`, −1 for none. Entries are chained, also over the state's suffixes.
    private let outputHeads: UnsafeMutablePointer<Int32>
    private let outputs: UnsafeMutablePointer<(pattern: Int32, following: Int32)>
    /// By first byte, unfolded: whether some pattern may begin with it in the middle of a word.
    private let beginInside: UnsafeMutablePointer<Bool>
    /// Needs of the holding patterns that a state is a proper beginning of; empty: nothing to hold for.
    private let heldNeeds: UnsafeMutablePointer<UInt8>

    init(_ patterns: [Pattern]) {
        self.patterns = .allocate(copying: patterns)
        patternCount = patterns.count
        longest = patterns.map(\.bytes.count).max() ?? 0
        var classOf = [UInt8](repeating: 0, count: 256)
        var count = 1
        for byte in Set(patterns.flatMap(\.bytes)).sorted() {
            classOf[Int(byte)] = UInt8(count)
            count += 1
        }
        classCount = count

        var trie = Trie(classCount: count)
        var heads = [Int32](repeating: -1, count: 1)
        var chain: [(pattern: Int32, following: Int32)] = []
        var held = [UInt8](repeating: 0, count: 1)
        for (index, pattern) in patterns.enumerated() {
            var state = 0
            for byte in pattern.bytes {
                if pattern.holds { held[state] |= pattern.needs.rawValue }
                state = trie.child(of: state, byClass: Int(classOf[Int(byte)]))
                if state == heads.count {
                    heads.append(-1)
                    held.append(0)
                }
            }
            chain.append((Int32(index), heads[state]))
            heads[state] = Int32(chain.count - 1)
        }
        let failure = trie.close()
        // A state also ends what its longest proper suffix ends: hang that chain behind its own.
        for state in trie.breadthFirst where state != 0 {
            let inherited = heads[failure[state]]
            if heads[state] < 0 {
                heads[state] = inherited
            } else {
                var last = Int(heads[state])
                while chain[last].following >= 0 { last = Int(chain[last].following) }
                chain[last].following = inherited
            }
        }
        classes = .allocate(copying: classOf)
        next = .allocate(copying: trie.next.map { UInt32($0) })
        depths = .allocate(copying: trie.depth.map { UInt16($0) })
        failures = .allocate(copying: failure.map { UInt32($0) })
        outputHeads = .allocate(copying: heads)
        outputs = .allocate(copying: chain)
        heldNeeds = .allocate(copying: held)
        let firsts = Set(patterns.filter { $0.needs == .nothing }.map { $0.bytes[0] })
        beginInside = .allocate(
            copying: (0...255 as ClosedRange<UInt8>).map {
                $0 >= 0x80 || $0 == UInt8(ascii: "\\")
                    || firsts.contains(CharacterFolding.foldedASCII($0))
            })
    }

    /// Frees the tables; nothing may use any copy of this value after it.
    func deallocate() {
        patterns.deinitialize(count: patternCount).deallocate()
        outputs.deallocate()
        classes.deallocate()
        next.deallocate()
        depths.deallocate()
        failures.deallocate()
        outputHeads.deallocate()
        heldNeeds.deallocate()
        beginInside.deallocate()
    }

    func state(after state: UInt32, _ byte: UInt8) -> UInt32 {
        next[Int(state) * classCount + Int(classes[Int(byte)])]
    }

    /// Whether a pattern could begin at `start`, as far as the characters before it, plain ASCII and the next eight
    /// bytes tell: the cheap second opinion on what `BeginningFilter` found. Eight, so that a text full of long
    /// beginnings is not read over and over.
    ///
    /// - Parameter plainFrom: from here to `start` every byte means what it says: no escape, no invisible character.
    func mayBegin(
        _ text: UnsafePointer<UInt8>, at start: Int, count: Int, plainFrom: Int
    ) -> Bool {
        if text[start] >= 0x80 { return mayBegin(withCharacterOf: text, at: start, count: count) }
        if start - plainFrom >= 3, !beginInside[Int(text[start])],
            Self.isInsideWord(text[start - 1], text[start - 2], text[start - 3])
        {
            return false
        }
        var state = Self.root
        var length: UInt16 = 0
        var lastIsSpace = false
        for index in start..<min(start + 8, count) {
            var byte = text[index]
            if byte >= 0x80 || byte == UInt8(ascii: "\\") { return true }
            if byte <= 0x20, CharacterFolding.classOfASCII(byte) == .space {
                if lastIsSpace { return true }
                lastIsSpace = true
                byte = 0x20
            } else {
                lastIsSpace = false
                byte = CharacterFolding.foldedASCII(byte)
            }
            state = self.state(after: state, byte)
            length += 1
            if depths[Int(state)] != length { return false }
            if outputHeads[Int(state)] >= 0 { return true }
        }
        return true
    }

    private func mayBegin(withCharacterOf text: UnsafePointer<UInt8>, at start: Int, count: Int) -> Bool {
        let length = UTF8Sequence.length(lead: text[start])
        guard length > 1, start + length <= count,
            let scalar = UTF8Sequence.scalar(text, from: start, to: start + length),
            CharacterFolding.classOf(scalar) != .invisible
        else { return true }
        let folded = EncodedScalar(CharacterFolding.folded(scalar))
        var state = Self.root
        for place in 0..<folded.count {
            state = self.state(after: state, folded[place])
            if depth(state) != place + 1 { return false }
        }
        return true
    }

    /// Whether neither an edge of a word nor one of a token is after these characters, the last one first.
    private static func isInsideWord(_ last: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
        !ByteClass(last).isDisjoint(with: .alphanumeric) && second != UInt8(ascii: "\\") && third != UInt8(ascii: "%")
    }

    func depth(_ state: UInt32) -> Int { Int(depths[Int(state)]) }
    func failure(_ state: UInt32) -> UInt32 { failures[Int(state)] }
    func heldNeeds(_ state: UInt32) -> Needs { Needs(rawValue: heldNeeds[Int(state)]) }
    /// The first entry of the chain of patterns that end in this state, nil for none.
    func firstOutput(_ state: UInt32) -> Int? {
        let head = outputHeads[Int(state)]
        return head < 0 ? nil : Int(head)
    }
    func pattern(ofOutput entry: Int) -> Int { Int(outputs[entry].pattern) }
    func output(after entry: Int) -> Int? {
        let following = outputs[entry].following
        return following < 0 ? nil : Int(following)
    }
}

/// The trie while it is built; `close` makes a complete automaton of it.
private struct Trie {
    let classCount: Int
    var next: [Int]
    var depth: [Int] = [0]
    var breadthFirst: [Int] = []

    init(classCount: Int) {
        self.classCount = classCount
        next = Array(repeating: -1, count: classCount)
    }

    mutating func child(of state: Int, byClass column: Int) -> Int {
        let slot = state * classCount + column
        if next[slot] < 0 {
            next[slot] = depth.count
            depth.append(depth[state] + 1)
            next.append(contentsOf: repeatElement(-1, count: classCount))
        }
        return next[slot]
    }

    /// Fills every missing edge with where the longest suffix would go; returns the suffix (failure) state of each.
    mutating func close() -> [Int] {
        var failure = [Int](repeating: 0, count: depth.count)
        breadthFirst = [0]
        var head = 0
        while head < breadthFirst.count {
            let state = breadthFirst[head]
            head += 1
            for column in 0..<classCount {
                let slot = state * classCount + column
                let fallback = state == 0 ? 0 : next[failure[state] * classCount + column]
                if next[slot] < 0 {
                    next[slot] = fallback
                } else {
                    failure[next[slot]] = fallback
                    breadthFirst.append(next[slot])
                }
            }
        }
        return failure
    }
}

extension UnsafeMutablePointer {
    static func allocate(copying elements: [Pointee]) -> UnsafeMutablePointer<Pointee> {
        let pointer = allocate(capacity: max(1, elements.count))
        elements.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { pointer.initialize(from: base, count: source.count) }
        }
        return pointer
    }
}
