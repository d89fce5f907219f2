import CFastCGI
import EventLoop
import Glibc
import Units

/// One request from nginx, complete with its body, and the way to answer it. Confined to its loop.
///
/// Exactly one answer: ``respond(status:headers:body:)``, or ``begin(status:headers:)``, any number of ``write(_:)`` and
/// ``finish()``. A request that is dropped unanswered ends its connection, so that nginx answers 502 instead of waiting.
public final class FastCGIRequest: @unchecked Sendable {
    // @unchecked Sendable: used on the loop's thread only; the task that answers it runs on that loop's executor.
    /// As nginx sent it; empty where there is none, or where it is too large.
    public let body: [UInt8]
    /// The declared body was longer than the limit; ``body`` is empty.
    public let bodyIsTooLarge: Bool
    /// The connection ended before the declared length had come.
    public let bodyIsCut: Bool
    /// The client has gone: nothing more can reach it.
    public private(set) var clientIsGone = false

    private var connection: FastCGIConnection?
    /// The connection's, here so that to look one up takes no turn of the connection's reference count.
    private let parameters: ParameterIndex
    private var goneHandler: (() -> Void)?
    private var writer: UnsafeContinuation<Void, Never>?
    /// Whether the head of an answer was given: from then on its status can't change.
    public private(set) var hasBegun = false

    init(connection: FastCGIConnection, body: [UInt8], bodyIsTooLarge: Bool, bodyIsCut: Bool) {
        self.connection = connection
        parameters = connection.parameters
        self.body = body
        self.bodyIsTooLarge = bodyIsTooLarge
        self.bodyIsCut = bodyIsCut
    }

    deinit {
        guard let connection else { return }
        assertionFailure("a request was dropped without an answer")
        if connection.isOpen { connection.finish() } else { connection.release() }
    }

    /// The loop that serves the request; nil once it was answered.
    public var loop: EventLoop? { connection?.loop }

    // MARK: What came

    /// The text of a FastCGI parameter (`REQUEST_METHOD`, `HTTP_AUTHORIZATION`, …), nil where nginx sent none.
    /// Bytes that are no UTF-8 come out as U+FFFD.
    public func parameter(_ name: StaticString) -> String? {
        withParameter(name) { String(cString: $0) }
    }

    /// Reads a parameter in place, without a copy.
    public func withParameter<Result>(_ name: StaticString, _ read: (UnsafePointer<CChar>) -> Result) -> Result? {
        // Its memory is gone with the connection's request.
        if connection == nil { return nil }
        guard let value = parameters.value(of: name) else { return nil }
        return read(value)
    }

    /// The bytes of a parameter in place, nil where it is absent. They are gone with ``finish()``.
    public func parameterBuffer(_ name: StaticString) -> UnsafeRawBufferPointer? {
        withParameter(name) { UnsafeRawBufferPointer(start: $0, count: strlen($0)) }
    }

    // MARK: The answer

    /// Sends a whole answer and ends the request.
    ///
    /// - Parameter headers: complete lines, each ended by CR LF.
    public func respond(status: Int, headers: UnsafeRawBufferPointer, body: [UInt8]) {
        begin(status: status, headers: headers, contentLength: body.count)
        body.withUnsafeBytes { connection?.write($0, flush: false) }
        finish()
    }

    /// The same, for headers in an array.
    public func respond(status: Int, headers: [UInt8], body: [UInt8]) {
        headers.withUnsafeBytes { respond(status: status, headers: $0, body: body) }
    }

    /// Sends the head of an answer; it leaves with the first ``write(_:)``.
    public func begin(status: Int, headers: UnsafeRawBufferPointer, contentLength: Int? = nil) {
        precondition(!hasBegun, "an answer is begun once")
        hasBegun = true
        var start: [UInt8] = []
        start.reserveCapacity(96)
        start.append(contentsOf: "Status: ".utf8)
        DecimalText.append(Int64(status), to: &start)
        // nginx copies it into its status line, which without a reason lacks the space that HTTP/1.1 wants there.
        start.append(32)
        StatusReason.text(of: status).withUTF8Buffer { start.append(contentsOf: $0) }
        if let contentLength {
            start.append(contentsOf: "\r\nContent-Length: ".utf8)
            DecimalText.append(Int64(contentLength), to: &start)
        }
        start.append(13)
        start.append(10)
        start.withUnsafeBytes { connection?.write($0, flush: false) }
        connection?.write(headers, flush: false)
        Self.emptyLine.withUTF8Buffer { connection?.write(UnsafeRawBufferPointer($0), flush: false) }
    }

    private static let emptyLine: StaticString = "\r\n"

    /// Sends a piece of the body at once, or queues it while the client is slow.
    public func write(_ bytes: UnsafeRawBufferPointer) {
        connection?.write(bytes, flush: true)
    }

    /// The same, for bytes in an array.
    public func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { write($0) }
    }

    /// Whether so much is queued that the writer should wait.
    public var isBackedUp: Bool { !clientIsGone && (connection?.queueIsFull ?? false) }

    /// Suspends while the queue is full. Returns at once where the client is gone.
    public func writable() async {
        guard isBackedUp else { return }
        await withUnsafeContinuation { writer = $0 }
    }

    /// Ends the answer. The request's parameters are gone after it.
    public func finish() {
        guard let connection else { return }
        self.connection = nil
        goneHandler = nil
        if connection.isOpen { connection.finish() } else { connection.release() }
    }

    // MARK: The client

    /// Calls `handler` once when the client goes, at once where it has gone already.
    public func whenClientGoes(_ handler: @escaping () -> Void) {
        if clientIsGone { handler() } else { goneHandler = handler }
    }

    func clientWent() {
        clientIsGone = true
        resumeWriter()
        let handler = goneHandler
        goneHandler = nil
        handler?()
    }

    func becameWritable() { resumeWriter() }

    private func resumeWriter() {
        let waiting = writer
        writer = nil
        waiting?.resume()
    }
}
