import CJansson

/// Why bytes could not become a ``JSON`` value.
public struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong and where, fit for the one who sent the bytes.
    public let description: String
    /// Offset of the byte that is wrong, where it is known.
    public let offset: Int?
}

extension JSON {
    /// Reads a document, for configuration and the admin API; translation has ``read(_:maxDepth:)``.
    ///
    /// The scanner checks it first, so depth is bounded before anything recurses, and errors have their place. Then
    /// jansson makes the values. Any two equal keys in one object are refused, and so are half surrogate pairs.
    ///
    /// An integer beyond Int64 becomes the nearest real (Together answers with a `seed` of 64 bits); in a document that
    /// has one, every integer beyond ±2^53 does, and a real without a fraction (`2.5e10`) becomes an integer.
    public static func parse(_ bytes: UnsafeRawBufferPointer, maxDepth: Int = 128) throws(JSONError) -> JSON {
        var limits = JSONLimits(depthMax: maxDepth, requiresObject: false)
        limits.remembersMembers = false
        limits.refusesInnerTwins = false
        do throws(JSONScanError) {
            _ = try JSONScanner.scan(bytes, limits: limits)
        } catch {
            throw JSONError(description: error.message(in: bytes), offset: error.offset)
        }
        var failure = json_error_t()
        let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL)
        var root = json_loadb(bytes.baseAddress, bytes.count, flags, &failure)
        var hasLargeIntegers = false
        if root == nil, json_error_code(&failure) == json_error_numeric_overflow {
            hasLargeIntegers = true
            root = json_loadb(bytes.baseAddress, bytes.count, flags | Int(JSON_DECODE_INT_AS_REAL), &failure)
        }
        guard let root else {
            throw JSONError(description: JanssonTree.text(of: failure), offset: Int(failure.position))
        }
        let tree = JanssonTree(owning: root, integersAreReal: hasLargeIntegers)
        return tree.value()
    }

    /// The same, for bytes in an array.
    public static func parse(_ bytes: [UInt8], maxDepth: Int = 128) throws(JSONError) -> JSON {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(JSONError) in try parse(buffer, maxDepth: maxDepth) }
        }
        return try result.get()
    }

    /// The same, for text.
    public static func parse(_ text: String, maxDepth: Int = 128) throws(JSONError) -> JSON {
        try parse([UInt8](text.utf8), maxDepth: maxDepth)
    }
}

/// Owns one reference to a tree of jansson's.
private struct JanssonTree: ~Copyable {
    private let root: UnsafeMutablePointer<json_t>
    /// Jansson was told to read integers as reals: small ones are integers again.
    private let integersAreReal: Bool

    init(owning root: UnsafeMutablePointer<json_t>, integersAreReal: Bool) {
        self.root = root
        self.integersAreReal = integersAreReal
    }

    deinit {
        tollgate_json_release(root)
    }

    borrowing func value() -> JSON { value(of: root) }

    /// Recursion is bounded: the scanner refused anything deeper than its limit.
    private borrowing func value(of node: UnsafeMutablePointer<json_t>) -> JSON {
        switch node.pointee.type {
        case JSON_OBJECT:
            var object = JSONObject()
            object.reserveCapacity(json_object_size(node))
            // Jansson iterates in the order of insertion, which is the document's.
            var member = json_object_iter(node)
            while member != nil {
                if let key = json_object_iter_key(member), let value = json_object_iter_value(member) {
                    let bytes = UnsafeRawBufferPointer(start: key, count: json_object_iter_key_len(member))
                    object.append(newKey: String(decoding: bytes, as: UTF8.self), self.value(of: value))
                }
                member = json_object_iter_next(node, member)
            }
            return .object(object)
        case JSON_ARRAY:
            let count = json_array_size(node)
            var elements: [JSON] = []
            elements.reserveCapacity(count)
            for index in 0..<count {
                if let element = json_array_get(node, index) { elements.append(value(of: element)) }
            }
            return .array(elements)
        case JSON_STRING:
            let bytes = UnsafeRawBufferPointer(start: json_string_value(node), count: json_string_length(node))
            return .string(String(decoding: bytes, as: UTF8.self))
        case JSON_INTEGER: return .int(Int64(json_integer_value(node)))
        case JSON_REAL:
            let real = json_real_value(node)
            let isSmall = integersAreReal && abs(real) <= 9_007_199_254_740_992
            if isSmall, let integer = Int64(exactly: real) { return .int(integer) }
            return .real(real)
        case JSON_TRUE: return .bool(true)
        case JSON_FALSE: return .bool(false)
        default: return .null
        }
    }

    /// Jansson's message, without the text near the error: that may be a secret.
    static func text(of error: json_error_t) -> String {
        var error = error
        let message = withUnsafeBytes(of: &error.text) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        let reason = String(decoding: beforeNear(Array(message.utf8)), as: UTF8.self)
        return "\(reason) at byte \(error.position) (line \(error.line), column \(error.column))"
    }

    private static func beforeNear(_ message: [UInt8]) -> ArraySlice<UInt8> {
        let near = Array(" near ".utf8)
        let end = message.indices.first { message[$0...].starts(with: near) }
        return message[..<(end ?? message.count)]
    }
}
