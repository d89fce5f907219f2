import EventLoop
import JSONText
import Routing
import Synchronization
import Transfer
import Units
import WireFormats

// Answers that a provider goes on making after it has answered: `background: true` of Responses. Their attempt stays
// open, and the hold with it, until the provider says what they used; the client is not kept waiting.

extension Worker {
    /// The id of an answer that is still being made; nil where the answer is whole.
    static func idOfUnfinished(_ body: [UInt8], _ passage: Passage) -> String? {
        guard passage.dialect == .responses else { return nil }
        return body.withUnsafeBytes { bytes in
            guard let answer = JSONView(unchecked: bytes), isUnfinished(answer) else { return nil }
            return answer.member("id")?.string
        }
    }

    static func isUnfinished(_ answer: JSONView) -> Bool {
        guard let status = answer.member("status") else { return false }
        return status.isString("queued") || status.isString("in_progress")
    }

    /// Whether the client asked for an answer in the background, of a provider that may make such.
    static func asksForBackground(_ ask: ClientRequest, _ passage: Passage) -> Bool {
        guard ask.dialect == .responses, passage.dialect == .responses else { return false }
        return ask.body.withUnsafeBytes { JSONView(unchecked: $0)?.member("background")?.bool ?? false }
    }

    /// Asks after an answer until it has ended, and takes its usage from there. Until then, and where it cannot be asked
    /// after, what was seen of it counts. Where it is gone, all the output counts that was held for: else a client that
    /// has an answer deleted had it for nothing.
    ///
    /// - Parameter most: the usage that was held for.
    func follow(
        _ id: String, _ trip: Trip, _ attempt: RequestJourney.Attempt, most: TokenUsage,
        _ credential: Credentials.Current, _ call: Call
    ) async {
        let provider = attempt.target.provider.name
        guard let url = attempt.target.provider.url(for: .responses, model: ""), Self.isPathPart(id) else { return }
        let name = FollowedAnswers.name(id, at: provider)
        gateway.followed.begin(name)
        defer { gateway.followed.end(name) }
        let until = loop.now + Self.backgroundMost
        var pause = Duration.seconds(1)
        var (gone, refusals) = (0, 0)
        var wasSeen = false
        while loop.now < until, refusals < 20, gone < 3 {
            await loop.sleep(for: pause)
            if isEnding {
                trip.end = .interrupted
                return
            }
            pause = min(pause * 3 / 2, .seconds(15))
            if let known = gateway.followed.end(of: name) {
                take(known, into: trip, most, call)
                return
            }
            // The key may be another by then.
            let current = runtime.upstream(named: provider)?.credentials.current ?? credential
            let template = TransferTemplate(
                method: .get, url: url + "/" + id, headers: current.headers(for: .responses), guarding: runtime.egress)
            let exchange = client.send(
                TransferRequest(template, bodyBytesMax: runtime.settings.limits.replyBytes))
            var body: [UInt8] = []
            do throws(TransferError) { body = try await exchange.whole() } catch { continue }
            switch exchange.answer.status {
            case 200..<300:
                (gone, refusals) = (0, 0)
                wasSeen = true
                guard let end = BackgroundEnd(body) else { continue }
                take(end, into: trip, most, call)
                return
            // One that was never there is of a provider that keeps none.
            case 404 where wasSeen, 410: gone += 1
            case 400..<500: refusals += 1
            default: break
            }
        }
        if gone == 3 { trip.usage = most }
    }

    private func take(_ end: BackgroundEnd, into trip: Trip, _ most: TokenUsage, _ call: Call) {
        if let usage = end.usage?.believed(in: call.id) {
            trip.usage = usage
            trip.source = .provider
            return
        }
        // It was cancelled, or failed: what was seen, or what it had written until then, is what can be known.
        let seen = trip.usage?.output ?? .zero
        trip.usage = TokenUsage(input: most.input, output: max(seen, min(most.output, end.estimatedOutput)))
        trip.source = .estimated
    }

    /// Longer than answers take that providers make in the background.
    private static let backgroundMost = Duration.seconds(6 * 3600)

    /// An id of the provider's own: letters, digits, `_` and `-`, else it is no path of ours to build.
    static func isPathPart(_ id: String) -> Bool {
        id.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "_"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }
}

/// How an answer ended that was made in the background.
struct BackgroundEnd: Sendable {
    let usage: TokenUsage?
    /// A quarter of its texts' bytes.
    let estimatedOutput: TokenCount

    /// - Returns: nil where the answer is still being made, or none is there.
    init?(_ body: [UInt8]) {
        let hasEnded = body.withUnsafeBytes { bytes in
            guard let answer = JSONView(unchecked: bytes), answer.member("status")?.kind == .string else {
                return false
            }
            return !Worker.isUnfinished(answer)
        }
        guard hasEnded else { return nil }
        usage = DialectReply.usage(fromWhole: body, dialect: .responses)
        let reply = (try? JSON.read(body, names: .ofDialects)).flatMap { try? ResponsesCodec.decodeReply($0) }
        estimatedOutput = TokenCount(((reply?.textBytes ?? 0) + 3) / 4)
    }
}

/// The answers that somebody follows, on whichever loop, and how they ended where that was seen on another way: a client
/// may fetch an answer and have it deleted before it is asked after again.
final class FollowedAnswers: Sendable {
    private let ends = Mutex<[String: BackgroundEnd?]>([:])

    /// An id means something at its provider only.
    static func name(_ id: String, at provider: String) -> String { provider + "/" + id }

    func begin(_ id: String) { ends.withLock { $0[id] = .some(nil) } }
    func end(_ id: String) { ends.withLock { $0[id] = nil } }
    func isFollowed(_ id: String) -> Bool { ends.withLock { $0[id] != nil } }
    func end(of id: String) -> BackgroundEnd? { ends.withLock { $0[id] ?? nil } }

    /// Notes what a provider answered to somebody who asked for it.
    func note(_ body: [UInt8], of id: String) {
        guard isFollowed(id), let end = BackgroundEnd(body) else { return }
        ends.withLock { if $0[id] != nil { $0[id] = .some(end) } }
    }
}
