import JSONText

/// Changes JSON values at random places, with what the seeds and the source know of names and shapes.
struct JSONMutation {
    let seeds: Seeds

    /// - Returns: the value with one to a few changes.
    func mutated(_ value: JSON, _ random: inout Random) -> JSON {
        var value = value
        for _ in 0..<(1 + random.below(random.chance(20) ? 12 : 3)) { value = changed(value, &random) }
        return value
    }

    /// One change at one place.
    private func changed(_ value: JSON, _ random: inout Random) -> JSON {
        var place = random.below(JSONMutation.nodes(in: value))
        return rebuilt(value, &place, &random)
    }

    static func nodes(in value: JSON) -> Int {
        switch value {
        case .array(let elements): elements.reduce(1) { $0 + nodes(in: $1) }
        case .object(let object): object.reduce(1) { $0 + nodes(in: $1.value) }
        default: 1
        }
    }

    private func rebuilt(_ value: JSON, _ place: inout Int, _ random: inout Random) -> JSON {
        if place == 0 {
            place = -1
            return other(value, &random)
        }
        place -= 1
        switch value {
        case .array(var elements):
            for index in elements.indices where place >= 0 {
                elements[index] = rebuilt(elements[index], &place, &random)
            }
            return .array(elements)
        case .object(let object):
            var members: [(String, JSON)] = []
            for (key, value) in object { members.append((key, place >= 0 ? rebuilt(value, &place, &random) : value)) }
            return .object(JSONObject(members))
        default: return value
        }
    }

    // MARK: - What a value becomes

    private func other(_ value: JSON, _ random: inout Random) -> JSON {
        if random.chance(15) { return interesting(&random) }
        if random.chance(8) { return random.pick(seeds.fragments) }
        switch value {
        case .object(let object): return .object(changed(object, &random))
        case .array(let elements): return .array(changed(elements, &random))
        case .string(let text): return .string(changed(text, &random))
        case .int(let number):
            switch random.below(6) {
            case 0: return .int(number &+ 1)
            case 1: return .int(number &- 1)
            case 2: return .int(0 &- number)
            case 3: return .real(Double(number) + 0.5)
            case 4: return .string(String(number))
            default: return interesting(&random)
            }
        case .null, .bool, .real: return interesting(&random)
        }
    }

    private func changed(_ object: JSONObject, _ random: inout Random) -> JSONObject {
        var members = object.map { ($0.key, $0.value) }
        let place = random.below(members.count)
        switch random.below(8) {
        case 7 where random.chance(3):
            // What takes time by the square of the members' number takes too long.
            for number in 0..<30_000 { members.append(("m\(number)", .int(1))) }
        case 0 where !members.isEmpty: members.remove(at: place)
        case 1 where !members.isEmpty: members[place].0 = random.pick(seeds.words)
        case 2: members.append((random.pick(seeds.words), interesting(&random)))
        case 3: members.append((random.pick(seeds.words), random.pick(seeds.fragments)))
        case 4: members.shuffle(using: &random)
        case 5 where !members.isEmpty: members.append((random.pick(seeds.words), members[place].1))
        default:
            if !members.isEmpty { members[place].1 = interesting(&random) }
        }
        return JSONObject(members)
    }

    private func changed(_ elements: [JSON], _ random: inout Random) -> [JSON] {
        var elements = elements
        let place = random.below(elements.count)
        switch random.below(8) {
        case 0 where !elements.isEmpty: elements.remove(at: place)
        case 1 where !elements.isEmpty: elements.insert(elements[place], at: random.below(elements.count))
        case 2 where !elements.isEmpty:
            elements.insert(
                contentsOf: Array(repeating: elements[place], count: random.below(random.chance(5) ? 300 : 5)),
                at: place)
        case 3: elements.reverse()
        case 4: elements.shuffle(using: &random)
        case 5: elements.append(random.pick(seeds.fragments))
        case 6: elements = []
        default: elements.insert(interesting(&random), at: place)
        }
        return elements
    }

