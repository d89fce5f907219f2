import Routing
import Units

extension Settings {
    /// What changed since `old`, a line each, for the log of a reload. Empty where nothing did. No secret is in it.
    public func differences(from old: Settings) -> [String] {
        var lines: [String] = []
        lines += changes(
            "provider", from: old.providers, to: providers,
            parts: [
                ("address", { $0.provider.baseURL ?? "" }),
                ("dialects", { $0.provider.dialects.map(\.rawValue).joined(separator: " ") }),
                ("key", { $0.key.map { "\($0)" } ?? "none" }),
                ("api_version", { $0.apiVersion ?? "none" }),
            ])
        lines += modelChanges(from: old)
        func add(_ name: String, _ before: String, _ now: String) {
            if before != now { lines.append("\(name): \(before) → \(now)") }
        }
        add("global_budget", old.globalText, globalText)
        add("time_zone", old.timeZoneName, timeZoneName)
        add("default_max_output_tokens", "\(old.defaultMaxOutputTokens)", "\(defaultMaxOutputTokens)")
        lines += guardrailChanges(from: old)
        add("keys.master_key", "\(old.keys.master)", "\(keys.master)")
        add("keys.pepper", "\(old.keys.pepper)", "\(keys.pepper)")
        add("metrics.token", old.metricsToken.map { "\($0)" } ?? "none", metricsToken.map { "\($0)" } ?? "none")
        for (name, (before, now)) in zip(Self.limitNames, zip(old.limits.values, limits.values)) {
            add("limits.\(name)", "\(before)", "\(now)")
        }
        add("logs", old.logs.text, logs.text)
        add("gateway.loops", old.gateway.loops.map(String.init) ?? "auto", gateway.loops.map(String.init) ?? "auto")
        add("gateway.drain", old.gateway.drain.short, gateway.drain.short)
        add("gateway.keepalive", old.gateway.keepAlive.short, gateway.keepAlive.short)
        add(
            "gateway.stored_responses", old.gateway.storedResponses?.short ?? "off",
            gateway.storedResponses?.short ?? "off")
        add("gateway.governance", old.gateway.governance ? "on" : "off", gateway.governance ? "on" : "off")
        add(
            "egress", old.privateHosts.sorted().joined(separator: " "), privateHosts.sorted().joined(separator: " "))
        return lines
    }

    private func changes<Value: Equatable>(
        _ kind: String, from old: [String: Value], to new: [String: Value], parts: [(String, (Value) -> String)]
    ) -> [String] {
        Set(old.keys).union(new.keys).sorted().compactMap { name in
            switch (old[name], new[name]) {
            case (nil, _?): return "\(kind) \(name): added"
            case (_?, nil): return "\(kind) \(name): removed"
            case (let before?, let now?) where before != now:
                let changed = parts.filter { $0.1(before) != $0.1(now) }.map(\.0)
                return "\(kind) \(name): changed" + (changed.isEmpty ? "" : " (\(changed.joined(separator: ", ")))")
            default: return nil
            }
        }
    }

    private func modelChanges(from old: Settings) -> [String] {
        let parts: [(String, (Route) -> String)] = [
            ("targets", { $0.targets.map { "\($0) \($0.weight) \($0.order)" }.joined(separator: ",") }),
            ("price", { $0.targets.map { "\(String(describing: $0.pricing))" }.joined(separator: ",") }),
            ("fallbacks", { "\($0.fallbacks) \($0.contextWindowFallbacks)" }),
            ("retries", { "\($0.retries)" }), ("cooldown", { "\($0.cooldown)" }), ("timeouts", { "\($0.timers)" }),
            ("on_client_gone", { $0.onClientGone.rawValue }), ("translation", { "\($0.translation)" }),
            ("max_output_tokens", { "\($0.maxOutputTokens ?? 0)" }),
            ("unpriced_models", { $0.unpricedModels.rawValue }),
            // Not by the file's name: what is in it may have changed.
            ("tokenizer", { $0.tokenizer.map { "\(ObjectIdentifier($0))" } ?? "none" }),
        ]
        func byName(_ table: RouteTable) -> [String: Route] {
            Dictionary(table.routes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        }
        return changes("model", from: byName(old.routes), to: byName(routes), parts: parts)
    }

    private func guardrailChanges(from old: Settings) -> [String] {
        let before = Dictionary(old.guardrails.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let now = Dictionary(guardrails.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let lines = changes("guardrail", from: before, to: now, parts: [])
        let isReordered = lines.isEmpty && old.guardrails.map(\.name) != guardrails.map(\.name)
        return isReordered ? ["guardrails: another order"] : lines
    }

    private var globalText: String {
        let limits = globalLimits
        let parts: [String?] = [
            limits.maxBudget.map { "$\($0)" }, limits.window.map { "per \($0)" },
            limits.requestsPerMinute.map { "\($0) requests/min" }, limits.tokensPerMinute.map { "\($0) tokens/min" },
            limits.parallelRequests.map { "\($0) parallel" },
        ]
        let text = parts.compactMap(\.self).joined(separator: " ")
        return text.isEmpty ? "none" : text
    }

    private static let limitNames = [
        "body_bytes", "reply_bytes", "event_bytes", "buffer_bytes", "streams_per_loop", "json_depth",
    ]
}

extension Settings.SizeLimits {
    fileprivate var values: [Int] { [bodyBytes, replyBytes, eventBytes, bufferBytes, streamsPerLoop, jsonDepth] }
}

extension Settings.LogSettings {
    fileprivate var text: String {
        let sync =
            switch sync {
            case .never: "never"
            case .everyClose: "close"
            case .interval(let time): time.short
            }
        return "requests \(requests) in \(requestFile), retention \(retention?.short ?? "forever"), sync \(sync)"
    }
}
