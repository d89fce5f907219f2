import CLinux
import Glibc

/// The unix socket on which nginx finds us.
public struct ListeningSocket: Sendable {
    /// Listens and does not block. It is not closed with this value.
    public let descriptor: Int32

    /// Binds `path` so that a running predecessor loses nothing: the new socket is made beside it and renamed over it.
    /// New connections come to us from that moment on; what the predecessor had accepted it finishes.
    ///
    /// - Parameter backlog: a full backlog is an instant 502 from nginx, so it is in the thousands.
    /// - Throws: `SocketError` naming the call, where the path is too long for a unix socket (107 bytes) or the folder
    ///   is not writable.
    public init(path: String, backlog: Int32 = 4096) throws {
        let temporary = path + ".\(getpid())"
        unlink(temporary)
        let descriptor = tollgate_unix_socket()
        guard descriptor >= 0 else { throw SocketError(call: "socket", path: path, errno: errno) }
        do {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(temporary.utf8)
            guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
                throw SocketError(call: "bind", path: path, errno: ENAMETOOLONG)
            }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
            let isBound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            guard isBound == 0 else { throw SocketError(call: "bind", path: path, errno: errno) }
            // nginx's workers may run as another user of our group.
            guard chmod(temporary, 0o660) == 0 else { throw SocketError(call: "chmod", path: path, errno: errno) }
            guard Glibc.listen(descriptor, backlog) == 0 else {
                throw SocketError(call: "listen", path: path, errno: errno)
            }
            guard rename(temporary, path) == 0 else { throw SocketError(call: "rename", path: path, errno: errno) }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        self.descriptor = descriptor
    }

    /// Takes over the socket that systemd passes (`LISTEN_FDS`, sd_listen_fds(3)); nil where it passed none.
    public init?(fromSystemd environment: [String: String]) {
        guard environment["LISTEN_PID"] == String(getpid()), let count = environment["LISTEN_FDS"].flatMap({ Int($0) }),
            count >= 1
        else { return nil }
        descriptor = 3
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }
}

/// A call that failed while the socket was made.
public struct SocketError: Error, CustomStringConvertible {
    /// Its name: `bind`.
    public let call: String
    /// That of the socket.
    public let path: String
    /// As the system left it right after the call.
    public let errno: Int32

    public var description: String { "\(path): \(call): \(String(cString: strerror(errno)))" }
}
