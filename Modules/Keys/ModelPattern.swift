/// What an entry of a key's model list admits: a name means itself, `*` in it stands for any characters, and
/// LiteLLM's `all-proxy-models` for everything.
public enum ModelPattern {
    /// Compares bytes: upper and lower case differ, and `*` stands also for nothing and for slashes.
    public static func matches(_ pattern: String, _ model: String) -> Bool {
        if pattern == model { return true }
        guard pattern.utf8.contains(star) else { return admitsAll(pattern) }
        var pattern = pattern
        var model = model
        return pattern.withUTF8 { pattern in model.withUTF8 { model in matches(pattern, model) } }
    }

    /// Whether the entry stands for every name.
    static func admitsAll(_ pattern: String) -> Bool {
        pattern == "all-proxy-models" || (!pattern.isEmpty && pattern.utf8.allSatisfy { $0 == star })
    }

    /// What to tell who gives a key these entries. No error: a key may be made before its models are.
    ///
    /// - Parameter models: the names of the models there are; `*` in one stands for any characters.
    public static func warnings(about entries: [String], models: [String]) -> [String] {
        entries.filter { entry in !models.contains { canMeet(entry, $0) } }
            .map { "models: no model of this gateway's configuration is named '\($0)'" }
    }

    /// Whether there is a name that both admit.
    private static func canMeet(_ pattern: String, _ other: String) -> Bool {
        guard let left = ends(of: pattern), let right = ends(of: other) else {
            return matches(pattern, other) || matches(other, pattern)
        }
        // What stands between the stars can stand where the other has one.
        return (left.first.starts(with: right.first) || right.first.starts(with: left.first))
            && (left.last.reversed().starts(with: right.last.reversed())
                || right.last.reversed().starts(with: left.last.reversed()))
    }

    /// What stands before the first star and behind the last; nil where there is none.
    private static func ends(of pattern: String) -> (first: Substring.UTF8View, last: Substring.UTF8View)? {
        guard let first = pattern.utf8.firstIndex(of: star), let last = pattern.utf8.lastIndex(of: star) else {
            return nil
        }
        return (pattern.utf8[..<first], pattern.utf8[pattern.utf8.index(after: last)...])
    }

    private static let star = UInt8(ascii: "*")

    /// Goes back to the last `*` only, so the time is at most the product of the lengths.
    private static func matches(_ pattern: UnsafeBufferPointer<UInt8>, _ model: UnsafeBufferPointer<UInt8>) -> Bool {
        var inPattern = 0
        var inModel = 0
        var lastStar: (inPattern: Int, inModel: Int)?
        while inModel < model.count {
            if inPattern < pattern.count, pattern[inPattern] == star {
                lastStar = (inPattern, inModel)
                inPattern += 1
            } else if inPattern < pattern.count, pattern[inPattern] == model[inModel] {
                inPattern += 1
                inModel += 1
            } else if let star = lastStar {
                // The last star takes one character more.
                lastStar = (star.inPattern, star.inModel + 1)
                inPattern = star.inPattern + 1
                inModel = star.inModel + 1
            } else {
                return false
            }
        }
        return pattern[inPattern...].allSatisfy { $0 == star }
    }
}
