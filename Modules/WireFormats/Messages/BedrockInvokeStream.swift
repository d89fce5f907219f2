import JSONText

/// Frames of Bedrock's `invoke-with-response-stream`: each `chunk` holds, in base64, one event of the model's own stream.
///
/// Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_PayloadPart.html (read on 2026-11-29).
public enum BedrockInvokeStream {
    /// The model's own frame. A frame that is no chunk stays as it is.
    public static func unwrapped(_ frame: StreamFrame) throws(ReplyError) -> StreamFrame {
        guard case .json(let document, let name) = frame, name == "chunk" else { return frame }
        guard let data = document["bytes"]?.string, let bytes = Base64.decoded(data.utf8) else {
            throw .malformed("a chunk's bytes are no base64")
        }
        do throws(JSONError) {
            let event = try JSON.read(bytes)
            return .json(event, event: event["type"]?.string)
        } catch {
            throw .malformed("a chunk is no JSON: \(error.description)")
        }
    }
}
