import Budgets
import Keys
import ServerProcess
import Store
import Synchronization
import Units

/// Keeps the ring of keys, and the limits in the budget book, in step with the store.
///
/// 1. The change feed is read every 100 ms, so a block or an edit is in force within that time and the read's own.
/// 2. Nobody is turned away on a stale view: a refusal first waits for a read of the feed that began after the request
///    came. A key that was made, or unblocked, a moment ago therefore works at once, and all refusals take equally long.
/// 3. However many wait, there is one read at a time: wrong keys cannot make the store work harder than 100 reads a
///    second.
final class KeyFeed: Sendable {
    private let ring: KeyRing
    private let store: StoreThread
    private let book: BudgetBook
    private let state = Mutex(State())

    private struct State {
        var isReading = false
        /// Who waits for the read under way, which began too early for them, and therefore for the one after it.
        var waitingForNext: [UnsafeContinuation<Bool, Never>] = []
        /// Whether the last read worked.
        var isFresh = false
        /// When a key's limits came to the book while calls could be under way; see ``limitsSet(of:)``.
        var limitsSetAt: [Int64: Timestamp] = [:]
    }

    private static let pause = Duration.milliseconds(10)

    init(ring: KeyRing, store: StoreThread, book: BudgetBook) {
        self.ring = ring
        self.store = store
        self.book = book
    }

    /// Whether the ring was in step at the last look.
    var isFresh: Bool { state.withLock { $0.isFresh } }

    /// When a key was given its present limits, if that was while this process served: calls that ended after it are
    /// counted by the book itself, so the ledger's sum must leave them out.
    func limitsSet(of keyID: Int64) -> Timestamp? { state.withLock { $0.limitsSetAt[keyID] } }

    /// Waits for a read that began after this call.
    ///
    /// - Returns: false where the store could not be read.
    func refresh() async -> Bool {
        await withUnsafeContinuation { continuation in
            let mustStart = state.withLock { state in
                state.waitingForNext.append(continuation)
                defer { state.isReading = true }
                return !state.isReading
            }
            if mustStart { startRead() }
        }
    }

    /// The same for a thread that may wait.
    func refreshBlocking() -> Bool {
        let worked = (try? store.runBlocking { [self] database in read(database) }) ?? false
        state.withLock { $0.isFresh = worked }
        return worked
    }

    private func startRead() {
        do {
            try store.submit(
                { [self] database in
                    let waiting = state.withLock { state in
                        defer { state.waitingForNext = [] }
                        return state.waitingForNext
                    }
                    let worked = read(database)
                    for continuation in waiting { continuation.resume(returning: worked) }
                    ended(worked)
                }, onFailure: { [self] _ in failed() })
        } catch {
            failed()
        }
    }

    /// The store could not even be opened: whoever waits is told, and the next to ask tries again.
    private func failed() {
        let waiting = state.withLock { state in
            defer {
                state.waitingForNext = []
                state.isReading = false
                state.isFresh = false
            }
            return state.waitingForNext
        }
        for continuation in waiting { continuation.resume(returning: false) }
    }

    private func ended(_ worked: Bool) {
        let mustGoOn = state.withLock { state in
            state.isFresh = worked
            state.isReading = !state.waitingForNext.isEmpty
            return state.isReading
        }
        // On the store's thread: its queue is not held up for longer than the pause.
        if mustGoOn {
            ServerProcess.pause(Self.pause)
            startRead()
        }
    }

    private func read(_ database: Database) -> Bool {
        do {
            let isFirst = !ring.isLoaded
            let difference = try ring.refresh(from: database)
            let now = Timestamp.now()
            if !isFirst {
                state.withLock { state in
                    for key in difference.changed { state.limitsSetAt[key.id] = now }
                    for key in difference.removed { state.limitsSetAt[key.id] = nil }
                }
            }
            for key in difference.changed { book.setLimits(key.limits, of: .key(key.id), at: now) }
            for key in difference.removed { book.remove(.key(key.id)) }
            return true
        } catch {
            return false
        }
    }
}

extension VirtualKey {
    var hasLimits: Bool {
        maxBudget != nil || rpmLimit != nil || tpmLimit != nil || maxParallelRequests != nil
    }

    var limits: Limits {
        Limits(
            maxBudget: maxBudget, window: budgetDuration.flatMap { BudgetWindow(text: $0) }, anchor: createdAt,
            requestsPerMinute: rpmLimit, tokensPerMinute: tpmLimit, parallelRequests: maxParallelRequests)
    }
}
