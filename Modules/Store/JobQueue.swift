import Glibc

/// A bounded queue of closures with one thread waiting at its end.
///
/// `@unchecked Sendable`: `jobs` and `isClosed` are touched only between lock and unlock of `mutex`.
final class JobQueue: @unchecked Sendable {
    typealias Job = @Sendable (StoreConnection) -> Void

    enum Admission {
        case accepted
        case full
        case closed
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let arrival = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private let capacity: Int
    private var jobs: [Job] = []
    private var isClosed = false

    init(capacity: Int) {
        self.capacity = capacity
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(arrival, nil)
    }

    deinit {
        pthread_cond_destroy(arrival)
        pthread_mutex_destroy(mutex)
        arrival.deallocate()
        mutex.deallocate()
    }

    var count: Int { locked { jobs.count } }

    func add(_ job: @escaping Job) -> Admission {
        locked {
            guard !isClosed else { return .closed }
            guard jobs.count < capacity else { return .full }
            jobs.append(job)
            pthread_cond_signal(arrival)
            return .accepted
        }
    }

    /// Nothing is admitted any more; what waits is still taken.
    func close() {
        locked {
            isClosed = true
            pthread_cond_signal(arrival)
        }
    }

    /// Waits for jobs and takes all of them, oldest first; empty when the queue is closed and drained.
    func takeAll() -> [Job] {
        locked {
            while jobs.isEmpty, !isClosed { pthread_cond_wait(arrival, mutex) }
            defer { jobs = [] }
            return jobs
        }
    }

    private func locked<T>(_ body: () -> T) -> T {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }
}
