import ServerProcess
import WireFormats

extension TokenUsage {
    /// What a provider reported, where it can be true; else nothing, as if it had reported none, and a line in the log.
    func believed(in requestID: String) -> TokenUsage? {
        if isPlausible { return self }
        Log.line(
            "a provider reported more tokens than a call can have: its usage is estimated",
            ["request_id": requestID, "input": input.description, "output": output.description])
        return nil
    }
}
