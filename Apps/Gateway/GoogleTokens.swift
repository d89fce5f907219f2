import EventLoop
import Providers
import Secrets
import ServerProcess
import Transfer
import Units

/// Buys access tokens with the keys of Google's service accounts, before they are needed. Confined to the loop beside the
/// workers.
final class GoogleTokens: @unchecked Sendable {
    // @unchecked Sendable: everything but ``renew(_:guarding:at:)`` runs on the loop's thread.
    private let loop: EventLoop
    private let client: TransferClient
    private var underWay: Set<ObjectIdentifier> = []

    init(loop: EventLoop) throws {
        self.loop = loop
        client = try TransferClient(loop: loop)
    }

    /// From any thread: buys a token for each of these accounts that needs one.
    func renew(_ credentials: [Credentials], guarding: EgressGuard, at now: Timestamp) {
        for credential in credentials {
            guard let (account, keyFile) = credential.accountInNeed(at: now) else { continue }
            loop.execute { [self] in
                guard underWay.insert(ObjectIdentifier(credential)).inserted else { return }
                loop.begin { [self] in
                    await buy(for: credential, account, keyFile, guarding)
                    underWay.remove(ObjectIdentifier(credential))
                }
            }
        }
    }

    private func buy(
        for credential: Credentials, _ account: GoogleServiceAccount, _ keyFile: Secret, _ guarding: EgressGuard
    ) async {
        do {
            let now = Timestamp.now()
            let headers = HeaderList(["Content-Type: application/x-www-form-urlencoded", "Accept: application/json"])
            let template = TransferTemplate(url: account.tokenURI, headers: headers, guarding: guarding)
            let exchange = client.send(
                TransferRequest(
                    template, body: try account.tokenRequest(at: now), bodyBytesMax: 1 << 20,
                    timers: TransferTimers(firstByte: .seconds(10), idle: .seconds(10), total: .seconds(15))))
            let answer = try await exchange.whole()
            credential.use(try GoogleServiceAccount.token(from: answer, at: now), boughtWith: keyFile)
        } catch {
            Log.line("no access token from Google", ["account": account.email, "error": "\(error)"])
            // Not at once again.
            await loop.sleep(for: .seconds(5))
        }
    }
}
