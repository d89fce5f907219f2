import Providers

extension Settings {
    /// The configuration that `tollgate init` writes on a machine that has none.
    public struct Starter: Sendable {
        /// The YAML text.
        public var text: String
        /// The providers in it, the one that answers plain names first.
        public var providers: [String]
        /// A model that answers, for the curl line that is printed.
        public var model: String
        /// No provider's key was found, so tollgate-mock answers.
        public var usesMock: Bool
    }

    /// The providers that `tollgate init` looks for, in the order of preference, and a small model of each.
    ///
    /// Not in it: those whose variable is commonly set for something else (GITHUB_TOKEN, HF_TOKEN, cloud accounts) and
    /// those that need more than a key.
    static let starters: [(provider: String, model: String)] = [
        ("openai", "gpt-4o-mini"), ("anthropic", "claude-haiku-4-5"), ("gemini", "gemini-2.5-flash"),
        ("mistral", "mistral-small-latest"), ("groq", "openai/gpt-oss-20b"), ("deepseek", "deepseek-chat"),
        ("xai", "grok-4.3"), ("together_ai", "openai/gpt-oss-20b"),
        ("fireworks_ai", "accounts/fireworks/models/gpt-oss-20b"), ("cohere", "command-r7b-12-2024"),
        ("perplexity", "sonar"), ("cerebras", "gpt-oss-120b"), ("sambanova", "Meta-Llama-3.3-70B-Instruct"),
        ("deepinfra", "openai/gpt-oss-20b"), ("moonshot", "kimi-k2.5"), ("dashscope", "qwen-flash"),
        ("zai", "glm-4.5-air"), ("minimax", "MiniMax-M2.5"), ("nebius", "openai/gpt-oss-120b"),
        ("openrouter", "openai/gpt-4o-mini"),
    ]

    /// - Parameters:
    ///   - isSet: whether an environment variable is set to something.
    ///   - mockPort: where tollgate-mock listens (`TOLLGATE_MOCK_PORT`).
    public static func starter(isSet: (String) -> Bool, mockPort: Int = 4010) -> Starter {
        let found = starters.compactMap { starter -> (row: Provider, variable: String, model: String)? in
            guard let row = Provider.named(starter.provider), let variable = row.keyVariables.first(where: isSet)
            else { return nil }
            return (row, variable, starter.model)
        }
        guard let first = found.first else { return mockStarter(port: mockPort) }
        let names = found.map(\.row.name)
        let providers = found.map { "  \($0.row.name): {api_key: env:\($0.variable)}" }.joined(separator: "\n")
        // Without a price in the catalogue every call would be refused.
        let unpriced = names.filter { ModelCatalogue.models(of: $0).isEmpty }
        func row(_ model: String, _ provider: String) -> String {
            let policy = unpriced.contains(provider) ? ", unpriced_models: allow" : ""
            return #"  - {name: "\#(model)", targets: [\#(provider)]\#(policy)}"#
        }
        let prefixed = names.map { row("\($0)/*", $0) }.joined(separator: "\n")
        let allowed =
            unpriced.isEmpty
            ? ""
            : "\n# No prices are known for \(unpriced.joined(separator: ", ")): a call there costs what the provider reports,"
                + " else nothing.\n# Under a budget such calls go one after the other, and others are refused meanwhile."
        let text = """
            # Written by tollgate because there was no configuration yet. Everything that can stand here:
            # docs/examples/tollgate.yaml. Checked with `tollgate check`, read again within 2 s of a change.

            providers:
            \(providers)

            models:
              # Any of \(first.row.name)'s models, by its own name, for instance \(first.model).
            \(row("*", first.row.name))
              # The same with the provider's name in front.
            \(prefixed)

            # A model without a known price is refused: give it one (price:) or say price: free.\(allowed)
            unpriced_models: refuse

            """
        return Starter(text: text, providers: names, model: first.model, usesMock: false)
    }

    private static func mockStarter(port: Int) -> Starter {
        let text = """
            # Written by tollgate because there was no configuration yet, and in the environment no provider's key that is
            # enough by itself: tollgate-mock answers. Everything that can stand here: docs/examples/tollgate.yaml.
            # Checked with `tollgate check`, read again within 2 s of a change.

            providers:
              mock: {base_url: "http://127.0.0.1:\(port)/v1"}
              # openai: {api_key: env:OPENAI_API_KEY}

            models:
              - name: mock-gpt
                targets: [mock]
                price: {input: 2.50, output: 10, cached_input: 1.25} # dollars per million tokens
              - name: mock-embed
                targets: [mock]
                price: {input: 0.02}
              # Any of OpenAI's models, by its own name:
              # - {name: "*", targets: [openai]}

            # A model without a known price is refused: give it one (price:) or say price: free.
            unpriced_models: refuse

            """
        return Starter(text: text, providers: ["mock"], model: "mock-gpt", usesMock: true)
    }
}
