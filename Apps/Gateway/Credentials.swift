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
    /// What calls carry now. `number` changes with the key.
    struct Current: Sendable {
        let headers: HeaderList
        /// Of dialects whose calls are signed in another way.
        let headersOf: [Dialect: HeaderList]
        let number: Int
        let secret: Secret?
        /// AWS access keys, with which each call is signed by itself.
        let awsKey: SigV4.Credentials?

        func headers(for dialect: Dialect) -> HeaderList {
            headersOf.isEmpty ? headers : headersOf[dialect] ?? headers
        }
    }

    private let provider: Provider
    private let source: SecretSource?
    private let state = Mutex<(current: Current?, problem: SecretError?)>((nil, nil))
    /// The access token that a service account's key has bought.
    private let token = Mutex<GoogleServiceAccount.Token?>(nil)

    /// - Parameter source: nil for a provider that takes no key.
    init(provider: Provider, source: SecretSource?) {
        self.provider = provider
        self.source = source
        look()
    }

    var reference: SecretReference? { source?.reference }

    /// nil while the key cannot be read and never could.
    var current: Current? { state.withLock { $0.current } }

    /// Why the key cannot be read, also while the last good one is in use.
    var problem: SecretError? { state.withLock { $0.problem } }

    /// Reads the key again where its place has changed.
    func look() {
        guard let source else {
            state.withLock { state in
                if state.current == nil { state.current = current(nil, number: 0) }
            }
            return
        }
        do {
            let secret = try source.current()
            state.withLock { state in
                if let present = state.current?.secret, present == secret { return }
                let number = (state.current?.number ?? 0) + 1
                state.current = current(secret, number: number)
            }
            // What was read once stays in use while its place cannot be read.
            if case .stale(let problem, _) = source.status { note(problem) } else { note(nil) }
        } catch {
            note(error)
        }
    }

    /// Keeps in mind why the key cannot be read, nil where it can, and says in the log what has changed. (Of a key that
    /// is not there from the beginning the configuration's warnings tell.)
    private func note(_ problem: SecretError?) {
        let (before, isInUse) = state.withLock { state in
            defer { state.problem = problem }
            return (state.problem, state.current != nil)
        }
        guard problem != before else { return }
        guard let problem else {
            return Log.line("a provider's key can be read again", ["provider": provider.name])
        }
        if isInUse {
            Log.line(
                "a provider's key cannot be read, the last one stays in use",
                ["provider": provider.name, "because": problem.description])
        } else if before != nil {
            Log.line(
                "a provider's key cannot be read", ["provider": provider.name, "because": problem.description])
        }
    }

    private func current(_ secret: Secret?, number: Int) -> Current {
        var awsKey: SigV4.Credentials?
        if case .aws = provider.signing, let secret {
            awsKey = SigV4.Credentials(secret.reveal(for: "signing with AWS Signature Version 4"))
        }
        return Current(
            headers: headers(for: awsKey == nil ? secret : nil, provider.signing),
            headersOf: provider.signingOf.mapValues { headers(for: secret, $0) }, number: number, secret: secret,
            awsKey: awsKey)
    }

    /// The service account whose access token is missing or nearly over; nil where there is none to be bought.
    func accountInNeed(at now: Timestamp) -> GoogleServiceAccount? {
        guard provider.signing == .google, token.withLock({ $0?.isFresh(at: now) != true }),
            let key = state.withLock({ $0.current?.secret }),
            key.withUnsafeBytes({ GoogleServiceAccount.isKeyFile($0) })
        else { return nil }
        return key.withUnsafeBytes { try? GoogleServiceAccount(keyFile: Array($0)) }
    }

    /// From now on calls carry this token.
    func use(_ bought: GoogleServiceAccount.Token) {
        token.withLock { $0 = bought }
        state.withLock { state in
            guard let present = state.current else { return }
            state.current = Current(
                headers: headers(for: Secret(text: bought.value), .bearer), headersOf: [:], number: present.number + 1,
                secret: present.secret, awsKey: nil)
        }
    }

    private func headers(for secret: Secret?, _ signing: Provider.Signing) -> HeaderList {
        var lines = [
            "Content-Type: application/json",
            "Accept: application/json, text/event-stream",
            "User-Agent: tollgate/1",
        ]
        lines += provider.headers.map { "\($0.name): \($0.value)" }
        // A service account's key is no token: calls carry none until one was bought with it.
        if let secret, let header = signing.header,
            signing != .google || !secret.withUnsafeBytes({ GoogleServiceAccount.isKeyFile($0) })
        {
            lines.append("\(header.name): \(header.prefix)\(secret.reveal(for: "the provider's own header"))")
        }
        return HeaderList(lines)
    }
}
