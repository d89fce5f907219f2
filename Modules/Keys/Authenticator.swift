import Units

/// Who is calling.
public enum Caller: Sendable, Equatable {
    /// The operator, with the master key.
    case master
    case key(VirtualKey)
}

/// Says who presents a key, from memory alone: no store, no lock held for longer than a look into a table.
///
/// Every key that is turned away costs the same: one HMAC, one comparison with the master key and one look-up, whether
/// it is unknown, blocked, expired or no key at all by its looks. Only the answer's text differs, and `.unknownKey` has
/// one.
public struct Authenticator: Sendable {
    public let hasher: KeyHasher
    public let keys: KeyRing
    public let masterKey: MasterKey?

    public init(hasher: KeyHasher, keys: KeyRing, masterKey: MasterKey?) {
        self.hasher = hasher
        self.keys = keys
        self.masterKey = masterKey
    }

    /// - Throws: `.noKey`, `.wrongScheme`, `.unknownKey`, `.blocked`, `.expired`.
    public func caller(presenting headers: Authorization.Headers, at now: Timestamp) throws(Refusal) -> Caller {
        try caller(withKey: try Authorization.presentedKey(in: headers), at: now)
    }

    /// The same for a key that was found elsewhere.
    public func caller(withKey key: UnsafeRawBufferPointer, at now: Timestamp) throws(Refusal) -> Caller {
        let isAcceptable = KeyText.isAcceptable(key)
        let hash = isAcceptable ? hasher.hash(key) : hashOfNoKey()
        if masterKey?.matches(hash) == true, isAcceptable { return .master }
        guard let found = keys.find(hash), isAcceptable else { throw .unknownKey }
        if let refusal = found.refusal(at: now) { throw refusal }
        return .key(found)
    }

    /// As much work as hashing a key of the usual length.
    private func hashOfNoKey() -> KeyHash {
        let text: StaticString = "--- not a key, hashed so that it takes as long ---"
        return hasher.hash(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
