import Glibc
import Store
import Synchronization
import Units

/// The thread that moves what the journals hold into the ledger, every 100 ms, in batches. Its invariants are
/// ``LedgerDrain``'s.
///
/// While the Store is away the journals grow on disk and ``lag`` with them; nothing is lost and nobody waits.
///
///     let writer = try LedgerWriter(settings: .init(journalFolder: "…/journal", storePath: "…/tollgate.db"))
///     let report = try writer.recover()          // before the first request: dead processes' attempts get their rows
///     let journal = try Journal(folder: …, above: report.highestID, at: .now())       // one per loop
///     writer.attach(journal.tail)
///     writer.start()
///     …
///     writer.flush(timeout: .seconds(5))         // shutdown
///     writer.stop()
public final class LedgerWriter: Sendable {
    /// Where the writer reads and writes.
    public struct Settings: Sendable {
        /// The folder that all journals of the gateway share, over processes too.
        public var journalFolder: String
        /// The SQLite file.
        public var storePath: String
        /// How long a record waits at most before its batch begins.
        public var interval = Duration.milliseconds(100)
        /// The journals' own setting; other than `.never`, the Store is synchronous too, because deleting a segment
        /// that was forced to the disk must not lose what a power cut would have spared.
        public var sync = JournalSync.never

        /// With the usual ``interval``, and no waiting for the disk.
        public init(journalFolder: String, storePath: String) {
            self.journalFolder = journalFolder
            self.storePath = storePath
        }
    }

    /// What the last pass left, for ``lag``.
    private struct Level {
        var lastLevel = ContinuousClock.now
        var deadBytes = 0
        var openAttempts = 0
    }

    private struct Control {
        var thread: pthread_t?
        var isStopping = false
    }

    private let settings: Settings
    private let report: @Sendable (LedgerEvent) -> Void
    private let drain: Mutex<LedgerDrain>
    private let tails = Mutex<[JournalTail]>([])
    private let level = Mutex(Level())
    private let control = Mutex(Control())
    private let wakeUp: WakeUp

    /// - Parameter report: told what the operator should know; called on the writer's thread.
    public init(settings: Settings, report: @escaping @Sendable (LedgerEvent) -> Void = { _ in }) throws(JournalError) {
        self.settings = settings
        self.report = report
        wakeUp = try WakeUp()
        drain = Mutex(
            LedgerDrain(
                folder: settings.journalFolder, storePath: settings.storePath, isDurable: settings.sync != .never,
                report: report))
    }

    // MARK: Use

    /// Gives the attempts of dead processes their rows: those that ended as they ended, those that were open as
    /// interrupted. Brings the ledger's schema up to date. Blocks until all of that is in the Store.
    ///
    /// - Throws: `StoreError` or `JournalError`; the journals keep everything, and the next call goes on.
    @discardableResult
    public func recover() throws -> RecoveryReport {
        try drain.withLock { drain in
            let before = drain.tally
            drain.adoptDeadSlots(patience: .milliseconds(50))
            defer { note(drain) }
            _ = try drain.pass()
            drain.forgetDeletedSegments()
            var report = drain.tally.since(before)
            report.highestID = try drain.openStore()
            return report
        }
    }

    /// Follows a journal of this process from its beginning.
    public func attach(_ tail: JournalTail) {
        drain.withLock { $0.attach(tail) }
        tails.withLock { $0.append(tail) }
    }

    /// Starts the thread.
    public func start() throws(JournalError) {
        try control.withLock { (control) throws(JournalError) in
            precondition(control.thread == nil, "the ledger's writer was started twice")
            var created = pthread_t()
            let failure = pthread_create(&created, nil, writerThreadMain, Unmanaged.passRetained(self).toOpaque())
            guard failure == 0 else {
                Unmanaged.passUnretained(self).release()
                throw .noThread(errno: failure)
            }
            control.thread = created
        }
    }

    /// Waits until everything that was written before the call is in the Store.
    ///
    /// - Returns: false if that did not happen in time; the journals keep it for the next start.
    @discardableResult
    public func flush(timeout: Duration) -> Bool {
        let deadline = ContinuousClock.now + timeout
        repeat {
            let isLevel = drain.withLockIfAvailable { drain in
                defer { note(drain) }
                return (try? drain.pass()) ?? false
            }
            if isLevel == true { return true }
            usleep(5_000)
        } while ContinuousClock.now < deadline
        return false
    }

    /// Ends the thread (which keeps the writer alive until then) after the pass that it is at. What is not drained
    /// stays in the journals.
    public func stop() {
        let thread = control.withLock { control in
            control.isStopping = true
            return control.thread.take()
        }
        wakeUp.wake()
        if let thread { pthread_join(thread, nil) }
    }

