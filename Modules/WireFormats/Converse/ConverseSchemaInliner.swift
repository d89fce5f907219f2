import JSONText

/// A schema with its definitions where they are used, and at the top nothing but `type`, `properties` and `required`.
///
/// A definition that uses itself, and what is beyond the bounds (definitions that use each other twice grow without end),
/// becomes `{}`: anything goes there.
struct ConverseSchemaInliner {
    private let root: JSON
    /// Values that may still be written.
    private var room = 20_000
    /// The definitions around the value that is being written.
    private var around: [String] = []

    init(_ root: JSON) { self.root = root }

    mutating func plain() -> JSON {
        guard root.object != nil else { return root }
        var plain = JSONObject()
        for name in ["type", "properties", "required"] {
            if let member = root[name] { plain[name] = inlined(member, depth: 0) }
        }
        return .object(plain)
    }

    private mutating func inlined(_ value: JSON, depth: Int) -> JSON {
        room -= 1
        guard room > 0, depth < 100 else { return [:] }
        switch value {
        case .array(let elements): return .array(elements.map { inlined($0, depth: depth + 1) })
        case .object(let object):
            guard let reference = object["$ref"]?.string else {
                var copy = JSONObject()
                for (key, member) in object { copy[key] = inlined(member, depth: depth + 1) }
                return .object(copy)
            }
            guard !around.contains(reference), let definition = definition(reference) else { return [:] }
            around.append(reference)
            defer { around.removeLast() }
            var copy = inlined(definition, depth: depth + 1)
            // What stands beside the reference (a description) says more.
            for (key, member) in object where key != "$ref" { copy[key] = inlined(member, depth: depth + 1) }
            return copy
        default: return value
        }
    }

    /// `#/$defs/Name`, `#/definitions/Name`.
    private func definition(_ reference: String) -> JSON? {
        let pieces = reference.split(separator: "/", omittingEmptySubsequences: false)
        guard pieces.first == "#" else { return nil }
        var found: JSON? = root
        for piece in pieces.dropFirst() {
            let name = piece.replacing("~1", with: "/").replacing("~0", with: "~")
            found = found?[String(name)]
        }
        return found
    }
}
