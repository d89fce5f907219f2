import WireFormats

extension TargetFacts.ThinkingStyle {
    /// How a model is told how much to think, by its name: what the configuration does not say.
    ///
    /// Claude: extended thinking came with 3.7; from 4.6 on `adaptive` with an effort is meant, and newer models refuse
    /// budgets (https://docs.claude.com/en/docs/build-with-claude/adaptive-thinking, read on 2026-11-29). Gemini: budgets
    /// with 2.5, levels from 3 on (https://ai.google.dev/gemini-api/docs/thinking, read on 2026-11-29).
    public static func usual(for model: String) -> TargetFacts.ThinkingStyle {
        let name = model.lowercased()
        if let rest = rest(of: name, from: "claude") { return claude(rest) }
        if let rest = rest(of: name, from: "gemini-") {
            let version = numbers(in: rest)
            guard let major = version.first else { return .level }
            if major >= 3 { return .level }
            return major == 2 && version.count > 1 && version[1] >= 5 ? .budget : .none
        }
        return .budget
    }

    private static func claude(_ name: Substring) -> TargetFacts.ThinkingStyle {
        // Dates are no versions: claude-sonnet-4-20250514, claude-3-7-sonnet-20250219.
        let version = numbers(in: name).filter { $0 < 1000 }
        switch (version.first ?? Int.max, version.dropFirst().first ?? 0) {
        case (3, 7): return .budget
        case (...3, _): return .none
        case (4, 6...): return .level
        case (4, _): return .budget
        default: return .level
        }
    }

    /// The name from the first place on where `word` stands. (`firstRange(of:)` took a twentieth of a translation's time.)
    private static func rest(of name: String, from word: String) -> Substring? {
        var start = name.utf8.startIndex
        while start < name.utf8.endIndex {
            if name.utf8[start...].starts(with: word.utf8) { return name[start...] }
            start = name.utf8.index(after: start)
        }
        return nil
    }

    private static func numbers(in text: Substring) -> [Int] {
        text.split { !$0.isASCII || !$0.isNumber }.prefix(4).compactMap { Int($0) }
    }
}
