import Testing

@testable import MockProvider

@Suite struct AnswerTests {
    static let answers: [(String, Answer)] = [
        ("one word", Answer(words: 1, tag: 7, tokensMax: nil)),
        ("words", Answer(words: 100, tag: 0xDEAD_BEEF, tokensMax: nil)),
        ("cut words", Answer(words: 100, tag: 1, tokensMax: 33)),
        ("many words", Answer(words: 100_000, tag: 1, tokensMax: nil)),
        ("text", Answer(text: Array("say \"é😀\" and\n\u{1}".utf8), pieceBytes: 3, tokensMax: nil)),
        ("cut text", Answer(text: Array("abcdefghij".utf8), pieceBytes: 3, tokensMax: 2)),
        ("no text", Answer(text: [], pieceBytes: 3, tokensMax: nil)),
        ("filler", Answer(fillerOf: 1_000_001, tokensMax: nil)),
        ("cut filler", Answer(fillerOf: 1_000_001, tokensMax: 7)),
    ]

    @Test(arguments: answers.indices) func `whole text is exactly its pieces, and as long as announced`(_ index: Int) {
        let (name, answer) = Self.answers[index]
        let whole = written { answer.writeText(to: &$0) }
        let pieces = written { queue in
            for piece in 0..<answer.pieces { answer.write(piece: piece, to: &queue) }
        }
        #expect(whole == pieces, "\(name)")
        #expect(whole.utf8.count == answer.textBytes, "\(name)")
    }

    @Test func `max_tokens cuts words and text, and says so`() {
        #expect(Answer(words: 100, tag: 1, tokensMax: 33).pieces == 33)
        #expect(Answer(words: 100, tag: 1, tokensMax: 33).isTruncated)
        #expect(!Answer(words: 100, tag: 1, tokensMax: 100).isTruncated)
        #expect(Answer(text: Array("abcdefghij".utf8), pieceBytes: 3, tokensMax: 2).textBytes == 6)
    }

    @Test func `a huge answer keeps its size and never has more tokens than allowed`() {
        let cut = Answer(fillerOf: 1_000_001, tokensMax: 7)
        #expect(cut.pieces == 7 && cut.textBytes == 1_000_001)
        #expect(Answer(fillerOf: 1_000_001, tokensMax: nil).pieces == 62)
    }

    @Test func `a piece never ends inside of a character`() {
        let answer = Answer(text: Array("a😀é".utf8), pieceBytes: 2, tokensMax: nil)
        let pieces = (0..<answer.pieces).map { piece in written { answer.write(piece: piece, to: &$0) } }
        #expect(pieces == ["a😀", "é"])
    }

    @Test func `different prompts get different tags, the same prompt the same`() {
        func tag(_ text: String) -> UInt32 { Array(text.utf8).withUnsafeBytes { Vocabulary.tag(of: $0) } }
        #expect(tag("hello") == tag("hello"))
        #expect(tag("hello") != tag("hellp"))
        let long = String(repeating: "x", count: 1000)
        #expect(tag(long) != tag(long + "x"))
    }
}
