import CCurl
import CLinux
import EventLoop
import Glibc
import Units

/// One request to a provider and its answer, as it comes. Confined to its loop.
///
/// Read ``next()`` until nil, or all of it with ``whole()``; ``answer`` is complete when either returns. While more than
/// ``TransferTemplate/bufferedBytesMax`` waits unread, the provider is paused. An exchange that is dropped or cancelled
/// ends its connection, which is how a provider learns that nobody listens.
///
/// States: waiting (nothing came) → streaming (head is known) → ended (whole, or with an error). `error` is set once.
public final class Exchange: @unchecked Sendable {
    // @unchecked Sendable: used on its loop's thread only; the task that reads it runs on that loop's executor.
    private let client: TransferClient
    private let request: TransferRequest
    private var handle: UnsafeMutableRawPointer?
    private var ownHeaders: UnsafeMutablePointer<curl_slist>?
    private var lastOwnHeader: UnsafeMutablePointer<curl_slist>?

    private var buffer: [UInt8] = []
    private var isPaused = false
    private var hasHead = false
    private var hasBody = false
    private var hasEnded = false
    private var error: TransferError?
    private var bytesReceived = 0
    private var reader: UnsafeContinuation<Void, Never>?
    private var startedAt: MonotonicTime
    private var timer: LoopTimer?
    private var lastPieceAt: MonotonicTime
    private var isInterrupted = false

    /// The answer's head.
    public private(set) var answer = TransferHead()
    /// When the first byte of the body came, on the loop's clock.
    public private(set) var firstByteAt: MonotonicTime?

    /// From the start until the first byte of the body; nil where none came.
    public var timeToFirstByte: Duration? { firstByteAt.map { $0 - startedAt } }

    /// The client's list of what is under way: strong in neither direction, an exchange takes itself out.
    unowned(unsafe) var before: Exchange?
    unowned(unsafe) var after: Exchange?

    init(client: TransferClient, request: TransferRequest) {
        self.client = client
        self.request = request
        startedAt = .read()
        lastPieceAt = startedAt
    }

    deinit { close() }

    // MARK: Starting

