import TestSupport
import Testing

@testable import Guardrails

private let mixedRedacting = try! compileMixed(.redact())
private let mixedRefusing = try! compileMixed(.refuse)

/// Compiled once: the suites run over hundreds of samples.
private func mixed(_ action: Guardrail.Action = .redact()) throws -> GuardrailSet {
    action == .refuse ? mixedRefusing : mixedRedacting
}

private func compileMixed(_ action: Guardrail.Action) throws -> GuardrailSet {
    try GuardrailSet([
        Guardrail(
            name: "words", rule: .bannedWords(["alpha", "blue sky", "機密", "größe", "ab"]),
            action: .redact(with: "[*]")),
        Guardrail(name: "parts", rule: .bannedWords(["xyz"], wholeWords: false), action: .redact(with: "(.)")),
        Guardrail(name: "secrets", rule: .secrets(), action: action),
    ])
}

/// Pieces that matches are made of, for random texts.
private let pieces: [String] =
    [
        "alpha", "blue", " ", "sky", "blue  sky", "機", "密", "größe", "grö", "ße", "ab", "x", "y", "z", "xy", "é", "😀",
        "\u{200B}", "\u{FEFF}", "\u{A0}", "\n", ".", ",", ";", "\"", "\\", "\\n", "\\u0061", "\\u00", "\\ud83d",
        "\\ude00", "%20", "sk-", "sk-ant-", "s", "k", "-", "_", "A1b2C3d4E5f6G7h8", "0123456789abcdef", "eyJ",
        "eyJhbGciOiJIUzI1NiJ9", ".", ".eyJzdWIiOiIxMjM0NTY3", "-----", "BEGIN ", "-----BEGIN ", "RSA ", "PRIVATE KEY",
        "-----END ", "://", "postgres://", "user", ":", "pa55", "@", "host", "/", "password=", "Pwd=", "; ", "AKIA",
        "ABCDEFGHIJKLMNOP", "aws_secret_access_key", " = ", "ghp_", "xoxb-", "AIza", "hf_", "***", "${X}",
    ] + secretSamples.map(\.text).filter { $0.utf8.count < 200 }

@Suite("Stream guard")
struct StreamGuardTests {
    @Test("every sample comes out the same however it is cut: byte by byte, in two, in three", arguments: secretSamples)
    func samplesInPieces(_ sample: Sample) throws {
        for action in [Guardrail.Action.redact(), .refuse] {
            let set = try mixed(action)
            let bytes = Array(sample.text.utf8)
            let each = [Array(1..<max(1, bytes.count))] + (1..<max(1, bytes.count)).map { [$0] }
            let cuts =
                bytes.count <= 30
                ? allPairsOfCuts(bytes.count)
                : bytes.count <= 300 ? each : stride(from: 0, to: each.count, by: 97).map { each[$0] }
            #expect(disagreement(set, bytes, cuts: cuts) == nil)
        }
    }

    @Test("short texts come out the same in every one of their possible cuts")
    func everyPossibleCut() throws {
        let set = try words(["ab", "b c", "é", "aba"], wholeWords: false, action: .redact(with: "[*]"))
        let whole = try words(["ab", "b c", "é", "a b"], action: .refuse)
        for text in ["abab c", "xé ab cd", "b  c ab", "a\u{200B}bé", "ab\\u0061b", "aab b cé", "日ab。é", "abcabab"] {
            let bytes = Array(text.utf8)
            for set in [set, whole] {
                #expect(disagreement(set, bytes, cuts: everyCut(min(bytes.count, 10))) == nil)
            }
        }
    }

    @Test("random texts of dangerous pieces come out the same in random cuts, and what is held stays in the window")
    func randomTexts() throws {
        let seed = UInt64(20_261_124)
        print("StreamGuardTests.randomTexts seed \(seed)")
        var dice = SeededRandom(seed: seed)
        let sets = [
            try mixed(), try mixed(.refuse), try secrets(), try words(["alpha", "blue sky"], wholeWords: false),
        ]
        for _ in 0..<350 {
            let set = dice.pick(sets)
            var text: [UInt8] = []
            for _ in 0..<1 + dice.below(40) { text += Array(dice.pick(pieces).utf8) }
            // Broken UTF-8 now and then: a byte lost or changed.
            if dice.below(3) == 0, !text.isEmpty {
                text[dice.below(text.count)] = UInt8(dice.below(256))
                text.remove(at: dice.below(text.count))
            }
            let cuts = [Array(1..<max(1, text.count)), randomCuts(text.count, &dice), randomCuts(text.count, &dice)]
            let problem = disagreement(set, text, cuts: cuts)
            #expect(problem == nil)
        }
    }

    @Test("random bytes are no trap")
    func randomBytes() throws {
        let seed = UInt64(7_117)
        print("StreamGuardTests.randomBytes seed \(seed)")
        var dice = SeededRandom(seed: seed)
        let set = try mixed()
        let common = Array("sk-alphxyz \\u0061-ENDBGIPRVTKY:/@=;.\u{200B}é😀eJA".utf8)
        for round in 0..<300 {
            let text = (0..<dice.below(400)).map { _ in
                round.isMultiple(of: 2) ? UInt8(dice.below(256)) : dice.pick(common)
            }
            let problem = disagreement(set, text, cuts: [Array(1..<max(1, text.count)), randomCuts(text.count, &dice)])
            #expect(problem == nil)
        }
    }

