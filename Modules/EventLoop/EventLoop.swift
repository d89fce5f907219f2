import CLinux
import Glibc
import Synchronization

/// One thread, one epoll: sockets, timers, a wake-up, and the executor of the tasks that live on it (``begin(_:)``).
///
/// Rules:
/// 1. ``enqueue(_:)``, ``execute(_:)`` and ``stop()`` may be called from any thread; everything else only from the
///    loop's own thread (asserted in debug builds).
/// 2. A tick is: wait for events, tell their handlers, fire timers that are due, run jobs until none is left, run the
///    end-of-tick hooks. Nothing in a tick may block.
/// 3. A handler may unwatch any descriptor, its own included, at any time; an event already fetched for it is dropped.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    // @unchecked Sendable: `inbox`, `stopping` and `wakeDescriptor` are safe from any thread; all else is confined to
    // the loop's thread by rule 1.
    /// That of its thread as well.
    public let name: String

    private let epollDescriptor: Int32
    private let wakeDescriptor: Int32
    private let inbox = Mutex(Inbox())
    private let stopping = Atomic<Bool>(false)
    private let threadID = Atomic<UInt>(0)

    private var jobs: [UnownedJob] = []
    /// The jobs of a round: two arrays take turns, so that none is made anew.
    private var batch: [UnownedJob] = []
    private var watches: [Watch?] = []
    private var generation: UInt32 = 0
    private var timers = TimerHeap()
    private var tickHooks: [() -> Void] = []
    private let events: UnsafeMutableRawPointer

    /// Monotonic time of this tick. Read once a tick: cheap, and the same for everything that happens in it.
    public private(set) var now: MonotonicTime

    private struct Inbox {
        var jobs: [UnownedJob] = []
        var calls: [@Sendable () -> Void] = []
        var isWoken = false
    }

    private struct Watch {
        let handler: any ReadinessHandler
        let generation: UInt32
    }

    private static let eventsPerWait: Int32 = 256

    /// - Throws: `EventLoopError` where the kernel gives no epoll or eventfd (out of descriptors).
    public init(name: String) throws {
        self.name = name
        epollDescriptor = tollgate_epoll_create()
        guard epollDescriptor >= 0 else { throw EventLoopError(call: "epoll_create1", errno: errno) }
        wakeDescriptor = tollgate_eventfd_create()
        guard wakeDescriptor >= 0 else {
            close(epollDescriptor)
            throw EventLoopError(call: "eventfd", errno: errno)
        }
        events = .allocate(byteCount: Int(Self.eventsPerWait) * tollgate_epoll_event_bytes, alignment: 8)
        now = .read()
        let token = UInt64(UInt32.max)
        guard
            tollgate_epoll_control(epollDescriptor, EPOLL_CTL_ADD, wakeDescriptor, Readiness.readable.rawValue, token)
                == 0
        else {
            throw EventLoopError(call: "epoll_ctl", errno: errno)
        }
    }

    deinit {
        events.deallocate()
        close(wakeDescriptor)
        close(epollDescriptor)
    }

    // MARK: Running

    /// Runs the loop on a new thread of its own, named after it. Returns at once.
    public func start() throws {
        try startThread(named: name) { self.run() }
    }

    /// Runs the loop on the calling thread until ``stop()``.
    public func run() {
        threadID.store(UInt(pthread_self()), ordering: .relaxed)
        while !stopping.load(ordering: .acquiring) {
            tick()
        }
        // What was enqueued last still runs, so that a task which waits for the loop's end can finish.
        runJobs()
        threadID.store(0, ordering: .relaxed)
    }

    /// Ends ``run()`` after the present tick.
    public func stop() {
        stopping.store(true, ordering: .releasing)
        wake()
    }

    /// Whether the caller runs on the loop's thread; false for everybody while the loop does not run.
    public var isOnLoop: Bool { threadID.load(ordering: .relaxed) == UInt(pthread_self()) }

    private func tick() {
        let count = tollgate_epoll_wait(epollDescriptor, events, Self.eventsPerWait, waitMilliseconds())
        now = .read()
        if count > 0 {
            for index in 0..<count {
                dispatch(tollgate_epoll_token(events, index), tollgate_epoll_bits(events, index))
            }
        }
        while let timer = timers.popDue(at: now) { timer.fire() }
        runJobs()
        for hook in tickHooks { hook() }
    }

    private func waitMilliseconds() -> Int32 {
        guard jobs.isEmpty else { return 0 }
        guard let next = timers.nextDeadline else { return -1 }
        // Rounded up: waking a little early would spin until the deadline.
        let nanoseconds = next.nanoseconds - MonotonicTime.read().nanoseconds
        return nanoseconds <= 0 ? 0 : Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
    }

    private func dispatch(_ token: UInt64, _ bits: UInt32) {
        let descriptor = Int(truncatingIfNeeded: token & 0xffff_ffff)
        if descriptor == Int(UInt32.max) {
            drainWake()
            return
        }
        guard descriptor < watches.count, let watch = watches[descriptor],
            watch.generation == UInt32(truncatingIfNeeded: token >> 32)
        else { return }
        watch.handler.ready(Readiness(rawValue: bits))
    }

    private func runJobs() {
        // Jobs may enqueue jobs; they run in the same tick, after those already waiting. A chain that never ends would
        // starve the sockets, so a tick runs a bounded number of rounds and takes the rest up in the next one.
        var rounds = 0
        while !jobs.isEmpty, rounds < 16 {
            swap(&jobs, &batch)
            for job in batch { job.runSynchronously(on: asUnownedTaskExecutor()) }
            batch.removeAll(keepingCapacity: true)
            rounds += 1
        }
    }

    // MARK: Tasks

    /// Begins a task on this loop, at the end of this tick. It stays here, with every nonisolated async function that it
    /// calls: they run where their caller runs.
    ///
    /// A task's preferred executor and not an actor's: a continuation resumes on the former at once, and through the
    /// system's thread pool on the latter (Swift 6.3).
    public func begin(_ body: @escaping @Sendable () async -> Void) {
        Task(executorPreference: self) { await body() }
    }

    /// Runs work on this loop's thread; the caller goes on where it was.
    public func run<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withTaskExecutorPreference(self) { work() }
    }

    // MARK: From any thread

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isOnLoop {
            jobs.append(job)
            return
        }
        let mustWake = inbox.withLock { inbox in
            inbox.jobs.append(job)
            defer { inbox.isWoken = true }
            return !inbox.isWoken
        }
        if mustWake { wake() }
    }

    /// Calls `body` on the loop's thread, in a later tick or, if already there, later in this one's order of calls.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        let mustWake = inbox.withLock { inbox in
            inbox.calls.append(body)
            defer { inbox.isWoken = true }
            return !inbox.isWoken
        }
        if mustWake { wake() }
    }

    private func wake() {
        var one: UInt64 = 1
        // Fails only when the counter is full, and then the loop is awake anyway.
        _ = write(wakeDescriptor, &one, 8)
    }

    private func drainWake() {
        var count: UInt64 = 0
        _ = read(wakeDescriptor, &count, 8)
        let (newJobs, calls) = inbox.withLock { inbox in
            defer {
                inbox.jobs.removeAll(keepingCapacity: true)
                inbox.calls.removeAll(keepingCapacity: true)
                inbox.isWoken = false
            }
            return (inbox.jobs, inbox.calls)
        }
        jobs.append(contentsOf: newJobs)
        for call in calls { call() }
    }

    // MARK: Descriptors

    /// Begins to watch a descriptor. The loop keeps the handler until ``unwatch(_:)``.
    ///
    /// - Throws: `EventLoopError` where the kernel refuses (descriptor closed, or too many watches).
    public func watch(_ descriptor: Int32, for interest: Readiness, handler: any ReadinessHandler) throws {
        assert(isOnLoop || threadID.load(ordering: .relaxed) == 0, "a loop is used from its own thread only")
        while watches.count <= Int(descriptor) { watches.append(nil) }
        generation &+= 1
        watches[Int(descriptor)] = Watch(handler: handler, generation: generation)
        guard control(EPOLL_CTL_ADD, descriptor, interest) == 0 else {
            let code = errno
            watches[Int(descriptor)] = nil
            throw EventLoopError(call: "epoll_ctl", errno: code)
        }
    }

    /// Changes what a watched descriptor is watched for.
    public func rewatch(_ descriptor: Int32, for interest: Readiness) {
        guard Int(descriptor) < watches.count, watches[Int(descriptor)] != nil else { return }
        _ = control(EPOLL_CTL_MOD, descriptor, interest)
    }

    /// Ends a watch. Call it before the descriptor is closed.
    public func unwatch(_ descriptor: Int32) {
        guard Int(descriptor) < watches.count, watches[Int(descriptor)] != nil else { return }
        watches[Int(descriptor)] = nil
        _ = tollgate_epoll_control(epollDescriptor, EPOLL_CTL_DEL, descriptor, 0, 0)
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ interest: Readiness) -> Int32 {
        guard let watch = watches[Int(descriptor)] else { return -1 }
        let token = UInt64(watch.generation) << 32 | UInt64(UInt32(bitPattern: descriptor))
        return tollgate_epoll_control(epollDescriptor, operation, descriptor, interest.rawValue, token)
    }

    // MARK: Time

    /// Sets `timer` to fire at `deadline`, wherever it stood before. Cheap to call again and again.
    public func schedule(_ timer: LoopTimer, at deadline: MonotonicTime) { timers.schedule(timer, at: deadline) }

    /// The same, so long after ``now``: the beginning of this tick, not the present instant.
    public func schedule(_ timer: LoopTimer, after delay: Duration) { timers.schedule(timer, at: now + delay) }

    /// Keeps `timer` from firing; nothing happens where it is not scheduled.
    public func cancel(_ timer: LoopTimer) { timers.remove(timer) }

    /// Suspends the calling task, which lives on this loop, until `delay` has passed.
    public func sleep(for delay: Duration) async {
        await withUnsafeContinuation { continuation in
            // Not after ``now``: a tick may be long, and a backoff must not be shorter than it was asked for.
            schedule(LoopTimer { continuation.resume() }, at: MonotonicTime.read() + delay)
        }
    }

    /// Calls `hook` at the end of each tick: the place to flush what a tick has gathered.
    public func atEndOfTick(_ hook: @escaping () -> Void) { tickHooks.append(hook) }
}

