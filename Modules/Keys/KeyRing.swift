import Store
import Synchronization
import Units

/// The gateway's view of all keys: hash → key, in memory, following the store's change feed.
///
/// 1. A look-up costs one lock held for a look into a table, whatever the store does.
/// 2. Blocked and expired keys are here, so that their owners get the right answer; deleted ones are not.
/// 3. Older never overwrites newer: an update is read in one snapshot of the store and says up to which change; a row
///    is taken only if it is newer than what the ring has seen.
/// 4. A ring that was never loaded knows nobody (`isLoaded`); one whose store is away keeps what it knows.
public final class KeyRing: Sendable {
    /// What a refresh did: whom to tell about new limits.
    public struct Difference: Sendable, Equatable {
        /// New keys and keys in a new state.
        public var changed: [VirtualKey]
        /// As they were when the ring last had them.
        public var removed: [VirtualKey]

        /// What is left out did not change.
        public init(changed: [VirtualKey] = [], removed: [VirtualKey] = []) {
            self.changed = changed
            self.removed = removed
        }

        /// Nobody's limits have changed.
        public var isEmpty: Bool { changed.isEmpty && removed.isEmpty }
    }

    /// What was read from the store in one snapshot.
    package struct Update {
        package enum Content {
            /// Keys that changed since the last update; deleted ones are marked.
            case changed([VirtualKey])
            case all([KeyHash: VirtualKey])
        }

        /// The snapshot holds every change up to this one.
        let position: Int64
        let file: Database.FileIdentity
        /// The file was seen to be another one, or an older copy: then the position may be a smaller one.
        let isOtherFile: Bool
        let content: Content

        package init(position: Int64, file: Database.FileIdentity, isOtherFile: Bool = false, content: Content) {
            self.position = position
            self.file = file
            self.isOtherFile = isOtherFile
            self.content = content
        }
    }

    private struct State {
        var byHash: [KeyHash: VirtualKey] = [:]
        var byID: [Int64: VirtualKey] = [:]
        var position: Int64 = -1
        var file: Database.FileIdentity?
    }

    private let state = Mutex(State())

    /// More changes than this at once: reading all keys is cheaper.
    private static let changesMax = 10_000

    /// A ring that knows nobody until it is refreshed.
    public init() {}

    /// - Throws: what the store throws.
    public convenience init(loading database: Database) throws(StoreError) {
        self.init()
        try refresh(from: database)
    }

    /// It was read from a store at least once; it may be empty all the same.
    public var isLoaded: Bool { state.withLock { $0.position >= 0 } }
    /// How many keys it knows, blocked and expired ones included.
    public var count: Int { state.withLock { $0.byHash.count } }
    /// The last change of the feed that the ring has seen.
    public var position: Int64 { state.withLock { $0.position } }

    /// Nil for unknown and deleted keys. One that is found may be blocked or expired: ``VirtualKey/refusal(at:)``.
    public func find(_ hash: KeyHash) -> VirtualKey? { state.withLock { $0.byHash[hash] } }
    /// As ``find(_:)``.
    public func find(id: Int64) -> VirtualKey? { state.withLock { $0.byID[id] } }

    /// All keys, for loading limits at start.
    public var all: [VirtualKey] { Array(state.withLock { $0.byHash }.values) }

    /// Takes over what changed in the store since the last time; cheap when nothing did.
    ///
    /// - Throws: what the store throws; the ring is then as before.
    @discardableResult
    public func refresh(from database: Database) throws(StoreError) -> Difference {
        guard let update = try read(from: database) else { return Difference() }
        return apply(update)
    }

    // MARK: Reading

