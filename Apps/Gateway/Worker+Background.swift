import EventLoop
import JSONText
import Routing
import Transfer
import Units
import WireFormats

// Answers that a provider goes on making after it has answered: `background: true` of Responses. Their attempt stays
// open, and the hold with it, until the provider says what they used; the client is not kept waiting.

extension Worker {
    /// The id of an answer that is still being made; nil where the answer is whole.
    static func idOfUnfinished(_ body: [UInt8], _ passage: Passage) -> String? {
        guard passage.dialect == .responses, passage.translation == nil else { return nil }
        return body.withUnsafeBytes { bytes in
            guard let answer = JSONView(unchecked: bytes), isUnfinished(answer) else { return nil }
            return answer.member("id")?.string
        }
    }

    static func isUnfinished(_ answer: JSONView) -> Bool {
        guard let status = answer.member("status") else { return false }
        return status.isString("queued") || status.isString("in_progress")
    }

    /// Asks after an answer until it has ended, and takes its usage from there. Where nobody says, the estimate stays.
    ///
    /// Should this process end before, the attempt is charged as an interrupted one.
    func follow(
        _ id: String, _ trip: Trip, _ attempt: RequestJourney.Attempt, _ credential: Credentials.Current, _ call: Call
    ) async {
        let provider = attempt.target.provider.name
        guard let url = attempt.target.provider.url(for: .responses, model: ""), Self.isPathPart(id) else { return }
        let until = loop.now + Self.backgroundMost
        var pause = Duration.seconds(1)
        while !isEnding, loop.now < until {
            await loop.sleep(for: pause)
            pause = min(pause * 3 / 2, .seconds(15))
            // The key may be another by then.
            let current = runtime.upstream(named: provider)?.credentials.current ?? credential
            let template = TransferTemplate(
                method: .get, url: url + "/" + id, headers: current.headers(for: .responses), guarding: runtime.egress)
            let exchange = client.send(
                TransferRequest(template, bodyBytesMax: runtime.settings.limits.replyBytes))
            var body: [UInt8] = []
            do throws(TransferError) { body = try await exchange.whole() } catch { continue }
            let status = exchange.answer.status
            if status == 404 || status == 410 { return }
            guard (200..<300).contains(status),
                body.withUnsafeBytes({ JSONView(unchecked: $0).map { !Self.isUnfinished($0) } ?? false })
            else { continue }
            if let usage = DialectReply.usage(fromWhole: body, dialect: .responses)?.believed(in: call.id) {
                trip.usage = usage
                trip.source = .provider
            }
            return
        }
    }

    /// Longer than any answer takes that a provider makes in the background.
    private static let backgroundMost = Duration.seconds(24 * 3600)

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