    @Test("a long text with secrets and words all over comes out the same in random cuts")
    func longText() throws {
        let seed = UInt64(4_242)
        print("StreamGuardTests.longText seed \(seed)")
        var dice = SeededRandom(seed: seed)
        let set = try mixed()
        var text = ""
        while text.utf8.count < 30_000 {
            text += "The quick brown fox, größer als die größe, jumps over \(dice.below(1000)) lazy dogs. "
            if dice.below(4) == 0 { text += dice.pick(pieces.filter { !$0.contains("-----") }) + " " }
        }
        let bytes = Array(text.utf8)
        let problem = disagreement(set, bytes, cuts: (0..<5).map { _ in randomCuts(bytes.count, &dice) })
        #expect(problem == nil)
    }

    @Test("of a forbidden span nothing leaves: in every cut, what has left so far is a beginning of what may leave")
    func nothingLeavesEarly() throws {
        let set = try mixed()
        let refusing = try mixed(.refuse)
        for sample in secretSamples where sample.text != sample.expected {
            let bytes = Array(sample.text.utf8)
            guard bytes.count < 150 else { continue }
            let allowed = whole(set, bytes).text
            for cut in 0...bytes.count {
                var guarded = StreamGuard(set)
                var output: [UInt8] = []
                _ = bytes[..<cut].withUnsafeBytes { guarded.push($0, into: &output) }
                #expect(allowed.starts(with: output), "\(sample.text) cut at \(cut)")
                var strict = StreamGuard(refusing)
                var strictOutput: [UInt8] = []
                _ = bytes[..<cut].withUnsafeBytes { strict.push($0, into: &strictOutput) }
                #expect(allowed.starts(with: strictOutput), "\(sample.text) cut at \(cut)")
            }
        }
    }

    @Test("ordinary text is not held: at the end of each word at most the beginning of something")
    func proseIsNotHeld() throws {
        let set = try mixed()
        var guarded = StreamGuard(set)
        var held: [Int] = []
        let prose = """
            It was the best of times, it was the worst of times; see https://example.com/a?b=c for the age of wisdom. \
            let x = f(a: 1); print("risk-averse tasks") // and so on
            """
        for word in prose.split(separator: " ", omittingEmptySubsequences: false) {
            let (_, verdict) = guarded.push(" " + word)
            #expect(verdict == .pass)
            held.append(guarded.heldBytes)
        }
        #expect(held.filter { $0 == 0 }.count > held.count * 8 / 10)
        #expect(held.max() ?? 0 < 20)
    }

    @Test("a token is replaced as soon as it is certain, long before its end, and its rest is not kept")
    func replacedEarly() throws {
        var guarded = StreamGuard(try secrets())
        #expect(guarded.push("key: sk-").release == "key: ")
        let (release, verdict) = guarded.push(base62(30))
        #expect(release == "[REDACTED:openai_key]")
        #expect(verdict == .redacted)
        for _ in 0..<1000 {
            #expect(guarded.push(base62(40)).release == "")
            #expect(guarded.heldBytes == 0)
        }
        #expect(guarded.push(". Next").release == ". Next")
        #expect(guarded.findings.first?.byteCount == 3 + 30 + 40_000)
    }

    @Test("a finding that is certain waits for another that may begin at the same place and stands first in the list")
    func sameBeginning() throws {
        let set = try GuardrailSet([
            Guardrail(name: "secrets", rule: .secrets(), action: .redact()),
            Guardrail(name: "words", rule: .bannedWords(["sk"]), action: .redact(with: "[*]")),
        ])
        for text in ["sk-\(base62(30)) x", "sk-short x", "sk x"] {
            let bytes = Array(text.utf8)
            #expect(disagreement(set, bytes, cuts: allPairsOfCuts(bytes.count)) == nil)
        }
        #expect(redacted(set, "sk-\(base62(30)), sk-short") == "[REDACTED:openai_key], [*]-short")
    }

    @Test("a private key block is withheld to its END line, however long, and to the end of the text without one")
    func privateKeyBlock() throws {
        var guarded = StreamGuard(try secrets())
        var output = guarded.push("Here: -----BEGIN RSA PRIVATE KEY-----\n").release
        for _ in 0..<350 {
            output += guarded.push(base62(64) + "\n").release
            #expect(guarded.heldBytes == 0)
        }
        output += guarded.push("-----END RSA PRI").release
        output += guarded.push("VATE KEY-----\nDone").release
        output += guarded.finish().release
        #expect(output == "Here: [REDACTED:private_key]\nDone")
        var open = StreamGuard(try secrets())
        _ = open.push("-----BEGIN PRIVATE KEY-----\nabc")
        #expect(open.finish() == ("", .pass))
        #expect(open.findings.count == 1)
    }

