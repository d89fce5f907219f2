import TestSupport
import Testing

@testable import Guardrails

private let star = Guardrail.Action.redact(with: "[*]")

@Suite("Banned words")
struct BannedWordsTests {
    @Test("a word is found whatever its case, alone or between punctuation, and not inside other words")
    func wholeWords() throws {
        let set = try words(["alpha"], action: star)
        #expect(redacted(set, "Alpha, (ALPHA) alpha.") == "[*], ([*]) [*].")
        #expect(redacted(set, "alphabet subalpha alpha_1 1alpha alpha2") == "alphabet subalpha alpha_1 1alpha alpha2")
        #expect(redacted(set, "alpha") == "[*]")
        #expect(redacted(set, "\u{201C}alpha\u{201D}\u{2014}alpha…") == "\u{201C}[*]\u{201D}\u{2014}[*]…")
        #expect(redacted(set, "éalpha alphaé") == "éalpha alphaé")
    }

    @Test("without whole words it is found anywhere")
    func partsOfWords() throws {
        let set = try words(["alpha"], wholeWords: false, action: star)
        #expect(redacted(set, "alphabet xalphax") == "[*]bet x[*]x")
    }

    @Test("where case counts only the spelling of the list is found")
    func caseCounts() throws {
        let set = try words(["Alpha", "Größe"], caseInsensitive: false, action: star)
        #expect(redacted(set, "Alpha alpha ALPHA Größe größe GRÖßE") == "[*] alpha ALPHA [*] größe GRÖßE")
    }

    @Test("letters beyond ASCII fold: Latin, Greek with final sigma, Cyrillic, fullwidth, Kelvin")
    func foldsUnicode() throws {
        let set = try words(["GRÖSSE", "ΟΔΟΣ", "Проект", "kelvin", "weiß"], action: star)
        #expect(
            redacted(set, "grösse οδος οδοσ ПРОЕКТ ＫＥＬＶＩＮ \u{212A}elvin WEIẞ gro\u{17F}se")
                == "[*] [*] [*] [*] [*] [*] [*] gro\u{17F}se")
    }

    @Test("any run of any white space matches the space of a phrase")
    func phrases() throws {
        let set = try words(["project  blue sky"], action: star)
        #expect(redacted(set, "Project blue sky") == "[*]")
        #expect(redacted(set, "project \t\n blue\u{A0}\u{3000}sky!") == "[*]!")
        #expect(redacted(set, "projectblue sky, project blue skyline") == "projectblue sky, project blue skyline")
    }

    @Test("invisible characters inside a match do not save it")
    func invisible() throws {
        let set = try words(["alpha"], action: star)
        #expect(redacted(set, "a\u{200B}l\u{200D}p\u{FEFF}h\u{AD}a") == "[*]")
        #expect(redacted(set, "\u{200B}alpha\u{200B} al\u{2060}phabet") == "\u{200B}[*]\u{200B} al\u{2060}phabet")
    }

    @Test("a word in a script without spaces is found amid others of it; so is a Latin word")
    func scriptsWithoutSpaces() throws {
        let set = try words(["机密", "alpha"], action: star)
        #expect(redacted(set, "这是机密文件和alpha吧") == "这是[*]文件和[*]吧")
    }

    @Test("JSON escapes in the text count as what they stand for, and an escaped line feed is no letter")
    func escapes() throws {
        let set = try words(["größe", "new"], action: star)
        #expect(redacted(set, #"{"a":"gr\u00f6\u00DFe"}"#) == #"{"a":"[*]"}"#)
        #expect(redacted(set, #"one\nnew\tnew C:\new"#) == #"one\n[*]\t[*] C:\[*]"#)
        #expect(redacted(set, #"\u006eew \u0020new \u00 new\u"#) == #"[*] \u0020[*] \u00 [*]\u"#)
        #expect(redacted(set, #"%20new %zznew"#) == #"%20[*] %zznew"#)
        // In a text that is long enough to be passed over quickly, too.
        let long = "A longer line without any of it in it"
        #expect(redacted(set, #"\#(long)\nnew \#(long)%20new"#) == #"\#(long)\n[*] \#(long)%20[*]"#)
        #expect(redacted(set, "\(long)new \(long)") == "\(long)new \(long)")
        let smile = try words(["a😀b"], wholeWords: false, action: star)
        #expect(redacted(smile, #"a\ud83d\ude00b a😀b a\ud83d\u0041"#) == #"[*] [*] a\ud83d\u0041"#)
    }

    @Test("overlapping matches are replaced once, as what begins first; of two that begin together, the first rule")
    func overlaps() throws {
        let set = try GuardrailSet([
            Guardrail(name: "first", rule: .bannedWords(["b c d"]), action: .redact(with: "<1>")),
            Guardrail(name: "second", rule: .bannedWords(["a b c", "b c", "x"]), action: .redact(with: "<2>")),
            Guardrail(name: "third", rule: .bannedWords(["x y"]), action: .redact(with: "<3>")),
        ])
        #expect(redacted(set, "a b c d, b c d, x y, x z") == "<2>, <1>, <2>, <2> z")
    }

    @Test("two words side by side are two replacements")
    func adjacent() throws {
        let set = try words(["ab"], wholeWords: false, action: star)
        #expect(redacted(set, "ababab") == "[*][*][*]")
    }

    @Test("a match spread over more than the window's padding is let go, also in a stream")
    func padding() throws {
        let set = try words(["alpha beta"], action: star)
        let near = "alpha" + String(repeating: " ", count: 500) + "beta"
        let far = "alpha" + String(repeating: "\u{200B}", count: 10_000) + " beta"
        #expect(redacted(set, near) == "[*]")
        #expect(redacted(set, far) == far)
        #expect(disagreement(set, Array(far.utf8), cuts: [Array(1..<far.utf8.count), [1], [600, 2000]]) == nil)
    }

    @Test("what begins inside a match that was let go is still found")
    func paddingLetsGoOfTheLongestOnly() throws {
        let set = try words(["alpha beta gamma", "beta gamma"], action: star)
        let spaces = String(repeating: " ", count: 400)
        #expect(redacted(set, "alpha\(spaces)beta\(spaces)gamma") == "alpha\(spaces)[*]")
        #expect(redacted(set, "alpha \(spaces)beta gamma") == "[*]")
    }

    @Test("what the machine finds is what a slow and simple search finds")
    func agreesWithSimpleSearch() throws {
        let seed: UInt64 = 20_261_123
        print("BannedWordsTests.agreesWithSimpleSearch seed \(seed)")
        var dice = SeededRandom(seed: seed)
        let letters = ["a", "b", "A", "B", "c", "é", "É", "σ", "ς", "_", "ſ", "s", "K", "k", "ß", "机", "😀"]
        let others = [
            " ", "  ", "\n", "\u{3000}", "\u{200B}", ".", "-", "\u{2014}", "\u{FE0F}", "。", "xxxxxxxxxxxxxxxxxxxx",
        ]
        for _ in 0..<700 {
            let wholeWords = Bool.random(using: &dice)
            let caseInsensitive = Bool.random(using: &dice)
            let list = (0..<1 + dice.below(4)).map { _ in
                (0..<1 + dice.below(4)).map { _ in dice.pick(letters + [" "]) }.joined() + dice.pick(letters)
            }
            let set = try words(list, caseInsensitive: caseInsensitive, wholeWords: wholeWords, action: star)
            var text = ""
            for _ in 0..<dice.below(60) {
                text += dice.below(4) == 0 ? dice.pick(list) : dice.pick(dice.below(3) == 0 ? others : letters)
            }
            let simple = SimpleSearch(list, caseInsensitive: caseInsensitive, wholeWords: wholeWords)
            #expect(redacted(set, text) == simple.redacted(text), "words \(list), text \(text.debugDescription)")
            let bytes = Array(text.utf8)
            let cuts = [Array(1..<max(1, bytes.count)), randomCuts(bytes.count, &dice), randomCuts(bytes.count, &dice)]
            let problem = disagreement(set, bytes, cuts: cuts)
            #expect(problem == nil)
        }
    }
}

