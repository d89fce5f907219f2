import Configuration

/// A configuration that loads, with room for more.
func configuration(
    providers: String = "openai: {api_key: env:OPENAI_API_KEY}", models: String = "- {name: gpt-4o, targets: [openai]}",
    _ more: String = ""
) -> String {
    func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }.joined(separator: "\n")
    }
    return "providers:\n\(indented(providers))\nmodels:\n\(indented(models))\n\(more)\n"
}

func load(_ text: String, set: Set<String> = []) throws(ConfigurationError) -> Settings {
    try Settings.parse(text, folder: "/etc/tollgate", isSet: { set.contains($0) })
}

/// The problems of a text, as they are shown.
func problems(_ text: String) -> [String] {
    do {
        _ = try load(text)
        return []
    } catch {
        return error.problems.map(\.description)
    }
}
