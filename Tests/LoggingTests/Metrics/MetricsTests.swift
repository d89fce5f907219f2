import Testing
import Units

@testable import Logging

@Suite struct MetricsTests {
    let metrics = Metrics(version: "1.2.3", startedAt: Timestamp(millisecondsSince1970: 1_795_000_000_250))

    func read() throws -> PrometheusParser { try PrometheusParser(metrics.text()) }

    @Test func anIdleGatewaysPageIsWellFormed() throws {
        let page = try read()
        #expect(page.value("tollgate_requests_in_flight") == 0)
        #expect(page.value("tollgate_build_info", ["version": "1.2.3"]) == 1)
        #expect(page.value("process_start_time_seconds") == 1_795_000_000.25)
        #expect(page.value("process_resident_memory_bytes")! > 1_000_000)
        #expect(page.value("process_open_fds")! >= 3)
        #expect(page.value("process_cpu_seconds_total") != nil)
    }

    @Test func labelsMayComeWhileThePageIsWritten() async {
        for _ in 0..<30 {
            let metrics = Metrics(version: "1", startedAt: Timestamp(secondsSince1970: 0))
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    let shard = metrics.makeShard()
                    let provider = metrics.labels.provider("openai")
                    for number in 0..<200 {
                        shard.attemptEnded(
                            model: metrics.labels.model("m\(number)"), provider: provider, end: .complete,
                            tokens: AttemptTokens(), cost: .zero)
                    }
                }
                group.addTask { for _ in 0..<3 { _ = metrics.text() } }
            }
        }
    }

    @Test func shardsAreAddedUp() throws {
        let model = metrics.labels.model("gpt-4o")
        let provider = metrics.labels.provider("openai")
        let endpoint = metrics.labels.endpoint("chat.completions")
        for _ in 1...3 {
            let shard = metrics.makeShard()
            for status in [200, 200, 429, 502, 0] {
                shard.requestBegan()
                shard.requestEnded(
                    endpoint: endpoint, model: model, provider: provider, status: status,
                    end: status == 200 ? .complete : .upstreamError, duration: .milliseconds(status))
            }
            shard.requestBegan()
            var tokens = AttemptTokens(input: 100, output: 50)
            tokens.cachedInput = 10
            tokens.cacheWrite5m = 3
            tokens.cacheWrite1h = 4
            tokens.reasoning = 20
            shard.attemptEnded(
                model: model, provider: provider, end: .complete, tokens: tokens, cost: NanoUSD(nanos: 1_000_000_007))
            shard.attemptEnded(model: model, provider: provider, end: .timeout, tokens: AttemptTokens(), cost: .zero)
            shard.firstToken(model: model, provider: provider, after: .milliseconds(400))
            shard.gatewayTook(.microseconds(120))
            shard.refused(scope: metrics.labels.scope("key"), dimension: .money)
            shard.guarded(by: metrics.labels.guardrail("words"), .refuse, on: .answer)
            shard.guarded(by: metrics.labels.guardrail("words"), .redact, on: .request)
            shard.guarded(by: .other, .refuse, on: .request)
            shard.set(.upstreamConnections, 7)
            shard.set(.logLinesDropped, 2)
        }
        let page = try read()
        let labels = ["endpoint": "chat.completions", "model": "gpt-4o", "provider": "openai"]
        func requests(_ statusClass: String, _ end: String) -> Double? {
            page.value(
                "tollgate_requests_total", labels.merging(["status_class": statusClass, "end": end]) { $1 })
        }
        #expect(requests("2xx", "complete") == 6 && requests("4xx", "upstream_error") == 3)
        #expect(requests("5xx", "upstream_error") == 3 && requests("none", "upstream_error") == 3)
        #expect(page.value("tollgate_requests_in_flight") == 3)
        let of = ["model": "gpt-4o", "provider": "openai"]
        #expect(page.value("tollgate_attempts_total", of.merging(["outcome": "complete"]) { $1 }) == 3)
        #expect(page.value("tollgate_attempts_total", of.merging(["outcome": "timeout"]) { $1 }) == 3)
        for (kind, count) in ["input": 300.0, "cached_input": 30, "cache_write": 21, "output": 150, "reasoning": 60] {
            #expect(page.value("tollgate_tokens_total", of.merging(["kind": kind]) { $1 }) == count)
        }
        #expect(page.value("tollgate_cost_nanodollars_total", of) == 3_000_000_021)
        #expect(page.value("tollgate_time_to_first_token_seconds_count", of) == 3)
        #expect(page.value("tollgate_time_to_first_token_seconds_sum", of) == 1.2)
        #expect(page.value("tollgate_time_to_first_token_seconds_bucket", of.merging(["le": "0.5"]) { $1 }) == 3)
        #expect(page.value("tollgate_time_to_first_token_seconds_bucket", of.merging(["le": "0.3"]) { $1 }) == 0)
        #expect(page.value("tollgate_gateway_overhead_seconds_bucket", ["le": "0.0002"]) == 3)
        #expect(page.value("tollgate_refusals_total", ["scope": "key", "dimension": "money"]) == 3)
        for (rule, action, side) in [
            ("words", "refuse", "answer"), ("words", "redact", "request"), ("other", "refuse", "request"),
        ] {
            let labels = ["rule": rule, "action": action, "on": side]
            #expect(page.value("tollgate_guardrail_actions_total", labels) == 3)
        }
        #expect(page.value("tollgate_upstream_connections") == 21)
        #expect(page.value("tollgate_log_lines_dropped_total") == 6)
    }

    @Test func aValueOnABoundBelongsToItsBucket() throws {
        let shard = metrics.makeShard()
        for nanoseconds in [49_999, 50_000, 50_001, 0, -5, 3_600_000_000_000] as [Int64] {
            shard.gatewayTook(.nanoseconds(nanoseconds))
        }
        let page = try read()
        let name = "tollgate_gateway_overhead_seconds_bucket"
        #expect(page.value(name, ["le": "0.00005"]) == 4)
        #expect(page.value(name, ["le": "0.0001"]) == 5)
        #expect(page.value(name, ["le": "1"]) == 5)
        #expect(page.value(name, ["le": "+Inf"]) == 6)
    }

    @Test func aMillionJunkNamesMakeNoSeries() throws {
        let shard = metrics.makeShard()
        let endpoint = metrics.labels.endpoint("chat.completions")
        _ = metrics.labels.model("gpt-4o")
        func request(_ model: ModelLabel, _ provider: ProviderLabel) {
            shard.requestBegan()
            shard.requestEnded(
                endpoint: endpoint, model: model, provider: provider, status: 404, end: .refused, duration: .zero)
        }
        request(.other, .other)
        let before = try read().samples.count
        for _ in 0..<1_000_000 { request(.other, .other) }
        #expect(try read().samples.count == before)
        // Even configurations that change their names for ever end in "other", and tables that are full count there.
        for number in 0..<5_000 {
            request(metrics.labels.model("model-\(number)"), metrics.labels.provider("provider-\(number)"))
        }
        let page = try PrometheusSize(metrics.text())
        #expect(page.lines < 80_000)
        #expect(page.sum("tollgate_requests_total") == 1_005_001)
        #expect(metrics.labels.model("one more") == .other)
        #expect(metrics.labels.model("gpt-4o") != .other)
    }

    @Test func seriesBeyondATablesSizeAreCountedAsOther() {
        let table = SeriesTable(capacity: 10, cellsPerKey: 2)
        for key in 0..<100 { table.add(1, to: table.cells(for: UInt64(key)) + 1) }
        var counts: [UInt64: Int] = [:]
        table.forEach { key, cell in counts[key] = cell(1) }
        #expect(counts.count == 10 && counts.values.reduce(0, +) == 100 && counts[0] == 91)
    }

    @Test func labelsAreEscaped() throws {
        let name = "a\\b\"c\nd{e}é"
        let shard = metrics.makeShard()
        shard.attemptEnded(
            model: metrics.labels.model(name), provider: .other, end: .complete, tokens: AttemptTokens(), cost: .zero)
        let page = try read()
        #expect(
            page.value("tollgate_attempts_total", ["model": name, "provider": "other", "outcome": "complete"]) == 1)
    }

    @Test func whatTheProcessStatesIsShown() throws {
        var lag = LedgerLag()
        lag.records = 5
        lag.bytes = 600
        lag.oldestAge = .milliseconds(1_250)
        lag.openAttempts = 3
        metrics.set(lag)
        metrics.set(.keyRingKeys, 50_000)
        metrics.set(.ready, 1)
        metrics.add(to: .configReloadsAccepted)
        metrics.add(2, to: .configReloadsRefused)
        metrics.add(4, to: .attemptsInterrupted)
        let page = try read()
        #expect(page.value("tollgate_ledger_lag_records") == 5 && page.value("tollgate_ledger_lag_bytes") == 600)
        #expect(page.value("tollgate_ledger_lag_seconds") == 1.25 && page.value("tollgate_open_attempts") == 3)
        #expect(page.value("tollgate_key_ring_keys") == 50_000 && page.value("tollgate_ready") == 1)
        #expect(page.value("tollgate_config_reloads_total", ["result": "accepted"]) == 1)
        #expect(page.value("tollgate_config_reloads_total", ["result": "refused"]) == 2)
        #expect(page.value("tollgate_attempts_interrupted_total") == 4)
    }

    @Test func whatCoolsAndWhatLacksItsKeyHasItsLabels() throws {
        let (model, provider) = (metrics.labels.model("gpt-4o"), metrics.labels.provider("openai"))
        metrics.set(cooldowns: [(model, provider), (model, provider), (.other, provider)])
        metrics.set(keyProblems: [provider])
        let page = try read()
        #expect(page.value("tollgate_cooldowns", ["model": "gpt-4o", "provider": "openai"]) == 2)
        #expect(page.value("tollgate_cooldowns", ["model": "other", "provider": "openai"]) == 1)
        #expect(page.value("tollgate_provider_key_problems", ["provider": "openai"]) == 1)
        metrics.set(cooldowns: [])
        metrics.set(keyProblems: [])
        let later = try read()
        #expect(later.value("tollgate_cooldowns", ["model": "gpt-4o", "provider": "openai"]) == nil)
        #expect(later.value("tollgate_provider_key_problems", ["provider": "openai"]) == nil)
    }

    @Test func scrapingWhileLoopsCountSeesOnlyGrowingNumbers() async throws {
        let metrics = metrics
        let model = metrics.labels.model("m")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for loop in 0..<3 {
                group.addTask {
                    let shard = metrics.makeShard()
                    for number in 0..<20_000 {
                        let provider = metrics.labels.provider("p\((number / 100 + loop) % 50)")
                        shard.attemptEnded(
                            model: model, provider: provider, end: .complete, tokens: AttemptTokens(input: 1),
                            cost: .zero)
                    }
                }
            }
            group.addTask {
                var last = 0
                while last < 60_000 {
                    let sum = try PrometheusSize(metrics.text()).sum("tollgate_attempts_total")
                    #expect(sum >= last)
                    last = sum
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
        #expect(try PrometheusSize(metrics.text()).sum("tollgate_tokens_total") == 60_000)
    }
}

/// A quick look at a page that is too long for the strict parser.
struct PrometheusSize {
    let lines: Int
    private var sums: [Substring: Int] = [:]

    init(_ bytes: [UInt8]) throws {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        self.lines = lines.count
        for line in lines where line.first != UInt8(ascii: "#") {
            let text = String(decoding: line, as: UTF8.self)
            sums[text.prefix { $0 != "{" && $0 != " " }, default: 0] += Int(text.split(separator: " ").last!) ?? 0
        }
    }

    func sum(_ name: String) -> Int { sums[name[...]] ?? 0 }
}
