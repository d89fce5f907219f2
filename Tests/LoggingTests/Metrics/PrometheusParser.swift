/// A strict reader of the text exposition format, for tests: what is not exactly right is an error.
struct PrometheusParser {
    struct Sample: Equatable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    struct Problem: Error, CustomStringConvertible {
        let line: String
        let reason: String
        var description: String { "\(reason): \(line)" }
    }

    private(set) var samples: [Sample] = []
    private(set) var types: [String: String] = [:]

    init(_ bytes: [UInt8]) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Problem(line: "", reason: "not UTF-8") }
        guard text.hasSuffix("\n") else { throw Problem(line: "", reason: "no line feed at the end") }
        var helped: Set<String> = []
        var current = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            func fail(_ reason: String) -> Problem { Problem(line: String(line), reason: reason) }
            if line.hasPrefix("# HELP ") {
                let name = String(line.dropFirst(7).prefix { $0 != " " })
                guard helped.insert(name).inserted else { throw fail("second HELP") }
                current = name
            } else if line.hasPrefix("# TYPE ") {
                let words = line.dropFirst(7).split(separator: " ").map(String.init)
                guard words.count == 2, words[0] == current, types[current] == nil else { throw fail("misplaced TYPE") }
                guard ["counter", "gauge", "histogram"].contains(words[1]) else { throw fail("unknown type") }
                types[current] = words[1]
            } else {
                guard !line.isEmpty, !line.hasPrefix("#") else { throw fail("neither a sample nor known metadata") }
                let sample = try Self.sample(line, fail)
                let suffixes = types[current] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
                guard suffixes.contains(where: { sample.name == current + $0 }) else { throw fail("of another family") }
                guard !samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels }) else {
                    throw fail("second sample of the series")
                }
                samples.append(sample)
            }
        }
        try checkHistograms()
    }

    private static func sample(_ line: Substring, _ fail: (String) -> Problem) throws -> Sample {
        var rest = line
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
        guard let first = name.first, !first.isNumber else { throw fail("bad name") }
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while true {
                let label = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                guard !label.isEmpty, labels[String(label)] == nil else { throw fail("bad label") }
                rest = rest.dropFirst(label.count)
                guard rest.hasPrefix("=\"") else { throw fail("no value of a label") }
                rest = rest.dropFirst(2)
                var value = ""
                while let character = rest.popFirst() {
                    if character == "\"" { break }
                    guard character == "\\" else {
                        value.append(character)
                        continue
                    }
                    switch rest.popFirst() {
                    case "n": value.append("\n")
                    case "\\": value.append("\\")
                    case "\"": value.append("\"")
                    default: throw fail("bad escape")
                    }
                }
                labels[String(label)] = value
                let next = rest.popFirst()
                if next == "}" { break }
                guard next == "," else { throw fail("labels are not separated") }
            }
        }
        guard rest.popFirst() == " ", let value = Double(rest) else { throw fail("bad value") }
        return Sample(name: String(name), labels: labels, value: value)
    }

    private func checkHistograms() throws {
        for (name, type) in types where type == "histogram" {
            let buckets = Dictionary(grouping: samples.filter { $0.name == name + "_bucket" }) { sample in
                sample.labels.filter { $0.key != "le" }
            }
            for (labels, ofSeries) in buckets {
                let bounds = ofSeries.map {
                    $0.labels["le"] == "+Inf" ? .infinity : Double($0.labels["le"] ?? "") ?? .nan
                }
                let counts = ofSeries.map(\.value)
                let count = value(name + "_count", labels)
                guard bounds == bounds.sorted(), bounds.last == .infinity, counts == counts.sorted(),
                    counts.last == count, value(name + "_sum", labels) != nil
                else { throw Problem(line: "\(name)\(labels)", reason: "not a histogram") }
            }
        }
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }
}
