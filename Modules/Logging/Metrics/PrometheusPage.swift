import Units

/// Prometheus' text exposition format, version 0.0.4.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats (read on 2026-11-23)
struct PrometheusPage {
    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var bytes: [UInt8] = []
    private var name = ""

    /// Begins a family; its samples follow.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        text("# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n")
    }

    /// A family with one sample.
    mutating func value(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        family(name, kind, help)
        sample([], value)
    }

    mutating func sample(_ labels: [(String, String)], _ value: Int) {
        text(name)
        append(labels)
        text(" \(value)\n")
    }

    /// A sample with three digits after the point.
    mutating func sample(_ labels: [(String, String)], thousandths value: Int) {
        text(name)
        append(labels)
        text(" \(DecimalText.text(of: Int64(value), powerOfTen: 3))\n")
    }

    /// - Parameter cells: as ``HistogramBounds`` lays them out. Nothing is written for a histogram without values.
    mutating func histogram(_ labels: [(String, String)], _ bounds: HistogramBounds, _ cells: ArraySlice<Int>) {
        let first = cells.startIndex
        var count = 0
        for index in 0...bounds.nanoseconds.count { count += cells[first + index] }
        guard count > 0 else { return }
        var below = 0
        for (index, bound) in bounds.nanoseconds.enumerated() {
            below += cells[first + index]
            text(name + "_bucket")
            append(labels + [("le", DecimalText.text(of: Int64(bound), powerOfTen: 9))])
            text(" \(below)\n")
        }
        text(name + "_bucket")
        append(labels + [("le", "+Inf")])
        text(" \(count)\n\(name)_sum")
        append(labels)
        text(" \(DecimalText.text(of: Int64(cells[first + bounds.sumCell]), powerOfTen: 9))\n\(name)_count")
        append(labels)
        text(" \(count)\n")
    }

    private mutating func append(_ labels: [(String, String)]) {
        guard !labels.isEmpty else { return }
        for (index, (name, value)) in labels.enumerated() {
            text(index == 0 ? "{" : ",")
            text(name)
            text("=\"")
            for byte in value.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): text("\\\\")
                case UInt8(ascii: "\""): text("\\\"")
                case UInt8(ascii: "\n"): text("\\n")
                default: bytes.append(byte)
                }
            }
            text("\"")
        }
        text("}")
    }

    private mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
