import CCurl
import CLinux
import EventLoop
import Glibc

/// One connection to a provider, and the exchange that is on it. Confined to its loop.
///
/// libcurl finds the address, connects, and does TLS; then its `CONNECT_ONLY` mode lends the connection: encrypted as
/// `curl_easy_send` and `curl_easy_recv`. A plain socket is taken over and libcurl let go: its handles are 17 KB, two
/// fifths of what an open stream takes. HTTP/1.1 on it is ours: libcurl's own took 110,000
/// instructions for a call, ten times what ``ReplyParser`` and a prepared head take (measured with libcurl 7.88 on
/// 2026-11-29).
///
/// 1. Each connection has a libcurl share of its own: handles that share a cache of connections look through it with
///    each call, and close what they think is dead in it.
/// 2. The socket is watched once, for changes only, so it is read until nothing is left, or the reader is full
///    (``resume()`` goes on then).
/// 3. A request is sent once. What breaks before its answer is whole ends the exchange; nothing here tries again.
/// 4. A connection serves another request only if the answer ended where its bytes did, and the request was sent whole.
final class ProviderConnection: ReadinessHandler {
    private enum State {
        case connecting
        case idle
        case busy
        case closed
    }

    let pool: ConnectionPool
    private unowned(unsafe) let client: TransferClient
    /// libcurl's; nil once the socket is our own.
    private var libcurl: (handle: UnsafeMutableRawPointer, share: UnsafeMutableRawPointer)?
    private var descriptor: Int32 = -1
    private var state = State.connecting
    private var wasRefused = false
    private let isPlain: Bool

    /// Strong in the other direction: an exchange that ends or is dropped takes itself off.
    private unowned(unsafe) var exchange: Exchange?
    private var parser = ReplyParser()
    /// The head, with a short body behind it.
    private var output: [UInt8] = []
    private var outputSent = 0
    /// A long body, which is not copied.
    private var longBody: [UInt8] = []
    private var longBodySent = 0
    private var sendingFailed = false
    private lazy var goOnTimer = LoopTimer { [unowned self] in self.receive(untilEmpty: true) }
    private lazy var sendOnTimer = LoopTimer { [unowned self] in self.sendOn() }

    /// When it was last put aside.
    private(set) var idleSince = MonotonicTime(nanoseconds: 0)

    /// A body up to this goes out with its head, in one write and one packet.
    private static let shortBodyBytesMax = 64 << 10
    /// A fast sender, or reader, gives way to other connections after this much.
    private static let sliceBytes = 256 << 10

    /// Begins to connect. ``Exchange/connectFailed(_:)`` or the sending of its request follows.
    init?(for exchange: Exchange, to template: TransferTemplate, pool: ConnectionPool, client: TransferClient) {
        guard let origin = template.origin, let share = curl_share_init() else { return nil }
        guard let handle = curl_easy_init() else {
            curl_share_cleanup(share)
            return nil
        }
        self.pool = pool
        self.client = client
        libcurl = (handle, share)
        self.exchange = exchange
        isPlain = !origin.isTLS
        tollgate_share_connections(share)
        tollgate_easy_set_pointer(handle, CURLOPT_SHARE, share)
        configure(handle, origin, template)
        client.beginConnecting(handle)
    }

    deinit { precondition(state == .closed, "a connection is closed before it is dropped") }

