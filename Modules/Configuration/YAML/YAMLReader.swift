import Secrets
import Yams

/// Reads one YAML text strictly: every problem is collected with its place, nothing is guessed.
///
/// 1. One document, at most 4 MB, nested at most 1,000 deep (libyaml's own bound).
/// 2. A key stands once. Aliases and `<<` are followed, but at most 100,000 nodes are read, so a text that doubles
///    itself ends in an error and not in memory.
/// 3. At most 100 problems are collected.
///
/// Used by one load, on one thread.
final class YAMLReader {
    static let bytesMost = 4 << 20
    private static let nodesMost = 100_000
    private static let problemsMost = 100

    let file: String
    private(set) var problems: [ConfigurationError.Problem] = []
    private var nodesLeft = YAMLReader.nodesMost

    init(file: String) { self.file = file }

    /// - Returns: the document's top level, or nil after reporting why there is none.
    func read(_ text: String) -> YAMLMapping? {
        guard text.utf8.count <= Self.bytesMost else {
            report(line: 0, column: 0, "the file is larger than \(Self.bytesMost >> 20) MB")
            return nil
        }
        do {
            // A byte order mark, which some editors write, is no part of the text, and Yams does not skip it.
            let text = text.unicodeScalars.first == "\u{feff}" ? String(text.unicodeScalars.dropFirst()) : text
            // The basic resolver leaves scalars as they stand: `on`, `1e3` and `no` are read by who knows their type.
            guard let root = try Yams.compose(yaml: text, .basic) else {
                report(line: 0, column: 0, "the file is empty: it needs 'providers' and 'models'")
                return nil
            }
            return YAMLValue(node: root, path: "", reader: self).mapping()
        } catch let error as YamlError {
            report(error)
        } catch {
            report(line: 0, column: 0, "can't be read as YAML")
        }
        return nil
    }

    /// Counts a node that is about to be looked at.
    ///
    /// - Returns: false when there were too many.
    func admit(_ mark: Mark?) -> Bool {
        nodesLeft -= 1
        if nodesLeft == 0 {
            report(mark, "is too large: more than \(Self.nodesMost) values, counting what aliases repeat")
        }
        return nodesLeft > 0
    }

    func report(_ mark: Mark?, _ text: String) { report(line: mark?.line ?? 0, column: mark?.column ?? 0, text) }

    private func report(line: Int, column: Int, _ text: String) {
        guard problems.count < Self.problemsMost else { return }
        let problem = ConfigurationError.Problem(file: file, line: line, column: column, text: text)
        // An anchor's value is read once per alias; its problems are said once.
        if !problems.contains(problem) { problems.append(problem) }
    }

    private func report(_ error: YamlError) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            report(mark, "not YAML: " + [context?.text, problem].compactMap(\.self).joined(separator: ", "))
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.map { "'\($0)'" }.joined(separator: ", ")
            // Yams says so before there is a tree to look at.
            report(
                context.mark, "the key \(keys) stands more than once; what else is wrong is told when this is mended")
        case .reader(let problem, _, _, _):
            report(line: 0, column: 0, "not YAML: \(problem)")
        default:
            report(line: 0, column: 0, "not YAML")
        }
    }
}

/// A node of the document, and how an operator would name it: `models[0].retries.max`.
struct YAMLValue {
    let node: Node
    let path: String
    let reader: YAMLReader

    var mark: Mark? { node.mark }

    /// The path, or what stands for it at the top.
    var place: String { path.isEmpty ? "the top level" : path }

