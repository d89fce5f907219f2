import CCurl
import Synchronization
import Units

/// What is the same in many requests to one place: made once, so that a request costs only what is its own.
public final class TransferTemplate: Sendable {
    public enum Method: Sendable {
        case get
        case post
        case delete
    }

    public let method: Method
    public let url: String
    public let headers: HeaderList
    /// Which addresses may be reached.
    public let guarding: EgressGuard
    /// Until the connection stands, TLS included.
    public let connectTimer: Duration
    /// What may wait unread before the sender is paused.
    public let bufferedBytesMax: Int
    /// Tells templates apart, also after one is gone and another stands at its address.
    let number: UInt64

    private static let lastNumber = Atomic<UInt64>(0)

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
    }
}

/// A request to a provider: its template and what is its own.
public struct TransferRequest {
    public var template: TransferTemplate
    /// Headers of this request only, each a whole line such as `X-Client-Request-Id: 7`.
    public var headers: [String]
    public var body: [UInt8]
    /// A longer answer is refused with ``TransferError/tooLarge``.
    public var bodyBytesMax: Int
    /// How long the answer's pieces may be: what libcurl holds for them as long as the transfer lasts.
    public var pieceBytesMax: Int
    public var timers: TransferTimers

    public init(
        _ template: TransferTemplate, headers: [String] = [], body: [UInt8] = [], bodyBytesMax: Int = 64 << 20,
        pieceBytesMax: Int = 16 << 10, timers: TransferTimers = TransferTimers()
    ) {
        self.template = template
        self.bodyBytesMax = bodyBytesMax
        self.pieceBytesMax = pieceBytesMax
        self.timers = timers
        self.headers = headers
        self.body = body
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

    public init(
        firstByte: Duration = .seconds(60), idle: Duration = .seconds(60), total: Duration = .seconds(600)
    ) {
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
    }
}

/// A list of header lines in libcurl's form. It holds a provider's key, so it has no description.
public final class HeaderList: @unchecked Sendable {
    // @unchecked Sendable: never changed after init; libcurl only reads it.
    let first: UnsafeMutablePointer<curl_slist>?

    /// - Parameter lines: whole header lines. A line with CR or LF in it is left out: it would smuggle a header in.
    public init(_ lines: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines where !line.utf8.contains(where: { $0 == 13 || $0 == 10 }) {
            list = curl_slist_append(list, line) ?? list
        }
        first = list
    }

    deinit { curl_slist_free_all(first) }
}

extension HeaderList: CustomStringConvertible, CustomReflectable {
    public var description: String { "«headers»" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
