import JSONText

/// What JSON Schemas are made of, for every dialect.
enum JSONSchema {
    /// What OpenAI and Cohere refuse at a schema's top.
    static let choices = ["anyOf", "oneOf", "allOf", "enum", "not"]
    static let definitionLists = ["$defs", "definitions"]
    /// Members whose own members are schemas (or lists of names), by names of the client's.
    static let named: Set<String> = [
        "properties", "$defs", "definitions", "patternProperties", "dependentSchemas", "dependentRequired",
        "dependencies",
    ]
    /// Members that are values and no schemas.
    static let values: Set<String> = ["default", "const", "enum", "examples", "example"]

    /// The list and the name of a definition that a reference names, or is within.
    static func steps(of reference: String) -> (list: String, name: String)? {
        let steps = reference.split(separator: "/", omittingEmptySubsequences: false)
        guard steps.count > 2, steps[0] == "#", definitionLists.contains(String(steps[1])) else { return nil }
        return (String(steps[1]), String(steps[2].replacing("~1", with: "/").replacing("~0", with: "~")))
    }

    /// What a value may be, by the schema's `type`: one, or a list.
    static func types(of schema: JSONObject) -> [String] {
        schema["type"]?.texts ?? [schema["type"]?.string].compactMap { $0 }
    }

    /// The list and the name of a definition that a reference names; what is deeper is within one.
    static func definitionName(_ reference: String) -> (list: String, name: String)? {
        reference.utf8.count(where: { $0 == 0x2F }) == 2 ? steps(of: reference) : nil
    }

    /// The definition that a reference of this schema names.
    static func definition(_ reference: String, in schema: JSON) -> JSON? {
        definitionName(reference).flatMap { schema[$0.list]?[$0.name] }
    }

    /// The schema's own members; of one that is a reference (zod-to-json-schema, with a name), those of the definition.
    ///
    /// nil where it is no object, or refers to nothing.
    static func root(of schema: JSON) -> JSONObject? {
        guard var root = schema.object else { return nil }
        var steps = 0
        while let reference = root["$ref"]?.string {
            steps += 1
            // Real ones need one step. A cycle ends here, too.
            guard steps <= 8, var resolved = definition(reference, in: schema)?.object else {
                return nil
            }
            // What stands beside the reference (a description, the definitions) says more.
            for (key, value) in root where key != "$ref" { resolved[key] = value }
            root = resolved
        }
        return root
    }
}
