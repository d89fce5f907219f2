import Glibc
import JSONText
import Testing
import WireFormats

/// One recorded call of any dialect, as the corpus README describes it.
struct TrafficRecord {
    let id: String
    let provider: String
    let endpoint: String
    let url: String
    let status: Int64
    let isStream: Bool
    /// nil where none was recorded, or where it is no JSON.
    let request: JSON?
    /// The raw bytes of the response's body; AWS frames where the body is an event stream.
    let body: [UInt8]
    let contentType: String
    /// Why the record is not byte-exact; nil where it is.
    let reconstructed: String?
    /// False where the recorder cut or mangled AWS frames.
    let eventStreamIsValid: Bool

    /// The last part of the URL's path, before `?`.
    var lastPathComponent: String {
        String(url.prefix { $0 != "?" }.split(separator: "/").last ?? "")
    }

    var name: String { "\(provider)/\(endpoint) \(id)" }
}

enum Traffic {
    /// Calls `body` with each record of these providers and endpoints; without the corpus, with none.
    static func forEach(
        _ providers: [String], _ endpoints: Set<String>, _ body: (TrafficRecord) throws -> Void
    ) throws {
        guard let folder = Corpus.folder else { return }
        for provider in providers {
            let bytes = Corpus.read("\(folder)/traffic/\(provider).jsonl")
            #expect(!bytes.isEmpty, "no records of \(provider)")
            for line in bytes.split(separator: 0x0A) {
                let found: TrafficRecord? = line.withUnsafeBytes { Traffic.record($0, provider) }
                guard let found, endpoints.contains(found.endpoint) else { continue }
                try body(found)
            }
        }
    }

    /// Calls `body` with each failed call of a provider, and its `x-amzn-errortype`.
    static func forEachFailed(_ provider: String, _ body: (TrafficRecord, String?) throws -> Void) throws {
        guard let folder = Corpus.folder else { return }
        for line in Corpus.read("\(folder)/traffic/\(provider).jsonl").split(separator: 0x0A) {
            let found: (TrafficRecord, String?)? = line.withUnsafeBytes { bytes in
                guard let record = Traffic.record(bytes, provider), record.status >= 400 else { return nil }
                let headers = (try? JSONScanner.scan(bytes))?.value("response_headers", in: bytes)
                return (record, headers?.member("x-amzn-errortype")?.string)
            }
            if let found { try body(found.0, found.1) }
        }
    }

    /// The names of all files of traffic.
    static func providers() -> [String] {
        guard let folder = Corpus.folder, let directory = opendir("\(folder)/traffic") else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".jsonl") { names.append(String(name.dropLast(6))) }
        }
        return names.sorted()
    }

    private static func record(_ line: UnsafeRawBufferPointer, _ provider: String) -> TrafficRecord? {
        guard let document = try? JSONScanner.scan(line) else { return nil }
        func text(_ name: StaticString) -> String? { document.value(name, in: line)?.string }
        var body: [UInt8] = []
        if let range = document.value("response_body", in: line)?.textRange {
            body = JSONEscapes.unescaped(UnsafeRawBufferPointer(rebasing: line[range]))
            if text("response_body_encoding") == "base64" { body = Base64.decoded(body) ?? [] }
        }
        var request = document.value("request_body", in: line).flatMap { try? JSON.parse($0.raw) }
        if let string = request?.string { request = try? JSON.parse(string) }
        let headers = document.value("response_headers", in: line)
        return TrafficRecord(
            id: text("id") ?? "?", provider: provider, endpoint: text("endpoint") ?? "?", url: text("url") ?? "",
            status: document.value("status", in: line)?.int ?? 0,
            isStream: document.value("streaming", in: line)?.bool ?? false,
            request: request?.object == nil ? nil : request, body: body,
            contentType: headers?.member("content-type")?.string ?? "", reconstructed: text("reconstructed"),
            eventStreamIsValid: document.value("eventstream_valid", in: line)?.bool ?? true)
    }
}
