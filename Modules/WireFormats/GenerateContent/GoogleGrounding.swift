import JSONText

/// `groundingMetadata` and `citationMetadata`, as citations of the texts.
///
/// Google counts bytes of UTF-8 in a segment ("Start index in the given Part, measured in bytes",
/// https://ai.google.dev/api/generate-content#Segment, read on 2026-11-29); the model counts Unicode scalars. Which part is
/// meant is told by `partIndex`, which thoughts and cut streams make wrong: a place counts only where the segment's own
/// text stands there.
struct GoogleGrounding {
    /// The answer's texts: the part's number, its bytes.
    private let texts: [(part: Int, bytes: [UInt8])]
    /// How many scalars begin before each byte, by text; made when it is asked for.
    private var scalars: [Int: [Int32]] = [:]

    init(_ texts: [(part: Int, text: String)]) { self.texts = texts.map { ($0.part, Array($0.text.utf8)) } }

    /// The citations, each with the number of the part that it belongs to.
    mutating func citations(grounding: JSON?, citations: JSON?) -> [(part: Int, citation: Citation)] {
        if texts.isEmpty { return [] }
        var found: [(part: Int, citation: Citation)] = []
        let chunks = grounding?["groundingChunks"]?.array ?? []
        for support in grounding?["groundingSupports"]?.array ?? [] {
            let place = place(of: support["segment"] ?? .null)
            for index in support["groundingChunkIndices"]?.array ?? [] {
                guard let number = index.int, chunks.indices.contains(Int(truncatingIfNeeded: number)) else { continue }
                var citation = GoogleGrounding.citation(chunks[Int(number)])
                citation.range = place.range
                found.append((place.part, citation))
            }
        }
        for source in citations?["citations"]?.array ?? citations?["citationSources"]?.array ?? [] {
            guard let uri = source["uri"]?.string else { continue }
            let place = source["endIndex"] == nil ? (part: texts[texts.count - 1].part, range: nil) : place(of: source)
            found.append((place.part, Citation(url: uri, title: source["title"]?.string, range: place.range)))
        }
        return found
    }

    // MARK: - Searches

    /// What was searched.
    static func queries(_ grounding: JSON) -> [JSON] {
        (grounding["webSearchQueries"]?.array ?? []).filter { $0.string?.isEmpty == false }
    }

    /// The search that it tells of, with the addresses that this found; nil where it tells no query.
    static func search(_ grounding: JSON) -> ServerToolUse? {
        let queries = queries(grounding)
        if queries.isEmpty { return nil }
        let input: JSON = ["queries": .array(queries)]
        var found: [JSON] = []
        for chunk in grounding["groundingChunks"]?.array ?? [] {
            if let url = chunk["web"]?["uri"]?.string { found.append(["url": .string(url)]) }
        }
        return ServerToolUse(
            .webSearch, .both, input: input.text, native: ["content": .array(found)], nativeDialect: .generateContent)
    }

    /// Whether a client that is told of the search and of the citations gets less of it than there is.
    static func saysMoreThanSearch(_ grounding: JSON) -> Bool {
        guard !queries(grounding).isEmpty, let members = grounding.object else { return true }
        let told = ["webSearchQueries", "groundingChunks", "groundingSupports"]
        if !members.present(beside: told).isEmpty { return true }
        var cited: Set<Int64> = []
        for support in grounding["groundingSupports"]?.array ?? [] {
            for index in support["groundingChunkIndices"]?.array ?? [] {
                if let number = index.int { cited.insert(number) }
            }
        }
        return (grounding["groundingChunks"]?.array ?? []).indices.contains { !cited.contains(Int64($0)) }
    }

    private static func citation(_ chunk: JSON) -> Citation {
        let source = chunk["web"] ?? chunk["retrievedContext"] ?? chunk["maps"] ?? chunk["image"] ?? .null
        return Citation(
            url: source["uri"]?.string ?? source["sourceUri"]?.string, title: source["title"]?.string,
            citedText: source["text"]?.string, fileID: source["documentName"]?.string)
    }