/// What a descriptor is watched for, or was found ready for (the kernel's epoll bits).
public struct Readiness: OptionSet, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// There is something to read or to accept.
    public static let readable = Readiness(rawValue: tollgate_epoll_readable)
    /// The socket's buffer has room.
    public static let writable = Readiness(rawValue: tollgate_epoll_writable)
    /// The peer will send no more.
    public static let peerClosed = Readiness(rawValue: tollgate_epoll_peer_closed)
    /// Always reported, never asked for.
    public static let hangUp = Readiness(rawValue: tollgate_epoll_hang_up)
    /// The socket has an error. Always reported, never asked for.
    public static let failed = Readiness(rawValue: tollgate_epoll_failed)
    /// Report changes only, not states.
    public static let edges = Readiness(rawValue: tollgate_epoll_edges)
    /// Of several loops that watch one listening socket, wake only one.
    public static let exclusive = Readiness(rawValue: tollgate_epoll_exclusive)
}

/// Is told by its loop, on the loop's thread, that its descriptor is ready.
public protocol ReadinessHandler: AnyObject {
    /// - Parameter readiness: what was asked for, and what is always reported: hang-up and failure.
    func ready(_ readiness: Readiness)
}

/// A call of the system that failed.
public struct EventLoopError: Error, CustomStringConvertible {
    /// Its name: `epoll_ctl`.
    public let call: String
    /// As the system left it right after the call.
    public let errno: Int32

    /// - Parameter errno: to be read before any other call is made.
    public init(call: String, errno: Int32) {
        self.call = call
        self.errno = errno
    }

    public var description: String { "\(call): \(String(cString: strerror(errno)))" }
}

/// Starts a detached thread of its own name (at most 15 bytes are shown by the system).
public func startThread(named name: String, _ body: @escaping @Sendable () -> Void) throws {
    final class Start {
        let name: String
        let body: @Sendable () -> Void
        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    // The opaque pointer is the retained Start; the new thread takes it over.
    let code = pthread_create(
        &thread, nil,
        { context in
            guard let context else { return nil }
            let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
            pthread_setname_np(pthread_self(), String(start.name.prefix(15)))
            start.body()
            return nil
        }, start.toOpaque())
    guard code == 0 else {
        start.release()
        throw EventLoopError(call: "pthread_create", errno: code)
    }
    pthread_detach(thread)
}
