import CLinux
import Glibc
import Synchronization

/// The fake provider, listening: one loop per thread, one set of books.
public final class MockServer: Sendable {
    /// The TCP port, also where the settings left the choice to the system; 0 where it listens on a unix socket alone.
    public let port: UInt16

    let books: Books
    private let settings: MockSettings
    private let wake: Int32
    private let threads: Mutex<[pthread_t]>
    private let listeners: [Int32]

    /// Binds and begins to serve.
    ///
    /// - Throws: ``MockStartError`` where the address is taken, a descriptor is missing, and so on.
    public init(_ settings: MockSettings) throws(MockStartError) {
        self.settings = settings
        Self.raiseDescriptorLimit()
        let nonce = UInt32.random(in: .min ... .max)
        let books = Books(prices: settings.prices, defaultPrice: settings.price, nonce: nonce)
        let wake = tollgate_eventfd_create()
        var listeners: [Int32] = []
        var port: UInt16 = 0
        var loops: [MockLoop] = []
        do throws(SocketError) {
            var shared: [Int32] = []
            if let path = settings.unixPath { shared.append(try Socket.listen(path: path)) }
            listeners = shared
            port = settings.port ?? 0
            if settings.port != nil, settings.threads > 1 {
                // Sharing is for our own threads; a mock left running from elsewhere is a mistake worth seeing.
                close(try Socket.listen(host: settings.host, port: port, shares: false))
            }
            for _ in 0..<settings.threads {
                var own = shared
                if settings.port != nil {
                    let listener = try Socket.listen(host: settings.host, port: port, shares: settings.threads > 1)
                    port = Socket.port(of: listener)
                    own.append(listener)
                    listeners.append(listener)
                }
                loops.append(
                    try MockLoop(settings: settings, books: books, nonce: nonce, listeners: own, wake: wake))
            }
        } catch {
            for listener in listeners { close(listener) }
            close(wake)
            throw MockStartError(description: error.description)
        }
        self.books = books
        self.port = port
        self.wake = wake
        self.listeners = listeners
        threads = Mutex([])
        for loop in loops { run(loop) }
    }

    /// Ends all loops and connections and waits for them. Nothing may be asked of the server afterwards.
    public func stop() {
        // A level-triggered eventfd that nobody reads wakes every loop.
        eventfd_write(wake, 1)
        for thread in threads.withLock({ $0 }) { pthread_join(thread, nil) }
        for listener in listeners { close(listener) }
        close(wake)
        if let path = settings.unixPath { unlink(path) }
    }

    private func run(_ loop: MockLoop) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(loop).toOpaque()
        // Called once on the new thread, which owns the loop from here on.
        let failure = pthread_create(
            &thread, nil,
            { box in
                guard let box else { return nil }
                Unmanaged<MockLoop>.fromOpaque(box).takeRetainedValue().run()
                return nil
            }, box)
        precondition(failure == 0, "the system gives no thread")
        threads.withLock { $0.append(thread) }
    }

    /// 5,000 open streams need as many descriptors.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// Why the mock could not begin to listen.
public struct MockStartError: Error, Equatable, CustomStringConvertible {
    /// What failed and why, for the one line on standard error.
    public let description: String
}
