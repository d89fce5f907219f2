import Configuration
import Testing

@Suite("What a reload changes")
struct DifferencesTests {
    func differences(_ before: String, _ now: String) throws -> [String] {
        try load(now).differences(from: load(before))
    }

    @Test("is nothing where nothing changed, whatever the file looks like")
    func none() throws {
        #expect(try differences(Settings.example, Settings.example + "\n# a remark\n") == [])
        #expect(try differences(configuration(), configuration("retries: {max: 2}")) == [])
    }

    @Test("is told by name, with old and new values")
    func told() throws {
        let before = configuration(
            models: "- {name: gpt-4o, targets: [openai]}\n- {name: gpt-4.1, targets: [openai]}",
            "guardrails: [{name: g, rule: secrets, action: refuse}]")
        let now = configuration(
            providers: "openai: {api_key: env:OTHER}\nx: {base_url: \"http://10.0.0.1\"}",
            models: "- {name: gpt-4o, targets: [openai, x], retries: {max: 5}, price: {input: 1, output: 2}}\n"
                + "- {name: gpt-4o-mini, targets: [openai]}",
            """
            global_budget: {max_budget: 10, budget_duration: 1d}
            limits: {body_bytes: 1MB}
            logs: {retention: 7d}
            gateway: {loops: 2}
            guardrails: [{name: g, rule: secrets, action: redact}]
            unpriced_models: allow
            """)
        #expect(
            try differences(before, now) == [
                "provider openai: changed (key)", "provider x: added", "model gpt-4.1: removed",
                "model gpt-4o: changed (targets, price, retries, unpriced_models)", "model gpt-4o-mini: added",
                "global_budget: none → $10 per 1d", "guardrail g: changed",
                "limits.body_bytes: 32000000 → 1000000",
                "logs: requests true in logs/requests.jsonl, retention 90d, sync 1s → requests true in "
                    + "logs/requests.jsonl, retention 7d, sync 1s",
                "gateway.loops: auto → 2", "egress:  → 10.0.0.1",
            ])
    }

    @Test("never shows a literal secret")
    func secrets() throws {
        func text(_ key: String) -> String {
            configuration(providers: "openai: {api_key: \(key)}", "allow_literal_secrets: true")
        }
        #expect(
            try differences(text("first-secret-key"), text("second-secret-key")) == ["provider openai: changed"])
    }
}
