import Configuration
import TestSupport
import Testing

@Suite("A mistake in a configuration")
struct ProblemTests {
    @Test("in a key is shown with its line, its column and what was meant")
    func unknownKeys() {
        #expect(
            problems(
                """
                providers:
                  openai: {api_key: env:KEY, base_ur: "https://x"}
                models:
                  - name: gpt-4o
                    targets:
                      - {provider: openai, wieght: 2}
                    fallback: [x]
                    timeouts:
                      first_bite: 3s
                colour: red
                retrys: {}
                """)
                == [
                    "tollgate.yaml:2:30: unknown key 'base_ur' in providers.openai; did you mean 'base_url'?",
                    "tollgate.yaml:6:28: unknown key 'wieght' in models[0].targets[0]; did you mean 'weight'?",
                    "tollgate.yaml:7:5: unknown key 'fallback' in models[0]; did you mean 'fallbacks'?",
                    "tollgate.yaml:9:7: unknown key 'first_bite' in models[0].timeouts; did you mean 'first_byte'?",
                    "tollgate.yaml:10:1: unknown key 'colour' in the top level; known here: allow_literal_secrets, "
                        + "cooldown, default_max_output_tokens, egress, gateway, global_budget, guardrails, keys, limits, "
                        + "logs, metrics, models, on_client_gone, out_of_range, providers, retries, strict_params, "
                        + "thinking, time_zone, timeouts, unpriced_models",
                    "tollgate.yaml:11:1: unknown key 'retrys' in the top level; did you mean 'retries'?",
                ])
    }

    @Test(
        "is told once, and not what comes of it",
        arguments: [
            ("{x: {base_ur: \"https://h\"}}", "[{name: a, targets: [x/b]}]", "unknown key 'base_ur' in providers.x"),
            ("{opena: {}}", "[{name: a, targets: [opena/b]}]", "providers.opena is not a known provider"),
            ("{x: {base_url: \"ftp://h\"}}", "[{name: a, targets: [x]}]", "providers.x.base_url is 'ftp://h'"),
            (
                "{azure: {base_url: h}}", "[{name: a, price: free, targets: [azure]}]",
                "providers.azure.base_url is 'h'"
            ),
            ("{\"a b\": {}}", "[{name: a, targets: [a b/c]}]", "'a b' can't name a provider"),
            ("[openai]", "[{name: gpt-4o, targets: [openai]}]", "providers is a list"),
            ("{openai: {}}", "[{nam: a, targets: [openai]}]", "unknown key 'nam' in models[0]"),
            ("{openai: {}}", "[{name: gpt-4o, target: [openai]}]", "unknown key 'target' in models[0]"),
            ("{openai: {}}", "[{name: [a], targets: [openai]}]", "models[0].name is a list"),
            ("{openai: {}}", "[{name: a, targets: [{provder: openai}]}]", "unknown key 'provder' in models[0]"),
            ("{openai: {}}", "[{name: a, targets: [openai], price: {inptu: 3}}]", "unknown key 'inptu' in models[0]"),
            ("{openai: {}}", "[{name: a, targets: [openai], price: {input: x}}]", "models[0].price.input is 'x'"),
            ("{openai: {}}", "[{name: a, targets: [openai], price: cheap}]", "models[0].price is 'cheap'"),
            (
                "{openai: {}}",
                "[{name: a b, price: free, targets: [openai]}, {name: gpt-4o, targets: [openai], fallbacks: [a b]}]",
                "models[0].name is 'a b'"
            ),
        ])
    func consequences(providers: String, models: String, expected: String) {
        let shown = problems("providers: \(providers)\nmodels: \(models)\n")
        #expect(shown.count == 1 && shown[0].contains(expected), "\(shown)")
    }

    @Test("in a section's name hides what the other sections say of its absence")
    func sections() {
        let shown = problems("provider:\n  openai: {}\nmodels:\n- {name: gpt-4o, targets: [openai]}\n")
        #expect(shown == ["tollgate.yaml:1:1: unknown key 'provider' in the top level; did you mean 'providers'?"])
        let budget = problems(configuration("global_budget: {max_budgt: 3, budget_duration: 1d}"))
        #expect(budget.count == 1 && budget[0].contains("did you mean 'max_budget'?"), "\(budget)")
        let guardrail = problems(configuration("guardrails: [{nam: x, rul: secrets, acton: refuse}]"))
        #expect(guardrail.count == 3 && guardrail.allSatisfy { $0.contains("did you mean") }, "\(guardrail)")
    }

    @Test("in a guardrail's list is told once", arguments: ["words: []", "kinds: []", "kinds: [pin]", "on: []"])
    func guardrailLists(text: String) {
        let rule = text.hasPrefix("words") ? "banned_words" : "secrets"
        let shown = problems(configuration("guardrails: [{name: x, rule: \(rule), action: refuse, \(text)}]"))
        #expect(shown.count == 1, "\(shown)")
    }

    @Test("in LiteLLM's words is understood")
    func litellm() {
        let shown = problems(
            """
            model_list:
              - {}
            """)
        #expect(shown.contains { $0.contains("unknown key 'model_list' in the top level; did you mean 'models'?") })
    }

    @Test(
        "in a value says what stands there and what was expected",
        arguments: [
            ("retries: {max: lots}", "retries.max is 'lots'; expected a whole number from 0 to 20"),
            ("retries: {max: 21}", "retries.max is '21'; expected a whole number from 0 to 20"),
            ("retries: {max: -1}", "retries.max is '-1'; expected a whole number from 0 to 20"),
            ("retries: {max: 1.0}", "retries.max is '1.0'; expected a whole number from 0 to 20"),
            ("retries: {max: [1]}", "retries.max is a list; expected a whole number from 0 to 20"),
            ("retries: 3", "retries is a single value; expected keys and values"),
            ("retries: {jitter: some}", "retries.jitter is 'some'; expected equal or full"),
            (
                "timeouts: {idle: 30}",
                "timeouts.idle is '30'; expected a time such as 250ms, 30s, 5m, 2h or 7d, from 1ms to 1d"
            ),
            ("unpriced_models: free", "unpriced_models is 'free'; expected refuse or allow"),
            ("allow_literal_secrets: yes", "allow_literal_secrets is 'yes'; expected true or false"),
            ("global_budget: {max_budget: -5}", "global_budget.max_budget is '-5'; expected an amount of dollars such"),
            ("global_budget: {max_budget: 1e99}", "global_budget.max_budget is '1e99'; expected an amount of dollars"),
            (
                "global_budget: {max_budget: 1, budget_duration: 5}",
                "global_budget.budget_duration is '5'; expected a w"
            ),
            ("global_budget: {budget_duration: 1d}", "global_budget has a budget_duration but no max_budget"),
            ("time_zone: Mars/Olympus", "time_zone is 'Mars/Olympus'; expected UTC, an offset such as +02:00, or a"),
            ("time_zone: ../../etc/passwd", "time_zone is '../../etc/passwd'; expected UTC"),
            ("time_zone: \"+25:00\"", "time_zone is '+25:00'; expected UTC"),
            ("limits: {body_bytes: 32mb}", "limits.body_bytes is '32mb'; expected a size such as 512KB, 32MB or 1GiB"),
            ("limits: {body_bytes: 9999999999999999999GB}", "limits.body_bytes is '9999999999999999999GB'; expected"),
            ("logs: {sync: often}", "logs.sync is 'often'; expected never, close, or a time such as 1s"),
            ("gateway: {loops: 0}", "gateway.loops is '0'; expected auto, or a number from 1 to 256"),
            ("metrics: {token: env:1X}", "metrics.token: not a secret's reference: the name of an environment varia"),
            ("keys: {master_key: file:a, pepper: file:a}", "keys: master_key and pepper are the same"),
            ("egress: {allow_private: [\"http://x\"]}", "egress.allow_private[0] is 'http://x'; expected a host name"),
            ("egress: {allow_private: [\"a/b\"]}", "egress.allow_private[0] is 'a/b'; expected a host name"),
            ("guardrails: [{name: x}]", "guardrails[0] has no 'rule': secrets or banned_words"),
            ("guardrails: [{name: x}]", "guardrails[0] has no 'action': refuse or redact"),
            ("guardrails: [{name: x, rule: regex, action: refuse}]", "guardrails[0].rule is 'regex'; expected secrets"),
            (
                "guardrails: [{name: x, rule: secrets, action: refuse, kinds: [pin]}]",
                "guardrails[0].kinds[0] is 'pin'; expected private_key or"
            ),
            ("guardrails: [{name: x, rule: banned_words, action: refuse}]", "guardrails[0] has no 'words'"),
            (
                "guardrails: [{name: x, rule: banned_words, words: [], action: refuse}]",
                "5:51: guardrails[0].words is empty: list what it looks for, such as [Bluebird, "
            ),
            (
                "guardrails: [{name: x, rule: secrets, kinds: [], action: refuse}]",
                "guardrails[0].kinds is empty: list what it looks for, or leave it out for all kinds"
            ),
            (
                "guardrails: [{name: x, rule: secrets, action: refuse, on: []}]",
                "guardrails[0].on is empty: list request, answer or both, or leave it out for both"
            ),
            (
                "guardrails: [{name: x, rule: secrets, words: [a], action: refuse}]",
                "guardrails[0]: words belong to the rule banned_words"
            ),
            (
                "guardrails: [{name: x, rule: secrets, action: refuse, with: y}]",
                "guardrails[0] refuses, so 'with' replaces nothing"
            ),
            (
                "guardrails: [{name: x, rule: secrets, action: refuse}, {name: x, rule: secrets, action: refuse}]",
                "guardrails: two guardrails are named 'x'"
            ),
            (
                "guardrails: [{name: x, rule: secrets, action: refuse, on: [both]}]",
                "guardrails[0].on[0] is 'both'; exp"
            ),
            ("? [a, b]\n: c", "a key in the top level is not a single value"),
        ])
    func values(more: String, expected: String) {
        let shown = problems(configuration(more))
        #expect(shown.contains { $0.contains(expected) }, "\(shown)")
    }

    @Test(
        "in a provider is found",
        arguments: [
            ("opena: {}", "providers.opena is not a known provider and has no base_url; did you mean 'openai'?"),
            ("x: {like: opnai}", "providers.x.like is 'opnai'; expected the name of a known provider"),
            ("x: {base_url: \"ftp://h\"}", "providers.x.base_url is 'ftp://h'; expected an http or https URL without"),
            ("x: {base_url: \"https://h//v1\"}", "65535, no segment of its path empty, '.' or '..'"),
            ("x: {base_url: \"https://u:p@h\"}", "providers.x.base_url is"),
            ("x: {base_url: \"https://h:99999/v1\"}", "or fragment, its port from 1 to 65535"),
            ("openai: {api_key: \"\"}", "2:21: providers.openai.api_key is empty; expected env:NAME or file:path"),
            ("azure: {}", "providers.azure needs a base_url; see https://learn.microsoft.com/"),
            ("azure_deployments: {base_url: \"https://r\"}", "providers.azure_deployments needs an api_version: its"),
            ("\"a b\": {}", "'a b' can't name a provider"),
            ("openai: [a]", "providers.openai is a list; expected keys and values"),
            ("openai: {headers: {Authorization: x}}", "providers.openai.headers.Authorization can't be set"),
            ("openai: {headers: {\"X-A b\": x}}", "providers.openai.headers.X-A b can't be set"),
            ("openai: {headers: {X-A: \"a\\r\\nb\"}}", "providers.openai.headers.X-A has characters that a header can"),
        ])
    func providers(text: String, expected: String) {
        let shown = problems(configuration(providers: text, models: "- {name: \"*\", targets: []}"))
        #expect(shown.contains { $0.contains(expected) }, "\(shown)")
    }

    @Test(
        "in a model is found",
        arguments: [
            ("- {targets: [openai]}", "models[0] has no 'name'"),
            ("- {name: gpt-4o}", "models[0] has no 'targets'"),
            ("- {name: gpt-4o, targets: []}", "models[0].targets is empty: nobody could answer"),
            ("- {name: \"a*b*\", targets: [openai]}", "models[0].name is 'a*b*'; expected a name without spaces"),
            ("- {name: \"a b\", targets: [openai]}", "models[0].name is 'a b'"),
            (
                "- {name: gpt-4o, targets: [\"openai/\"]}",
                "models[0].targets[0] is 'openai/', with no model after the slash"
            ),
            ("- {name: gpt-4o, targets: [\"\"]}", "models[0].targets[0]: no provider is named '' here"),
            ("- {name: gpt-4o, targets: [opnai]}", "no provider is named 'opnai' here; did you mean 'openai'?"),
            ("- {name: gpt-4o, targets: [groq]}", "the provider 'groq' is known, but not listed; add it to providers:"),
            ("- {name: gpt-4o, targets: [{model: x}]}", "models[0].targets[0] has no 'provider'"),
            ("- {name: gpt-4o, targets: [openai, openai/gpt-4o]}", "models[0].targets[1] is there already: openai/gpt"),
            ("- {name: x, targets: [\"openai/*\"]}", "has a * in its model, but the model's own name has none"),
            ("- {name: gpt-4o, targets: [openai], fallbacks: [gpt-4o]}", "models[0].fallbacks[0] is the model itself"),
            (
                "- {name: gpt-4o, targets: [openai], fallbacks: [gpt-5x]}",
                "models[0].fallbacks[0] is 'gpt-5x', which is no model here"
            ),
            (
                "- {name: gpt-4o, targets: [openai], fallbacks: x}",
                "models[0].fallbacks is a single value; expected a l"
            ),
            (
                "- {name: gpt-4o, targets: [openai]}\n- {name: gpt-4o, targets: [openai]}",
                "models[1]: the model 'gpt-4o' stands more than once"
            ),
            ("- {name: gpt-4o, targets: [openai], price: {output: 3}}", "models[0].price has no 'input'"),
            (
                "- {name: gpt-4o, targets: [openai], price: cheap}",
                "models[0].price is 'cheap'; expected free, or price"
            ),
            (
                "- {name: gpt-4o, targets: [openai], price: {input: 0}}",
                "models[0].price is zero everywhere; if that is"
            ),
            (
                "- {name: gpt-4o, targets: [openai], price: {input: -1}}",
                "models[0].price.input is '-1'; expected dolla"
            ),
            (
                "- {name: gpt-4o, targets: [openai], price: {input: 1, output: 2, tiers: [{above: 9, input: 2}]}}",
                "models[0].price.tiers[0] has no 'output'"
            ),
            (
                "- {name: gpt-4o, targets: [openai], price: {input: 1, tiers: [{input: 2}]}}",
                "models[0].price.tiers[0] has no 'above'"
            ),
            ("- gpt-4o", "models[0] is a single value; expected keys and values"),
        ])
    func models(text: String, expected: String) {
        let shown = problems(configuration(models: text))
        #expect(shown.contains { $0.contains(expected) }, "\(shown)")
    }

    @Test(
        "in the YAML itself is shown where it is",
        arguments: [
            ("a: [", "tollgate.yaml:2:1: not YAML:"), ("a: b: c", "tollgate.yaml:1:5: not YAML:"),
            ("providers: {}\nproviders: {}", "the key 'providers' stands more than once"),
            (
                "a: {b: 1, b: 2}",
                "tollgate.yaml:1:5: the key 'b' stands more than once; what else is wrong is told when this is mended"
            ), ("a: *nobody", "tollgate.yaml:1:4: not YAML:"),
            ("a: 1\n---\nb: 2", "not YAML:"), ("", "tollgate.yaml: the file is empty: it needs 'providers'"),
            ("- a", "the top level is a list; expected keys and"),
            ("\u{0}", "not YAML"), ("a: \"\\x\"", "not YAML"), ("\tproviders: {}", "not YAML"),
        ])
    func syntax(text: String, expected: String) {
        let shown = problems(text)
        #expect(shown.contains { $0.contains(expected) }, "\(shown)")
    }

    @Test("never shows a secret that stands where something else should")
    func noSecrets() {
        let key = "sk-proj-Zq8vKx2mTn5bWy7cRd4fGh6jLp9sAe3u"
        let shown = problems(
            configuration(
                providers: "openai: {api_key: [\(key)], base_url: \(key)}\nx: {api_key: {\(key): 1}}",
                models: "- {name: gpt-4o, targets: [openai], retries: {max: \(key)}}",
                "metrics: {token: \(key)}\nunpriced_models: \(key)"))
        #expect(shown.count >= 4)
        #expect(!shown.joined().contains("Zq8vKx2m"), "\(shown)")
    }

    @Test("that repeats itself without end is bounded: aliases, depth, size, and the number of problems")
    func bombs() {
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...20 {
            bomb +=
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
                + "]\n"
        }
        #expect(!problems(bomb).isEmpty)
        #expect(problems("x: &x [" + "{name: a}, " + "]\n" + bomb + "models: *a20\nproviders: {}").count <= 101)
        var merges = "m0: &m0 {k: 1}\n"
        for level in 1...30 { merges += "m\(level): &m\(level) {<<: [*m\(level - 1), *m\(level - 1)]}\n" }
        #expect(!problems(merges + "providers: *m30\nmodels: []").isEmpty)
        #expect(!problems(String(repeating: "[", count: 100_000)).isEmpty)
        #expect(!problems(String(repeating: "{a: ", count: 100_000)).isEmpty)
        #expect(!problems(String(repeating: "- ", count: 100_000)).isEmpty)
        let many = (0..<5_000).map { "  - {name: m\($0), nope: 1}" }.joined(separator: "\n")
        #expect(problems("providers: {}\nmodels:\n\(many)").count == 100)
    }

    @Test(
        "made at random in the example never crashes the reader, and a refusal always says why",
        arguments: [
            1, 2, 3, 4,
        ] as [UInt64])
    func fuzz(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let original = Array(Settings.example.utf8)
        let pieces = [
            "*", "&a ", "[", "]", "{", "}", ": ", "- ", "\n", "'", "\"", "|", ">", "!!int ", "%", "\u{0}", "é", "1e9",
        ]
        for _ in 0..<20 {
            var text = original
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0...3, using: &random) {
                case 0: text.remove(at: place)
                case 1: text.insert(contentsOf: pieces.randomElement(using: &random)!.utf8, at: place)
                case 2: text[place] = UInt8.random(in: 32...126, using: &random)
                default: text.removeSubrange(place..<min(place + Int.random(in: 1...200, using: &random), text.count))
                }
            }
            do {
                _ = try load(String(decoding: text, as: UTF8.self))
            } catch {
                #expect(!error.problems.isEmpty, "seed \(seed)")
                #expect(error.problems.allSatisfy { !$0.text.isEmpty })
            }
        }
    }
}
