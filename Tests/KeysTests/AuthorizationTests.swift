import Keys
import Secrets
import Testing

@Suite struct AuthorizationTests {
    /// The key, or what was refused.
    func outcome(
        _ authorization: String? = nil, x: String? = nil, azure: String? = nil, google: String? = nil
    ) -> Result<String, Refusal> {
        headers(authorization: authorization, xAPIKey: x, apiKey: azure, xGoogAPIKey: google) { headers in
            do throws(Refusal) {
                return .success(String(decoding: try Authorization.presentedKey(in: headers), as: UTF8.self))
            } catch {
                return .failure(error)
            }
        }
    }

    @Test(arguments: [
        "Bearer sk-1", "bearer sk-1", "BEARER sk-1", "  Bearer   sk-1  ", "Bearer\tsk-1\t", "bEaReR \t sk-1",
    ])
    func bearerIsReadInAnyCaseAndWithAnySpaces(header: String) { #expect(outcome(header) == .success("sk-1")) }

    @Test(arguments: ["Basic dTpw", "sk-1", "Bearersk-1", "Digest a=b", "Bear", "Token sk-1", "Bearer: sk-1"])
    func anotherSchemeIsRefusedWithoutEcho(header: String) {
        #expect(outcome(header) == .failure(.wrongScheme))
        #expect(!"\(Refusal.wrongScheme)".contains("dTpw"))
    }

    @Test func noKeyIsSaid() {
        #expect(outcome() == .failure(.noKey))
        for empty in ["", "   ", "\t", "Bearer", "Bearer ", "  bearer \t "] {
            #expect(outcome(empty) == .failure(.noKey), "'\(empty)'")
        }
        #expect(outcome(x: " ", azure: "", google: "\t") == .failure(.noKey))
    }

    @Test func theOtherHeadersCarryTheKeyBare() {
        #expect(outcome(x: " sk-1 ") == .success("sk-1"))
        #expect(outcome(azure: "sk-2") == .success("sk-2"))
        #expect(outcome(google: "sk-3") == .success("sk-3"))
    }

    @Test func ofSeveralHeadersTheFirstOfTheOrderCounts() {
        #expect(outcome("Bearer sk-0", x: "sk-1", azure: "sk-2", google: "sk-3") == .success("sk-0"))
        #expect(outcome(x: "sk-1", azure: "sk-2", google: "sk-3") == .success("sk-1"))
        #expect(outcome(azure: "sk-2", google: "sk-3") == .success("sk-2"))
        #expect(outcome("Bearer ", x: "sk-1") == .success("sk-1"), "an empty one counts as absent")
        #expect(outcome("Basic dTpw", x: "sk-1") == .success("sk-1"), "a proxy's own scheme is passed over")
    }

    @Test func theKeyIsLentNotCopied() throws {
        let header = Array("Bearer sk-1234567890".utf8)
        try header.withUnsafeBytes { bytes in
            let key = try Authorization.presentedKey(in: .init(authorization: bytes))
            #expect(key.baseAddress == bytes.baseAddress.map { $0 + 7 })
        }
    }

    @Test func oneTextForTools() throws {
        #expect(try Authorization.presentedKey(authorization: "Bearer sk-1") == Secret(text: "sk-1"))
        #expect(throws: Refusal.noKey) { try Authorization.presentedKey(authorization: "") }
    }
}
