import Crypto
import CryptoExtras
import JSONText
import Providers
import Testing
import Units
import WireFormats

@Suite("Google service accounts")
struct GoogleServiceAccountTests {
    /// A key of its own for each run: none stands in the repository.
    static let key: _RSA.Signing.PrivateKey? = try? _RSA.Signing.PrivateKey(keySize: .bits2048)
    static let time = Timestamp(secondsSince1970: 1_795_915_805)

    static func keyFile(_ change: (inout JSON) -> Void = { _ in }) throws -> [UInt8] {
        let key = try #require(Self.key)
        var file: JSON = [
            "type": "service_account", "project_id": "p", "private_key_id": "kid1",
            "private_key": .string(key.pkcs8PEMRepresentation), "client_email": "robot@p.iam.gserviceaccount.com",
            "token_uri": "https://oauth2.googleapis.com/token",
        ]
        change(&file)
        return file.serialized()
    }

    static func decoded(_ piece: Substring) throws -> JSON {
        try JSON.parse(try #require(Base64.decoded(piece.utf8)))
    }

    @Test("the assertion says who asks for what, for an hour, and its signature holds")
    func assertion() throws {
        let account = try GoogleServiceAccount(keyFile: try Self.keyFile())
        #expect(account.projectID == "p")
        let text = try account.assertion(at: Self.time)
        let pieces = text.split(separator: ".")
        #expect(pieces.count == 3)
        #expect(try Self.decoded(pieces[0]) == ["alg": "RS256", "typ": "JWT", "kid": "kid1"])
        #expect(
            try Self.decoded(pieces[1]) == [
                "iss": "robot@p.iam.gserviceaccount.com", "scope": .string(GoogleServiceAccount.cloudPlatform),
                "aud": "https://oauth2.googleapis.com/token", "iat": 1_795_915_805, "exp": 1_795_919_405,
            ])
        let signature = _RSA.Signing.RSASignature(rawRepresentation: try #require(Base64.decoded(pieces[2].utf8)))
        let digest = SHA256.hash(data: Array("\(pieces[0]).\(pieces[1])".utf8))
        let key = try #require(Self.key)
        #expect(key.publicKey.isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5))
        #expect(!text.contains("=") && !text.contains("+") && !text.contains("/"))
        let body = String(decoding: try account.tokenRequest(at: Self.time), as: UTF8.self)
        #expect(
            body == "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=\(text)")
    }

    @Test("a key file that cannot be used says why, and nothing that is in it")
    func problems() throws {
        func problem(_ change: (inout JSON) -> Void) throws -> GoogleServiceAccount.Problem? {
            do throws(GoogleServiceAccount.Problem) {
                _ = try GoogleServiceAccount(keyFile: (try? Self.keyFile(change)) ?? [])
                return nil
            } catch {
                return error
            }
        }
        #expect(try problem { $0 = "x" } == .notJSON)
        #expect(try problem { $0["type"] = "authorized_user" } == .wrongType)
        #expect(try problem { $0["client_email"] = nil } == .missing("client_email"))
        #expect(try problem { $0["private_key"] = nil } == .missing("private_key"))
        #expect(try problem { $0["private_key"] = "-----BEGIN PRIVATE KEY-----\nsecret\n" } == .badKey)
        #expect(try problem { $0["token_uri"] = nil } == nil)
    }

    @Test("the answer is a token with its end, or Google's reason")
    func answers() throws {
        let answer = Array(#"{"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"}"#.utf8)
        let token = try GoogleServiceAccount.token(from: answer, at: Self.time)
        #expect(token.value == "ya29.x" && token.expires == Self.time + .seconds(3599))
        #expect(token.isFresh(at: Self.time) && !token.isFresh(at: Self.time + .seconds(3540)))
        let refused = Array(#"{"error":"invalid_grant","error_description":"Invalid JWT"}"#.utf8)
        #expect(throws: GoogleServiceAccount.Refusal.refused("invalid_grant: Invalid JWT")) {
            try GoogleServiceAccount.token(from: refused, at: Self.time)
        }
        for broken in ["", "[]", "{}", "<html>"] {
            #expect(throws: GoogleServiceAccount.Refusal.malformed) {
                try GoogleServiceAccount.token(from: Array(broken.utf8), at: Self.time)
            }
        }
    }
}
