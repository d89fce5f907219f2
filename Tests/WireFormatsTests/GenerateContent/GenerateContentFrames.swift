import Glibc
import JSONText

/// Hands what the encoders wrote to a judge outside: with `TOLLGATE_GOOGLE_FRAMES=file`, a line of JSON for each reply and
/// stream, which `scripts/judge-google-frames` reads with google-genai's own models.
enum GenerateContentFrames {
    static func hand(out bytes: [UInt8], kind: String, name: String) {
        guard let path = getenv("TOLLGATE_GOOGLE_FRAMES"), let file = fopen(path, "a") else { return }
        defer { fclose(file) }
        let line: JSON = [
            "kind": .string(kind), "name": .string(name), "text": .string(String(decoding: bytes, as: UTF8.self)),
        ]
        let text = line.serialized() + [0x0A]
        _ = text.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    }
}
