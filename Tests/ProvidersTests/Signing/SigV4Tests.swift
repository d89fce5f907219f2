import Glibc
import JSONText
import Providers
import Testing
import Units

@Suite("AWS Signature Version 4")
struct SigV4Tests {
    /// Written by scripts/sigv4-vectors with botocore.
    static func vectors() throws -> [JSON] {
        let path = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let file = try #require(fopen("/\(path)/Vectors/sigv4.json", "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        return try JSON.parse(Array(bytes.prefix(count)))["vectors"]?.array ?? []
    }

    @Test("every vector of botocore's comes out the same")
    func vectors() throws {
        let vectors = try Self.vectors()
        #expect(vectors.count >= 14)
        for vector in vectors {
            let name = vector["name"]?.string ?? ""
            let credentials = SigV4.Credentials(
                accessKeyID: vector["access_key"]?.string ?? "", secretAccessKey: vector["secret_key"]?.string ?? "",
                sessionToken: vector["session_token"]?.string)
            let signer = SigV4(credentials, region: vector["region"]?.string ?? "")
            let headers = (vector["headers"]?.object ?? [:]).map { (name: $0.key, value: $0.value.string ?? "") }
            let added = signer.headers(
                for: vector["method"]?.string ?? "", vector["url"]?.string ?? "", headers: headers,
                body: Array((vector["body"]?.string ?? "").utf8),
                at: Timestamp(secondsSince1970: vector["time"]?.int ?? 0))
            let expected = (vector["expected"]?.object ?? [:]).map { "\($0.key): \($0.value.string ?? "")" }
            #expect(Set((added ?? []).map { "\($0.name): \($0.value)" }) == Set(expected), "\(name)")
        }
    }

    @Test("credentials are one text of two or three pieces")
    func credentials() {
        #expect(SigV4.Credentials("AKID:SE/CR+ET=") == .init(accessKeyID: "AKID", secretAccessKey: "SE/CR+ET="))
        #expect(SigV4.Credentials("A:B:T==")?.sessionToken == "T==")
        for wrong in ["", "A", "A:", ":B", "A:B:", "A:B:C:D", "A:B\n", "A:ü"] {
            #expect(SigV4.Credentials(wrong) == nil, "\(wrong)")
        }
    }

    @Test("what is no URL is not signed", arguments: ["", "bedrock", "ftp://x/", "https://", "https://a@b/"])
    func noURL(url: String) {
        let signer = SigV4(.init(accessKeyID: "A", secretAccessKey: "B"), region: "r")
        let added = signer.headers(for: "GET", url, headers: [], body: [], at: Timestamp(secondsSince1970: 0))
        #expect(added == nil)
    }
}