    /// A key without a value, `~` or `null`: as if it weren't there.
    var isNull: Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }

    func report(_ text: String) { reader.report(mark, text) }

    func mapping() -> YAMLMapping? {
        guard case .mapping(let mapping) = node else {
            report("\(place) is \(kind); expected keys and values")
            return nil
        }
        return YAMLMapping(mapping, of: self)
    }

    func list() -> [YAMLValue]? {
        guard case .sequence(let sequence) = node else {
            report("\(place) is \(kind); expected a list")
            return nil
        }
        var values: [YAMLValue] = []
        for (index, element) in sequence.enumerated() {
            guard reader.admit(element.mark) else { return nil }
            values.append(YAMLValue(node: element, path: "\(path)[\(index)]", reader: reader))
        }
        return values
    }

    /// A list that has to have something in it.
    ///
    /// - Parameter advice: what comes of an empty one, or what to write.
    func list(ifEmpty advice: String) -> [YAMLValue]? {
        let values = list()
        if values?.isEmpty == true { report("\(place) is empty: \(advice)") }
        return values
    }

    /// - Parameter secret: the text may be a secret and is not repeated in a problem.
    func text(expected: String = "a text", secret: Bool = false) -> String? {
        guard case .scalar(let scalar) = node, !isNull else {
            report("\(place) is \(kind); expected \(expected)")
            return nil
        }
        return scalar.string
    }

    /// Reads a scalar by a rule of its own.
    func read<Value>(_ expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = text(expected: expected) else { return nil }
        guard let value = parse(text) else {
            report("\(place) is \(quoted(text)); expected \(expected)")
            return nil
        }
        return value
    }

    /// The text for a problem: short, on one line, and without anything that looks like a credential.
    private func quoted(_ text: String) -> String {
        let scrubbed = SecretScrubber().scrubbed(text)
        let short = scrubbed.prefix(40).map { $0.isNewline ? " " : String($0) }.joined()
        return "'" + short + (scrubbed.count > 40 ? "…" : "") + "'"
    }

    private var kind: String {
        switch node {
        case .scalar: isNull ? "empty" : "a single value"
        case .mapping: "a set of keys and values"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

/// The keys of one mapping. Each is asked for by name; ``finish()`` reports those that nobody asked for.
final class YAMLMapping {
    struct Entry {
        let key: String
        let mark: Mark?
        let value: YAMLValue
    }

    let value: YAMLValue
    let entries: [Entry]
    private var known: [String] = []
    private var missing: [(key: String, mark: Mark?, text: String)] = []

    init?(_ mapping: Node.Mapping, of value: YAMLValue) {
        self.value = value
        var entries: [Entry] = []
        var merged: [YAMLValue] = []
        for (keyNode, node) in mapping {
            guard value.reader.admit(node.mark) else { return nil }
            guard case .scalar(let scalar) = keyNode else {
                value.reader.report(keyNode.mark, "a key in \(value.place) is not a single value")
                continue
            }
            let path = value.path.isEmpty ? scalar.string : value.path + "." + scalar.string
            let child = YAMLValue(node: node, path: path, reader: value.reader)
            if scalar.string == "<<", scalar.style == .plain {
                merged.append(child)
            } else {
                entries.append(Entry(key: scalar.string, mark: keyNode.mark, value: child))
            }
        }
        for source in merged {
            let sources: [YAMLValue]
            if case .sequence = source.node { sources = source.list() ?? [] } else { sources = [source] }
            for source in sources {
                guard let more = YAMLValue(node: source.node, path: value.path, reader: value.reader).mapping()
                else { return nil }
                entries += more.entries.filter { entry in !entries.contains { $0.key == entry.key } }
            }
        }
        self.entries = entries
    }

    var path: String { value.path }

    func report(_ text: String) { value.report(text) }

    /// The value of a key; nil where it isn't there or is empty.
    subscript(key: String) -> YAMLValue? {
        if !known.contains(key) { known.append(key) }
        guard let found = entries.first(where: { $0.key == key }), !found.value.isNull else { return nil }
        return found.value
    }

    /// What is wrong because a key isn't there. ``finish()`` reports it, unless the key stands there misspelled.
    func lacks(_ key: String, _ text: String) { lacks(key, at: value.mark, text) }

    func lacks(_ key: String, at mark: Mark?, _ text: String) { missing.append((key, mark, text)) }

    /// Reports the keys that nobody asked for, and those that are missing.
    func finish() {
        var meant: Set<String> = []
        for entry in entries where !known.contains(entry.key) {
            let nearest = Suggestion.nearest(to: entry.key, among: known)
            if let nearest { meant.insert(nearest) }
            value.reader.report(entry.mark, unknown(entry.key, in: value.place, nearest: nearest, known: known))
        }
        for (key, mark, text) in missing where !meant.contains(key) { value.reader.report(mark, text) }
    }
}

/// `unknown key 'fallback' in models[0]; did you mean 'fallbacks'?`
private func unknown(_ key: String, in place: String, nearest: String?, known: [String]) -> String {
    let advice =
        nearest.map { "did you mean '\($0)'?" } ?? "known here: \(known.sorted().joined(separator: ", "))"
    return "unknown key '\(key.prefix(60))' in \(place); \(advice)"
}
