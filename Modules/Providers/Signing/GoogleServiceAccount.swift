import Crypto
import CryptoExtras
import JSONText
import Units
import WireFormats

/// A Google service account: its key file, the signed assertion that buys an access token, and the answer to it. Pure: who
/// calls does the HTTP and keeps the token.
///
/// Source: https://developers.google.com/identity/protocols/oauth2/service-account#httprest (read on 2026-11-29).
public struct GoogleServiceAccount: Sendable {
    /// The key file's `client_email`: the issuer of its assertions.
    public let email: String
    /// Where tokens are bought: ``tokenURL`` unless the key file says otherwise.
    public let tokenURI: String
    /// The project of the account, for URLs of Vertex that name none.
    public let projectID: String?
    private let keyID: String?
    private let key: _RSA.Signing.PrivateKey

    /// Where tokens are bought if the key file has no `token_uri`.
    public static let tokenURL = "https://oauth2.googleapis.com/token"
    /// The OAuth scope that Vertex asks for.
    public static let cloudPlatform = "https://www.googleapis.com/auth/cloud-platform"

    /// Why a key file cannot be used. Says nothing of what stands in it.
    public enum Problem: Error, Equatable, Sendable, CustomStringConvertible {
        /// It is no JSON object.
        case notJSON
        /// The member of that name is not there, or is no string.
        case missing(String)
        /// Its `type` is another than `service_account`: a user's credentials, say. A file without a `type` is taken.
        case wrongType
        /// Its `private_key` is no RSA key in PEM.
        case badKey
        /// The key was read but cannot sign.
        case signing

        public var description: String {
            switch self {
            case .notJSON: "the service account's key file is no JSON object"
            case .missing(let member): "the service account's key file has no \(member)"
            case .wrongType: "the key file is not of a service account"
            case .badKey: "the service account's private key is no RSA key in PEM"
            case .signing: "the service account's private key cannot sign"
            }
        }
    }

    /// Whether a secret is meant for a key file, which is JSON, and not for an access token.
    public static func isKeyFile(_ secret: UnsafeRawBufferPointer) -> Bool {
        secret.first { $0 > 0x20 } == UInt8(ascii: "{")
    }

    /// - Parameter keyFile: the JSON that Google hands out.
    public init(keyFile: [UInt8]) throws(Problem) {
        guard let file = try? JSON.parse(keyFile), file.object != nil else { throw .notJSON }
        if let type = file["type"]?.string, type != "service_account" { throw .wrongType }
        guard let email = file["client_email"]?.string else { throw .missing("client_email") }
        guard let pem = file["private_key"]?.string else { throw .missing("private_key") }
        guard let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem) else { throw .badKey }
        self.email = email
        self.key = key
        keyID = file["private_key_id"]?.string
        projectID = file["project_id"]?.string
        tokenURI = file["token_uri"]?.string ?? GoogleServiceAccount.tokenURL
    }

    /// The JWT that says who asks, signed with RS256.
    ///
    /// - Parameter lifetime: an hour is the most that Google takes.
    public func assertion(
        scope: String = cloudPlatform, at time: Timestamp, lifetime: Int64 = 3600
    ) throws(Problem) -> String {
        var header: JSONObject = ["alg": "RS256", "typ": "JWT"]
        if let keyID { header["kid"] = .string(keyID) }
        let issued = time.secondsSince1970
        let claims: JSONObject = [
            "iss": .string(email), "scope": .string(scope), "aud": .string(tokenURI), "iat": .int(issued),
            "exp": .int(issued + min(lifetime, 3600)),
        ]
        let signed = [header, claims].map { GoogleServiceAccount.base64URL(JSON.object($0).serialized()) }
            .joined(separator: ".")
        let digest = SHA256.hash(data: Array(signed.utf8))
        guard let signature = try? key.signature(for: digest, padding: .insecurePKCS1v1_5) else { throw .signing }
        return signed + "." + GoogleServiceAccount.base64URL(Array(signature.rawRepresentation))
    }

    /// The body to POST to ``tokenURI`` as `application/x-www-form-urlencoded`.
    public func tokenRequest(
        scope: String = cloudPlatform, at time: Timestamp
    ) throws(Problem) -> [UInt8] {
        let assertion = try assertion(scope: scope, at: time)
        // base64url and dots need no escape.
        return Array("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=\(assertion)".utf8)
    }

    /// An access token, for `Authorization: Bearer`.
    public struct Token: Equatable, Sendable {
        /// The token itself, a secret.
        public var value: String
        /// From the time of asking by the answer's `expires_in`: an hour if it states none, a day at most.
        public var expires: Timestamp

        /// Whether it should be used for one more call: a minute before its end it should not.
        public func isFresh(at time: Timestamp) -> Bool { time + .seconds(60) < expires }
    }

    /// Why there is no token.
    public enum Refusal: Error, Equatable, Sendable {
        /// Google's `error` and `error_description`: the key was deleted, the clock is wrong, …
        case refused(String)
        /// The answer cannot be read.
        case malformed
    }

    /// - Parameter time: when the token was asked for.
    public static func token(from answer: [UInt8], at time: Timestamp) throws(Refusal) -> Token {
        guard let body = try? JSON.parse(answer), body.object != nil else { throw .malformed }
        if let value = body["access_token"]?.string, !value.isEmpty {
            let seconds = min(max(body["expires_in"]?.int ?? 3600, 0), 86_400)
            return Token(value: value, expires: time + .seconds(seconds))
        }
        guard let error = body["error"]?.string else { throw .malformed }
        throw .refused(body["error_description"]?.string.map { "\(error): \($0)" } ?? error)
    }

    /// Base64 with `-` and `_` and without padding (RFC 4648, section 5).
    static func base64URL(_ bytes: [UInt8]) -> String {
        let text = Base64.encoded(bytes).utf8.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            case UInt8(ascii: "="): nil
            default: byte
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
