import JSONText

/// Citations: where in which document a piece of text comes from.
enum ConverseCitations {
    static func read(_ citation: JSON) -> Citation {
        let words = (citation["sourceContent"]?.array ?? []).compactMap { $0["text"]?.string }
        // That of a search result mostly is an address.
        let source = citation["source"]?.string ?? ""
        var url = citation["location"]?["web"]?["url"]?.string
        if url == nil, source.hasPrefix("http") { url = source }
        var read = Citation(
            url: url, title: citation["title"]?.string, citedText: words.isEmpty ? nil : words.joined(),
            native: citation, nativeDialect: .converse)
        let isPlace = citation["location"]?.object?.contains { $0.key != "web" } ?? false
        read.saysMore = isPlace || (!source.isEmpty && source != url && source != read.title)
        return read
    }

    static func written(_ citation: Citation) -> JSON {
        if citation.nativeDialect == .converse, let native = citation.native { return native }
        var object = JSONObject()
        if let title = citation.title { object["title"] = .string(title) }
        if let source = citation.url ?? citation.fileID { object["source"] = .string(source) }
        if let words = citation.citedText { object["sourceContent"] = [["text": .string(words)]] }
        if citation.nativeDialect == .messages, let native = citation.native, let place = location(native) {
            object["location"] = place
        } else if let url = citation.url {
            object["location"] = ["web": ["url": .string(url)]]
        }
        return .object(object)
    }

    /// Whether Bedrock, and Claude behind it, takes the citation back in a history. A web search's cannot be: it has an
    /// `encrypted_index` that Converse has no place for.
    static func returns(_ citation: Citation) -> Bool {
        if citation.nativeDialect == .converse { return true }
        guard citation.nativeDialect == .messages, let native = citation.native else { return false }
        return location(native) != nil
    }

    /// Messages' locations in documents and search results.
    private static func location(_ native: JSON) -> JSON? {
        let (name, index, start, end) =
            switch native["type"]?.string {
            case "char_location": ("documentChar", "document_index", "start_char_index", "end_char_index")
            case "page_location": ("documentPage", "document_index", "start_page_number", "end_page_number")
            case "content_block_location": ("documentChunk", "document_index", "start_block_index", "end_block_index")
            case "search_result_location":
                ("searchResultLocation", "search_result_index", "start_block_index", "end_block_index")
            default: ("", "", "", "")
            }
        guard let number = native[index]?.int, let from = native[start]?.int, let to = native[end]?.int else {
            return nil
        }
        let place = name == "searchResultLocation" ? "searchResultIndex" : "documentIndex"
        return [name: [place: .int(number), "start": .int(from), "end": .int(to)]]
    }
}
