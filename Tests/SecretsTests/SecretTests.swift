import Secrets
import Testing

@Suite struct SecretTests {
    static let text = "sk-live-4f9a8b7c6d5e"
    let secret = Secret(text: Self.text)

    struct Holder {
        let name = "provider"
        let key: Secret
        let keys: [Secret]
        let optional: Secret?
    }
    final class Owner {
        let key: Secret
        init(_ key: Secret) { self.key = key }
    }
    enum Failure: Error { case refused(Secret) }

    @Test func nothingThatPrintsShowsIt() {
        let holder = Holder(key: secret, keys: [secret], optional: secret)
        let owner = Owner(secret)
        var printed = ""
        print(secret, holder, owner, Failure.refused(secret), to: &printed)
        dump(secret, to: &printed)
        dump(holder, to: &printed)
        dump(owner, to: &printed)
        dump(Failure.refused(secret), to: &printed)
        debugPrint(secret, holder, [secret], ["a": secret], secret as Any, to: &printed)
        printed += "\(secret) \(holder) \(Failure.refused(secret))"
        printed += String(describing: secret) + String(reflecting: secret)
        printed += String(describing: holder) + String(reflecting: holder)
        printed += String(reflecting: Failure.refused(secret)) + String(describing: Optional(secret))
        printed += "\(SecretReference.literal(secret))" + String(reflecting: SecretReference.literal(secret))
        #expect(printed.contains("«secret»"))
        for length in [4, 8] {
            for start in 0...(Self.text.count - length) {
                let part = Self.text.dropFirst(start).prefix(length)
                #expect(!printed.contains(part), "\(part)")
            }
        }
        let bytes = Array(Self.text.utf8)
        #expect(!printed.contains("\(bytes[0]), \(bytes[1])"), "not as numbers either")
    }

    @Test func aMirrorHasNoWayIn() {
        func walk(_ value: Any, depth: Int) -> Int {
            let mirror = Mirror(reflecting: value)
            return mirror.children.reduce(mirror.children.count) {
                $0 + (depth > 0 ? walk($1.value, depth: depth - 1) : 0)
            }
        }
        #expect(walk(secret, depth: 5) == 0)
    }

    @Test func itIsNotEncodable() {
        let anything: Any = secret
        #expect(!(anything is any Encodable))
        #expect(!(anything is any Decodable))
    }

    @Test func itsBytesAreLentAndRevealedOnDemand() {
        #expect(secret.reveal(for: "a test") == Self.text)
        #expect(secret.withUnsafeBytes { Array($0) } == Array(Self.text.utf8))
        var header = Array("Bearer ".utf8)
        secret.append(to: &header)
        #expect(header == Array("Bearer \(Self.text)".utf8))
        #expect(secret.count == 20 && !secret.isEmpty)
        #expect(Secret(bytes: []).isEmpty)
    }

    @Test func equalityIsByValue() {
        #expect(secret == Secret(bytes: Array(Self.text.utf8)))
        #expect(secret != Secret(text: Self.text + "x"))
        #expect(secret != Secret(text: "sk-live-4f9a8b7c6d5f"))
        #expect(Secret(bytes: []) == Secret(text: ""))
        let copy = secret
        #expect(copy.isCopy(of: secret))
        #expect(!Secret(text: Self.text).isCopy(of: secret))
    }

    @Test func itsMemoryIsOverwrittenWhenTheLastCopyGoes() {
        // Reads freed memory on purpose: the allocator may have reused the first bytes (its own links), so only what
        // follows them is compared.
        let pattern = [UInt8](repeating: 0xA7, count: 400)
        var address: UnsafeRawPointer?
        do {
            let secret = Secret(bytes: pattern)
            let copy = secret
            address = copy.withUnsafeBytes { $0.baseAddress }
            #expect(address.map { UnsafeRawBufferPointer(start: $0, count: 400).elementsEqual(pattern) } == true)
        }
        let left = address.map { UnsafeRawBufferPointer(start: $0, count: 400).dropFirst(32).count { $0 == 0xA7 } }
        #expect(left == 0)
    }

    @Test func randomTextsUseAllCharactersEvenly() {
        var counts: [UInt8: Int] = [:]
        let texts = 2000
        for _ in 0..<texts {
            let text = Secret.randomText(prefix: "sk-", characterCount: 48).reveal(for: "a test")
            #expect(text.hasPrefix("sk-") && text.utf8.count == 51)
            for byte in text.utf8.dropFirst(3) { counts[byte, default: 0] += 1 }
        }
        #expect(counts.count == 62)
        // 96,000 draws over 62 characters: 1548 each, standard deviation 39. Six of them is one failure in a million
        // runs; a modulo of 256 by 62 would put the first eight characters 25 % above the others.
        for (byte, count) in counts { #expect(abs(count - texts * 48 / 62) < 240, "\(byte): \(count)") }
    }

    @Test func randomSecretsDiffer() {
        #expect(Secret.random(byteCount: 32) != Secret.random(byteCount: 32))
        #expect(Secret.random(byteCount: 32).count == 32)
    }
}
