import Glibc
import Units

/// What the command line asks for.
struct LoadPlan: Sendable {
    enum Place: Equatable, Sendable {
        case internet(host: String, port: UInt16)
        case unix(path: String)
    }

    var place = Place.internet(host: "127.0.0.1", port: 80)
    var path = "/"
    var authority = "127.0.0.1"
    var method: String?
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]?
    /// One per line; requests take them in turn as `Authorization: Bearer`.
    var keys: [String] = []
    /// `{seq}` in the path, a header or the body becomes the request's number.
    var countsRequests = false

    var connections = 32
    var threads = 1
    var duration: Int64 = 10_000_000_000
    /// Ends after so many requests instead of after `duration`.
    var requests: Int?
    var warmUp: Int64 = 0
    /// Requests per second at constant distance, whatever the answers take; nil: each connection sends when it is free.
    var rate: Double?
    var timeout: Int64 = 60_000_000_000
    /// How long requests that are under way at the end may go on.
    var drain: Int64 = 10_000_000_000

    var isStream = false
    /// Opens so many streams, one request each, and holds them for `duration` after all are open.
    var openStreams: Int?
    /// Streams are left after so many events.
    var abortAfterEvents: Int?
    /// Bytes per second and connection; nil: as fast as they come.
    var readRate: Int?
    /// A new connection per request.
    var reconnects = false

    static let usage = """
        usage: tollgate-bench --estimator    how many MB/s of request bodies the token estimator reads
               tollgate-bench --url http://HOST:PORT/PATH [--unix SOCKET] [--connections 32] [--threads 1]
                   [--duration 10s | --requests N] [--warmup 0s] [--rate PER_SECOND] [--timeout 60s] [--drain 10s]
                   [--body FILE | --data TEXT] [--header NAME:VALUE]... [--method M] [--keys FILE] [--count-requests]
                   [--stream] [--open-streams N] [--abort-after EVENTS] [--read-rate BYTES_PER_SECOND] [--reconnect]

        Prints one line of JSON. --open-streams prints a line {"open":N,...} when all are open, holds them for
        --duration, and prints the result then. With --rate, latency counts from when a request was due, not from when
        it was sent.
        """

    init(arguments: [String]) throws(BenchUsageError) {
        var rest = arguments[...]
        var url: String?
        while let argument = rest.popFirst() {
            switch argument {
            case "--stream": isStream = true
            case "--reconnect": reconnects = true
            case "--count-requests": countsRequests = true
            default:
                let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                let name = String(parts[0])
                guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                    throw BenchUsageError("\(name) needs a value")
                }
                if name == "--url" { url = value } else { try read(name, value) }
            }
        }
        guard let url else { throw BenchUsageError("--url is needed") }
        try read(url: url)
        if let openStreams {
            connections = openStreams
            isStream = true
        }
    }

    private mutating func read(_ name: String, _ value: String) throws(BenchUsageError) {
        switch name {
        case "--unix": place = .unix(path: value)
        case "--connections": connections = try Self.number(name, value)
        case "--threads": threads = try Self.number(name, value)
        case "--duration": duration = try Self.time(name, value)
        case "--requests": requests = try Self.number(name, value)
        case "--warmup": warmUp = try Self.time(name, value)
        case "--timeout": timeout = try Self.time(name, value)
        case "--drain": drain = try Self.time(name, value)
        case "--open-streams": openStreams = try Self.number(name, value)
        case "--abort-after": abortAfterEvents = try Self.number(name, value)
        case "--read-rate": readRate = try Self.number(name, value)
        case "--method": method = value
        case "--data": body = Array(value.utf8)
        case "--body": body = try Self.file(value)
        case "--keys":
            let text = String(decoding: try Self.file(value), as: UTF8.self)
            keys = text.split(separator: "\n").map(String.init)
        case "--rate":
            guard let number = Double(value), number > 0 else { throw BenchUsageError("--rate is a positive number") }
            rate = number
        case "--header":
            guard let colon = value.firstIndex(of: ":") else { throw BenchUsageError("--header is NAME:VALUE") }
            let text = value[value.index(after: colon)...].drop { $0 == " " }
            headers.append((String(value[..<colon]), String(text)))
        default: throw BenchUsageError("unknown flag \(name)")
        }
    }

    private mutating func read(url: String) throws(BenchUsageError) {
        guard url.hasPrefix("http://") else { throw BenchUsageError("--url begins with http://") }
        let rest = url.dropFirst(7)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        authority = String(rest[..<slash])
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
        if case .unix = place { return }
        let parts = authority.split(separator: ":", maxSplits: 1)
        guard let host = parts.first else { throw BenchUsageError("--url names no host") }
        guard let port = parts.count == 2 ? UInt16(parts[1]) : 80 else { throw BenchUsageError("--url: wrong port") }
        place = .internet(host: String(host), port: port)
    }

    private static func number(_ name: String, _ value: String) throws(BenchUsageError) -> Int {
        guard let number = Int(value), number > 0 else { throw BenchUsageError("\(name) is a positive number") }
        return number
    }

    private static func time(_ name: String, _ value: String) throws(BenchUsageError) -> Int64 {
        if value == "0" { return 0 }
        guard let duration = Duration(text: value) else { throw BenchUsageError("\(name) is a time such as 10s") }
        return duration.nanoseconds
    }

    private static func file(_ path: String) throws(BenchUsageError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BenchUsageError("\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count <= 0 { return bytes }
            bytes.append(contentsOf: piece[0..<count])
        }
    }

    /// The request's bytes; `{seq}` still in them where requests are counted.
    func request(key: String?) -> [UInt8] {
        var text = "\(method ?? (body == nil ? "GET" : "POST")) \(path) HTTP/1.1\r\nHost: \(authority)\r\n"
        var names = Set<String>()
        for header in headers {
            text += "\(header.name): \(header.value)\r\n"
            names.insert(header.name.lowercased())
        }
        if let key { text += "Authorization: Bearer \(key)\r\n" }
        if let body {
            if !names.contains("content-type") { text += "Content-Type: application/json\r\n" }
            if !countsRequests { text += "Content-Length: \(body.count)\r\n" }
        }
        if reconnects { text += "Connection: close\r\n" }
        return Array(text.utf8) + (countsRequests ? [] : Array("\r\n".utf8) + (body ?? []))
    }

    /// The request's bytes with its number in place of each `{seq}`.
    func request(key: String?, number: Int) -> [UInt8] {
        let digits = String(number)
        let body = body.map { Self.replacing($0, with: digits) }
        var head = Self.replacing(request(key: key), with: digits)
        if let body { head += Array("Content-Length: \(body.count)\r\n".utf8) }
        return head + Array("\r\n".utf8) + (body ?? [])
    }

    private static func replacing(_ bytes: [UInt8], with digits: String) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 32)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "{"), bytes[index...].starts(with: "{seq}".utf8) {
                result.append(contentsOf: digits.utf8)
                index += 5
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }
}

/// A mistake on the command line.
struct BenchUsageError: Error, Equatable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
