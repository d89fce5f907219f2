import Synchronization
import Units

/// What is the same in many requests to one place: made once, so that a request costs only what is its own.
public final class TransferTemplate: Sendable {
    /// How a request is sent.
    public enum Method: Sendable {
        /// Without a body.
        case get
        /// The body goes along.
        case post
        /// Without a body.
        case delete
    }

    /// The method, in the request line.
    public let method: Method
    /// The whole address, query included.
    public let url: String
    /// Those that are the same every time; a provider's key is among them.
    public let headers: HeaderList
    /// Which addresses may be reached.
    public let guarding: EgressGuard
    /// Until the connection stands, TLS included.
    public let connectTimer: Duration
    /// What may wait unread before the sender is paused.
    public let bufferedBytesMax: Int
    /// Tells templates apart, also after one is gone and another stands at its address.
    let number: UInt64
    /// Where to connect; nil where ``url`` is none that could be sent.
    let origin: Origin?
    /// The request line and the headers that are the same every time. It holds a provider's key.
    let headStart: HeaderList

    private static let lastNumber = Atomic<UInt64>(0)

    /// - Parameter url: absolute, `http` or `https`, in printable ASCII without a user: nothing else can be connected
    /// to.
    public init(
        method: Method = .post, url: String, headers: HeaderList, guarding: EgressGuard = EgressGuard(),
        connectTimer: Duration = .seconds(5), bufferedBytesMax: Int = 256 << 10
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.guarding = guarding
        self.connectTimer = connectTimer
        self.bufferedBytesMax = bufferedBytesMax
        number = Self.lastNumber.add(1, ordering: .relaxed).newValue
        let (origin, target) = Origin.split(url)
        self.origin = origin
        let verb =
            switch method {
            case .get: "GET"
            case .post: "POST"
            case .delete: "DELETE"
            }
        headStart = HeaderList(["\(verb) \(target) HTTP/1.1", "Host: \(origin?.authority ?? "")"], before: headers)
    }

    /// Scheme, host and port: what one connection leads to.
    struct Origin: Sendable {
        let isTLS: Bool
        /// Host, and port where it is not the scheme's own.
        let authority: String
        let url: String

        /// The origin of a URL, and the rest of it as a request line names it.
        static func split(_ url: String) -> (Origin?, target: String) {
            let bytes = Array(url.utf8)
            guard bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else { return (nil, "/") }
            let isTLS = url.lowercased().hasPrefix("https://")
            guard isTLS || url.lowercased().hasPrefix("http://") else { return (nil, "/") }
            let rest = bytes.dropFirst(isTLS ? 8 : 7)
            let marks = "/?#".utf8
            let end = rest.firstIndex(where: marks.contains) ?? rest.endIndex
            var authority = String(decoding: rest[..<end], as: UTF8.self)
            guard !authority.isEmpty, !authority.contains("@") else { return (nil, "/") }
            let ownPort = isTLS ? ":443" : ":80"
            if authority.hasSuffix(ownPort) { authority.removeLast(ownPort.count) }
            let target = String(decoding: rest[end...].prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
            let origin = Origin(
                isTLS: isTLS, authority: authority, url: "\(isTLS ? "https" : "http")://\(authority)/")
            return (origin, target.hasPrefix("/") ? target : "/" + target)
        }
    }
}

/// A request to a provider: its template and what is its own.
public struct TransferRequest {
    /// Where it goes, and what it has in common with others.
    public var template: TransferTemplate
    /// Headers of this request only, each a whole line such as `X-Client-Request-Id: 7`.
    public var headers: [String]
    /// As it goes onto the wire.
    public var body: [UInt8]
    /// Sent as `X-Client-Request-Id`, by which a provider's support finds the call.
    public var clientRequestID: Int64?
    /// A longer answer is refused with ``TransferError/tooLarge``.
    public var bodyBytesMax: Int
    /// How long the parts of it may take.
    public var timers: TransferTimers
    /// It is sent only once ``TransferClient/mayBegin`` has said yes.
    public var asksToBegin: Bool

    /// With an answer of at most 64 MB and the usual times, where nothing else is said.
    public init(
        _ template: TransferTemplate, headers: [String] = [], body: [UInt8] = [], clientRequestID: Int64? = nil,
        bodyBytesMax: Int = 64 << 20,
        timers: TransferTimers = TransferTimers(), asksToBegin: Bool = false
    ) {
        self.template = template
        self.bodyBytesMax = bodyBytesMax
        self.timers = timers
        self.headers = headers
        self.body = body
        self.clientRequestID = clientRequestID
        self.asksToBegin = asksToBegin
    }

    /// Everything in front of the body, as it goes over the wire.
    func appendHead(to output: inout [UInt8]) {
        output.append(contentsOf: template.headStart.bytes)
        for line in headers { HeaderList.append(line, to: &output) }
        if let clientRequestID { Self.append("X-Client-Request-Id: ", clientRequestID, to: &output) }
        if template.method == .post { Self.append("Content-Length: ", Int64(body.count), to: &output) }
        output.append(13)
        output.append(10)
    }

    private static func append(_ name: StaticString, _ value: Int64, to output: inout [UInt8]) {
        name.withUTF8Buffer { output.append(contentsOf: $0) }
        DecimalText.append(value, to: &output)
        output.append(13)
        output.append(10)
    }
}

/// How long each part of a transfer may take once it is under way.
public struct TransferTimers: Sendable, Equatable {
    /// From the start until the first byte of the answer's body, or its end.
    public var firstByte: Duration
    /// Between two pieces of the body.
    public var idle: Duration
    /// From the start to the end.
    public var total: Duration

    /// A minute each for the first byte and between two pieces, ten minutes altogether, where nothing else is said.
    public init(
        firstByte: Duration = .seconds(60), idle: Duration = .seconds(60), total: Duration = .seconds(600)
    ) {
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
    }
}

/// Header lines as they go over the wire. They hold a provider's key, so there is no description.
public final class HeaderList: Sendable {
    let bytes: [UInt8]

    /// - Parameter lines: whole header lines. A line with CR or LF in it is left out: it would smuggle a header in.
    public convenience init(_ lines: [String]) { self.init(lines, before: nil) }

    init(_ lines: [String], before others: HeaderList?) {
        var bytes: [UInt8] = []
        for line in lines { Self.append(line, to: &bytes) }
        self.bytes = bytes + (others?.bytes ?? [])
    }

    static func append(_ line: String, to bytes: inout [UInt8]) {
        guard !line.utf8.contains(where: { $0 == 13 || $0 == 10 }) else { return }
        bytes.append(contentsOf: line.utf8)
        bytes.append(13)
        bytes.append(10)
    }
}

extension HeaderList: CustomStringConvertible, CustomReflectable {
    public var description: String { "«headers»" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
