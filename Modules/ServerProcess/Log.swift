import Glibc
import JSONText
import Units

/// A server's own few lines: a constant message, facts as fields, JSON on standard error.
public enum Log {
    /// Writes one line with one call. Facts may be shown to the operator: no secret, no client's text.
    public static func line(_ message: StaticString, _ facts: KeyValuePairs<StaticString, String> = [:]) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("time", Timestamp.now().description)
        writer.key("message")
        writer.string(message)
        for (name, value) in facts { writer.member(name, value) }
        writer.endObject()
        let bytes = writer.bytes + [10]
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
