/// Ids of responses and items that the gateway makes, where the provider has none that a Responses client would know.
///
/// They depend on nothing but the request's id and the item's place, so that a stream's events, the whole reply and the
/// stored response agree. They are at most 60 bytes long: OpenAI takes no id beyond 64.
public enum ResponsesIDs {
    private static let mark = "tg_"

    /// `resp_tg_…`
    public static func response(for requestID: String) -> String {
        "resp_" + mark + ToolIDs.legal(requestID, bytesMax: 40)
    }

    /// `msg_tg_…_0`
    ///
    /// - Parameter prefix: what OpenAI's ids of such items begin with: `msg`, `fc`, `rs`, `ctc`, `ws`, `ig`.
    public static func item(_ prefix: String, for requestID: String, index: Int) -> String {
        prefix + "_" + mark + ToolIDs.legal(requestID, bytesMax: 40) + "_" + String(index)
    }

    /// `msg_tg_…_in0`: of an item of the client's own input.
    ///
    /// - Parameter type: the item's type.
    static func inputItem(_ type: String?, for requestID: String, index: Int) -> String {
        let prefixes = [
            "message": "msg", "function_call": "fc", "function_call_output": "fco", "custom_tool_call": "ctc",
            "custom_tool_call_output": "ctco", "reasoning": "rs",
        ]
        let prefix = prefixes[type ?? "message"] ?? "item"
        return prefix + "_" + mark + ToolIDs.legal(requestID, bytesMax: 40) + "_in" + String(index)
    }

    /// Whether ``response(for:)`` or ``item(_:for:index:)`` made it: no provider knows it.
    public static func isMade(_ id: String) -> Bool {
        guard let end = id.utf8.prefix(8).firstIndex(of: UInt8(ascii: "_")) else { return false }
        return id.utf8[id.utf8.index(after: end)...].starts(with: mark.utf8)
    }
}
