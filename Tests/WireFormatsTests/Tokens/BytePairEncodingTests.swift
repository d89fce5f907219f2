import JSONText
import TestSupport
import Testing

@testable import WireFormats

@Suite("Byte-pair encoding")
struct BytePairEncodingTests {
    static let folder = #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/Vectors"
    static let ranks = Corpus.read("\(folder)/small.tiktoken")

    struct Vector {
        var text: String
        var tokens: [WordPattern: [Int]]
    }

    static func vectors() throws -> [Vector] {
        let rows = try JSON.parse(Corpus.read("\(folder)/expected.json")).array ?? []
        return rows.map { row in
            var tokens: [WordPattern: [Int]] = [:]
            for pattern in WordPattern.allCases {
                tokens[pattern] = row[pattern.rawValue]?.array?.compactMap { $0.int.map { Int($0) } }
            }
            return Vector(text: row["text"]?.string ?? "", tokens: tokens)
        }
    }

    @Test("every token is tiktoken's", arguments: WordPattern.allCases)
    func tiktoken(_ pattern: WordPattern) throws {
        let encoding = try BytePairEncoding(tiktoken: Self.ranks, pattern: pattern)
        let vectors = try Self.vectors()
        #expect(vectors.count > 400)
        for vector in vectors {
            #expect(encoding.tokens(of: vector.text) == vector.tokens[pattern], "\(vector.text.debugDescription)")
            #expect(encoding.count(vector.text) == vector.tokens[pattern]?.count)
        }
    }

    @Test("words together are the text", arguments: WordPattern.allCases)
    func words(_ pattern: WordPattern) throws {
        for vector in try Self.vectors() {
            var end = 0
            let bytes = Array(vector.text.utf8)
            pattern.forEachWord(of: bytes) { word in
                #expect(word.lowerBound == end && !word.isEmpty)
                end = word.upperBound
            }
            #expect(end == bytes.count)
        }
    }

    /// The rule itself, word by word: of all pairs the one of the lowest rank, the leftmost where several have it.
    @Test("merging long words with a heap is merging them one pair at a time")
    func naive() throws {
        let encoding = try BytePairEncoding(tiktoken: Self.ranks, pattern: .o200k)
        var ranks: [[UInt8]: Int] = [:]
        for line in Self.ranks.split(separator: 0x0A) {
            let words = line.split(separator: 0x20)
            guard let token = Base64.decoded(words[0]) else { continue }
            ranks[token] = Int(String(decoding: words[1], as: UTF8.self))
        }
        var fuzz = SeededRandom.fresh("byte-pair encoding")
        for _ in 0..<200 {
            let text = String((0..<fuzz.below(120)).map { _ in fuzz.pick(Array("aeinrtsohlTHE")) })
            var expected: [Int] = []
            WordPattern.o200k.forEachWord(of: Array(text.utf8)) { word in
                var pieces = Array(text.utf8)[word].map { [$0] }
                while true {
                    let pairs = pieces.indices.dropLast().compactMap { index in
                        ranks[pieces[index] + pieces[index + 1]].map { (rank: $0, index: index) }
                    }
                    guard let best = pairs.min(by: { $0.rank < $1.rank }) else { break }
                    pieces[best.index] += pieces.remove(at: best.index + 1)
                }
                expected += pieces.compactMap { ranks[$0] }
            }
            #expect(encoding.tokens(of: text) == expected, "\(text)")
        }
    }

    @Test("a word of a megabyte is done in time near linear")
    func longWord() throws {
        let encoding = try BytePairEncoding(tiktoken: Self.ranks)
        for text in ["a", "-", " ", "\n", "A", "e\u{301}"] {
            #expect(encoding.count(String(repeating: text, count: 200_000)) > 0)
        }
    }

    @Test(
        "a file that is none is refused, and its line named",
        arguments: [("", nil), ("x", 1), ("YQ== 1\nYQ== 2", 2), ("YQ== -1", 1), ("*** 1", 1), ("YQ== 1", nil)]
            as [(String, Int?)])
    func broken(_ text: String, _ line: Int?) {
        let error = #expect(throws: BytePairEncodingError.self) {
            try BytePairEncoding(tiktoken: Array(text.utf8))
        }
        #expect(error?.line == line)
    }
}
