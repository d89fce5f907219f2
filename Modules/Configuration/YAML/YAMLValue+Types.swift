import Secrets
import Units

/// The types of settings: what they look like in the file, and what a problem says was expected.
extension YAMLValue {
    func flag() -> Bool? { read("true or false") { ["true": true, "false": false][$0] } }

    func number(_ range: ClosedRange<Int>) -> Int? {
        let expected =
            range.upperBound == .max
            ? "a whole number of at least \(range.lowerBound)"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return read(expected) { Int($0).flatMap { range.contains($0) ? $0 : nil } }
    }

    /// `250ms`, `30s`, `5m`, `2h`, `7d`.
    func duration(_ range: ClosedRange<Duration>) -> Duration? {
        let expected =
            "a time such as 250ms, 30s, 5m, 2h or 7d, from \(range.lowerBound.short) to \(range.upperBound.short)"
        return read(expected) { Duration(text: $0).flatMap { range.contains($0) ? $0 : nil } }
    }

    /// `65536`, `32MB`, `64MiB`.
    func bytes(_ range: ClosedRange<Int>) -> Int? {
        read("a size such as 512KB, 32MB or 1GiB, from \(range.lowerBound) to \(range.upperBound) bytes") {
            ByteSize.parse($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Dollars, exact.
    func money() -> NanoUSD? {
        read("an amount of dollars such as 10 or 0.25") {
            NanoUSD(decimal: $0).flatMap { $0 >= .zero ? $0 : nil }
        }
    }

    /// Dollars per million tokens, exact.
    func tokenPrice() -> TokenPrice? {
        read("dollars per million tokens, such as 2.50") { TokenPrice(dollarsPerMillion: $0) }
    }

    func choice<Value: RawRepresentable & CaseIterable>(_ type: Value.Type) -> Value? where Value.RawValue == String {
        read(type.allCases.map(\.rawValue).joined(separator: " or ")) { Value(rawValue: $0) }
    }

    /// A list of texts; a single text is a list of one.
    func texts(_ expected: String = "a list of texts") -> [String]? {
        if case .scalar = node { return text(expected: expected).map { [$0] } }
        return list()?.compactMap { $0.text() }
    }

    /// `env:NAME`, `os.environ/NAME`, `file:path`. The text itself is never repeated: it may be the secret.
    func secret(allowsLiteral: Bool) -> SecretReference? {
        guard let text = text(expected: "env:NAME or file:path", secret: true) else { return nil }
        guard !text.isEmpty else {
            report("\(place) is empty; expected env:NAME or file:path")
            return nil
        }
        do {
            return try SecretReference(text, allowsLiteral: allowsLiteral)
        } catch SecretError.literalRefused {
            report(
                "\(place) is a secret in the file itself; write env:NAME or file:path, and put the secret there "
                    + "(or set allow_literal_secrets: true)")
        } catch {
            report("\(place): \(error)")
        }
        return nil
    }
}

extension Duration {
    /// `250ms`, `30s`, `5m`, `2h`, `7d`: the largest unit that states it whole.
    var short: String {
        let units: [(Int64, String)] = [
            (86_400_000_000_000, "d"), (3_600_000_000_000, "h"), (60_000_000_000, "m"), (1_000_000_000, "s"),
            (1_000_000, "ms"), (1_000, "us"),
        ]
        for (length, unit) in units where nanoseconds >= length && nanoseconds % length == 0 {
            return "\(nanoseconds / length)\(unit)"
        }
        return "0s"
    }
}

/// Sizes as operators write them: decimal and binary units, no fractions.
enum ByteSize {
    static func parse(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        let units = [
            "": 1, "B": 1, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000, "KiB": 1 << 10, "MiB": 1 << 20,
            "GiB": 1 << 30,
        ]
        guard let unit = units[String(text.dropFirst(digits.count))] else { return nil }
        let (size, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : size
    }
}
