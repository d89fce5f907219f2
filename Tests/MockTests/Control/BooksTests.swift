import Testing
import Units

@testable import MockProvider

@Suite struct BooksTests {
    static let price = MockPrice(inputNanosPerToken: 150, cachedInputNanosPerToken: 75, outputNanosPerToken: 600)

    static func books(attemptsMax: Int = 100) -> Books {
        Books(
            prices: [
                "dear": MockPrice(inputNanosPerToken: 1000, cachedInputNanosPerToken: 1000, outputNanosPerToken: 3000)
            ],
            defaultPrice: price, nonce: 1, attemptsMax: attemptsMax)
    }

    static func open(_ books: Books, _ model: String = "m", id: String? = nil, stream: Bool = false) -> Books.Ticket {
        Array(model.utf8).withUnsafeBytes { name in
            let idBytes = id.map { Array($0.utf8) }
            guard let idBytes else {
                return books.open(model: name, endpoint: .chat, stream: stream, attemptID: nil, at: 1).ticket
            }
            return idBytes.withUnsafeBytes {
                books.open(model: name, endpoint: .chat, stream: stream, attemptID: $0, at: 1).ticket
            }
        }
    }

    static func served(_ prompt: Int, _ completion: Int, cached: Int = 0) -> Books.Outcome {
        Books.Outcome(
            status: 200, ended: .complete, isServed: true,
            tokens: BilledTokens(prompt: prompt, cached: cached, completion: completion))
    }

    static func stats(_ books: Books) -> JSONValue? { JSONValue(text: written { books.writeStats(to: &$0) }) }

    static func attempts(_ books: Books, since: Int = 0, limit: Int = 1000) -> JSONValue? {
        JSONValue(text: written { books.writeAttempts(since: since, limit: limit, to: &$0) })
    }

    @Test func `a bill is tokens times prices, cached ones at their own`() {
        #expect(Self.price.bill(BilledTokens(prompt: 10, cached: 4, completion: 3)) == NanoUSD(nanos: 900 + 300 + 1800))
        let books = Self.books()
        #expect(books.close(Self.open(books), Self.served(10, 20), at: 2) == NanoUSD(nanos: 13_500))
        #expect(books.close(Self.open(books, "dear"), Self.served(10, 20), at: 2) == NanoUSD(nanos: 70_000))
        #expect(Self.stats(books)?["total"]?["bill_nanos"]?.integer == 83_500)
    }

    @Test func `what was not served bills nothing`() {
        let books = Self.books()
        var outcome = Self.served(10, 20)
        outcome.isServed = false
        outcome.ended = .error
        #expect(books.close(Self.open(books), outcome, at: 2) == .zero)
        #expect(Self.stats(books)?["total"]?["prompt_tokens"]?.integer == 0)
        #expect(Self.attempts(books)?["attempts"]?[0]?["completion_tokens"]?.integer == 0)
    }

    @Test func `the totals are the sums of the models`() {
        let books = Self.books()
        var generator = SplitMix64(seed: 5)
        var expected = 0
        for _ in 0..<500 {
            let model = "m\(generator.next() % 7)"
            let outcome = Self.served(Int(generator.next() % 100), Int(generator.next() % 100))
            expected += Int(books.close(Self.open(books, model), outcome, at: 2).nanos)
        }
        let stats = Self.stats(books)
        let models = stats?["models"]?.members ?? []
        #expect(models.count == 7)
        #expect(stats?["total"]?["bill_nanos"]?.integer == expected)
        #expect(models.reduce(0) { $0 + ($1.value["bill_nanos"]?.integer ?? 0) } == expected)
        #expect(models.reduce(0) { $0 + ($1.value["requests"]?.integer ?? 0) } == 500)
    }

    @Test func `an attempt is listed from its opening, with the gateway's id`() {
        let books = Self.books()
        let ticket = Self.open(books, id: "123456789", stream: true)
        let open = Self.attempts(books)?["attempts"]?[0]
        #expect(open?["ended"]?.text == "open" && open?["attempt_id"]?.text == "123456789")
        #expect(Self.stats(books)?["total"]?["open_streams"]?.integer == 1)
        books.close(ticket, Self.served(1, 2), at: 5)
        let closed = Self.attempts(books)?["attempts"]?[0]
        #expect(closed?["ended"]?.text == "complete" && closed?["bill_nanos"]?.integer == 1350)
        #expect(Self.stats(books)?["total"]?["open_streams"]?.integer == 0)
    }

    @Test func `the list is bounded and pages on`() {
        let books = Self.books(attemptsMax: 10)
        for _ in 0..<25 { books.close(Self.open(books), Self.served(1, 1), at: 2) }
        let page = Self.attempts(books, since: 0, limit: 4)
        #expect(page?["attempts"]?.elements?.compactMap { $0["seq"]?.integer } == [16, 17, 18, 19])
        #expect(page?["oldest_seq"]?.integer == 16 && page?["next_since"]?.integer == 19)
        #expect(page?["more"] == .bool(true))
        let last = Self.attempts(books, since: 19)
        #expect(last?["attempts"]?.elements?.compactMap { $0["seq"]?.integer } == [20, 21, 22, 23, 24, 25])
        #expect(last?["more"] == .bool(false))
        #expect(Self.attempts(books, since: 25)?["attempts"]?.elements?.isEmpty == true)
    }

    @Test func `an attempt that ends after its row was overwritten still counts in the sums`() {
        let books = Self.books(attemptsMax: 4)
        let slow = Self.open(books)
        for _ in 0..<10 { books.close(Self.open(books), Self.served(1, 1), at: 2) }
        books.close(slow, Self.served(1, 1), at: 3)
        #expect(Self.stats(books)?["total"]?["served"]?.integer == 11)
    }

    @Test func `after a reset nothing is left, also not of attempts that were open`() {
        let books = Self.books()
        let open = Self.open(books)
        books.close(Self.open(books), Self.served(1, 1), at: 2)
        books.reset()
        books.close(open, Self.served(1, 1), at: 3)
        #expect(Self.stats(books)?["total"]?["requests"]?.integer == 0)
        #expect(Self.stats(books)?["total"]?["bill_nanos"]?.integer == 0)
        #expect(Self.attempts(books)?["attempts"]?.elements?.isEmpty == true)
    }

    @Test func `junk model names share one book above the limit`() {
        let books = Self.books()
        for number in 0..<3000 { books.close(Self.open(books, "junk\(number)"), Self.served(1, 1), at: 2) }
        let models = Self.stats(books)?["models"]
        #expect((models?.members?.count ?? .max) <= Books.modelsMax + 1)
        #expect((models?["(other)"]?["requests"]?.integer ?? 0) > 1900)
        #expect(Self.stats(books)?["total"]?["requests"]?.integer == 3000)
    }
}
