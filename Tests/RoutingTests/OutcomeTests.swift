import Routing
import TestSupport
import Testing
import Units

@Suite("A refusal")
struct RefusalTests {
    @Test(
        "is read from its status",
        arguments: [
            (400, Refusal.Kind.request), (401, .credential), (402, .credential), (403, .forbidden),
            (404, .unknownModel), (405, .request), (408, .server), (409, .conflict), (413, .request), (415, .request),
            (422, .request), (425, .conflict), (429, .rateLimited), (451, .request), (500, .server), (502, .server),
            (503, .server), (529, .server), (599, .server), (301, .server), (100, .server),
        ])
    func kinds(status: Int, kind: Refusal.Kind) {
        #expect(Refusal(status: status).kind == kind)
    }

    @Test("for a request that is too long is known by its meaning, not by words", arguments: [400, 413, 422])
    func contextWindow(status: Int) {
        #expect(Refusal(status: status, means: .contextLength).kind == .contextWindow)
        let words = "This model's maximum context length is 8192 tokens."
        #expect(Refusal(status: status, means: .invalidRequest, message: words).kind == .request)
        // A shorter context would not help.
        #expect(Refusal(status: 429, means: .contextLength).kind == .rateLimited)
    }

    @Test("for content is the request's fault, so that nobody's text cools a target for everyone")
    func moderation() {
        #expect(Refusal(status: 403, means: .contentPolicy).kind == .request)
        #expect(Refusal(status: 403, means: .permission, message: "no access to the model").kind == .forbidden)
        // A client chooses the name of a model that a provider repeats.
        #expect(Refusal(status: 403, means: .permission, message: "no access to 'moderation'").kind == .forbidden)
    }

    @Test("for a file or a cache that may not exist is the request's fault, for a model the account's")
    func files() {
        for words in [
            "You do not have permission to access the File abc or it may not exist.",
            "CachedContent not found (or permission denied)",
        ] {
            #expect(Refusal(status: 403, message: words).kind == .request)
        }
        let model = "Permission 'aiplatform.endpoints.predict' denied on resource '//x/models/y' (or it may not exist)."
        #expect(Refusal(status: 403, message: model).kind == .forbidden)
        #expect(Refusal(status: 403, message: "The caller does not have permission").kind == .forbidden)
    }

    @Test("for an account without money is the account's, whatever the status", arguments: [400, 402, 403, 429])
    func quota(status: Int) {
        let words = "Your credit balance is too low to access the API: reduce the length"
        #expect(Refusal(status: status, message: words, isAccounts: true).kind == .credential)
        #expect(Refusal(status: 429, means: .rateLimited).kind == .rateLimited)
    }

    @Test("never asks for a negative wait")
    func negative() {
        #expect(Refusal(status: 429, retryAfter: .seconds(-5)).retryAfter == .zero)
    }
}

@Suite("Retry-After")
struct RetryAfterTests {
    /// 2026-11-23T13:00:00Z, a Monday.
    let now = Timestamp(iso8601: "2026-11-23T13:00:00Z")!

    @Test("is read as seconds, as milliseconds, or as a date")
    func reads() {
        #expect(RetryAfter.parse(header: "20", at: now) == .seconds(20))
        #expect(RetryAfter.parse(header: "1.5", at: now) == .milliseconds(1500))
        #expect(RetryAfter.parse(header: "0", at: now) == .zero)
        #expect(RetryAfter.parse(header: "20", milliseconds: "250", at: now) == .milliseconds(250))
        #expect(RetryAfter.parse(header: "20", milliseconds: "x", at: now) == .seconds(20))
        #expect(RetryAfter.parse(header: "Mon, 23 Nov 2026 13:01:30 GMT", at: now) == .seconds(90))
        #expect(RetryAfter.parse(header: "Mon, 23 Nov 2026 12:00:00 GMT", at: now) == .zero)
    }

    @Test("is Google's delay where no header says anything")
    func delay() {
        #expect(RetryAfter.parse(header: nil, delay: "38s", at: now) == .seconds(38))
        #expect(RetryAfter.parse(header: nil, delay: "38.5s", at: now) == .milliseconds(38_500))
        #expect(RetryAfter.parse(header: nil, delay: "58.934310785s", at: now) == .nanoseconds(58_934_310_785))
        #expect(RetryAfter.parse(header: "soon", delay: "2s", at: now) == .seconds(2))
        #expect(RetryAfter.parse(header: "20", delay: "2s", at: now) == .seconds(20))
        #expect(RetryAfter.parse(header: "Mon, 23 Nov 2026 13:01:30 GMT", delay: "2s", at: now) == .seconds(90))
        for text in ["38", "s", "", "38m", "soons"] {
            #expect(RetryAfter.parse(header: nil, delay: text, at: now) == nil, "\(text)")
        }
    }

    @Test("is bounded, and nonsense is nothing")
    func bounds() {
        #expect(RetryAfter.parse(header: "999999999", at: now) == .seconds(86_400))
        #expect(RetryAfter.parse(header: "-3", at: now) == .zero)
        #expect(RetryAfter.parse(header: "Fri, 31 Dec 2199 23:59:59 GMT", at: now) == .seconds(86_400))
        for text in [
            "", "soon", "1e99", "Mon, 31 Feb 2026 13:01:30 GMT", "Mon, 23 Nov 2026 25:01:30 GMT", "Mon, 23 Nov 2026",
            "Mon, 23 Nov 99999999999 13:01:30 GMT", "Mon, 23 Nov 2026 13:01:30 CET", "99999999999999999999999",
        ] {
            #expect(RetryAfter.parse(header: text, at: now) == nil, "\(text)")
        }
        #expect(RetryAfter.parse(header: nil, at: now) == nil)
    }
}

@Suite("A backoff")
struct BackoffTests {
    @Test("doubles up to its most and is spread by its jitter", arguments: RetryPolicy.Jitter.allCases)
    func doubles(jitter: RetryPolicy.Jitter) {
        let policy = RetryPolicy(backoff: .milliseconds(250), backoffMost: .seconds(8), jitter: jitter)
        var random = SeededRandom(seed: 7)
        for number in 1...100 {
            let whole = min(Duration.milliseconds(250) * (1 << min(number - 1, 10)), .seconds(8))
            for _ in 0..<50 {
                let wait = policy.wait(before: number, random: &random)
                #expect(wait <= whole)
                #expect(wait >= (jitter == .equal ? whole / 2 : .zero))
            }
        }
        #expect(RetryPolicy(backoff: .zero).wait(before: 3, random: &random) == .zero)
        #expect(RetryPolicy(backoff: .seconds(3_000_000_000)).wait(before: 64, random: &random) <= .seconds(8))
    }
}
