import JSONText
import TestSupport
import Testing

@Suite("Text search")
struct TextSearchTests {
    @Test("a text is found wherever it stands, and no byte beyond the buffer is looked at")
    func places() {
        let memory = GuardedBytes(capacity: 4096)
        for length in 0..<90 {
            memory.with([UInt8](repeating: 46, count: length)) { #expect(!$0.holds("tollgate1.")) }
            for start in stride(from: 0, through: length - 10, by: 1) {
                var bytes = [UInt8](repeating: 46, count: length)
                bytes.replaceSubrange(start..<start + 10, with: "tollgate1.".utf8)
                memory.with(bytes) { #expect($0.holds("tollgate1.")) }
            }
        }
    }

    @Test("what only ends alike is no find, nor is a text that is cut")
    func nearly() {
        for text in ["xollgate1.", "1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.", "1.", "ollgate1.", "tollgate1", ""] {
            Array(text.utf8).withUnsafeBytes { #expect(!$0.holds("tollgate1."), "\(text)") }
        }
    }

    @Test("a long string is looked at where it begins, and what is around it wholly")
    func longStrings() throws {
        let long = String(repeating: "y", count: 20_000)
        for (text, holds) in [
            (#"{"a":"tollgate1.\#(long)","b":"x"}"#, true), (#"{"a":"\#(long)","b":"tollgate1.x"}"#, true),
            (#"{"a":"\#(long)","b":"\#(long)","c":["tollgate1.x"]}"#, true),
            (#"{"a":"\#(long)tollgate1.","b":"x"}"#, false), (#"{"a":"\#(long)","b":"tollgate1"}"#, false),
        ] {
            let bytes = Array(text.utf8)
            let document = try JSONScanner.scan(bytes)
            bytes.withUnsafeBytes { #expect(document.holds("tollgate1.", in: $0) == holds, "\(text.prefix(40))") }
        }
    }

    @Test("one value is searched without what stands around it")
    func within() throws {
        let long = String(repeating: "y", count: 20_000)
        for (text, holds) in [
            (#"{"a":"tollgate1.","b":["x"],"c":"tollgate1."}"#, false), (#"{"a":"x","b":["tollgate1."]}"#, true),
            (#"{"a":"tollgate1.\#(long)","b":["\#(long)"],"c":"tollgate1.\#(long)"}"#, false),
            (#"{"a":"\#(long)","b":["\#(long)","tollgate1."],"c":"\#(long)"}"#, true),
            (#"{"a":"\#(long)","b":"tollgate1.\#(long)"}"#, true),
        ] {
            let bytes = Array(text.utf8)
            let document = try JSONScanner.scan(bytes)
            bytes.withUnsafeBytes {
                let isFound = document.value("b", in: $0).map { document.holds("tollgate1.", in: $0) }
                #expect(isFound == holds, "\(text.prefix(40))")
            }
        }
    }
}
