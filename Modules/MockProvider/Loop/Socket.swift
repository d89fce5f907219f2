import Glibc

/// The few socket calls that a server and a client on one machine need.
package enum Socket {
    /// A non-blocking listening TCP socket on an IPv4 address.
    ///
    /// - Parameter shares: whether other sockets that say the same may listen on this port too (SO_REUSEPORT).
    package static func listen(
        host: String, port: UInt16, shares: Bool, backlog: Int32 = 8192
    ) throws(SocketError) -> Int32 {
        let descriptor = try open(AF_INET)
        do throws(SocketError) {
            try set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            if shares { try set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1) }
            var address = try internetAddress(host: host, port: port)
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if result < 0 { throw SocketError(call: "bind \(host):\(port)", code: errno) }
            if Glibc.listen(descriptor, backlog) < 0 { throw SocketError(call: "listen", code: errno) }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// A non-blocking listening unix socket; a stale file of that name is replaced.
    package static func listen(path: String, backlog: Int32 = 8192) throws(SocketError) -> Int32 {
        let descriptor = try open(AF_UNIX)
        do throws(SocketError) {
            unlink(path)
            var address = try unixAddress(path)
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            if result < 0 { throw SocketError(call: "bind \(path)", code: errno) }
            if Glibc.listen(descriptor, backlog) < 0 { throw SocketError(call: "listen", code: errno) }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// The port that a listening TCP socket got.
    package static func port(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Begins to connect without waiting: writable once connected.
    package static func connect(host: String, port: UInt16) throws(SocketError) -> Int32 {
        let descriptor = try open(AF_INET)
        do throws(SocketError) {
            try set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
            var address = try internetAddress(host: host, port: port)
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if result < 0, errno != EINPROGRESS { throw SocketError(call: "connect", code: errno) }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Begins to connect to a unix socket. A full backlog is `EAGAIN`: thrown like any other failure.
    package static func connect(path: String) throws(SocketError) -> Int32 {
        let descriptor = try open(AF_UNIX)
        do throws(SocketError) {
            var address = try unixAddress(path)
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            if result < 0 { throw SocketError(call: "connect", code: errno) }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    package static func set(
        _ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32
    ) throws(SocketError) {
        var value = value
        if setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) < 0 {
            throw SocketError(call: "setsockopt", code: errno)
        }
    }

    /// Closes so that the peer gets RST instead of FIN.
    package static func reset(_ descriptor: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }

    private static func open(_ family: Int32) throws(SocketError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind, 0)
        if descriptor < 0 { throw SocketError(call: "socket", code: errno) }
        return descriptor
    }

    private static func internetAddress(host: String, port: UInt16) throws(SocketError) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        let name = host == "localhost" ? "127.0.0.1" : host
        if inet_pton(AF_INET, name, &address.sin_addr) != 1 {
            throw SocketError(call: "address \(host) (an IPv4 address is needed)", code: EINVAL)
        }
        return address
    }

    private static func unixAddress(_ path: String) throws(SocketError) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SocketError(call: "unix socket path \(path)", code: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }
}
