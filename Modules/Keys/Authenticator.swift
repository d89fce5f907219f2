import Units

/// Who is calling.
public enum Caller: Sendable, Equatable {
    /// The operator, with the master key.
    case master
    /// A virtual key that is known, not blocked and not expired.
    case key(VirtualKey)
}

/// Says who presents a key, from memory alone: no store, no lock held for longer than a look into a table.
///
/// Every key that is turned away costs the same: one HMAC, one comparison with the master key and one look-up, whether
/// it is unknown, blocked, expired or no key at all by its looks. Only the answer's text differs, and `.unknownKey` has
/// one. A key that was let in before costs less (``KnownHashes``), which tells its owner nothing new.
public struct Authenticator: Sendable {
    /// Hashes what is presented; the same that hashed the keys in the ring.
    public let hasher: KeyHasher
    /// Everybody but the operator.
    public let keys: KeyRing
    /// Nil where the operator has set none: then nobody is ``Caller/master``.
    public let masterKey: MasterKey?
    private let known = KnownHashes()

    /// - Parameter hasher: with the pepper under which the keys in the ring and the master key were hashed.
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
    public func caller(withKey presented: UnsafeRawBufferPointer, at now: Timestamp) throws(Refusal) -> Caller {
        let isAcceptable = KeyText.isAcceptable(presented)
        let key = isAcceptable ? presented : Self.noKey
        let fingerprint = known.fingerprint(of: key)
        if isAcceptable, let hash = known.hash(for: fingerprint) {
            if masterKey?.matches(hash) == true { return .master }
            if let found = keys.find(hash), found.refusal(at: now) == nil { return .key(found) }
            // It was let in once and is no longer: from here on it costs what every refusal costs.
        }
        let hash = hasher.hash(key)
        if masterKey?.matches(hash) == true, isAcceptable {
            known.note(hash, for: fingerprint)
            return .master
        }
        guard let found = keys.find(hash), isAcceptable else { throw .unknownKey }
        if let refusal = found.refusal(at: now) { throw refusal }
        known.note(hash, for: fingerprint)
        return .key(found)
    }

    /// In place of what is no key: as much work as a key of the usual length.
    private static var noKey: UnsafeRawBufferPointer {
        let text: StaticString = "--- not a key, hashed so that it takes as long ---"
        return UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}