    private mutating func place(of segment: JSON) -> (part: Int, range: Range<Int>?) {
        let start = Int(clamping: segment["startIndex"]?.int ?? 0)
        let end = Int(clamping: segment["endIndex"]?.int ?? 0)
        let words = segment["text"]?.string.map { Array($0.utf8) }
        let last = texts.count - 1
        guard start >= 0, end > start else { return (texts[last].part, nil) }
        func fits(_ bytes: [UInt8], _ range: Range<Int>) -> Bool {
            range.upperBound <= bytes.count && (words == nil || bytes[range].elementsEqual(words ?? []))
        }
        let named = segment["partIndex"]?.int ?? 0
        let order = texts.indices.filter { texts[$0].part == named } + texts.indices.filter { texts[$0].part != named }
        for index in order where fits(texts[index].bytes, start..<end) {
            return (texts[index].part, scalarRange(start..<end, index))
        }
        // Counted over all texts of the answer.
        var before = 0
        for index in texts.indices {
            let count = texts[index].bytes.count
            if start >= before, start < before + count {
                let range = start - before..<end - before
                return fits(texts[index].bytes, range)
                    ? (texts[index].part, scalarRange(range, index)) : (texts[index].part, nil)
            }
            before += count
        }
        return (texts[last].part, nil)
    }

    private mutating func scalarRange(_ range: Range<Int>, _ index: Int) -> Range<Int> {
        if scalars[index] == nil {
            var counts: [Int32] = [0]
            counts.reserveCapacity(texts[index].bytes.count + 1)
            var count: Int32 = 0
            for byte in texts[index].bytes {
                if byte & 0xC0 != 0x80 { count += 1 }
                counts.append(count)
            }
            scalars[index] = counts
        }
        let counts = scalars[index] ?? []
        return Int(counts[range.lowerBound])..<Int(counts[range.upperBound])
    }

    // MARK: - Writing

    private static let repeatedBytesMax = 1 << 18

    /// `groundingMetadata` of citations that another provider made.
    ///
    /// A segment repeats the words that it is about, but only as long as all of them have no more than
    /// ``repeatedBytesMax``: hundreds of citations of one long text would have it hundreds of times.
    ///
    /// - Parameters:
    ///   - texts: the number of the part in the content that is written, its text and its citations.
    ///   - queries: what was searched.
    static func written(_ texts: [(part: Int, text: Text)], queries: [String] = []) -> JSON? {
        var chunks: [JSON] = []
        var numbers: [String: Int] = [:]
        var supports: [JSON] = []
        var room = repeatedBytesMax
        for (part, text) in texts where !text.citations.isEmpty {
            let starts = byteOffsets(text.text)
            let bytes = Array(text.text.utf8)
            for citation in text.citations {
                guard let chunk = chunk(citation) else { continue }
                let name = chunk.text
                let number = numbers[name] ?? chunks.count
                if number == chunks.count { chunks.append(chunk) }
                numbers[name] = number
                var range = 0..<bytes.count
                if let scalars = citation.range, scalars.lowerBound >= 0, scalars.upperBound < starts.count {
                    range = starts[scalars.lowerBound]..<starts[scalars.upperBound]
                }
                var segment = JSONObject()
                if part > 0 { segment["partIndex"] = .int(Int64(part)) }
                if range.lowerBound > 0 { segment["startIndex"] = .int(Int64(range.lowerBound)) }
                segment["endIndex"] = .int(Int64(range.upperBound))
                room -= range.count
                if room >= 0 { segment["text"] = .string(String(decoding: bytes[range], as: UTF8.self)) }
                supports.append(["segment": .object(segment), "groundingChunkIndices": [.int(Int64(number))]])
            }
        }
        var grounding = JSONObject()
        if !queries.isEmpty { grounding["webSearchQueries"] = .array(queries.map { .string($0) }) }
        if !chunks.isEmpty {
            grounding["groundingChunks"] = .array(chunks)
            grounding["groundingSupports"] = .array(supports)
        }
        if grounding.isEmpty { return nil }
        return .object(grounding)
    }

    /// nil where nothing tells the source.
    private static func chunk(_ citation: Citation) -> JSON? {
        var source = JSONObject()
        if let url = citation.url {
            source["uri"] = .string(url)
            if let title = citation.title { source["title"] = .string(title) }
            return ["web": .object(source)]
        }
        if let title = citation.title, !title.isEmpty { source["title"] = .string(title) }
        if let words = citation.citedText, !words.isEmpty { source["text"] = .string(words) }
        return source.isEmpty ? nil : ["retrievedContext": .object(source)]
    }

    /// Where each scalar begins, and the end.
    private static func byteOffsets(_ text: String) -> [Int] {
        var offsets: [Int] = []
        var offset = 0
        for byte in text.utf8 {
            if byte & 0xC0 != 0x80 { offsets.append(offset) }
            offset += 1
        }
        offsets.append(offset)
        return offsets
    }
}
