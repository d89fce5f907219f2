import JSONText
import TestSupport
import Testing

@Suite("Bounds")
struct BoundsTests {
    @Test("no reader looks at a byte beyond its buffer, whatever the length")
    func lengths() {
        let memory = GuardedBytes(capacity: 4096)
        for length in 0..<300 {
            let plain = String(repeating: "a", count: length)
            for text in [
                "{\"k\":\"\(plain)\"}", "{\"k\":\"\(plain)", "{\"\(plain)",
                "[\(String(repeating: "1,", count: length))1]",
                "{\"k\":\"\(plain)é\"}", "{\"k\":\"\(plain)é", "{\"k\":\"\(plain)\\",
                "{\"k\":\(String(repeating: " ", count: length))",
                "{\"k\":[\(String(repeating: "[],", count: length))", "{\"k\":\(String(repeating: "7", count: length))",
            ] {
                read(Array(text.utf8), memory)
            }
        }
    }

    @Test("no reader looks beyond random documents, whole or damaged")
    func random() {
        var fuzz = SeededRandom.fresh("bounds")
        let memory = GuardedBytes(capacity: 1 << 16)
        for _ in 0..<1_500 {
            let document = fuzz.document(anyRoot: true)
            read(document, memory)
            read(fuzz.damaged(document), memory)
            read(Array(document.prefix(fuzz.below(document.count + 1))), memory)
        }
    }

    private func read(_ bytes: [UInt8], _ memory: borrowing GuardedBytes) {
        memory.with(bytes) { buffer in
            let expected = try? JSONScanner.scan(bytes, limits: .any)
            #expect((try? JSONScanner.scan(buffer, limits: .any)) == expected)
            if let view = JSONView(unchecked: buffer) { visit(view) }
            _ = JSONEscapes.string(buffer)
            var quoted: [UInt8] = []
            JSONEscapes.append(buffer, to: &quoted)
        }
    }

    private func visit(_ view: JSONView) {
        _ = view.string
        _ = view.int
        _ = view.member("key0")
        for member in view.members { visit(member.value) }
        for element in view.elements { visit(element) }
    }
}
