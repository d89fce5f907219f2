import Keys
import Secrets
import Testing

@Suite struct KeyHashTests {
    @Test func theHashIsHMACSHA256() throws {
        // RFC 4231, test case 2.
        let hash = KeyHasher(pepper: Secret(text: "Jefe")).hash(Secret(text: "what do ya want for nothing?"))
        #expect(hash.hex == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(KeyHash(hex: hash.hex) == hash)
        #expect(KeyHash(hex: hash.hex.uppercased()) == hash)
        #expect(hash.bytes.withUnsafeBytes { KeyHash(bytes: $0) } == hash)
        // Test case 6: a pepper longer than a block.
        let long = KeyHasher(pepper: Secret(bytes: .init(repeating: 0xaa, count: 131)))
        #expect(
            long.hash(Secret(text: "Test Using Larger Than Block-Size Key - Hash Key First")).hex
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test func theSameHasherGivesTheSameHashFromManyTasks() async {
        let hasher = KeyHasher(pepper: .random(byteCount: 32))
        let expected = (0..<50).map { hasher.hash(Secret(text: "key-\($0)")) }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<20 {
                        for index in 0..<50 { #expect(hasher.hash(Secret(text: "key-\(index)")) == expected[index]) }
                    }
                }
            }
        }
    }

    @Test func anotherPepperGivesAnotherHash() {
        let key = Secret(text: "sk-1")
        #expect(KeyHasher(pepper: Secret(text: "a")).hash(key) != KeyHasher(pepper: Secret(text: "b")).hash(key))
    }

    @Test(arguments: ["", "00", String(repeating: "g", count: 64), String(repeating: "0", count: 63), "sk-1234"])
    func otherTextsAreNoHash(text: String) { #expect(KeyHash(hex: text) == nil) }

    @Test func everyBitCountsInComparing() {
        let base = [UInt8](repeating: 0x5a, count: 32)
        let hash = base.withUnsafeBytes { KeyHash(bytes: $0) }
        for bit in 0..<256 {
            var other = base
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(other.withUnsafeBytes { KeyHash(bytes: $0) } != hash)
        }
        #expect(base.dropLast().withUnsafeBytes { KeyHash(bytes: $0) } == nil)
    }

    @Test func aNewKeyIsSixtyTwoLettersToThe48() {
        let keys = (0..<200).map { _ in NewKey(hasher: KeyHasher(pepper: Secret(text: "p"))) }
        #expect(Set(keys.map(\.hash)).count == 200)
        for key in keys {
            let text = key.text.reveal(for: "a test")
            #expect(text.hasPrefix("sk-") && text.utf8.count == 51)
            #expect(key.name == "sk-..." + text.suffix(4))
            #expect(text.dropFirst(3).allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) })
            #expect(!"\(key)".contains(text) && !String(reflecting: key).contains(text))
        }
        #expect(KeyText.name(of: Secret(text: "sk-1234")) == "sk-...", "a short key keeps its end to itself")
    }

    @Test func whatCanBeAKey() {
        func isAcceptable(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { KeyText.isAcceptable($0) } }
        #expect(isAcceptable(Array("sk-abc".utf8)))
        #expect(isAcceptable([UInt8](repeating: 65, count: 256)))
        #expect(!isAcceptable([UInt8](repeating: 65, count: 257)))
        #expect(!isAcceptable([]))
        for byte in (0...255).map({ UInt8($0) }) { #expect(isAcceptable([65, byte]) == (0x21...0x7e).contains(byte)) }
    }
}
