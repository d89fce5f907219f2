/// What an entry of a key's model list admits: a name means itself, `*` in it stands for any characters, and
/// LiteLLM's `all-proxy-models` for everything.
public enum ModelPattern {
    public static func matches(_ pattern: String, _ model: String) -> Bool {
        if pattern == model { return true }
        guard pattern.utf8.contains(star) else { return pattern == "all-proxy-models" }
        var pattern = pattern
        var model = model
        return pattern.withUTF8 { pattern in model.withUTF8 { model in matches(pattern, model) } }
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
