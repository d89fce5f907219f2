import JSONText

/// Between JSON Schema and Google's subset of OpenAPI 3.0 (`Schema`), which `parameters` and `responseSchema` hold.
///
/// Source: https://ai.google.dev/api/caching#Schema, read on 2026-11-29.
///
/// From Google: types in lower case, `nullable` as a type `null` beside, properties in the order of `propertyOrdering`,
/// `example` as `examples`, numbers that came as strings as numbers; what is not known stays as it is.
///
/// To Google, where the target takes no JSON Schema:
/// 1. Types in upper case. `type: [x, "null"]` and an `anyOf` with `null` are `nullable`; several types are `anyOf`.
/// 2. `$ref` is replaced by what it names, at most eight deep in itself and 10,000 schemas in all; beyond that it is an
///    object without further description.
/// 3. `const` is an `enum` of one, `oneOf` is `anyOf`, members of `allOf` are merged. An enum of other than strings
///    becomes a sentence of the description: Google's enum holds strings.
/// 4. `exclusiveMinimum` and `-Maximum` are the nearest integer within, of other numbers the bound itself.
/// 5. `format` stays where Google knows it. `additionalProperties`, `$schema`, `not`, `pattern…` and all that the subset
///    has no word for is left out: it restricts less, and changes no value that the model may give.
enum GoogleSchema {
    static func jsonSchema(_ schema: JSON) -> JSON {
        guard let object = schema.object else { return schema }
        var result = JSONObject()
        var isNullable = false
        var order: [String] = []
        for (key, value) in object where !value.isNull {
            let name = GoogleMembers.camelCase(key)
            switch name {
            case "type": if let type = jsonType(value) { result["type"] = .string(type) }
            case "nullable": isNullable = value.bool ?? false
            case "properties":
                let properties = value.object ?? JSONObject()
                result["properties"] = .object(JSONObject(properties.map { ($0.key, jsonSchema($0.value)) }))
            case "items", "additionalProperties": result[name] = jsonSchema(value)
            case "anyOf", "prefixItems": result[name] = .array((value.array ?? []).map(jsonSchema))
            case "propertyOrdering": order = (value.array ?? []).compactMap(\.string)
            case "example": result["examples"] = [value]
            case "format": if value.string != "enum" { result["format"] = value }
            case "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties":
                result[name] = value.string.flatMap { Int64($0) }.map { .int($0) } ?? value
            default: result[key] = value
            }
        }
        if !order.isEmpty, let properties = result["properties"]?.object {
            let ordered = order.compactMap { key in properties[key].map { (key, $0) } }
            let known = Set(order)
            result["properties"] = .object(
                JSONObject(ordered + properties.filter { !known.contains($0.key) }.map { ($0.key, $0.value) }))
        }
        if isNullable {
            if let type = result["type"] {
                result["type"] = [type, "null"]
                // An enum allows what it lists: null too.
                if let values = result["enum"]?.array { result["enum"] = .array(values + [.null]) }
            } else if let choices = result["anyOf"]?.array {
                result["anyOf"] = .array(choices + [["type": "null"]])
            }
        }
        return .object(result)
    }

    private static func jsonType(_ value: JSON) -> String? {
        let numbers = ["", "string", "number", "integer", "boolean", "array", "object", "null"]
        if let number = value.int {
            return numbers.indices.contains(Int(truncatingIfNeeded: number)) && number > 0 ? numbers[Int(number)] : nil
        }
        guard let name = value.string?.lowercased(), name != "type_unspecified" else { return nil }
        return name
    }

    /// The schema in Google's subset.
    static func google(_ schema: JSON) -> JSON {
        var writer = GoogleSchemaWriter(root: schema)
        return writer.written(schema, depth: 0)
    }
}

/// Writes one JSON Schema in Google's subset, by the rules of ``GoogleSchema``.
private struct GoogleSchemaWriter {
    let root: JSON
    private var open: [String: Int] = [:]
    private var left = 10_000

    init(root: JSON) { self.root = root }

    mutating func written(_ schema: JSON, depth: Int) -> JSON {
        left -= 1
        guard left > 0, depth < 100, var source = schema.object else { return ["type": "OBJECT"] }
        var entered: [String] = []
        defer { for reference in entered { open[reference, default: 1] -= 1 } }
        while let reference = source["$ref"]?.string {
            guard open[reference, default: 0] < 8, let target = resolve(reference) else { return ["type": "OBJECT"] }
            open[reference, default: 0] += 1
            entered.append(reference)
            source["$ref"] = nil
            source = merged(target, source)
        }
        if let all = source["allOf"]?.array {
            source["allOf"] = nil
            for element in all {
                var element = element.object ?? JSONObject()
                if let reference = element["$ref"]?.string, let target = resolve(reference) {
                    element["$ref"] = nil
                    element = merged(target, element)
                    element["$ref"] = nil
                }
                source = merged(source, element)
            }
        }
        return .object(rewritten(source, depth))
    }

