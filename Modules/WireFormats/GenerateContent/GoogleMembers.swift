import Glibc
import JSONText
import Units

/// The members of one object of Google's, by their names in camelCase, however they were written.
///
/// What is not taken stays in ``rest``.
struct GoogleMembers {
    private var members: UntakenMembers
    private let place: BodyPlace
    private var snakeCase: Set<String> = []

    /// What was not taken.
    var rest: JSONObject { members.rest }

    /// The same without `null`s.
    var present: JSONObject { members.present }

    var path: String { place.path }

    /// - Parameter spelling: learns which members were written in snake_case.
    ///
    /// Members are looked up by walking them, so there may be no more than ten times as many as Google knows.
    init(
        _ object: JSONObject, at place: BodyPlace, _ spelling: inout Set<String>
    ) throws(GenerateContentFault) {
        guard object.count <= 512 else {
            let path = place.path
            throw GenerateContentFault(path, "Invalid '\(path)': an object of too many members.", code: "invalid_value")
        }
        self.place = place
        guard (0..<object.count).contains(where: { GoogleMembers.hasUnderscore(object.key(at: $0)) }) else {
            members = UntakenMembers(object)
            return
        }
        var rest = JSONObject()
        for (key, value) in object {
            let name = GoogleMembers.camelCase(key)
            if name != key, GoogleMembers.snakeCase(name) == key {
                spelling.insert(name)
                snakeCase.insert(name)
                rest[name] = value
            } else {
                rest[key] = value
            }
        }
        members = UntakenMembers(rest)
    }

    static func hasUnderscore(_ name: String) -> Bool {
        name.withBytes { bytes in bytes.baseAddress.map { memchr($0, 0x5F, bytes.count) != nil } ?? false }
    }

    /// An object at that place.
    init(
        _ value: JSON, at place: BodyPlace, _ spelling: inout Set<String>
    ) throws(GenerateContentFault) {
        guard case .object(let object) = value else { throw .kind(place.path, "an object", value) }
        try self.init(object, at: place, &spelling)
    }

    init(
        _ object: JSONObject, at path: String, _ spelling: inout Set<String>
    ) throws(GenerateContentFault) {
        try self.init(object, at: BodyPlace(path), &spelling)
    }

    /// An object at that path.
    init(
        _ value: JSON, at path: String, _ spelling: inout Set<String>
    ) throws(GenerateContentFault) {
        try self.init(value, at: BodyPlace(path), &spelling)
    }

    /// The path of a member, in the client's own words.
    func path(_ name: String) -> String {
        let name = snakeCase.contains(name) ? GoogleMembers.snakeCase(name) : name
        let path = place.path
        return path.isEmpty ? name : "\(path).\(name)"
    }

    /// Whether the member is there and no `null`.
    func has(_ name: String) -> Bool { members[name].map { !$0.isNull } ?? false }

    /// Removes the member and hands it out; nil where there is none, or where it is `null`.
    mutating func take(_ name: String) -> JSON? {
        guard let value = members.take(name) else { return nil }
        // Not by `?:`, where `nil` would be JSON's null.
        if value.isNull { return nil }
        return value
    }

    mutating func string(_ name: String) throws(GenerateContentFault) -> String? {
        guard let value = take(name) else { return nil }
        guard let text = value.string else { throw .kind(path(name), "a string", value) }
        return text
    }

    mutating func bool(_ name: String) throws(GenerateContentFault) -> Bool? {
        guard let value = take(name) else { return nil }
        guard let flag = value.bool else { throw .kind(path(name), "a boolean", value) }
        return flag
    }

    mutating func int(_ name: String) throws(GenerateContentFault) -> Int64? {
        guard let value = take(name) else { return nil }
        guard let number = GoogleNumber.read(value)?.int else {
            throw .kind(path(name), "an integer", value)
        }
        return number
    }

    mutating func number(_ name: String) throws(GenerateContentFault) -> Double? {
        guard let value = take(name) else { return nil }
        guard let number = GoogleNumber.read(value)?.number else { throw .kind(path(name), "a number", value) }
        return number
    }

    mutating func object(_ name: String) throws(GenerateContentFault) -> JSONObject? {
        guard let value = take(name) else { return nil }
        guard let object = value.object else { throw .kind(path(name), "an object", value) }
        return object
    }

    /// A list, or its only element by itself.
    mutating func list(_ name: String) throws(GenerateContentFault) -> [JSON]? {
        guard let value = take(name) else { return nil }
        switch value {
        case .array(let elements): return elements
        case .object: return [value]
        default: throw .kind(path(name), "an array", value)
        }
    }

    mutating func strings(_ name: String) throws(GenerateContentFault) -> [String]? {
        guard let value = take(name) else { return nil }
        guard let elements = value.array else { throw .kind(path(name), "an array of strings", value) }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            guard let text = element.string else { throw .kind("\(path(name))[\(index)]", "a string", element) }
            texts.append(text)
        }
        return texts
    }

    /// An enum's name in upper case; its number is looked up in `names`.
    mutating func word(_ name: String, numbers names: [String] = []) throws(GenerateContentFault) -> String? {
        guard let value = take(name) else { return nil }
        if let text = value.string { return text.uppercased() }
        guard let number = value.int, names.indices.contains(Int(truncatingIfNeeded: number)) else {
            throw .kind(path(name), "a string", value)
        }
        return names[Int(number)]
    }

    // MARK: - Names

    /// `inline_data` → `inlineData`; names that have no `_` stay as they are.
    static func camelCase(_ name: String) -> String {
        guard name.utf8.contains(0x5F) else { return name }
        var bytes: [UInt8] = []
        var isRaised = false
        for byte in name.utf8 {
            if byte == 0x5F {
                isRaised = true
            } else {
                bytes.append(isRaised && (97...122).contains(byte) ? byte - 32 : byte)
                isRaised = false
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `inlineData` → `inline_data`
    static func snakeCase(_ name: String) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            if (65...90).contains(byte) {
                bytes.append(0x5F)
                bytes.append(byte + 32)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
