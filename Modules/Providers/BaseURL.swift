/// Where a provider lives: scheme, host, port and path, with nothing that could move a key elsewhere.
///
/// Refused: user information, query, fragment, white space, empty hosts, ports out of range, and segments of the path that
/// are empty, `.` or `..`, also percent-encoded.
public struct BaseURL: Hashable, Sendable {
    /// The only two that providers are called by.
    public enum Scheme: String, Sendable {
        /// As they stand in a URL, in lower case.
        case http, https
    }

    /// Read in lower case only: `HTTPS://…` is no URL here.
    public let scheme: Scheme
    /// In lower case; an IPv6 address without its brackets.
    public let host: String
    /// The scheme's own, 80 or 443, where the URL states none.
    public let port: UInt16
    /// Empty, or `/` and segments without a trailing slash.
    public let path: String

    /// Trailing slashes are dropped.
    ///
    /// - Returns: nil for what is not an absolute `http` or `https` URL in the form above.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        let schemes: [(prefix: String, scheme: Scheme, port: UInt16)] = [
            ("https://", .https, 443), ("http://", .http, 80),
        ]
        guard let match = schemes.first(where: { bytes.starts(with: $0.prefix.utf8) }) else { return nil }
        scheme = match.scheme
        let rest = bytes.dropFirst(match.prefix.utf8.count)
        guard rest.allSatisfy({ BaseURL.mayStand($0) }) else { return nil }
        let authority = rest.prefix { $0 != UInt8(ascii: "/") }
        guard let (host, portText) = BaseURL.split(authority) else { return nil }
        self.host = host
        if let portText {
            guard let number = UInt16(portText), number > 0, portText.utf8.count <= 5 else { return nil }
            port = number
        } else {
            port = match.port
        }
        var path = rest.dropFirst(authority.count)
        while path.last == UInt8(ascii: "/") { path = path.dropLast() }
        self.path = String(decoding: path, as: UTF8.self)
        // Proxies resolve dots away, encoded or not, and make one of two slashes.
        let plain = self.path.lowercased().replacing("%2e", with: ".").replacing("%2f", with: "/")
        let segments = plain.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard !segments.contains(where: { ["", ".", ".."].contains($0) }) else { return nil }
    }

    /// The host is this machine itself: `localhost`, 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        return host.hasPrefix("127.") && host.utf8.allSatisfy { ".0123456789".utf8.contains($0) }
    }

    /// `host` or `host:port` where the port is not the scheme's own, as a Host header states it.
    public var authority: String {
        let bracketed = host.utf8.contains(UInt8(ascii: ":")) ? "[" + host + "]" : host
        let usual: UInt16 = scheme == .https ? 443 : 80
        return port == usual ? bracketed : bracketed + ":" + String(port)
    }

    /// RFC 3986's characters of a host, port and path; no `?`, `#`, `@`, `\`, quotes, space or control characters.
    private static func mayStand(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default:
            "-._~:/[]!$&'()*+,;=%".utf8.contains(byte)
        }
    }

    private static func split(_ authority: ArraySlice<UInt8>) -> (host: String, port: String?)? {
        var host: ArraySlice<UInt8>
        var rest: ArraySlice<UInt8>
        if authority.first == UInt8(ascii: "[") {
            guard let close = authority.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<close]
            rest = authority[authority.index(after: close)...]
            guard host.contains(UInt8(ascii: ":")), host.allSatisfy({ isHexadecimal($0) || ":.".utf8.contains($0) })
            else { return nil }
        } else {
            host = authority.prefix { $0 != UInt8(ascii: ":") }
            rest = authority.dropFirst(host.count)
            guard !host.isEmpty, host.count <= 253, host.first != UInt8(ascii: "."), host.last != UInt8(ascii: "."),
                host.allSatisfy({ isLetterOrDigit($0) || "-._".utf8.contains($0) })
            else { return nil }
        }
        let name = String(decoding: host, as: UTF8.self).lowercased()
        guard !rest.isEmpty else { return (name, nil) }
        guard rest.removeFirst() == UInt8(ascii: ":"), !rest.isEmpty, rest.allSatisfy({ (48...57).contains($0) })
        else { return nil }
        return (name, String(decoding: rest, as: UTF8.self))
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

extension BaseURL: CustomStringConvertible {
    public var description: String { scheme.rawValue + "://" + authority + path }
}
