import Budgets
import Glibc
import Guardrails
import Providers
import Routing
import Secrets
import TestSupport
import Testing
import Units

@testable import Configuration

@Suite("A configuration")
struct SettingsTests {
    @Test("with a provider and a model is enough, and has sensible values for the rest")
    func minimal() throws {
        let settings = try load(configuration())
        #expect(settings.folder == "/etc/tollgate")
        #expect(settings.providers["openai"]?.key == .environment("OPENAI_API_KEY"))
        #expect(settings.providers["openai"]?.provider.baseURL == "https://api.openai.com/v1")
        #expect(settings.routes.routes.allSatisfy { $0.unpricedModels == .refuse })
        #expect(settings.globalLimits.isEmpty)
        #expect(settings.timeZone == .utc)
        #expect(settings.guardrails.isEmpty)
        #expect(settings.keys == .init(master: .file("master.key"), pepper: .file("pepper.key")))
        #expect(settings.metricsToken == nil)
        #expect(settings.limits.bodyBytes == 32_000_000)
        #expect(settings.logs.retention == .seconds(90 * 86_400))
        #expect(settings.logs.sync == .interval(.seconds(1)))
        #expect(
            settings.gateway
                == .init(
                    loops: nil, drain: .seconds(30), governance: true, keepAlive: .seconds(15),
                    storedResponses: .seconds(30 * 86_400)))
        #expect(settings.privateHosts.isEmpty)
        #expect(settings.warnings.isEmpty)
        let match = try #require(settings.route(for: "gpt-4o"))
        #expect(match.route.retries == RetryPolicy())
        #expect(match.route.cooldown == CooldownPolicy())
        #expect(match.route.timers == Timers())
        #expect(match.route.targets[0].price(of: "gpt-4o")?.rates.input == TokenPrice(dollarsPerMillion: "2.5"))
        #expect(match.route.maxOutputTokens == nil)
        #expect(settings.defaultMaxOutputTokens == 4096)
        #expect(settings.route(for: "other") == nil)
    }

    @Test("the example is the documented file, loads without a warning, and uses every setting")
    func example() throws {
        let path =
            "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/docs/examples/tollgate.yaml"
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var text: [UInt8] = []
        var byte = fgetc(file)
        while byte != EOF {
            text.append(UInt8(byte))
            byte = fgetc(file)
        }
        #expect(String(decoding: text, as: UTF8.self) == Settings.example)
        let settings = try load(Settings.example)
        #expect(settings.warnings.isEmpty)
        #expect(settings.routes.routes.count == 9)
        #expect(settings.guardrails.count == 2)
        #expect(settings.globalLimits.maxBudget == .dollars(1000))
        #expect(settings.globalLimits.window == .calendarMonths(1))
        #expect(
            settings.privateHosts == [
                "10.0.0.5", "my-resource.openai.azure.com", "bedrock-runtime.eu-central-1.amazonaws.com",
            ])
        #expect(settings.providers["openai-research"]?.provider.catalogue == "openai")
        #expect(
            settings.providers["openai-research"]?.provider.headers == [.init("OpenAI-Organization", "org-research")])
        #expect(settings.providers["my-vllm"]?.key == nil)
        let long = try #require(settings.route(for: "long")?.route.targets.first?.price(of: "qwen-long"))
        #expect(long.tiers.first?.above == 200_000)
        #expect(long.rates.cacheWrite1h == TokenPrice(dollarsPerMillion: "0.8"))
        #expect(settings.route(for: "local")?.route.targets.first?.price(of: "x") == .free)
        #expect(settings.route(for: "vllm/some/model")?.rest == "some/model")
        // What the comments call defaults are the defaults.
        let plain = try load(configuration())
        for model in ["gpt-4o-mini"] {
            let route = try #require(settings.route(for: model)?.route)
            let other = try #require(plain.route(for: "gpt-4o")?.route)
            #expect(route.retries == other.retries && route.cooldown == other.cooldown && route.timers == other.timers)
        }
        #expect(settings.limits == plain.limits)
        #expect(settings.logs == plain.logs)
        #expect(settings.gateway == plain.gateway)
        #expect(settings.keys == plain.keys)
        #expect(settings.defaultMaxOutputTokens == plain.defaultMaxOutputTokens)
    }

    @Test("gives a model's policies field by field over the defaults")
    func policies() throws {
        let settings = try load(
            configuration(
                models: """
                    - name: gpt-4o
                      targets: [openai]
                      retries: {max: 5}
                      cooldown: {for: 5m}
                      timeouts: {idle: 90s}
                      on_client_gone: drain
                      max_output_tokens: 100
                    - {name: gpt-4o-mini, targets: [openai]}
                    """,
                """
                retries: {max: 1, backoff: 1s, jitter: full}
                timeouts: {connect: 2s, total: 1h}
                default_max_output_tokens: 20000
                """))
        let one = try #require(settings.route(for: "gpt-4o")?.route)
        #expect(one.retries == RetryPolicy(most: 5, backoff: .seconds(1), jitter: .full))
        #expect(one.cooldown == CooldownPolicy(duration: .seconds(300)))
        #expect(one.timers == Timers(connect: .seconds(2), idle: .seconds(90), total: .seconds(3600)))
        #expect(one.onClientGone == .drain)
        #expect(one.maxOutputTokens == 100)
        let two = try #require(settings.route(for: "gpt-4o-mini")?.route)
        #expect(two.retries.most == 1)
        #expect(two.onClientGone == .cancel)
        #expect(two.maxOutputTokens == nil)
        #expect(settings.defaultMaxOutputTokens == 20_000)
    }

    @Test("takes the key's variable that is set, and none where none is needed")
    func usualKeys() throws {
        let text = configuration(
            providers: "gemini: {}\nollama: {}\nmine: {base_url: \"http://10.1.1.1/v1\"}",
            models: "- {name: \"*\", targets: [gemini, ollama, mine]}")
        let none = try load(text)
        #expect(none.providers["gemini"]?.key == .environment("GEMINI_API_KEY"))
        #expect(none.providers["ollama"]?.key == nil)
        #expect(none.providers["mine"]?.key == nil)
        let set = try load(text, set: ["GOOGLE_API_KEY", "OLLAMA_API_KEY"])
        #expect(set.providers["gemini"]?.key == .environment("GOOGLE_API_KEY"))
        #expect(set.providers["ollama"]?.key == .environment("OLLAMA_API_KEY"))
        #expect(set.privateHosts == ["127.0.0.1", "10.1.1.1"])
    }

    @Test("reads secrets as references, and as literals only where that is allowed")
    func secrets() throws {
        let text = configuration(
            providers: "openai: {api_key: sk-proj-abcdefghijklmnopqrstuvwxyz}", "metrics: {token: secret-token}")
        let shown = problems(text)
        #expect(shown.count == 2)
        #expect(shown.allSatisfy { $0.contains("a secret in the file itself") && $0.contains("env:NAME") })
        #expect(!shown.joined().contains("abcdef") && !shown.joined().contains("secret-token"))
        let settings = try load(text + "allow_literal_secrets: true\n")
        #expect(settings.providers["openai"]?.key == .literal(Secret(text: "sk-proj-abcdefghijklmnopqrstuvwxyz")))
        #expect(!"\(settings)".contains("abcdefghijklmnop"))
        #expect(
            try load(configuration("keys: {master_key: os.environ/MASTER, pepper: \"file:/run/pepper\"}")).keys
                == .init(master: .environment("MASTER"), pepper: .file("/run/pepper")))
    }

    @Test("reads prices exactly, for the model and for one target")
    func prices() throws {
        let settings = try load(
            configuration(
                models: """
                    - name: m
                      targets:
                        - openai/a
                        - {provider: openai, model: b, price: {input: 0.0375, output: 0.15, per_request: 0.001}}
                        - {provider: openai, model: c, price: free}
                      price: {input: 1, output: 2, cached_input: 0.1, tiers: [{above: 128000, input: 2, output: 4}]}
                    """))
        let targets = try #require(settings.route(for: "m")?.route.targets)
        #expect(
            targets[0].price(of: "a")
                == ModelPrice(
                    .init(
                        input: TokenPrice(dollarsPerMillion: "1")!, output: TokenPrice(dollarsPerMillion: "2")!,
                        cachedInput: TokenPrice(dollarsPerMillion: "0.1")!),
                    tiers: [
                        .init(
                            above: 128_000,
                            rates: .init(
                                input: TokenPrice(dollarsPerMillion: "2")!, output: TokenPrice(dollarsPerMillion: "4")!)
                        )
                    ]))
        #expect(targets[1].price(of: "b")?.rates.input == TokenPrice(dollarsPerMillion: "0.0375"))
        #expect(targets[1].price(of: "b")?.perRequest == NanoUSD(decimal: "0.001"))
        #expect(targets[2].price(of: "c") == .free)
    }

    @Test("knows no free lunch: a model without a known price is refused at load, or flagged as unknown")
    func unpriced() throws {
        let text = configuration(models: "- {name: x, targets: [openai/no-such-model]}")
        #expect(problems(text).count == 1)
        #expect(problems(text)[0].contains("no price is known for no-such-model at openai"))
        let settings = try load(text + "unpriced_models: allow\n")
        let target = try #require(settings.route(for: "x")?.route.targets.first)
        #expect(target.price(of: "no-such-model") == nil)
        // Of one model alone, against what the file says of all.
        let models =
            "- {name: x, targets: [openai/no-such-model], unpriced_models: allow}\n- {name: gpt-4o, targets: [openai]}"
        #expect(try load(configuration(models: models)).routes.routes.map(\.unpricedModels) == [.allow, .refuse])
        let refused = "- {name: x, targets: [openai/no-such-model], unpriced_models: refuse}"
        #expect(problems(configuration(models: refused, "unpriced_models: allow")).count == 1)
        // A wildcard's models are only known when they are asked for.
        let wildcard = try load(configuration(models: "- {name: \"*\", targets: [openai]}"))
        let any = try #require(wildcard.route(for: "gpt-4o")?.route.targets.first)
        #expect(any.price(of: "gpt-4o") != nil)
        #expect(any.price(of: "no-such-model") == nil)
        // Another name for the account doesn't hide its prices.
        let alias = try load(
            configuration(providers: "mine: {like: openai}", models: "- {name: gpt-4o, targets: [mine]}"))
        #expect(alias.route(for: "gpt-4o")?.route.targets.first?.price(of: "gpt-4o") != nil)
    }

    @Test("reads every section's values")
    func sections() throws {
        let settings = try load(
            configuration(
                """
                global_budget: {max_budget: 0.5, budget_duration: 12h, rpm_limit: 1, tpm_limit: 2, max_parallel_requests: 3}
                time_zone: "+02:00"
                guardrails:
                  - {name: s, rule: secrets, kinds: [openai_key, jwt], action: refuse, on: [request]}
                  - {name: w, rule: banned_words, words: [alpha, "beta gamma"], case_sensitive: true, whole_words: false,
                     action: redact, with: "***", on: [answer]}
                limits: {body_bytes: 1MiB, reply_bytes: 2GB, json_depth: 64}
                logs: {requests: false, file: /var/log/x, retention: forever, sync: close}
                gateway: {loops: 3, drain: 1m, governance: off}
                egress: {allow_private: [API.openai.com, "fd00::1", 10.0.0.1]}
                """.replacing("2GB", "1GB")))
        #expect(
            settings.globalLimits
                == Limits(
                    maxBudget: NanoUSD(decimal: "0.5"), window: .every(nanoseconds: 43_200_000_000_000),
                    requestsPerMinute: 1, tokensPerMinute: 2, parallelRequests: 3))
        #expect(settings.timeZone.offset(at: 0) == 7200)
        #expect(
            settings.guardrails == [
                Guardrail(name: "s", rule: .secrets([.openAIKey, .jwt]), action: .refuse, appliesTo: .request),
                Guardrail(
                    name: "w", rule: .bannedWords(["alpha", "beta gamma"], caseInsensitive: false, wholeWords: false),
                    action: .redact(with: "***"), appliesTo: .answer),
            ])
        #expect(!settings.guardrailPolicy.answer.isEmpty)
        #expect(settings.limits.bodyBytes == 1 << 20)
        #expect(settings.limits.replyBytes == 1_000_000_000)
        #expect(settings.limits.jsonDepth == 64)
        #expect(settings.logs == .init(requests: false, requestFile: "/var/log/x", retention: nil, sync: .everyClose))
        #expect(
            settings.gateway
                == .init(
                    loops: 3, drain: .seconds(60), governance: false, keepAlive: .seconds(15),
                    storedResponses: .seconds(30 * 86_400)))
        #expect(settings.privateHosts == ["api.openai.com", "fd00::1", "10.0.0.1"])
        #expect(try load(configuration("time_zone: Europe/Berlin")).timeZoneName == "Europe/Berlin")
    }

    @Test("warns of a key that travels without TLS, except on this machine")
    func warnings() throws {
        let text = configuration(
            providers:
                "a: {base_url: \"http://10.0.0.1/v1\", api_key: env:A}\nb: {base_url: \"http://127.0.0.1/v1\", api_key: env:B}",
            models: "- {name: m, targets: [a, b], price: free}")
        let settings = try load(text)
        #expect(
            settings.warnings.map(\.description) == [
                "tollgate.yaml:2:3: providers.a: its key travels to 10.0.0.1 without TLS"
            ])
    }

    @Test("warns of a base URL that ends in the path of a call, with what to cut off")
    func callURLs() throws {
        let settings = try load(
            configuration(
                providers: """
                    a: {base_url: "https://h:8000/v1/chat/completions/"}
                    b: {base_url: "https://h/v1/messages"}
                    c: {base_url: "https://h/messages/v1"}
                    openai: {}
                    """))
        let why = "which each call puts behind it; cut that off:"
        #expect(
            settings.warnings.map(\.description) == [
                "tollgate.yaml:2:17: providers.a.base_url ends in /chat/completions, \(why) https://h:8000/v1",
                "tollgate.yaml:3:17: providers.b.base_url ends in /messages, \(why) https://h/v1",
            ])
    }

    @Test("warns of a time that is cut off by another, where it is stated")
    func timesCutOff() throws {
        let settings = try load(
            configuration(
                models: """
                    - {name: gpt-4o, targets: [openai], timeouts: {total: 30s}}
                    - {name: gpt-4.1, targets: [openai], timeouts: {idle: 2h}, retries: {backoff: 1s}}
                    """,
                """
                timeouts: {connect: 11m, first_byte: 600s, total: 10m}
                retries: {backoff: 10s, backoff_max: 1s}
                """))
        #expect(
            Set(settings.warnings.map(\.description)) == [
                "tollgate.yaml:6:21: timeouts.connect is 11m, but total cuts it off at 10m",
                "tollgate.yaml:7:20: retries.backoff is 10s, but backoff_max cuts it off at 1s",
                "tollgate.yaml:5:57: models[1].timeouts.idle is 2h, but total cuts it off at 10m",
            ])
    }

    @Test("warns of a model without a target in service, which may be meant")
    func noWeight() throws {
        let models = "- {name: gpt-4o, targets: [{provider: openai, weight: 0}]}"
        #expect(
            try load(configuration(models: models)).warnings.map(\.description)
                == ["tollgate.yaml:4:29: models[0].targets have no weight: nobody answers"])
    }

    @Test("warns of fallbacks that go round in a circle, of each kind by itself and once")
    func circles() throws {
        func warnings(_ models: String) throws -> [String] {
            try load(configuration(models: models)).warnings.map(\.description)
        }
        let end = "no request tries any of them a second time"
        #expect(
            try warnings(
                """
                - {name: gpt-4o, targets: [openai], fallbacks: [gpt-4o-mini]}
                - {name: gpt-4o-mini, targets: [openai], fallbacks: [gpt-4.1, gpt-4o]}
                - {name: gpt-4.1, targets: [openai], context_window_fallbacks: [gpt-5]}
                - {name: gpt-5, targets: [openai], context_window_fallbacks: [o/x]}
                - {name: "o/*", targets: [openai/gpt-4o], context_window_fallbacks: [gpt-4.1]}
                """)
                == [
                    "tollgate.yaml:4:50: models[0].fallbacks go round in a circle, gpt-4o → gpt-4o-mini → gpt-4o: \(end)",
                    "tollgate.yaml:6:66: models[2].context_window_fallbacks go round in a circle, "
                        + "gpt-4.1 → gpt-5 → o/x → gpt-4.1: \(end)",
                ])
        #expect(
            try warnings(
                """
                - {name: gpt-4o, targets: [openai], context_window_fallbacks: [gpt-4.1]}
                - {name: gpt-4.1, targets: [openai], fallbacks: [gpt-4o]}
                - {name: "*", targets: [openai], fallbacks: [gpt-4o-mini, gpt-5]}
                """) == [])
    }

    @Test("warns of a provider's key that cannot be had, where it is named or should be")
    func keyWarnings() throws {
        let settings = try load(
            configuration(
                providers: """
                    openai:
                      api_key: env:TOLLGATE_TEST_UNSET
                    a: {base_url: "https://h/v1", api_key: file:no-such-file}
                    b: {base_url: "https://h/v1"}
                    c: {base_url: "https://h/v1", api_key: env:PATH}
                    groq: {api_key: env:TOLLGATE_TEST_UNSET}
                    """))
        #expect(settings.warnings.isEmpty)
        #expect(
            settings.warnings(of: settings.keyProblems()).map(\.description) == [
                "tollgate.yaml:3:14: providers.openai has no key: env:TOLLGATE_TEST_UNSET is not set",
                "tollgate.yaml:4:42: providers.a has no key: file:/etc/tollgate/no-such-file cannot be read: no such file",
                "tollgate.yaml:7:19: providers.groq has no key: env:TOLLGATE_TEST_UNSET is not set",
            ])
    }

    @Test("warns of a provider's key that could not be sent, nor signed with")
    func unusableKeys() throws {
        let folder = TemporaryFolder()
        for (name, content) in [
            ("two", "sk-one\nsk-two\n"), ("good", " sk-one\r\n"), ("pair", "AKID:SECRET\n"), ("half", "AKID:\n"),
            ("json", "{\n  \"type\": \"service_account\"\n}\n"), ("ya29", "ya29.token\n"),
        ] {
            folder.write(Array(content.utf8), to: name)
        }
        let aws = "like: bedrock, region: eu-west-1, base_url: \"https://h\""
        let text = configuration(
            providers: """
                two: {base_url: "https://h/v1", api_key: file:two}
                good: {base_url: "https://h/v1", api_key: file:good}
                pair: {\(aws), api_key: file:pair}
                half: {\(aws), api_key: file:half}
                json: {like: vertex_ai, base_url: "https://h", api_key: file:json}
                token: {like: vertex_ai, base_url: "https://h", api_key: file:ya29}
                openai: {api_key: env:PATH}
                """)
        let settings = try Settings.parse(text, folder: folder.path, isSet: { _ in false })
        let place = "file:\(folder.path)"
        #expect(
            settings.warnings(of: settings.keyProblems()).map(\.text) == [
                "providers.two has no key: \(place)/two cannot be used: it has several lines",
                "providers.half has no key: \(place)/half cannot be used: it is not of the form "
                    + "ID:SECRET[:SESSION_TOKEN]",
                "providers.json has no key: \(place)/json cannot be used: it is no service account: the service "
                    + "account's key file has no client_email",
            ])
    }

    @Test("warns of its own secrets, and has no master key to start with where there is none of use")
    func ownSecrets() throws {
        let folder = TemporaryFolder()
        func settings(_ more: String) throws -> Settings {
            try Settings.parse(configuration(more), folder: folder.path)
        }
        let more = "keys: {master_key: file:m}\nmetrics: {token: file:t}"
        let start = "the gateway would not start without it"
        #expect(
            try settings(more).warningsOfOwnSecrets().map(\.description) == [
                "tollgate.yaml: keys.pepper: file:\(folder.path)/pepper.key cannot be read: no such file; \(start)",
                "tollgate.yaml:5:20: keys.master_key: file:\(folder.path)/m cannot be read: no such file; \(start)",
                "tollgate.yaml:6:18: metrics.token: file:\(folder.path)/t cannot be read: no such file; until then the "
                    + "master key alone opens /metrics",
            ])
        folder.write(Array("the pepper".utf8), to: "pepper.key")
        folder.write(Array("the-token".utf8), to: "t")
        for (content, problem) in [
            ("", "is empty"), (" \n", "is empty"), ("sk-one-0123456789abcd\nsk-two\n", "it has several lines"),
            ("sk-\u{e9}-0123456789abcdef", "it has characters that are not visible ASCII"),
            ("x", "it has less than 8 characters"),
        ] {
            folder.write(Array(content.utf8), to: "m")
            let loaded = try settings(more)
            let shown = loaded.warningsOfOwnSecrets().map(\.description)
            #expect(shown.count == 1 && shown[0].contains("\(problem); \(start)"), "\(shown)")
            let error = try #require(#expect(throws: ConfigurationError.self) { try loaded.masterKey() })
            #expect("\(error)".hasPrefix("tollgate.yaml:5:20: keys.master_key: file:\(folder.path)/m "))
        }
        folder.write(Array("sk-12345\n".utf8), to: "m")
        #expect(
            try settings(more).warningsOfOwnSecrets().map(\.text) == [
                "keys.master_key has only 8 characters and may be guessed; 20 and more are safe"
            ])
        #expect(try settings(more).masterKey().current().count == 8)
        folder.write(Array("sk-0123456789abcdefg\n".utf8), to: "m")
        #expect(try settings(more).warningsOfOwnSecrets().isEmpty)
    }

    @Test("follows anchors, aliases and merge keys")
    func aliases() throws {
        let settings = try load(
            configuration(
                models: """
                    - &base
                      name: gpt-4o
                      targets: [openai]
                      retries: &retries {max: 7}
                    - {<<: *base, name: gpt-4o-mini}
                    - {name: gpt-4.1, targets: [openai], retries: *retries}
                    """))
        for model in ["gpt-4o", "gpt-4o-mini", "gpt-4.1"] {
            #expect(settings.route(for: model)?.route.retries.most == 7)
        }
    }

    @Test("is read from a file, and says what is wrong with the file")
    func file() throws {
        func thrown(_ path: String) -> String {
            do {
                _ = try Settings.load(path)
                return ""
            } catch {
                return error.description
            }
        }
        #expect(thrown("/no/such/tollgate.yaml") == "/no/such/tollgate.yaml: can't be read: there is no such file")
        #expect(thrown("/tmp") == "/tmp: can't be read: it is a folder")
        let path = "/tmp/tollgate-test-\(getpid()).yaml"
        defer { unlink(path) }
        func write(_ bytes: [UInt8]) {
            let file = fopen(path, "w")
            fwrite(bytes, 1, bytes.count, file)
            fclose(file)
        }
        write(Array(configuration().utf8))
        #expect(try Settings.load(path).folder == "/tmp")
        write([0xef, 0xbb, 0xbf] + Array(configuration().utf8))
        #expect(try Settings.load(path).routes.routes.count == 1, "a byte order mark is skipped")
        write([0xff, 0xfe, 0x80])
        #expect(thrown(path).hasSuffix("is not UTF-8"))
        write([UInt8](repeating: UInt8(ascii: "#"), count: (4 << 20) + 1))
        #expect(thrown(path).hasSuffix("is larger than 4 MB"))
    }
}

extension String {
    fileprivate func replacing(_ old: String, _ new: String) -> String {
        split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}