    private func changed(_ text: String, _ random: inout Random) -> String {
        switch random.below(12) {
        case 0: return ""
        case 1: return random.pick(seeds.words)
        case 2: return String(text.dropLast())
        case 3: return String(text.prefix(random.below(max(1, text.count))))
        case 4: return text + random.pick(JSONMutation.texts)
        case 5: return random.pick(JSONMutation.texts) + text
        case 6: return random.pick(JSONMutation.texts)
        case 7:
            return random.chance(30)
                ? String(repeating: random.pick(["a", "\"", "é", "👩‍👩‍👧‍👦", "\\"]), count: 1 << random.below(15)) : text
        case 8: return text.uppercased()
        case 9: return random.pick(seeds.strings)
        case 10:
            // The text of JSON within JSON: arguments, encrypted contents, partial pieces.
            guard let inner = try? JSON.parse(text), inner.object != nil || inner.array != nil else {
                return text + text
            }
            return changed(inner, &random).text
        default: return JSONMutation.numbers[random.below(JSONMutation.numbers.count)].text
        }
    }

    private func interesting(_ random: inout Random) -> JSON {
        switch random.below(12) {
        case 0: .null
        case 1: .bool(random.chance(50))
        case 2, 3, 4: random.pick(JSONMutation.numbers)
        case 5: .string(random.pick(JSONMutation.texts))
        case 6: .string(random.pick(seeds.strings))
        case 7: random.pick([.array([]), .object([:]), .array([.null]), .array([.array([])]), .object(["": .null])])
        case 8 where random.chance(20):
            JSONMutation.nested(
                random.pick([.null, .object([:])]), 1 + random.below(125),
                random.chance(50) ? nil : random.pick(seeds.words))
        case 9: .string(random.pick(seeds.words))
        default: random.pick(seeds.fragments)
        }
    }

    static func nested(_ value: JSON, _ depth: Int, _ key: String?) -> JSON {
        var value = value
        for _ in 0..<depth { value = key.map { .object([$0: value]) } ?? .array([value]) }
        return value
    }

    static let numbers: [JSON] = [
        0, 1, -1, 2, 3, 7, 100, 1023, 1024, 1025, 9_999, 10_000, 65_536, .int(1 << 31), .int(1 << 32), .int(-1 << 31),
        .int(1 << 53), .int(.max), .int(.min), .int(.max - 1), 0.5, -0.5, 1.5, .real(-0.0), .real(1e18), .real(9.3e18),
        .real(-9.3e18), .real(1e300), .real(-1e300), .real(1e-300), .real(9.223372036854775e18),
    ]

    static let texts: [String] = [
        "", " ", "\u{0}", "\n", "\r\n", "\u{FEFF}", "é", "e\u{301}", "👩‍👩‍👧‍👦", "\u{2028}", "\u{FFFD}", "\u{10FFFF}", "\"",
        "\\", "\\u0000",
        "{", "}", "[", "]", "{}", "[]", "null", "{\"a\":", "{\"a\":1}", "[1,2", "data: x\n\n", "[DONE]", "data:",
        "data:;base64,",
        "data:image/png;base64,iVBORw0KGgo=", "https://example.com/a.png", "gs://a/b", "s3://a/b", "$.a[0].b",
        "$[9999999].x", "$['a']", "#/$defs/a", "#/$defs/a/b",
        "#", "call_", "call_0000000000000000000", "call_00000000000000009999999999999999999", "toolu_1", "rs_1", "msg_",
        "fc_1", "tollgate1.", "tollgate1.e30", "claude-opus-4-5", "gemini-3-pro",
        "__", "a__b", "application/pdf", "image/png", "text/plain; charset=utf-8", "audio/wav", "none", "auto", "🇨🇭🇨🇭",
    ]
}
