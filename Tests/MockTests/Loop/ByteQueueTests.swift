import Testing

@testable import MockProvider

@Suite struct ByteQueueTests {
    @Test func `what goes in at the tail comes out at the head, whatever the sizes`() {
        var generator = SplitMix64(seed: 20_261_123)
        var queue = ByteQueue()
        var model: [UInt8] = []
        for _ in 0..<20_000 {
            if generator.next() % 3 < 2 {
                let piece = (0..<Int(generator.next() % 700)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
                queue.append(piece)
                model += piece
            } else {
                let count = min(Int(generator.next() % 1500), queue.count)
                #expect(queue.bytes.prefix(count).elementsEqual(model.prefix(count)))
                queue.consume(count)
                model.removeFirst(count)
            }
        }
        #expect(queue.copy() == model)
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 12_345, 999_999_999, 1_000_000_000, Int.max, -1, -10, Int.min])
    func `decimals are those of Swift`(_ value: Int) {
        #expect(written { $0.append(decimal: value) } == String(value))
    }

    @Test func `hexadecimals have the digits asked for`() {
        #expect(written { $0.append(hex: 0xAB, digits: 4) } == "00ab")
        #expect(written { $0.append(hex: 0x1234, digits: 4) } == "1234")
    }

    @Test func `escaped text is valid inside of JSON quotes`() {
        #expect(written { $0.append(escaping: "a\"b\\c\nd\u{1}é") } == #"a\"b\\c\nd\u0001é"#)
    }

    @Test func `memory above the limit is given back only when nothing is queued`() {
        var queue = ByteQueue()
        queue.append(repeating: 7, count: 100_000)
        queue.release(above: 1000)
        #expect(queue.count == 100_000)
        queue.consume(100_000)
        queue.release(above: 1000)
        #expect(queue.isEmpty && queue.bytes.baseAddress == nil)
    }
}
