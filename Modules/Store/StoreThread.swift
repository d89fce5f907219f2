import Glibc
import Synchronization

/// A thread of our own that does the blocking work of the store, one job after the other.
///
/// Jobs come from any thread or task through a bounded queue: when it is full, `run` throws `.overloaded` at once and
/// nobody waits. The connection is opened by the first job and opened again after a disk failure or when the file was
/// replaced, so one failing job does not doom the next.
public final class StoreThread: Sendable {
    private let queue: JobQueue
    private let thread: Mutex<pthread_t?>

    /// - Parameters:
    ///   - name: shown by `top -H` and debuggers; cut to 15 bytes.
    ///   - capacity: how many jobs may wait.
    ///   - prepare: runs on every newly opened connection before any job: migrations belong here.
    public init(
        path: String, name: String, capacity: Int = 1024,
        prepare: @escaping @Sendable (Database) throws -> Void = { _ in }
    ) throws(StoreError) {
        let queue = JobQueue(capacity: capacity)
        self.queue = queue
        let start = ThreadStart(name: name, queue: queue, path: path, prepare: prepare)
        var created = pthread_t()
        let failure = pthread_create(&created, nil, storeThreadMain, Unmanaged.passRetained(start).toOpaque())
        guard failure == 0 else {
            Unmanaged.passUnretained(start).release()
            throw .other(code: failure, message: "pthread_create failed")
        }
        thread = Mutex(created)
    }

    /// What still waits is done, in the background: `stop()` waits for it.
    deinit {
        queue.close()
        if let id = thread.withLock({ $0.take() }) { pthread_detach(id) }
    }

    /// How many jobs wait.
    public var waitingCount: Int { queue.count }

    /// Runs `work` on the thread and returns what it returns. Cancelling the task does not cancel the job.
    @discardableResult
    public func run<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
            let admission = queue.add { connection in
                continuation.resume(with: Result { try connection.run(work) })
            }
            if let error = admission.error { continuation.resume(throwing: error) }
        }
    }

    /// The same for a thread that may wait. Never to be called on an event loop or in a task.
    @discardableResult
    public func runBlocking<T: Sendable>(_ work: @escaping @Sendable (Database) throws -> T) throws -> T {
        precondition(
            thread.withLock { $0.map { pthread_equal($0, pthread_self()) == 0 } ?? true },
            "a job of the store thread waited for another one")
        let answer = Answer<T>()
        let admission = queue.add { connection in answer.give(Result { try connection.run(work) }) }
        if let error = admission.error { throw error }
        return try answer.wait()
    }

    /// Queues a job that nobody waits for.
    ///
    /// - Parameter onFailure: called on the store's thread, instead of `work` when the file cannot be opened, or after
    ///   it when it throws. Whoever keeps somebody waiting for the job has to answer them here too.
    public func submit(
        _ work: @escaping @Sendable (Database) throws -> Void,
        onFailure: @escaping @Sendable (any Error) -> Void = { _ in }
    ) throws(StoreError) {
        let admission = queue.add { connection in
            do {
                try connection.run(work)
            } catch {
                onFailure(error)
            }
        }
        if let error = admission.error { throw error }
    }

    /// Admits nothing more, does what waits, closes the file and ends the thread. Waits for all that.
    public func stop() {
        queue.close()
        let id = thread.withLock { $0.take() }
        if let id { pthread_join(id, nil) }
    }
}

extension JobQueue.Admission {
    fileprivate var error: StoreError? {
        switch self {
        case .accepted: nil
        case .full: .overloaded
        case .closed: .stopped
        }
    }
}

/// What the new thread is given.
private final class ThreadStart: Sendable {
    let name: String
    let queue: JobQueue
    let path: String
    let prepare: @Sendable (Database) throws -> Void

    init(name: String, queue: JobQueue, path: String, prepare: @escaping @Sendable (Database) throws -> Void) {
        self.name = name
        self.queue = queue
        self.path = path
        self.prepare = prepare
    }

    func main() {
        nameThisThread()
        let connection = StoreConnection(path: path, prepare: prepare)
        while true {
            let jobs = queue.takeAll()
            if jobs.isEmpty { break }
            for job in jobs { job(connection) }
        }
        connection.close()
    }

    /// Linux takes the name through /proc too; glibc's pthread_setname_np is hidden behind _GNU_SOURCE.
    private func nameThisThread() {
        let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        let bytes = Array(name.utf8.prefix(15))
        _ = write(file, bytes, bytes.count)
    }
}

/// Called once on the new thread by pthread_create; `start` is a retained `ThreadStart`, released here.
private func storeThreadMain(_ start: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let start else { return nil }
    Unmanaged<ThreadStart>.fromOpaque(start).takeRetainedValue().main()
    return nil
}

/// One value handed from one thread to another that waits for it.
///
/// `@unchecked Sendable`: `result` is written before `sem_post` and read after `sem_wait`, which order the two.
private final class Answer<T: Sendable>: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private var result: Result<T, any Error>?

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func give(_ result: Result<T, any Error>) {
        self.result = result
        sem_post(semaphore)
    }

    func wait() throws -> T {
        while sem_wait(semaphore) != 0 {}  // interrupted by a signal: wait on
        guard let result else { preconditionFailure("the store thread posted without an answer") }
        return try result.get()
    }
}