/// The rule as the documentation states it, with no thought of speed: every word at every place.
private struct SimpleSearch {
    let list: [[Unicode.Scalar]]
    let caseInsensitive: Bool
    let wholeWords: Bool

    init(_ list: [String], caseInsensitive: Bool, wholeWords: Bool) {
        self.caseInsensitive = caseInsensitive
        self.wholeWords = wholeWords
        self.list = list.map { word in
            var visible = Self.visible(word).map(\.character)
            while visible.first == " " { visible.removeFirst() }
            while visible.last == " " { visible.removeLast() }
            return visible
        }
    }

    private static func visible(_ text: String) -> [(character: Unicode.Scalar, from: Int, to: Int)] {
        var visible: [(character: Unicode.Scalar, from: Int, to: Int)] = []
        var place = 0
        for character in text.unicodeScalars {
            let end = place + UTF8.width(character)
            switch CharacterFolding.classOf(character.value) {
            case .invisible: break
            case .space:
                if visible.last?.character == " " {
                    break
                }
                visible.append((" ", place, end))
            default: visible.append((character, place, end))
            }
            place = end
        }
        return visible
    }

    private func same(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Bool {
        caseInsensitive
            ? CharacterFolding.folded(left.value) == CharacterFolding.folded(right.value) : left == right
    }

    private func isWord(_ character: Unicode.Scalar) -> Bool { CharacterFolding.classOf(character.value) == .word }

    func redacted(_ text: String) -> String {
        let visible = Self.visible(text)
        var spans: [Range<Int>] = []
        for word in list {
            for start in visible.indices where start + word.count <= visible.count {
                let end = start + word.count
                guard zip(word, visible[start..<end]).allSatisfy({ same($0, $1.character) }) else { continue }
                if wholeWords {
                    if start > 0, isWord(visible[start].character), isWord(visible[start - 1].character) { continue }
                    if end < visible.count, isWord(visible[end - 1].character), isWord(visible[end].character) {
                        continue
                    }
                }
                spans.append(visible[start].from..<visible[end - 1].to)
            }
        }
        var merged: [Range<Int>] = []
        for span in spans.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, span.lowerBound < last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, span.upperBound)
            } else {
                merged.append(span)
            }
        }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var done = 0
        for span in merged {
            result += bytes[done..<span.lowerBound] + Array("[*]".utf8)
            done = span.upperBound
        }
        return String(decoding: result + bytes[done...], as: UTF8.self)
    }
}
