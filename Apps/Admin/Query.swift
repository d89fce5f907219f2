/// The parameters behind a URL's `?`, decoded (`application/x-www-form-urlencoded`).
struct Query: Sendable {
    private var values: [String: String] = [:]

    init(_ text: String) {
        for pair in text.utf8.split(separator: UInt8(ascii: "&")).prefix(100) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            values[Self.decoded(parts[0])] = parts.count > 1 ? Self.decoded(parts[1]) : ""
        }
    }

    /// nil where the parameter is absent or empty.
    subscript(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// Refuses what is none of these names: a mistyped filter would pass for none.
    func requireOnly(_ names: Set<String>) throws(AdminError) {
        guard let unknown = values.keys.filter({ !names.contains($0) }).min() else { return }
        throw .invalid(
            "\(unknown.prefix(60)) is no parameter of this route. Known: \(names.sorted().joined(separator: ", ")).",
            parameter: String(unknown.prefix(60)))
    }

    /// No list goes on beyond this page.
    static let pageMax = 1_000_000

    /// A whole number in a range, or the default.
    func number(_ name: String, in range: ClosedRange<Int>, default usual: Int) throws(AdminError) -> Int {
        guard let text = self[name] else { return usual }
        guard let value = Int(text), range.contains(value) else {
            throw .invalid(
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound).", parameter: name)
        }
        return value
    }

    func flag(_ name: String) throws(AdminError) -> Bool {
        switch self[name]?.lowercased() {
        case nil, "false", "0": false
        case "true", "1": true
        default: throw .invalid("\(name) must be true or false.", parameter: name)
        }
    }

    /// What one of several words stands for; nil where the parameter is absent.
    func choice<Value>(_ name: String, of words: KeyValuePairs<String, Value>) throws(AdminError) -> Value? {
        guard let text = self[name]?.lowercased() else { return nil }
        guard let value = words.first(where: { $0.key == text })?.value else {
            throw .invalid(
                "\(name) must be one of \(words.map { $0.key }.joined(separator: ", ")).", parameter: name)
        }
        return value
    }

    private static func decoded(_ text: some Collection<UInt8>) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                bytes.append(32)
            } else if byte == UInt8(ascii: "%"), rest.count >= 2,
                rest.prefix(2).allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
