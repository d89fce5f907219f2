import Providers
import Secrets
import Synchronization
import Transfer

/// A provider's key, made into the headers that a call carries, and kept current.
///
/// A file is never read on a loop: a thread of the gateway calls ``look()`` twice a second, the loops take what is there.
final class Credentials: Sendable {
    /// What calls carry now. `number` changes with the key.
    struct Current: Sendable {
        let headers: HeaderList
        let number: Int
        let secret: Secret?
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
                if state.current == nil { state.current = Current(headers: headers(for: nil), number: 0, secret: nil) }
            }
            return
        }
        do {
            let secret = try source.current()
            state.withLock { state in
                state.problem = nil
                if let present = state.current?.secret, present == secret { return }
                let number = (state.current?.number ?? 0) + 1
                state.current = Current(headers: headers(for: secret), number: number, secret: secret)
            }
        } catch {
            state.withLock { $0.problem = error }
        }
    }

    private func headers(for secret: Secret?) -> HeaderList {
        var lines = [
            "Content-Type: application/json",
            "Accept: application/json, text/event-stream",
            "User-Agent: tollgate/1",
        ]
        lines += provider.headers.map { "\($0.name): \($0.value)" }
        if let secret, let header = provider.signing.header {
            lines.append("\(header.name): \(header.prefix)\(secret.reveal(for: "the provider's own header"))")
        }
        return HeaderList(lines)
    }
}