    @Test("after a refusal nothing leaves any more and every answer says so")
    func refusalIsFinal() throws {
        var guarded = StreamGuard(try words(["alpha"], action: .refuse))
        #expect(guarded.push("one al") == ("one ", .pass))
        guard case ("", .refused(let finding)) = guarded.push("pha two") else {
            Issue.record("not refused")
            return
        }
        #expect(finding.rule == "words")
        #expect(guarded.push("three") == ("", .refused(finding)))
        #expect(guarded.finish() == ("", .refused(finding)))
    }

    @Test("what leaves never ends inside a character")
    func wholeCharacters() throws {
        var guarded = StreamGuard(try mixed())
        var output: [UInt8] = []
        for byte in "größer 😀 日本 \u{200B}x".utf8 {
            var piece: [UInt8] = []
            withUnsafeBytes(of: byte) { _ = guarded.push($0, into: &piece) }
            #expect(String(validating: piece, as: UTF8.self) != nil)
            output += piece
        }
        _ = guarded.finish(into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "größer 😀 日本 \u{200B}x")
    }

    @Test("without rules everything passes at once")
    func empty() throws {
        var guarded = StreamGuard(GuardrailSet())
        #expect(guarded.push("sk-") == ("sk-", .pass))
        #expect(guarded.finish() == ("", .pass))
        #expect(GuardrailSet().windowBytes == 0)
    }
}

@Suite("Linear time")
struct LinearTimeTests {
    private static let worst: [(name: String, text: [UInt8])] = {
        func repeated(_ text: String) -> [UInt8] {
            let unit = Array(text.utf8)
            let size = ["s", "sk-", "-----BEGIN "].contains(text) ? 1 << 20 : 1 << 14
            return Array(repeatElement(unit, count: size / unit.count).joined())
        }
        return [
            ("s", repeated("s")), ("sk-", repeated("sk-")), (" sk-", repeated(" sk-")),
            ("-----BEGIN ", repeated("-----BEGIN ")), ("PEM label", repeated("-----BEGIN PRIVATE KE")),
            ("eyJ", repeated("eyJ")), ("eyJ.", repeated("eyJabcdefghijk.")), ("://", repeated("://")),
            ("://a:", repeated("://a:")), ("password=", repeated(";password=")), ("AKIA", repeated("AKIA ")),
            ("aws", repeated("aws_secret ")), ("a", repeated("a")), ("aab", repeated("aab")),
            ("spaces", repeated(" ")), ("a and spaces", Array("aaaa".utf8) + repeated(" ")),
            ("zero width", Array("aaaa".utf8) + repeated("\u{200B}")), ("sk- zero width", repeated("sk-\u{200B}")),
            ("key and zero width", Array("sk-A1b2C3d4E5f6G7h8J9k0".utf8) + repeated("\u{200B}")),
            ("key and dots", Array("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3".utf8) + repeated(".")),
            ("backslashes", repeated("\\")), ("\\u", repeated("\\u")), ("\\u00", repeated("\\u00")),
            ("half pairs", repeated("\\ud83d")), ("half pairs and more", repeated("\\ud83d\\u0061")),
            ("lead bytes", [UInt8](repeating: 0xE2, count: 1 << 14)),
            ("continuation", [UInt8](repeating: 0x80, count: 1 << 14)),
        ]
    }()

    @Test("a megabyte of the worst text takes a bounded number of steps per byte, whole and in pieces")
    func worstCases() throws {
        let runs = (1...64).map { String(repeating: "a", count: $0) + ($0 == 64 ? "b" : "") }
        let set = try GuardrailSet([
            Guardrail(name: "runs", rule: .bannedWords(Array(runs.suffix(4)) + ["aaaa bbb"]), action: .redact()),
            Guardrail(name: "secrets", rule: .secrets(), action: .redact()),
        ])
        for (name, text) in Self.worst {
            let passed = stream(set, text, cutAt: [])
            #expect(passed.steps <= 24 * text.count, "\(name): \(passed.steps) steps")
            #expect(passed.heldMax <= set.windowBytes, "\(name): \(passed.heldMax) held")
        }
        for name in ["sk-", "zero width", "half pairs and more", "://a:"] {
            guard let text = Self.worst.first(where: { $0.name == name })?.text.prefix(10_000) else { continue }
            let passed = stream(set, Array(text), cutAt: Array(stride(from: 7, to: text.count, by: 7)))
            #expect(passed.steps <= 24 * text.count, "\(name): \(passed.steps) steps")
            #expect(passed.heldMax <= set.windowBytes, "\(name): \(passed.heldMax) held")
            #expect(passed.text == whole(set, Array(text)).text, "\(name)")
        }
    }

    @Test("twice the text takes twice the steps")
    func doubling() throws {
        let set = try secrets()
        for (name, text) in Self.worst {
            let half = stream(set, Array(text.prefix(3_000)), cutAt: []).steps
            let full = stream(set, Array(text.prefix(6_000)), cutAt: []).steps
            #expect(full <= half * 2 + half / 8 + 1000, "\(name): \(half), \(full)")
        }
    }
}
