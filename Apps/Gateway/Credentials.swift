import Providers
import Secrets
import Synchronization
import Transfer
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

        func headers(for dialect: Dialect) -> HeaderList {
            headersOf.isEmpty ? headers : headersOf[dialect] ?? headers
        }
    }

    private let provider: Provider
    private let source: SecretSource?
    private let state = Mutex<(current: Current?, problem: SecretError?)>((nil, nil))

    /// - Parameter source: nil for a provider that takes no key.
    init(provider: Provider, source: SecretSource?) {
        self.provider = provider
        self.source = source
        look()
    }

    var reference: SecretReference? { source?.reference }

    /// nil while the key cannot be read and never could.
    var current: Current? { state.withLock { $0.current } }

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
                state.problem = nil
                if let present = state.current?.secret, present == secret { return }
                let number = (state.current?.number ?? 0) + 1
                state.current = current(secret, number: number)
            }
        } catch {
            state.withLock { $0.problem = error }
        }
    }

    private func current(_ secret: Secret?, number: Int) -> Current {
        Current(
            headers: headers(for: secret, provider.signing),
            headersOf: provider.signingOf.mapValues { headers(for: secret, $0) }, number: number, secret: secret)
    }

    private func headers(for secret: Secret?, _ signing: Provider.Signing) -> HeaderList {
        var lines = [
            "Content-Type: application/json",
            "Accept: application/json, text/event-stream",
            "User-Agent: tollgate/1",
        ]
        lines += provider.headers.map { "\($0.name): \($0.value)" }
        if let secret, let header = signing.header {
            lines.append("\(header.name): \(header.prefix)\(secret.reveal(for: "the provider's own header"))")
        }
        return HeaderList(lines)
    }
}
