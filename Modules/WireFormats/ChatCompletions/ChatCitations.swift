import JSONText

/// `annotations` of a message and the citations of the model.
enum ChatCitations {
    static func citation(_ annotation: JSON) -> Citation {
        let source = annotation["url_citation"] ?? annotation
        // In streams `index` is the annotation's place in its list.
        var native = annotation
        native["index"] = nil
        var citation = Citation(native: native, nativeDialect: .chatCompletions)
        // One of a file points into a document.
        citation.saysMore = annotation["type"]?.isString("url_citation") == false
        citation.url = source["url"]?.string
        citation.title = source["title"]?.string
        citation.citedText = source["content"]?.string
        citation.fileID = annotation["file_citation"]?["file_id"]?.string ?? annotation["file_id"]?.string
        if let start = source["start_index"]?.int, let end = source["end_index"]?.int, start >= 0, end > 0,
            start <= end, end < 1 << 40
        {
            citation.range = Int(start)..<Int(end)
        }
        return citation
    }

    /// - Parameters:
    ///   - start: how many scalars of the message stand before the part's text.
    ///   - count: how many the part has: what is cited where the citation does not tell.
    /// - Returns: nil where Chat has no place for it: it names no page.
    static func annotation(_ citation: Citation, start: Int, count: Int) -> JSON? {
        if citation.nativeDialect == .chatCompletions, let native = citation.native { return native }
        guard let url = citation.url else { return nil }
        let range = citation.range ?? 0..<count
        var source: JSONObject = [
            "start_index": .int(Int64(start + range.lowerBound)), "end_index": .int(Int64(start + range.upperBound)),
            "url": .string(url), "title": .string(citation.title ?? url),
        ]
        if let text = citation.citedText { source["content"] = .string(text) }
        return ["type": "url_citation", "url_citation": .object(source)]
    }
}
