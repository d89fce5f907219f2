import Units
import WireFormats

/// A part of a list of models, as those two APIs ask for it that have pages. Who names no size gets the whole list: it is
/// short, and some clients read one page.
///
/// Sources: https://docs.anthropic.com/en/api/models-list, https://ai.google.dev/api/models#method:-models.list (read on
/// 2026-11-30).
enum ModelPage {
    /// Anthropic's `limit` and `after_id` or `before_id`: the page behind that model, or the one in front of it.
    ///
    /// - Returns: `hasMore` is of the direction that is read in.
    static func anthropics(
        of names: [String], _ query: [Substring: Substring]
    ) throws(GatewayError) -> (names: ArraySlice<String>, hasMore: Bool) {
        let most = try number("limit", 1...1000, query) ?? names.count
        if let id = query["before_id"] {
            guard query["after_id"] == nil else {
                throw wrong("before_id", "Only one of 'after_id' and 'before_id' can be named.")
            }
            let end = try place(of: id, "before_id", in: names)
            let before = names[..<end]
            return (before.suffix(most), before.count > most)
        }
        var rest = names[...]
        if let id = query["after_id"] {
            let last = try place(of: id, "after_id", in: names)
            rest = names[(last + 1)...]
        }
        return (rest.prefix(most), rest.count > most)
    }

    /// Google's `pageSize`, of which 0 is none and more than 1,000 are 1,000, and `pageToken`: how many models went before.
    ///
    /// - Returns: `next` is nil on the last page.
    static func googles<Model>(
        of models: [Model], _ query: [Substring: Substring]
    ) throws(GatewayError) -> (models: ArraySlice<Model>, next: String?) {
        let size = try number("pageSize", 0...Int(Int32.max), query) ?? 0
        let most = size == 0 ? models.count : min(size, 1000)
        var rest = models[...]
        if let token = query["pageToken"] {
            guard let start = Int(token), models.indices.contains(start) else {
                throw wrong("pageToken", "Invalid 'pageToken': it is none that a page of this list gave.")
            }
            rest = models[start...]
        }
        let page = rest.prefix(most)
        return (page, page.count < rest.count ? String(page.endIndex) : nil)
    }

    private static func number(
        _ name: Substring, _ range: ClosedRange<Int>, _ query: [Substring: Substring]
    ) throws(GatewayError) -> Int? {
        guard let text = query[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw wrong(
                String(name),
                "Invalid '\(name)': expected a whole number from \(range.lowerBound) to \(range.upperBound), but got "
                    + "'\(String(text).shown)' instead.")
        }
        return number
    }

    private static func place(
        of id: Substring, _ parameter: String, in names: [String]
    ) throws(GatewayError) -> Int {
        // Names have slashes.
        let name = String(decoding: PercentEncoding.decoded(id.utf8), as: UTF8.self)
        guard let place = names.firstIndex(of: name) else {
            throw wrong(parameter, "Invalid '\(parameter)': there is no model '\(name.shown)' in this list.")
        }
        return place
    }

    private static func wrong(_ parameter: String, _ message: String) -> GatewayError {
        GatewayError(RequestError(message: message, param: parameter, code: "invalid_value"))
    }
}
