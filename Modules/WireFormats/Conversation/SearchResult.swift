import JSONText

/// What a search of the client's own found, as Messages (`search_result`) and Converse (`searchResult`) have it.
///
/// It is read as a document of parts, which any dialect can show as text; the part's extras tell what it was. Between the
/// two it goes as what it is.
///
/// Sources: https://docs.claude.com/en/docs/build-with-claude/search-results, read on 2026-11-29, and botocore 1.44.8
/// (`SearchResultBlock`): source, title and content are demanded, and content is text.
struct SearchResult {
    let source: String
    let title: String
    let texts: [String]
    let citationsEnabled: Bool?

    /// - Returns: nil where the part is none, or is not complete.
    init?(_ part: Part) {
        guard let source = part.searchResultMembers?["source"]?.string, case .media(let media) = part.content,
            let title = media.title, case .parts(let parts) = media.source
        else { return nil }
        texts = parts.compactMap(\.text)
        guard texts.count == parts.count, !texts.isEmpty else { return nil }
        self.source = source
        self.title = title
        citationsEnabled = media.citationsEnabled
    }

    /// A block of Messages.
    var messages: JSONObject {
        var block: JSONObject = ["type": "search_result", "source": .string(source), "title": .string(title)]
        block["content"] = .array(texts.map { ["type": "text", "text": .string($0)] })
        if let citationsEnabled { block["citations"] = ["enabled": .bool(citationsEnabled)] }
        return block
    }

    /// A block of Converse.
    var converse: JSON {
        var block: JSONObject = ["source": .string(source), "title": .string(title)]
        block["content"] = .array(texts.map { ["text": .string($0)] })
        if let citationsEnabled { block["citations"] = ["enabled": .bool(citationsEnabled)] }
        return ["searchResult": .object(block)]
    }
}

extension Part {
    /// What a search result says beside its title and its content, whichever dialect wrote it; nil where this is none.
    var searchResultMembers: JSONObject? {
        if extras.isEmpty { return nil }
        if let members = extras["searchResult"]?.object {
            return extras.without(["searchResult"]).overlaid(by: members)
        }
        return extras["type"]?.string == "search_result" ? extras.without(["type"]) : nil
    }
}

extension LossReport {
    /// Reports what a part says that has no place in another dialect.
    ///
    /// - Parameter isFound: the part is sent as a search result.
    mutating func dropExtras(of part: Part, isFound: Bool = false) {
        drop(part.searchResultMembers?.without(isFound ? ["source"] : []) ?? part.extras)
        guard isFound, case .media(let media) = part.content, case .parts(let parts) = media.source else { return }
        for inner in parts {
            if inner.cache != nil { drop("cache_control") }
            drop(inner.extras)
        }
    }
}
