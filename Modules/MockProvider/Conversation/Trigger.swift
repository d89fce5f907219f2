/// Words in the last user text, or in the last tool results, that choose the answer.
///
/// 1. `describe request`: the answer is a JSON report of what arrived (see ``PromptReport``).
/// 2. `please refuse`: a refusal, as the dialect has it.
/// 3. `call NAME {json}`, as often as there are calls to make at once; NAME is one of the request's tools. Without JSON
///    the arguments are the least that the tool's schema allows. A free-form tool gets the rest of the line.
/// 4. `explain` before the first call: a text comes before the calls.
/// 5. `search QUERY` to the end of the line: what a web search is for; without it, the whole text.
struct Trigger {
    let text: [UInt8]

    struct Call: Equatable {
        var name: String
        /// nil: whatever the schema allows.
        var arguments: JSONValue?
        var line: [UInt8]
    }

    var describes: Bool { find("describe request") != nil }
    var refuses: Bool { find("please refuse") != nil }
    var explains: Bool { find("explain") != nil }

    /// What to search for.
    var query: [UInt8] {
        guard let start = find("search ") else { return text }
        return line(from: start)
    }

    /// - Returns: the calls in their order; names that are no tool of the request stay in `unknown`.
    func calls(among tools: [Prompt.Tool]) -> (calls: [Call], unknown: [String]) {
        var calls: [Call] = []
        var unknown: [String] = []
        var position = 0
        while let start = find("call ", from: position) {
            position = start
            if start > 5, Self.isNameByte(text[start - 6]) { continue }
            var end = start
            while end < text.count, Self.isNameByte(text[end]) { end += 1 }
            while end > start, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
            let name = String(decoding: text[start..<end], as: UTF8.self)
            var arguments: JSONValue?
            if let (value, after) = json(from: end) {
                arguments = value
                position = after
            }
            if tools.contains(where: { $0.name == name }) {
                calls.append(Call(name: name, arguments: arguments, line: line(from: end)))
            } else if arguments != nil {
                unknown.append(name)
            }
        }
        return (calls, unknown)
    }

    private func json(from start: Int) -> (JSONValue, Int)? {
        text.withUnsafeBytes { bytes -> (JSONValue, Int)? in
            var cursor = ByteCursor(bytes, in: start..<bytes.count)
            cursor.skipSpace()
            guard cursor.next == UInt8(ascii: "{"), let range = cursor.value(), let value = JSONValue(bytes, in: range)
            else { return nil }
            return (value, range.upperBound)
        }
    }

    private func line(from start: Int) -> [UInt8] {
        Array(text[start...].prefix { $0 != 0x0A }.drop { $0 == 0x20 })
    }

    /// - Returns: where the words end.
    private func find(_ words: StaticString, from start: Int = 0) -> Int? {
        let count = words.utf8CodeUnitCount
        guard text.count - start >= count else { return nil }
        return text.withUnsafeBytes { bytes in
            for index in start...bytes.count - count where bytes.matches(index..<index + count, words) {
                return index + count
            }
            return nil
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: ":"), UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
