import Providers
import Secrets
import ServerProcess
import Synchronization
import Transfer
import Units
import WireFormats

/// A provider's key, made into the headers that a call carries, and kept current.
///
/// A file is never read on a loop: a thread of the gateway calls ``look()`` twice a second, the loops take what is there.
final class Credentials: Sendable {
    /// What calls carry now.
    struct Current: Sendable {
        var headers: HeaderList
        /// Of dialects whose calls are signed in another way.
        var headersOf: [Dialect: HeaderList]
        let secret: Secret?
        /// What the headers hold instead of ``secret``: a token that was bought with it, or what was carried before.
        var carried: Secret?
        /// AWS access keys, with which each call is signed by itself.
        let awsKey: SigV4.Credentials?

        func headers(for dialect: Dialect) -> HeaderList {
            headersOf.isEmpty ? headers : headersOf[dialect] ?? headers
        }
    }

    private struct State {
        var current: Current?
        /// The access token that was bought with the key file in `current`.
        var token: GoogleServiceAccount.Token?
    }

    private let provider: Provider
    private let watch: SecretWatch?
    private let state = Mutex(State())

    /// - Parameter source: nil for a provider that takes no key.
    init(provider: Provider, source: SecretSource?) {
        self.provider = provider
        watch = source.map { SecretWatch("providers.\(provider.name).api_key", $0) }
        look()
    }

    var reference: SecretReference? { watch?.source.reference }

    /// nil while the key cannot be read and never could.
    var current: Current? { state.withLock { $0.current } }

    /// Why the key cannot be read, also while the last good one is in use.
    var problem: SecretError? { watch?.problem }

    /// Reads the key again where its place has changed.
    func look() {
        let secret = watch?.look()
        if watch != nil, secret == nil { return }
        state.withLock { state in
            let before = state.current
            if let before, before.secret == secret { return }
            state.token = nil
            var next = made(of: secret)
            // Until a token was bought with a new key file, calls carry what they carried before.
            if let before, let secret, isKeyFile(secret) {
                (next.headers, next.headersOf) = (before.headers, before.headersOf)
                next.carried = before.carried ?? before.secret
            }
            state.current = next
        }
    }

    private func made(of secret: Secret?) -> Current {
        var awsKey: SigV4.Credentials?
        if case .aws = provider.signing, let secret {
            awsKey = SigV4.Credentials(secret.reveal(for: "signing with AWS Signature Version 4"))
        }
        return Current(
            headers: headers(for: awsKey == nil ? secret : nil, provider.signing),
            headersOf: provider.signingOf.mapValues { headers(for: secret, $0) }, secret: secret, awsKey: awsKey)
    }

    /// The service account whose access token is missing or nearly over, with its key file; nil where there is none to be
    /// bought.
    func accountInNeed(at now: Timestamp) -> (account: GoogleServiceAccount, keyFile: Secret)? {
        let (secret, token) = state.withLock { ($0.current?.secret, $0.token) }
        guard let secret, isKeyFile(secret), token?.isFresh(at: now) != true,
            let account = secret.withUnsafeBytes({ try? GoogleServiceAccount(keyFile: Array($0)) })
        else { return nil }
        return (account, secret)
    }

    /// From now on calls carry this token; not where the key file that it was bought with was replaced meanwhile.
    func use(_ bought: GoogleServiceAccount.Token, boughtWith keyFile: Secret) {
        state.withLock { state in
            guard let present = state.current, present.secret == keyFile else { return }
            state.token = bought
            let carried = Secret(text: bought.value)
            state.current = Current(
                headers: headers(for: carried, .bearer), headersOf: [:], secret: keyFile, carried: carried,
                awsKey: nil)
        }
    }

    /// Whether it is a service account's key file, with which access tokens are bought.
    private func isKeyFile(_ secret: Secret) -> Bool {
        provider.signing == .google && secret.withUnsafeBytes { GoogleServiceAccount.isKeyFile($0) }
    }

    private func headers(for secret: Secret?, _ signing: Provider.Signing) -> HeaderList {
        var lines = [
            "Content-Type: application/json",
            "Accept: application/json, text/event-stream",
            "User-Agent: tollgate/1",
        ]
        lines += provider.headers.map { "\($0.name): \($0.value)" }
        // A service account's key is no token: calls carry none until one was bought with it.
        if let secret, let header = signing.header, !isKeyFile(secret) {
            lines.append("\(header.name): \(header.prefix)\(secret.reveal(for: "the provider's own header"))")
        }
        return HeaderList(lines)
    }
}
