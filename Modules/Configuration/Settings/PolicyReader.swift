import Routing
import Units
import WireFormats

/// The policies that stand at the top level as defaults and in a model as exceptions: what isn't said stays.
enum PolicyReader {
    static func retries(_ value: YAMLValue?, _ defaults: RetryPolicy) -> RetryPolicy {
        guard let fields = value?.mapping() else { return defaults }
        var policy = defaults
        policy.most = fields["max"]?.number(0...20) ?? policy.most
        policy.backoff = fields["backoff"]?.duration(.zero ... .seconds(60)) ?? policy.backoff
        policy.backoffMost = fields["backoff_max"]?.duration(.zero ... .seconds(600)) ?? policy.backoffMost
        policy.retryAfterMost = fields["retry_after_max"]?.duration(.zero ... .seconds(3600)) ?? policy.retryAfterMost
        policy.jitter = fields["jitter"]?.choice(RetryPolicy.Jitter.self) ?? policy.jitter
        fields.finish()
        return policy
    }

    static func cooldown(_ value: YAMLValue?, _ defaults: CooldownPolicy) -> CooldownPolicy {
        guard let fields = value?.mapping() else { return defaults }
        var policy = defaults
        policy.failures = fields["failures"]?.number(0...1_000) ?? policy.failures
        policy.within = fields["within"]?.duration(.seconds(1) ... .seconds(86_400)) ?? policy.within
        policy.duration = fields["for"]?.duration(.zero ... .seconds(86_400)) ?? policy.duration
        fields.finish()
        return policy
    }

    static func translation(_ fields: YAMLMapping, _ defaults: TranslationPolicy) -> TranslationPolicy {
        var policy = defaults
        policy.strictParameters = fields["strict_params"]?.flag() ?? policy.strictParameters
        policy.outOfRange = fields["out_of_range"]?.choice(RangePolicy.self) ?? policy.outOfRange
        policy.thinking = fields["thinking"]?.choice(TargetFacts.ThinkingStyle.self) ?? policy.thinking
        return policy
    }

    static func timers(_ value: YAMLValue?, _ defaults: Timers) -> Timers {
        guard let fields = value?.mapping() else { return defaults }
        var timers = defaults
        let range = Duration.milliseconds(1) ... .seconds(86_400)
        timers.connect = fields["connect"]?.duration(range) ?? timers.connect
        timers.firstByte = fields["first_byte"]?.duration(range) ?? timers.firstByte
        timers.idle = fields["idle"]?.duration(range) ?? timers.idle
        timers.total = fields["total"]?.duration(range) ?? timers.total
        fields.finish()
        return timers
    }
}
