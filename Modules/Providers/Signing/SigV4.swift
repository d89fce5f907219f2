import Crypto
import Units

/// AWS Signature Version 4, in headers, for every service but S3. Pure: the time is given.
///
/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (read on
/// 2026-11-29); botocore 1.44.8 is the oracle (scripts/sigv4-vectors).
public struct SigV4: Sendable {
    /// What an AWS account or role signs with.
    ///
    /// As one secret: `AKID:SECRET` or `AKID:SECRET:TOKEN`. None of the three has a colon in it.
    public struct Credentials: Equatable, Sendable {
        /// `AKIA…`, or `ASIA…` of temporary credentials. No secret: it stands in every signature.
        public var accessKeyID: String
        /// The secret that signs; it stands in no call.
        public var secretAccessKey: String
        /// Of temporary credentials.
        public var sessionToken: String?

        /// - Parameter sessionToken: only of temporary credentials.
        public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
            self.accessKeyID = accessKeyID
            self.secretAccessKey = secretAccessKey
            self.sessionToken = sessionToken
        }

        /// - Returns: nil for what is not of the form above.
        public init?(_ secret: String) {
            let pieces = secret.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard (2...3).contains(pieces.count), pieces.allSatisfy({ !$0.isEmpty }),
                secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else { return nil }
            self.init(
                accessKeyID: pieces[0], secretAccessKey: pieces[1], sessionToken: pieces.count == 3 ? pieces[2] : nil)
        }
    }

    /// Whose calls they are.
    public var credentials: Credentials
    /// `us-east-1`, …
    public var region: String
    /// Bedrock's is `bedrock`, though its hosts begin with `bedrock-runtime`.
    public var service: String

    /// Of one account, region and service; the same for every call to it.
    public init(_ credentials: Credentials, region: String, service: String = "bedrock") {
        self.credentials = credentials
        self.region = region
        self.service = service
    }

    /// The headers to add to a request: `X-Amz-Date`, `X-Amz-Security-Token` where there is a token, `Authorization`.
    ///
    /// - Parameters:
    ///   - url: as it will be sent, with the path and query encoded as on the wire.
    ///   - headers: those that will be sent and are to be signed. `Host` need not be among them: it is made from the URL,
    ///     and what proxies change (`User-Agent`, `Expect`, …) is not signed. They must reach AWS as they are.
    /// - Returns: nil where the URL is none.
    public func headers(
        for method: String, _ url: String, headers: [(name: String, value: String)], body: [UInt8], at time: Timestamp
    ) -> [(name: String, value: String)]? {
        guard let target = SigningTarget(url) else { return nil }
        let instant = SigV4.instant(time)
        let day = String(instant.prefix(8))
        var added: [(name: String, value: String)] = [("X-Amz-Date", instant)]
        if let token = credentials.sessionToken { added.append(("X-Amz-Security-Token", token)) }

        let signed = canonicalHeaders(headers + added, host: target.host)
        let names = signed.map(\.name).joined(separator: ";")
        let request = [
            method, target.canonicalPath, target.canonicalQuery,
            signed.map { "\($0.name):\($0.value)\n" }.joined(), names, SigV4.hex(SHA256.hash(data: body)),
        ].joined(separator: "\n")
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let text = ["AWS4-HMAC-SHA256", instant, scope, SigV4.hex(SHA256.hash(data: Array(request.utf8)))]
            .joined(separator: "\n")

        var key = SymmetricKey(data: Array("AWS4\(credentials.secretAccessKey)".utf8))
        for step in [day, region, service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(step.utf8), using: key))
        }
        let signature = SigV4.hex(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
        added.append(
            (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), SignedHeaders=\(names), "
                    + "Signature=\(signature)"
            ))
        return added
    }

    /// `20261129T013000Z`
    static func instant(_ time: Timestamp) -> String {
        String(decoding: time.text(fractionDigits: 0).utf8.filter { $0 != 0x2D && $0 != 0x3A }, as: UTF8.self)
    }

    /// Changed on the way, so never signed (botocore's `SIGNED_HEADERS_BLACKLIST`).
    private static let unsigned: Set<String> = [
        "authorization", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id", "connection",
    ]

    /// Names in lower case and in order, values with single spaces; those of one name are joined.
    private func canonicalHeaders(
        _ headers: [(name: String, value: String)], host: String
    ) -> [(name: String, value: String)] {
        var byName: [String: [String]] = [:]
        for (name, value) in headers {
            let name = name.lowercased()
            guard !SigV4.unsigned.contains(name) else { continue }
            byName[name, default: []].append(value.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        }
        if byName["host"] == nil { byName["host"] = [host] }
        return byName.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
            .map { ($0.key, $0.value.joined(separator: ",")) }
    }

    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// What a signature says of a URL.
struct SigningTarget: Equatable {
    /// With the port, where it is not the scheme's own.
    var host: String
    /// The path on the wire, without `.` and `..`, encoded once more: AWS encodes twice everywhere but in S3.
    var canonicalPath: String
    var canonicalQuery: String

    init?(_ url: String) {
        guard let scheme = ["https://", "http://"].first(where: { url.hasPrefix($0) }) else { return nil }
        let rest = url.dropFirst(scheme.count).prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        let usual = scheme == "https://" ? ":443" : ":80"
        host = (authority.hasSuffix(usual) ? authority.dropLast(usual.count) : authority).lowercased()
        let after = rest.dropFirst(authority.count)
        let path = after.prefix { $0 != "?" }
        canonicalPath = SigningTarget.encoded(SigningTarget.normalized(path))
        canonicalQuery = SigningTarget.sorted(after.dropFirst(path.count + 1))
    }

    private static func normalized(_ path: Substring) -> String {
        var kept: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = kept.popLast() } else { kept.append(segment) }
        }
        let isFolder = path.hasSuffix("/") && !kept.isEmpty
        return "/" + kept.joined(separator: "/") + (isFolder ? "/" : "")
    }

    private static func encoded(_ path: String) -> String {
        var bytes: [UInt8] = []
        for byte in path.utf8 {
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "-._~/".utf8.contains(byte)
            if isPlain {
                bytes.append(byte)
            } else {
                bytes.append(0x25)
                bytes += Array(SigV4.hex(CollectionOfOne(byte)).uppercased().utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Names and values are encoded already; here they come in order.
    private static func sorted(_ query: Substring) -> String {
        guard !query.isEmpty else { return "" }
        let pairs = query.split(separator: "&", omittingEmptySubsequences: false).map { pair -> (String, String) in
            let name = pair.prefix { $0 != "=" }
            return (String(name), String(pair.dropFirst(name.count + 1)))
        }
        return pairs.sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }
}