    private mutating func rewritten(_ source: JSONObject, _ depth: Int) -> JSONObject {
        var result = JSONObject()
        var types = (source["type"]?.array?.compactMap(\.string) ?? source["type"]?.string.map { [$0] } ?? [])
            .map { $0.uppercased() }
        var isNullable = source["nullable"]?.bool ?? false
        if types.contains("NULL"), types.count > 1 {
            types.removeAll { $0 == "NULL" }
            isNullable = true
        }
        var choices = source["anyOf"]?.array ?? source["oneOf"]?.array ?? []
        let withoutNull = choices.filter { $0["type"]?.string?.lowercased() != "null" }
        if withoutNull.count < choices.count {
            isNullable = true
            choices = withoutNull
        }
        if choices.count == 1 {
            var only = source
            only["anyOf"] = nil
            only["oneOf"] = nil
            var inner = written(choices[0], depth: depth + 1).object ?? JSONObject()
            for (key, value) in rewritten(only, depth + 1) where inner[key] == nil { inner[key] = value }
            if isNullable { inner["nullable"] = true }
            return inner
        }
        if types.isEmpty, choices.isEmpty { types = inferredTypes(source) }
        if types.count == 1 { result["type"] = .string(types[0]) }
        copy(source, into: &result, type: types.first)
        if let properties = source["properties"]?.object {
            var written = JSONObject()
            var pairs: [(String, JSON)] = []
            for (name, property) in properties { pairs.append((name, self.written(property, depth: depth + 1))) }
            written = JSONObject(pairs)
            result["properties"] = .object(written)
            if let required = source["required"]?.array {
                let names = Set(properties.keys)
                let known = required.filter { $0.string.map(names.contains) ?? false }
                if !known.isEmpty { result["required"] = .array(known) }
            }
        }
        if let items = source["items"], items.object != nil { result["items"] = written(items, depth: depth + 1) }
        if let items = source["prefixItems"]?.array ?? source["items"]?.array {
            var written: [JSON] = []
            for item in items { written.append(self.written(item, depth: depth + 1)) }
            result["prefixItems"] = .array(written)
        }
        // "items: missing field" is a 400.
        if types == ["ARRAY"], result["items"] == nil, result["prefixItems"] == nil {
            result["items"] = ["type": "STRING"]
        }
        if types.count > 1 { choices = types.map { ["type": .string($0)] } }
        if !choices.isEmpty {
            var written: [JSON] = []
            for choice in choices { written.append(self.written(choice, depth: depth + 1)) }
            result["anyOf"] = .array(written)
        }
        if isNullable { result["nullable"] = true }
        return result
    }

    private func inferredTypes(_ source: JSONObject) -> [String] {
        if source["properties"] != nil { return ["OBJECT"] }
        if source["items"] != nil || source["prefixItems"] != nil { return ["ARRAY"] }
        let values = source["enum"]?.array ?? source["const"].map { [$0] } ?? []
        guard let first = values.first else { return [] }
        switch first {
        case .string: return ["STRING"]
        case .int: return ["INTEGER"]
        case .real: return ["NUMBER"]
        case .bool: return ["BOOLEAN"]
        default: return []
        }
    }

    private func copy(_ source: JSONObject, into result: inout JSONObject, type: String?) {
        for name in [
            "title", "description", "default", "pattern", "minItems", "maxItems", "minLength", "maxLength",
            "minProperties", "maxProperties", "minimum", "maximum", "propertyOrdering",
        ] {
            if let value = source[name], !value.isNull { result[name] = value }
        }
        if let format = source["format"]?.string,
            ["date-time", "enum", "int32", "int64", "float", "double"].contains(format)
        {
            result["format"] = .string(format)
        }
        if let example = source["example"] ?? source["examples"]?[0] { result["example"] = example }
        let values = (source["enum"]?.array ?? source["const"].map { [$0] } ?? []).filter { !$0.isNull }
        if !values.isEmpty {
            if values.allSatisfy({ $0.string != nil }) {
                result["enum"] = .array(values)
            } else {
                let sentence = "One of: " + values.map { $0.string ?? $0.text }.joined(separator: ", ") + "."
                let before = result["description"]?.string.map { $0 + " " } ?? ""
                result["description"] = .string(before + sentence)
            }
        }
        if let bound = source["exclusiveMinimum"], bound.number != nil {
            result["minimum"] = type == "INTEGER" ? bound.int.map { .int($0 &+ 1) } ?? bound : bound
        }
        if let bound = source["exclusiveMaximum"], bound.number != nil {
            result["maximum"] = type == "INTEGER" ? bound.int.map { .int($0 &- 1) } ?? bound : bound
        }
    }

    /// `#/$defs/Name`, and any other pointer into the schema itself.
    private func resolve(_ reference: String) -> JSONObject? {
        if reference == "#" { return root.object }
        guard reference.hasPrefix("#/") else { return nil }
        var value = root
        for step in reference.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
            let name = unescaped(step)
            guard let next = value[name] ?? Int(name).flatMap({ value[$0] }) else { return nil }
            value = next
        }
        return value.object
    }

    private func unescaped(_ step: Substring) -> String {
        var text = ""
        var isEscaped = false
        for character in step {
            if isEscaped {
                text.append(character == "1" ? "/" : "~")
                isEscaped = false
            } else if character == "~" {
                isEscaped = true
            } else {
                text.append(character)
            }
        }
        return text
    }

    /// Both schemas in one: properties and requirements are joined, of anything else the second's stays.
    private func merged(_ first: JSONObject, _ second: JSONObject) -> JSONObject {
        var result = first
        for (key, value) in second {
            if key == "properties", let old = result[key]?.object, let new = value.object {
                result[key] = .object(JSONObject(old.map { ($0.key, $0.value) } + new.map { ($0.key, $0.value) }))
            } else if key == "required", let old = result[key]?.array, let new = value.array {
                result[key] = .array(old + new.filter { !old.contains($0) })
            } else {
                result[key] = value
            }
        }
        return result
    }
}
