import JSONText

/// `functionResponse.response`, which has to be an object.
///
/// Rules
/// 1. Text that is a JSON object becomes it. Any other text is `{"result": text}`, of a failed tool `{"error": text}`:
///    "use the `output` key for the output and the `error` key for error details; without these the whole is the output"
///    (https://ai.google.dev/api/caching#FunctionResponse, read on 2026-11-29). So a failed tool's object is
///    `{"error": object}`, unless it has an `error` of its own.
/// 2. A JSON object with a member `$ref` or `$defs` anywhere stays text: Google takes `{"$ref": name}` for a reference to
///    one of the response's own `parts` and refuses what it cannot find.
/// 3. Back, `{"result": x}`, `{"output": x}` and `{"error": x}` are x; anything else is its own JSON text.
enum GoogleToolResult {
    static func response(_ text: String, isError: Bool) -> JSON {
        if let value = JSON.objectText(text), !hasReferences(.object(value)) {
            return response(value, isError: isError)
        }
        return .object([isError ? "error" : "result": .string(text)])
    }

    static func response(_ object: JSONObject, isError: Bool) -> JSON {
        guard isError, object["error"]?.isNull ?? true else { return .object(object) }
        return .object(["error": .object(object)])
    }

    static func text(of response: JSON) -> (text: String, isError: Bool) {
        guard let object = response.object, object.count == 1, let (key, value) = object.first(where: { _ in true }),
            ["result", "output", "error"].contains(key)
        else { return (response.text, false) }
        return (value.string ?? value.text, key == "error")
    }

    static func hasReferences(_ value: JSON) -> Bool {
        switch value {
        case .object(let object):
            object.contains { $0.key == "$ref" || $0.key == "$defs" || hasReferences($0.value) }
        case .array(let elements): elements.contains(where: hasReferences)
        default: false
        }
    }
}

extension JSON {
    /// The object that a text is; nil where it is none.
    fileprivate static func objectText(_ text: String) -> JSONObject? {
        let first = text.utf8.first { $0 > 0x20 }
        return first == UInt8(ascii: "{") ? (try? JSON.read(text))?.object : nil
    }
}