    /// How far the Store is behind the journals.
    public var lag: LedgerLag {
        let level = level.withLock { $0 }
        var lag = LedgerLag()
        lag.bytes = level.deadBytes
        lag.openAttempts = level.openAttempts
        for tail in tails.withLock({ $0 }) {
            lag.records += tail.recordsBehind
            lag.bytes += tail.bytesBehind
        }
        if lag.bytes > 0 { lag.oldestAge = .now - level.lastLevel }
        return lag
    }

    // MARK: The thread

    fileprivate var isStopping: Bool { control.withLock { $0.isStopping } }

    fileprivate func run() {
        nameThisThread("ledger-writer")
        var delay = settings.interval
        var isFailing = false
        var lastAdoption = ContinuousClock.now
        var lastSync = ContinuousClock.now
        while !isStopping {
            do {
                let now = ContinuousClock.now
                try drain.withLock { drain in
                    defer { note(drain) }
                    if now - lastAdoption >= .seconds(5) {
                        drain.adoptDeadSlots()
                        lastAdoption = now
                    }
                    _ = try drain.pass()
                }
                if case .interval(let interval) = settings.sync, now - lastSync >= interval {
                    syncJournals()
                    lastSync = now
                }
                if isFailing { report(.storeRecovered) }
                isFailing = false
                delay = settings.interval
            } catch {
                delay = min(max(delay * 2, .milliseconds(200)), .seconds(5))
                isFailing = true
                report(.storeFailed(error, retryAfter: delay))
            }
            wakeUp.wait(for: delay)
        }
        drain.withLock { drain in
            drain.forgetDeletedSegments()
            drain.close()
        }
    }

    private func syncJournals() {
        for tail in tails.withLock({ $0 }) where !tail.isEnded {
            let path = JournalFolder.segmentPath(tail.written.segment, in: tail.lock.path)
            let descriptor = open(path, O_RDWR | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            fdatasync(descriptor)
            close(descriptor)
        }
    }

    private func note(_ drain: LedgerDrain) {
        var level = Level(lastLevel: drain.lastLevel)
        for reader in drain.readers {
            level.openAttempts += reader.openAttempts.count
            if reader.isDead { level.deadBytes += reader.bytesBehind }
        }
        self.level.withLock { $0 = level }
        let followed = drain.readers.compactMap { $0.tail.map(ObjectIdentifier.init) }
        tails.withLock { tails in
            tails.removeAll { $0.isEnded && !followed.contains(ObjectIdentifier($0)) }
        }
    }
}

/// How far the Store is behind the journals.
public struct LedgerLag: Equatable, Sendable {
    /// Records of this process that the Store does not have: about two an attempt.
    public var records = 0
    /// Their bytes, and those that dead processes left.
    public var bytes = 0
    /// Since when the Store has not had everything; zero while it has.
    public var oldestAge = Duration.zero
    /// Attempts that have begun and not ended.
    public var openAttempts = 0

    /// Nothing is behind.
    public init() {}
}

/// Called once on the new thread by pthread_create; `writer` is a retained `LedgerWriter`, released here.
private func writerThreadMain(_ writer: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let writer else { return nil }
    Unmanaged<LedgerWriter>.fromOpaque(writer).takeRetainedValue().run()
    return nil
}

/// Linux takes a thread's name through /proc; glibc's pthread_setname_np is hidden behind _GNU_SOURCE.
private func nameThisThread(_ name: StaticString) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    _ = write(file, name.utf8Start, min(name.utf8CodeUnitCount, 15))
}

/// A sleep that another thread can end. A pipe, because its timeout does not depend on the wall clock.
private final class WakeUp: Sendable {
    private let reading: Int32
    private let writing: Int32

    init() throws(JournalError) {
        var ends: (Int32, Int32) = (-1, -1)
        let failed = withUnsafeMutableBytes(of: &ends) { pipe($0.assumingMemoryBound(to: Int32.self).baseAddress!) }
        guard failed == 0 else { throw .cannotOpen(path: "pipe", errno: errno) }
        (reading, writing) = ends
        for end in [reading, writing] {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
    }

    deinit {
        close(reading)
        close(writing)
    }

    func wake() {
        var byte: UInt8 = 1
        _ = write(writing, &byte, 1)
    }

    func wait(for duration: Duration) {
        var watched = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
        guard poll(&watched, 1, Int32(clamping: duration.milliseconds)) > 0 else { return }
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { _ = read(reading, $0.baseAddress, 64) }
    }
}
