import Secrets
import Testing

@Suite struct SecretReferenceTests {
    @Test func theKnownFormsAreRead() throws {
        #expect(try SecretReference("env:OPENAI_API_KEY") == .environment("OPENAI_API_KEY"))
        #expect(try SecretReference("os.environ/AZURE_KEY") == .environment("AZURE_KEY"))
        #expect(try SecretReference("file:/run/secrets/key") == .file("/run/secrets/key"))
        #expect(try SecretReference("file:master.key") == .file("master.key"))
        #expect(try SecretReference("sk-123", allowsLiteral: true) == .literal(Secret(text: "sk-123")))
    }

    @Test(arguments: ["env:", "env:1A", "env:A B", "env:sk-abc", "os.environ/", "file:", "file:a\u{0}b"])
    func aMalformedReferenceIsRefusedWithoutEcho(text: String) {
        let error = #expect(throws: SecretError.self) { try SecretReference(text, allowsLiteral: true) }
        #expect(error.map { "\($0)\(String(reflecting: $0))".contains("sk-abc") } == false)
    }

    @Test func aLiteralIsRefusedWhereOnlyReferencesAreAllowed() {
        let error = #expect(throws: SecretError.literalRefused) { try SecretReference("sk-private") }
        #expect(error?.description == "a secret must be a reference here: env:NAME or file:path")
        #expect(throws: SecretError.literalRefused) { try SecretReference("") }
        #expect(throws: SecretError.empty(reference: "a literal")) { try SecretReference("", allowsLiteral: true) }
    }
}