    private func configure(
        _ handle: UnsafeMutableRawPointer, _ origin: TransferTemplate.Origin, _ template: TransferTemplate
    ) {
        tollgate_easy_set_text(handle, CURLOPT_URL, origin.url)
        tollgate_easy_set_long(handle, CURLOPT_CONNECT_ONLY, 1)
        // No file:, no gopher: a provider is reached by the URL that the operator wrote, only.
        tollgate_easy_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        // The environment's proxies are not for us: behind one, the egress guard would judge the proxy's address.
        tollgate_easy_set_text(handle, CURLOPT_PROXY, "")
        tollgate_easy_set_long(handle, CURLOPT_NOSIGNAL, 1)
        tollgate_easy_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(template.connectTimer.milliseconds)))
        tollgate_easy_set_long(handle, CURLOPT_TCP_NODELAY, 1)
        // TLS must not agree on HTTP/2, which we do not speak.
        tollgate_easy_set_long(handle, CURLOPT_HTTP_VERSION, tollgate_http_version_1_1)
        // While it connects, libcurl keeps a buffer of this size that nobody needs; afterwards it is the most of a read.
        tollgate_easy_set_long(handle, CURLOPT_BUFFERSIZE, 1024)
        // The opaque pointer is this connection. libcurl calls back on the loop's thread, while the handle is in the
        // multi handle; close() takes it out before this object dies.
        let context = Unmanaged.passUnretained(self).toOpaque()
        tollgate_easy_set_pointer(handle, CURLOPT_PRIVATE, context)
        client.followClosing(handle)
        if pool.isGuarded {
            tollgate_easy_set_pointer(handle, CURLOPT_OPENSOCKETDATA, context)
            tollgate_easy_set_open_socket(handle, onOpenSocket)
        }
    }

    /// libcurl has connected, or given up.
    func connected(_ code: CURLcode) {
        guard state == .connecting, let libcurl else { return }
        var socket: Int32 = -1
        if code == CURLE_OK { tollgate_easy_get_socket(libcurl.handle, &socket) }
        guard code == CURLE_OK, socket >= 0 else {
            fail(TransferError(connecting: code, refused: wasRefused))
            return
        }
        client.forget(socket)
        if isPlain {
            // libcurl closes its own descriptor of the socket.
            socket = fcntl(socket, F_DUPFD_CLOEXEC, 0)
            guard socket >= 0 else {
                fail(.connect(String(cString: strerror(errno))))
                return
            }
            letLibcurlGo()
        } else {
            tollgate_easy_set_long(libcurl.handle, CURLOPT_BUFFERSIZE, TransferClient.readBytes)
        }
        descriptor = socket
        do {
            try client.loop.watch(descriptor, for: [.readable, .writable, .peerClosed, .edges], handler: self)
        } catch {
            fail(.connect("\(error)"))
            return
        }
        state = .idle
        if let exchange { send(exchange) }
    }

    fileprivate func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        guard withUnsafePointer(to: &address.pointee.addr, { EgressGuard.isPublic($0) }) else {
            wasRefused = true
            return CURL_SOCKET_BAD
        }
        return tollgate_socket(address.pointee.family, address.pointee.socktype, address.pointee.protocol)
    }

    // MARK: Sending

    /// Sends the request of an exchange over this idle connection.
    func send(_ exchange: Exchange) {
        precondition(state == .idle, "a connection serves one exchange at a time")
        state = .busy
        self.exchange = exchange
        parser = ReplyParser()
        sendingFailed = false
        outputSent = 0
        longBodySent = 0
        let body = exchange.request.body
        let isShort = body.count <= Self.shortBodyBytesMax
        exchange.request.appendHead(to: &output)
        if isShort { output.append(contentsOf: body) } else { longBody = body }
        client.sendSoon(self)
    }

    private var isSent: Bool { outputSent == output.count && longBodySent == longBody.count }

    func sendOn() {
        guard state == .busy, exchange?.isAdmitted ?? false else { return }
        while outputSent < output.count {
            let sent = output.withUnsafeBytes { write(UnsafeRawBufferPointer(rebasing: $0[outputSent...])) }
            guard let sent else { return }
            outputSent += sent
        }
        let pause = longBodySent + Self.sliceBytes
        while longBodySent < longBody.count {
            guard longBodySent < pause else {
                client.loop.schedule(sendOnTimer, after: .nanoseconds(1))
                return
            }
            let end = min(pause, longBody.count)
            let sent = longBody.withUnsafeBytes { write(UnsafeRawBufferPointer(rebasing: $0[longBodySent..<end])) }
            guard let sent else { return }
            longBodySent += sent
        }
        output.removeAll(keepingCapacity: true)
        outputSent = 0
        longBody = []
        longBodySent = 0
    }

    /// Returns how much was taken; nil where no more is now.
    private func write(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard !sendingFailed else { return nil }
        let code: CURLcode
        var sent = 0
        if let libcurl {
            code = curl_easy_send(libcurl.handle, bytes.baseAddress, bytes.count, &sent)
        } else {
            repeat {
                sent = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            } while sent < 0 && errno == EINTR
            code = sent >= 0 ? CURLE_OK : errno == EAGAIN ? CURLE_AGAIN : CURLE_SEND_ERROR
        }
        if code == CURLE_OK { return sent }
        // The provider may have refused the rest of a body and said why: its answer, if there is one, is read still. The
        // socket tells of its end by itself.
        if code != CURLE_AGAIN { sendingFailed = true }
        return nil
    }

    // MARK: Receiving

    func ready(_ readiness: Readiness) {
        let isReadable = !readiness.isDisjoint(with: [.readable, .peerClosed, .hangUp, .failed])
        switch state {
        case .busy:
            if readiness.contains(.writable), !isSent { sendOn() }
            // The end of the bytes, once seen, is not told again: then they are read to the end.
            if isReadable { receive(untilEmpty: !readiness.isDisjoint(with: [.peerClosed, .hangUp, .failed])) }
        case .idle:
            if isReadable { stirWhileIdle() }
        case .connecting, .closed:
            break
        }
    }

    /// The provider closes the connection, or says something that nobody asked for; or TLS has news for itself only.
    private func stirWhileIdle() {
        var count = 0
        if read(&count) == CURLE_AGAIN { return }
        pool.remove(self)
        close()
    }

    /// The reader has room again.
    func resume() {
        if state == .busy { receive(untilEmpty: true) }
    }

    /// - Parameter untilEmpty: also after a read that did not fill the buffer. Without it such a read is taken for the
    ///   last: what comes later is told by the socket. Not so with TLS, which reads ahead.
    private func receive(untilEmpty: Bool) {
        var slice = 0
        while state == .busy, let exchange, exchange.hasRoom() {
            guard slice < Self.sliceBytes else {
                client.loop.schedule(goOnTimer, after: .nanoseconds(1))
                return
            }
            var count = 0
            let code = read(&count)
            if code == CURLE_AGAIN { return }
            guard code == CURLE_OK else {
                fail(.cut(String(cString: curl_easy_strerror(code))))
                return
            }
            guard count > 0 else {
                if parser.connectionClosed() {
                    finish(exchange, isReusable: false)
                } else {
                    fail(.cut("the provider closed it"))
                }
                return
            }
            slice += count
            read(UnsafeRawBufferPointer(rebasing: client.readBuffer[..<count]), for: exchange)
            if isPlain, !untilEmpty, count < client.readBuffer.count { return }
        }
    }

    /// Reads what is there into the client's buffer; 0 bytes are the end.
    private func read(_ count: inout Int) -> CURLcode {
        if let libcurl {
            return curl_easy_recv(libcurl.handle, client.readBuffer.baseAddress, client.readBuffer.count, &count)
        }
        repeat {
            count = recv(descriptor, client.readBuffer.baseAddress, client.readBuffer.count, 0)
        } while count < 0 && errno == EINTR
        if count >= 0 { return CURLE_OK }
        return errno == EAGAIN ? CURLE_AGAIN : CURLE_RECV_ERROR
    }

    private func read(_ bytes: UnsafeRawBufferPointer, for exchange: Exchange) {
        var offset = 0
        do throws(ReplyParser.Malformed) {
            while true {
                switch try parser.read(bytes, at: &offset, body: { exchange.received($0) }) {
                case .head:
                    exchange.received(parser.head)
                case .more:
                    // The exchange may have ended itself: the answer was too long for it.
                    exchange.tookAll()
                    return
                case .ended:
                    finish(exchange, isReusable: parser.keepsConnection && offset == bytes.count && isSent)
                    return
                }
            }
        } catch {
            fail(error.isHeadTooLong ? .headTooLarge : .cut(error.reason))
        }
    }

    // MARK: Ending

    private func finish(_ exchange: Exchange, isReusable: Bool) {
        self.exchange = nil
        if isReusable, client.canKeepAnother {
            state = .idle
            idleSince = client.loop.now
            pool.add(self)
        } else {
            close()
        }
        exchange.ended(nil)
    }

    private func fail(_ error: TransferError) {
        let failed = exchange
        exchange = nil
        close()
        failed?.ended(error)
    }

    /// The exchange on it wants no more: what is still to come could not be told from another's answer.
    func leave(_ leaving: Exchange) {
        if exchange === leaving { close() }
    }

    /// Closes the connection; whatever is on it never hears of it.
    func close() {
        guard state != .closed else { return }
        state = .closed
        exchange = nil
        client.loop.cancel(goOnTimer)
        client.loop.cancel(sendOnTimer)
        if descriptor >= 0 { client.loop.unwatch(descriptor) }
        // With libcurl the socket is its own.
        if libcurl == nil { Glibc.close(descriptor) }
        letLibcurlGo()
        output = []
        longBody = []
    }

    private func letLibcurlGo() {
        guard let libcurl else { return }
        client.endConnection(libcurl.handle)
        curl_easy_cleanup(libcurl.handle)
        curl_share_cleanup(libcurl.share)
        self.libcurl = nil
    }
}

extension TransferError {
    init(connecting code: CURLcode, refused: Bool) {
        switch code {
        case CURLE_COULDNT_CONNECT where refused: self = .refusedAddress
        // Only the connect timer is libcurl's; the others are the exchange's own.
        case CURLE_OPERATION_TIMEDOUT: self = .timeout(.connect)
        default: self = .connect(String(cString: curl_easy_strerror(code)))
        }
    }
}

private func onOpenSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context, let address else { return CURL_SOCKET_BAD }
    return Unmanaged<ProviderConnection>.fromOpaque(context).takeUnretainedValue().openSocket(address)
}
