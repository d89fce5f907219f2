/// One input: what it is fed to, the seed of the random choices made while it runs (cuts, target facts), and its bytes.
/// As a file: `target seed`, a line feed, the bytes.
struct FuzzCase {
    var target: String
    var seed: UInt64
    var bytes: [UInt8]

    init(target: String, seed: UInt64, bytes: [UInt8]) {
        self.target = target
        self.seed = seed
        self.bytes = bytes
    }

    init?(_ text: [UInt8]) {
        guard let end = text.firstIndex(of: 0x0A) else { return nil }
        let words = String(decoding: text[..<end], as: UTF8.self).split(separator: " ")
        guard words.count == 2, let seed = UInt64(words[1]) else { return nil }
        self.init(target: String(words[0]), seed: seed, bytes: Array(text[(end + 1)...]))
    }

    var text: [UInt8] { Array("\(target) \(seed)\n".utf8) + bytes }
}