    func start() {
        guard let handle = client.takeHandle(for: request.template, configure: configure) else {
            end(with: .connect("out of memory"))
            return
        }
        self.handle = handle
        // The opaque pointer is this exchange. libcurl calls back on the loop's thread only while the handle is in the
        // multi handle; close() takes it out before this object dies.
        let context = Unmanaged.passUnretained(self).toOpaque()
        tollgate_easy_set_pointer(handle, CURLOPT_PRIVATE, context)
        tollgate_easy_set_pointer(handle, CURLOPT_WRITEDATA, context)
        tollgate_easy_set_pointer(handle, CURLOPT_HEADERDATA, context)
        tollgate_easy_set_pointer(handle, CURLOPT_OPENSOCKETDATA, context)
        tollgate_easy_set_pointer(handle, CURLOPT_PREREQDATA, context)
        // libcurl allocates a byte more than it is told: one less, and the buffer fills a power of two.
        tollgate_easy_set_long(handle, CURLOPT_BUFFERSIZE, request.pieceBytesMax - 1)
        setHeaders(handle)
        if request.template.method == .post {
            tollgate_easy_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
            // Not copied: the array lives as long as this exchange, is native and contiguous, and is never changed.
            request.body.withUnsafeBytes { bytes in
                tollgate_easy_set_pointer(
                    handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
                return
            }
        }
        let timer = LoopTimer { [unowned self] in self.checkTimers() }
        self.timer = timer
        client.loop.schedule(timer, at: nextDeadline)
        if !client.add(handle, of: self) { end(with: .connect("libcurl refused the transfer")) }
    }

    /// The options that a handle keeps while it serves one template.
    private func configure(_ handle: UnsafeMutableRawPointer) {
        let template = request.template
        tollgate_easy_set_text(handle, CURLOPT_URL, template.url)
        // No file:, no gopher: a provider is reached by the URL that the operator wrote, only.
        tollgate_easy_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        // The environment's proxies are not for us: behind one, the egress guard would judge the proxy's address.
        tollgate_easy_set_text(handle, CURLOPT_PROXY, "")
        tollgate_easy_set_long(handle, CURLOPT_NOSIGNAL, 1)
        tollgate_easy_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(template.connectTimer.milliseconds)))
        tollgate_easy_set_long(handle, CURLOPT_TCP_NODELAY, 1)
        tollgate_easy_set_long(handle, CURLOPT_HTTP_VERSION, tollgate_http_version_2_over_tls)
        tollgate_easy_set_data_callback(handle, CURLOPT_WRITEFUNCTION, onBody)
        tollgate_easy_set_data_callback(handle, CURLOPT_HEADERFUNCTION, onHeader)
        // libcurl would send a request again by itself when a kept connection breaks before an answer, up to five times: a
        // call that nobody wrote down, and that may cost money again.
        tollgate_easy_set_prereq(handle, onRequest)
        client.followClosing(handle)
        if !template.guarding.allows(host: EgressGuard.host(of: template.url)) {
            tollgate_easy_set_open_socket(handle, onOpenSocket)
        }
        switch template.method {
        case .get: break
        case .post: tollgate_easy_set_long(handle, CURLOPT_POST, 1)
        case .delete: tollgate_easy_set_text(handle, CURLOPT_CUSTOMREQUEST, "DELETE")
        }
    }

    /// The fixed list is shared between requests: the lines of this one are put in front of it and cut off again.
    private func setHeaders(_ handle: UnsafeMutableRawPointer) {
        for line in request.headers where !line.utf8.contains(where: { $0 == 13 || $0 == 10 }) {
            guard let list = curl_slist_append(ownHeaders, line) else { continue }
            ownHeaders = list
            lastOwnHeader = lastOwnHeader.map { $0.pointee.next } ?? list
        }
        if let lastOwnHeader { lastOwnHeader.pointee.next = request.template.headers.first }
        tollgate_easy_set_list(handle, CURLOPT_HTTPHEADER, ownHeaders ?? request.template.headers.first)
    }

    // MARK: Reading

    /// Waits for the next piece of the body; nil at its proper end.
    ///
    /// - Throws: what ended it early, once all that had come was read; `.cancelled` after ``interrupt()``.
    public func next() async throws(TransferError) -> [UInt8]? {
        while buffer.isEmpty, !hasEnded, !isInterrupted { await wait() }
        if isInterrupted { throw .cancelled }
        if !buffer.isEmpty {
            let piece = buffer
            buffer = []
            resumeSender()
            return piece
        }
        if let error { throw error }
        return nil
    }

    /// Waits for the end and returns the whole body.
    public func whole() async throws(TransferError) -> [UInt8] {
        wantsWhole = true
        resumeSender()
        while !hasEnded, !isInterrupted { await wait() }
        if isInterrupted { throw .cancelled }
        if let error { throw error }
        defer { buffer = [] }
        return buffer
    }

    private var wantsWhole = false

    private func wait() async {
        await withUnsafeContinuation { reader = $0 }
    }

    private func wakeReader() {
        let waiting = reader
        reader = nil
        waiting?.resume()
    }

    /// Wakes the reader, whose call throws `.cancelled`; the transfer itself goes on. ``resumeReading()`` undoes it.
    public func interrupt() {
        isInterrupted = true
        wakeReader()
    }

    /// Lets a reader that was interrupted read on, for instance to drain what a client no longer wants.
    public func resumeReading() { isInterrupted = false }

    /// Ends the transfer and closes its connection.
    public func cancel() {
        guard !hasEnded else { return }
        end(with: .cancelled)
    }

    // MARK: What libcurl says

    fileprivate func received(header line: UnsafeRawBufferPointer) {
        if answer.append(line: line) {
            hasHead = true
            // The waiting reader is woken by the body's first byte, or by the end, whichever is first: a head alone
            // says nothing that could not wait, and one wake-up instead of two is measurable.
        }
    }

    fileprivate func received(body bytes: UnsafeRawBufferPointer) -> Int {
        guard !hasEnded else { return 0 }
        if !wantsWhole, buffer.count >= request.template.bufferedBytesMax {
            isPaused = true
            return Int(CURL_WRITEFUNC_PAUSE)
        }
        lastPieceAt = client.loop.now
        if !hasBody {
            hasBody = true
            firstByteAt = .read()
        }
        bytesReceived += bytes.count
        guard bytesReceived <= request.bodyBytesMax else {
            error = .tooLarge
            return 0
        }
        buffer.append(contentsOf: bytes)
        if !wantsWhole { wakeReader() }
        return bytes.count
    }

    private func resumeSender() {
        guard isPaused, let handle else { return }
        isPaused = false
        lastPieceAt = client.loop.now
        curl_easy_pause(handle, CURLPAUSE_CONT)
    }

    func ended(_ code: CURLcode) {
        var failure: TransferError?
        if code != CURLE_OK { failure = error ?? TransferError(curl: code, refused: wasRefused) }
        end(with: failure)
    }

    private func end(with failure: TransferError?) {
        guard !hasEnded else { return }
        hasEnded = true
        error = failure
        close()
        wakeReader()
    }

    private func close() {
        if let timer { client.loop.cancel(timer) }
        timer = nil
        if let handle {
            client.remove(handle, of: self)
            client.giveBack(handle, of: request.template)
        }
        handle = nil
        lastOwnHeader?.pointee.next = nil
        if let ownHeaders { curl_slist_free_all(ownHeaders) }
        ownHeaders = nil
        lastOwnHeader = nil
    }

    private var timesSent = 0

    /// Before the request goes out. Returns whether it may: once.
    fileprivate func mayBeSent() -> Bool {
        timesSent += 1
        return timesSent == 1
    }

    private var wasRefused = false

    fileprivate func openSocket(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        let isPublic = withUnsafePointer(to: &address.pointee.addr) { EgressGuard.isPublic($0) }
        guard isPublic else {
            wasRefused = true
            return CURL_SOCKET_BAD
        }
        return tollgate_socket(address.pointee.family, address.pointee.socktype, address.pointee.protocol)
    }

    // MARK: Timers

    private var nextDeadline: MonotonicTime {
        let total = startedAt + request.timers.total
        if !hasBody { return min(total, startedAt + request.timers.firstByte) }
        if isPaused { return total }
        return min(total, lastPieceAt + request.timers.idle)
    }

    /// The timer is not moved with every piece: it looks, when it fires, how much later it is really due.
    private func checkTimers() {
        guard !hasEnded, let timer else { return }
        let now = client.loop.now
        if now >= startedAt + request.timers.total {
            end(with: .timeout(.total))
        } else if !hasBody, now >= startedAt + request.timers.firstByte {
            end(with: .timeout(.firstByte))
        } else if hasBody, !isPaused, now >= lastPieceAt + request.timers.idle {
            end(with: .timeout(.idle))
        } else {
            let due = isPaused ? min(nextDeadline, now + request.timers.idle) : nextDeadline
            client.loop.schedule(timer, at: due)
        }
    }
}

extension TransferError {
    init(curl code: CURLcode, refused: Bool) {
        let reason = String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_COULDNT_CONNECT where refused:
            self = .refusedAddress
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_SSL_CONNECT_ERROR,
            CURLE_PEER_FAILED_VERIFICATION, CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
            self = .connect(reason)
        case CURLE_OPERATION_TIMEDOUT:
            // Only the connect timer is libcurl's; the others are this exchange's own.
            self = .timeout(.connect)
        default:
            self = .cut(reason)
        }
    }
}

private func onBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        .received(body: UnsafeRawBufferPointer(start: bytes, count: size * count))
}

private func onHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        .received(header: UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
}

private func onRequest(
    _ context: UnsafeMutableRawPointer?, _ remoteAddress: UnsafeMutablePointer<CChar>?,
    _ localAddress: UnsafeMutablePointer<CChar>?, _ remotePort: Int32, _ localPort: Int32
) -> Int32 {
    guard let context else { return CURL_PREREQFUNC_ABORT }
    return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue().mayBeSent()
        ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

private func onOpenSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context, let address else { return CURL_SOCKET_BAD }
    return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue().openSocket(address)
}
