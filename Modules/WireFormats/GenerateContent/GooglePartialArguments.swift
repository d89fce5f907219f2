import JSONText

/// Folds a function call's arguments that come in pieces: `partialArgs: [{"jsonPath": "$.items[0].name", "stringValue":
/// "app", "willContinue": true}]`.
///
/// Source: https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling ("Streaming function call
/// arguments", read on 2026-11-29). A string's pieces are appended to one another; every other value is whole. Values are
/// kept flat and become a tree once, so that time is linear in what came.
struct GooglePartialArguments: Sendable {
    private enum Step: Hashable {
        case key(String)
        case index(Int)
    }

    private enum Leaf {
        case value(JSON)
        /// The string of that number in ``texts``.
        case text(Int)
    }

    private var values: [(path: [Step], value: Leaf)] = []
    private var texts: [String] = []
    /// The strings that are being continued, by their paths.
    private var open: [String: Int] = [:]

    init() {}

    mutating func add(_ pieces: [JSON]) {
        for piece in pieces {
            guard let path = piece["jsonPath"]?.string ?? piece["json_path"]?.string else { continue }
            guard let text = piece["stringValue"]?.string ?? piece["string_value"]?.string else {
                if let value = GooglePartialArguments.value(piece) { append(path, .value(value)) }
                continue
            }
            if let known = open[path] {
                texts[known] += text
            } else {
                open[path] = texts.count
                append(path, .text(texts.count))
                texts.append(text)
            }
            if !(piece["willContinue"]?.bool ?? piece["will_continue"]?.bool ?? false) { open[path] = nil }
        }
    }

    /// The arguments as an object.
    func finished() -> JSONObject {
        let entries = values.map { entry -> (path: ArraySlice<Step>, value: JSON) in
            switch entry.value {
            case .value(let value): (entry.path[...], value)
            case .text(let index): (entry.path[...], .string(texts[index]))
            }
        }
        return GooglePartialArguments.tree(entries, depth: 0).object ?? JSONObject()
    }

    private mutating func append(_ path: String, _ value: Leaf) {
        let steps = GooglePartialArguments.steps(path)
        if !steps.isEmpty { values.append((steps, value)) }
    }

    private static func value(_ piece: JSON) -> JSON? {
        if let number = piece["numberValue"] ?? piece["number_value"] {
            return number.number.flatMap { Int64(exactly: $0) }.map { .int($0) } ?? number
        }
        if let flag = piece["boolValue"] ?? piece["bool_value"] { return flag }
        if piece["nullValue"] != nil || piece["null_value"] != nil { return .null }
        return nil
    }

    /// Groups by the first step, in the order in which the groups began.
    private static func tree(_ entries: [(path: ArraySlice<Step>, value: JSON)], depth: Int) -> JSON {
        var order: [Step] = []
        var groups: [Step: [(path: ArraySlice<Step>, value: JSON)]] = [:]
        for entry in entries {
            guard let step = entry.path.first else { continue }
            if groups[step] == nil { order.append(step) }
            groups[step, default: []].append((entry.path.dropFirst(), entry.value))
        }
        // Only whole values: the last one stays.
        guard !order.isEmpty, depth < 64 else { return entries.last?.value ?? .null }
        func child(_ step: Step) -> JSON {
            let entries = groups[step] ?? []
            return tree(entries, depth: depth + 1)
        }
        if order.allSatisfy({ if case .index = $0 { true } else { false } }) {
            let indices = order.compactMap { step -> Int? in if case .index(let index) = step { index } else { nil } }
            // Places that never came are left out: an index is a number that the provider chose.
            return .array(indices.sorted().map { child(.index($0)) })
        }
        var members: [(String, JSON)] = []
        for step in order {
            switch step {
            case .key(let name): members.append((name, child(step)))
            case .index(let index): members.append((String(index), child(step)))
            }
        }
        return .object(JSONObject(members))
    }

    /// `$.a[0]['b c']` as its steps.
    private static func steps(_ path: String) -> [Step] {
        var steps: [Step] = []
        var bytes = Array(path.utf8)[...]
        if bytes.first == UInt8(ascii: "$") { bytes.removeFirst() }
        while let first = bytes.first, steps.count < 64 {
            if first == UInt8(ascii: "[") {
                bytes.removeFirst()
                if let quote = bytes.first, quote == 0x27 || quote == 0x22 {
                    bytes.removeFirst()
                    var name: [UInt8] = []
                    while let byte = bytes.popFirst(), byte != quote {
                        if byte == 0x5C, let next = bytes.popFirst() { name.append(next) } else { name.append(byte) }
                    }
                    steps.append(.key(String(decoding: name, as: UTF8.self)))
                    if bytes.first == UInt8(ascii: "]") { bytes.removeFirst() }
                } else {
                    let inside = bytes.prefix { $0 != UInt8(ascii: "]") }
                    bytes = bytes.dropFirst(inside.count + 1)
                    let name = String(decoding: inside, as: UTF8.self)
                    steps.append(Int(name).map { .index($0) } ?? .key(name))
                }
                continue
            }
            if first == UInt8(ascii: ".") { bytes.removeFirst() }
            let name = bytes.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") }
            bytes = bytes.dropFirst(name.count)
            if !name.isEmpty { steps.append(.key(String(decoding: name, as: UTF8.self))) }
        }
        return steps
    }
}
