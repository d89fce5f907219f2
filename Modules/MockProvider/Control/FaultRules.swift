/// Rules set at run time: which requests get other controls than the command line's.
///
/// 1. Rules are asked in order; each counts the requests that match its `model`, `endpoint` and `stream`.
/// 2. The first that fires decides, and no later one is asked (or counts).
/// 3. A rule leaves its first `skip` matches alone, fires for at most `first` of those after, only for every `every`-th
///    of them, and with `probability` drawn from its own generator (`seed`): the same requests fire in every run.
struct FaultRules: Sendable {
    struct Rule: Sendable {
        var model: [UInt8]?
        var endpoint: Endpoint?
        var stream: Bool?
        var skip = 0
        var first: Int?
        var every = 1
        var probability = 1.0
        var seed: UInt64 = 1
        /// The controls that it sets, as text of a JSON object, and applied to a request's behaviour.
        var controls: [(name: String, value: [UInt8])] = []

        private(set) var seen = 0
        private(set) var fired = 0
        private var generator = SplitMix64(seed: 1)

        /// - Throws: a sentence on what is wrong with the rule.
        init(_ json: JSONValue) throws(RuleError) {
            guard let members = json.members else { throw RuleError("a rule is a JSON object") }
            for member in members { try read(member) }
            generator = SplitMix64(seed: seed)
            var trial = Behaviour()
            do throws(ControlError) { try apply(to: &trial) } catch { throw RuleError(error.description) }
        }

        func apply(to behaviour: inout Behaviour) throws(ControlError) {
            for control in controls { try behaviour.apply(control.name, control.value) }
        }

        private mutating func read(_ member: JSONValue.Member) throws(RuleError) {
            switch (member.key, member.value) {
            case ("model", .string(let name)): model = name
            case ("endpoint", .string(let name)):
                guard let named = Endpoint(name: String(decoding: name, as: UTF8.self)) else {
                    throw RuleError("endpoint is one of chat, completions, embeddings")
                }
                endpoint = named
            case ("stream", .bool(let value)): stream = value
            case ("skip", .number): skip = try count(member)
            case ("first", .number): first = try count(member)
            case ("every", .number): every = max(try count(member), 1)
            case ("seed", .number): seed = UInt64(try count(member))
            case ("probability", .number(let text)):
                guard let value = Double(text), (0...1).contains(value) else {
                    throw RuleError("probability is a number from 0 to 1")
                }
                probability = value
            case ("model", _), ("endpoint", _), ("stream", _), ("skip", _), ("first", _), ("every", _), ("seed", _),
                ("probability", _):
                throw RuleError("\(member.key) has the wrong type")
            case (_, .string(let text)): controls.append((member.key, text))
            case (_, .number(let text)): controls.append((member.key, Array(text.utf8)))
            case (_, .bool(let value)): controls.append((member.key, value ? [0x31] : [0x30]))
            default: throw RuleError("\(member.key) must be text, a number or a boolean")
            }
        }

        private func count(_ member: JSONValue.Member) throws(RuleError) -> Int {
            guard let count = member.value.integer, count >= 0 else {
                throw RuleError("\(member.key) is a whole number of at least 0")
            }
            return count
        }

        func matches(_ name: UnsafeRawBufferPointer, _ endpoint: Endpoint, stream: Bool) -> Bool {
            if let wanted = self.endpoint, wanted != endpoint { return false }
            if let wanted = self.stream, wanted != stream { return false }
            guard let model else { return true }
            if model.last == UInt8(ascii: "*") { return name.starts(with: model.dropLast()) }
            return name.elementsEqual(model)
        }

        /// Counts a matching request.
        mutating func fires() -> Bool {
            seen += 1
            guard seen > skip else { return false }
            if let first, fired >= first { return false }
            guard (seen - skip) % every == 0 else { return false }
            if probability < 1, generator.unit() >= probability { return false }
            fired += 1
            return true
        }
    }

    private(set) var rules: [Rule] = []

    /// Reads `{"rules": [...]}`, replacing all rules; an empty list takes them away.
    static func read(_ json: JSONValue) throws(RuleError) -> FaultRules {
        guard let list = json["rules"]?.elements else { throw RuleError("\"rules\" must be a list") }
        guard list.count <= 1000 else { throw RuleError("at most 1000 rules") }
        var rules = FaultRules()
        for (index, element) in list.enumerated() {
            do throws(RuleError) {
                rules.rules.append(try Rule(element))
            } catch {
                throw RuleError("rules[\(index)]: \(error.description)")
            }
        }
        return rules
    }

    /// - Returns: the rule that fires for this request.
    mutating func rule(model: UnsafeRawBufferPointer, endpoint: Endpoint, stream: Bool) -> Rule? {
        for index in rules.indices where rules[index].matches(model, endpoint, stream: stream) {
            if rules[index].fires() { return rules[index] }
        }
        return nil
    }

    func write(to out: inout ByteQueue) {
        out.append("{\"rules\":[")
        for (index, rule) in rules.enumerated() {
            if index > 0 { out.append(",") }
            out.append("{")
            if let model = rule.model {
                out.append("\"model\":\"")
                model.withUnsafeBytes { out.append(escaping: $0) }
                out.append("\",")
            }
            for control in rule.controls {
                out.append("\"")
                out.append(escaping: control.name)
                out.append("\":\"")
                control.value.withUnsafeBytes { out.append(escaping: $0) }
                out.append("\",")
            }
            out.append("\"seen\":")
            out.append(decimal: rule.seen)
            out.append(",\"fired\":")
            out.append(decimal: rule.fired)
            out.append("}")
        }
        out.append("]}\n")
    }
}

struct RuleError: Error, Equatable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