    /// - Returns: nil when nothing changed.
    private func read(from database: Database) throws(StoreError) -> Update? {
        // The position is read before the snapshot is taken, so a snapshot of the same file is never older than it.
        precondition(!database.isInTransaction, "a key ring takes its own snapshot: not inside a transaction")
        let (position, file) = state.withLock { ($0.position, $0.file) }
        do {
            return try database.transaction(.deferred) {
                guard file == database.fileIdentity else { return try readAll(from: database, isOtherFile: true) }
                let answer = try ChangeFeed.since(position, limit: Self.changesMax + 1, on: database)
                switch answer {
                case .reload(let sequence): return try readAll(from: database, isOtherFile: sequence < position)
                case .changes(let changes) where changes.count > Self.changesMax:
                    return try readAll(from: database, isOtherFile: false)
                case .changes(let changes):
                    guard let last = changes.last else { return nil }
                    return Update(
                        position: last.sequence, file: database.fileIdentity,
                        content: .changed(try readKeys(changes, from: database)))
                }
            }
        } catch let error as StoreError {
            throw error
        } catch {
            preconditionFailure("reading keys can only fail as StoreError, not \(error)")
        }
    }

    private func readKeys(_ changes: [ChangeFeed.Change], from database: Database) throws(StoreError) -> [VirtualKey] {
        var pool = SharedTexts()
        var keys: [VirtualKey] = []
        for id in Set(changes.lazy.filter { $0.kind == KeyStore.changeKind }.map(\.id)) {
            try database.forEach("SELECT \(VirtualKey.columns) FROM virtual_keys WHERE id = ?", id) { row in
                keys.append(VirtualKey(row, sharing: &pool))
            }
        }
        return keys
    }

    private func readAll(from database: Database, isOtherFile: Bool) throws(StoreError) -> Update {
        let known = state.withLock { $0.byID }
        let count = try database.first("SELECT count(*) FROM virtual_keys WHERE deleted_at IS NULL") { $0.int(0) }
        var keys: [KeyHash: VirtualKey] = [:]
        keys.reserveCapacity(count ?? 0)
        var pool = SharedTexts()
        try database.forEach("SELECT \(VirtualKey.columns) FROM virtual_keys WHERE deleted_at IS NULL") { row in
            let key = VirtualKey(row, sharing: &pool)
            // What did not change stays the object it was: no second copy of 100,000 keys.
            if let old = known[key.id], old == key {
                keys[key.hash] = old
            } else {
                keys[key.hash] = key
            }
        }
        return Update(
            position: try ChangeFeed.lastSequence(on: database), file: database.fileIdentity,
            isOtherFile: isOtherFile, content: .all(keys))
    }

    // MARK: Taking over

    package func apply(_ update: Update) -> Difference {
        switch update.content {
        case .changed(let keys):
            state.withLock { state in
                guard update.file == state.file, update.position > state.position else {
                    return Difference()
                }
                return Self.take(keys, upTo: update.position, into: &state)
            }
        case .all(let keys): replace(with: keys, update)
        }
    }

    private static func take(_ keys: [VirtualKey], upTo position: Int64, into state: inout State) -> Difference {
        var difference = Difference()
        let newer = keys.filter { $0.sequence > state.position }
        // All old versions go before the first new one comes: a hash may pass from one key to another.
        for key in newer {
            guard let old = state.byID.removeValue(forKey: key.id) else { continue }
            state.byHash[old.hash] = nil
            if key.deleted { difference.removed.append(old) }
        }
        for key in newer where !key.deleted {
            state.byID[key.id] = key
            state.byHash[key.hash] = key
            difference.changed.append(key)
        }
        state.position = position
        return difference
    }

    /// The tables are built and compared outside the lock; inside, two references are swapped.
    private func replace(with keys: [KeyHash: VirtualKey], _ update: Update) -> Difference {
        var byID: [Int64: VirtualKey] = [:]
        byID.reserveCapacity(keys.count)
        for key in keys.values { byID[key.id] = key }
        let new = State(byHash: keys, byID: byID, position: update.position, file: update.file)
        let old = state.withLock { state -> State? in
            guard update.isOtherFile || update.position >= state.position else { return nil }
            let old = state
            state = new
            return old
        }
        guard let old else { return Difference() }
        return Difference(
            changed: new.byID.values.filter { key in old.byID[key.id].map { $0 != key } ?? true },
            removed: old.byID.values.filter { new.byID[$0.id] == nil })
    }
}
