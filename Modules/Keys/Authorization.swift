import Secrets

/// Finds the key that a request presents.
///
/// Four headers may carry it. If several do, the first of this order counts and the others are not looked at:
/// `Authorization: Bearer`, `x-api-key` (Anthropic), `api-key` (Azure), `x-goog-api-key` (Google). An empty header
/// counts as absent. An Authorization header of another scheme (`Basic` of some proxy) is passed over if one of the
/// others is there.
public enum Authorization {
    /// The four headers' values as they came; nil where there is none. The memory is the caller's.
    public struct Headers {
        /// The whole value, scheme included.
        public var authorization: UnsafeRawBufferPointer?
        /// `x-api-key`, the key alone.
        public var xAPIKey: UnsafeRawBufferPointer?
        /// `api-key`, the key alone.
        public var apiKey: UnsafeRawBufferPointer?
        /// `x-goog-api-key`, the key alone.
        public var xGoogAPIKey: UnsafeRawBufferPointer?

        /// The memory is to live for as long as the value is used.
        public init(
            authorization: UnsafeRawBufferPointer? = nil, xAPIKey: UnsafeRawBufferPointer? = nil,
            apiKey: UnsafeRawBufferPointer? = nil, xGoogAPIKey: UnsafeRawBufferPointer? = nil
        ) {
            self.authorization = authorization
            self.xAPIKey = xAPIKey
            self.apiKey = apiKey
            self.xGoogAPIKey = xGoogAPIKey
        }
    }

    /// The key that the headers present: a part of the memory that was given. It may be anything (`KeyText` decides).
    ///
    /// - Throws: `.noKey` or `.wrongScheme`.
    public static func presentedKey(in headers: Headers) throws(Refusal) -> UnsafeRawBufferPointer {
        var refusal = Refusal.noKey
        if let value = trimmed(headers.authorization) {
            if let key = bearer(value) {
                if !key.isEmpty { return key }
            } else {
                refusal = .wrongScheme
            }
        }
        if let key = trimmed(headers.xAPIKey) { return key }
        if let key = trimmed(headers.apiKey) { return key }
        if let key = trimmed(headers.xGoogAPIKey) { return key }
        throw refusal
    }

    /// The same for one text, as tools have it.
    public static func presentedKey(authorization: String) throws(Refusal) -> Secret {
        try Secret(text: authorization).withUnsafeBytes { bytes throws(Refusal) in
            Secret(bytes: try presentedKey(in: Headers(authorization: bytes)))
        }
    }

    /// What follows `Bearer` in any case; nil for another scheme. "Bearer" alone presents an empty key.
    private static func bearer(_ value: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let scheme: StaticString = "bearer"
        let length = scheme.utf8CodeUnitCount
        guard value.count >= length else { return nil }
        for index in 0..<length where value[index] | 0x20 != scheme.utf8Start[index] { return nil }
        if value.count == length { return UnsafeRawBufferPointer(rebasing: value[length...]) }
        guard isSpace(value[length]) else { return nil }
        return trimmed(UnsafeRawBufferPointer(rebasing: value[length...]))
            ?? UnsafeRawBufferPointer(start: nil, count: 0)
    }

    /// Without the spaces and tabs around it; nil if nothing is left.
    private static func trimmed(_ value: UnsafeRawBufferPointer?) -> UnsafeRawBufferPointer? {
        guard let value else { return nil }
        var start = 0
        var end = value.count
        while start < end, isSpace(value[start]) { start += 1 }
        while end > start, isSpace(value[end - 1]) { end -= 1 }
        return start == end ? nil : UnsafeRawBufferPointer(rebasing: value[start..<end])
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
}
