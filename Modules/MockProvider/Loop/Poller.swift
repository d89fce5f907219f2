import CLinux
import Glibc

/// What the kernel says of a socket.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readable = Readiness(rawValue: tollgate_epoll_readable)
    package static let writable = Readiness(rawValue: tollgate_epoll_writable)
    /// The peer sends no more: for a server whose client waits for an answer, the client has gone.
    package static let peerClosed = Readiness(rawValue: tollgate_epoll_peer_closed)
    package static let hungUp = Readiness(rawValue: tollgate_epoll_hang_up)
    package static let failed = Readiness(rawValue: tollgate_epoll_failed)
    package static let edges = Readiness(rawValue: tollgate_epoll_edges)
    package static let exclusive = Readiness(rawValue: tollgate_epoll_exclusive)

    /// A connection's lifelong interest: told once per change, so no further system call is needed.
    package static let connection: Readiness = [.readable, .writable, .peerClosed, .edges]
}

/// One epoll, owned.
package struct Poller: ~Copyable {
    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    private static let eventsPerWait = 512

    package init() throws(SocketError) {
        descriptor = tollgate_epoll_create()
        events = .allocate(capacity: Self.eventsPerWait)
        events.initialize(repeating: epoll_event(), count: Self.eventsPerWait)
        if descriptor < 0 { throw SocketError(call: "epoll_create1", code: errno) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        events.deallocate()
    }

    /// - Parameter token: comes back with each event of this socket.
    package func add(_ socket: Int32, _ interest: Readiness, token: UInt64) throws(SocketError) {
        let result = tollgate_epoll_control(descriptor, EPOLL_CTL_ADD, socket, interest.rawValue, token)
        if result < 0 { throw SocketError(call: "epoll_ctl", code: errno) }
    }

    /// Waits for events, at most `nanoseconds` long (nil: for ever).
    ///
    /// - Returns: how many there are, to be read with ``event(_:)`` before the next call.
    package func wait(nanoseconds: Int64?) -> Int {
        var count: Int32
        if let nanoseconds {
            var limit = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
            count = epoll_pwait2(descriptor, events, Int32(Self.eventsPerWait), &limit, nil)
        } else {
            count = epoll_wait(descriptor, events, Int32(Self.eventsPerWait), -1)
        }
        return Int(max(count, 0))
    }

    package func event(_ index: Int) -> (token: UInt64, readiness: Readiness) {
        (events[index].data.u64, Readiness(rawValue: events[index].events))
    }
}

/// A system call on a socket that failed.
package struct SocketError: Error, Equatable, CustomStringConvertible {
    package let call: String
    package let code: Int32

    package init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    package var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// The monotonic clock, in nanoseconds.
package enum Clock {
    package static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
