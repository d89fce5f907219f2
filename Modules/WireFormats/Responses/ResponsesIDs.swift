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

    /// Whether ``response(for:)`` or ``item(_:for:index:)`` made it: no provider knows it.
    public static func isMade(_ id: String) -> Bool {
        guard let end = id.utf8.prefix(8).firstIndex(of: UInt8(ascii: "_")) else { return false }
        return id.utf8[id.utf8.index(after: end)...].starts(with: mark.utf8)
    }
}
