import Providers
import Secrets

extension Settings.ProviderSettings {
    /// Where the key is read; nil where the provider takes none. What could not be sent or signed with is no key.
    public func keySource(in folder: String) -> SecretSource? {
        key.map { SecretSource($0, baseDirectory: folder, form: keyForm) }
    }

    private var keyForm: SecretForm {
        let token = SecretForm.token()
        return switch provider.signing {
        case .aws:
            SecretForm { secret in
                if let problem = token.problem(secret) { return problem }
                // A Bedrock API key has no colon.
                let text = secret.reveal(for: "whether it is a pair of access keys")
                return !text.utf8.contains(UInt8(ascii: ":")) || SigV4.Credentials(text) != nil
                    ? nil : "is not of the form ID:SECRET[:SESSION_TOKEN]"
            }
        case .google:
            SecretForm { secret in
                secret.withUnsafeBytes { bytes -> String? in
                    guard GoogleServiceAccount.isKeyFile(bytes) else { return token.problem(secret) }
                    do throws(GoogleServiceAccount.Problem) {
                        _ = try GoogleServiceAccount(keyFile: Array(bytes))
                        return nil
                    } catch {
                        return "is no service account: \(error)"
                    }
                }
            }
        case .bearer, .header, .none: token
        }
    }
}

extension Settings {
    /// Providers whose key can't be had now. No error, because a key may come later than the configuration.
    public func keyProblems() -> [String: SecretError] {
        providers.compactMapValues { account in
            do throws(SecretError) {
                _ = try account.keySource(in: folder)?.current()
                return nil
            } catch {
                return error
            }
        }
    }

    /// What to say of providers without a key, to which calls are refused, in the order of the file.
    public func warnings(of keyProblems: [String: SecretError]) -> [ConfigurationError.Problem] {
        keyProblems.compactMap { name, problem in
            keyPlaces[name].map { place in
                ConfigurationError.Problem(
                    file: place.file, line: place.line, column: place.column,
                    text: "providers.\(name) has no key: \(problem)")
            }
        }.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }
}

// MARK: - The gateway's own

extension Settings {
    /// One of the gateway's own secrets, as the file calls it.
    public enum OwnSecret: String, CaseIterable, Sendable {
        /// Opens everything, the admin API too.
        case masterKey = "keys.master_key"
        /// What keys are hashed with.
        case pepper = "keys.pepper"
        /// Opens `/metrics`.
        case metricsToken = "metrics.token"
    }

    /// Where the master key is read.
    ///
    /// - Throws: why there is none to start with.
    public func masterKey() throws(ConfigurationError) -> SecretSource {
        let source = masterSource
        do {
            _ = try source.current()
            return source
        } catch {
            throw ConfigurationError([problem(.masterKey, "\(OwnSecret.masterKey.rawValue): \(error)")])
        }
    }

    /// Where the token of `/metrics` is read; nil where the file names none.
    public var metricsTokenSource: SecretSource? {
        metricsToken.map { SecretSource($0, baseDirectory: folder, form: .token()) }
    }

    private var masterSource: SecretSource {
        // A key has at most 256 characters, as Keys has it. Fewer than 8 are guessed.
        SecretSource(keys.master, baseDirectory: folder, form: .token(of: 8...256))
    }

    /// What to say of the gateway's own secrets: those that can't be had, and a master key that is short.
    public func warningsOfOwnSecrets() -> [ConfigurationError.Problem] {
        OwnSecret.allCases.compactMap { own in warning(of: own).map { problem(own, "\(own.rawValue)\($0)") } }
            .sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    private func warning(of own: OwnSecret) -> String? {
        do {
            switch own {
            case .masterKey:
                // As many as a virtual key of one's own needs.
                let length = try masterSource.current().count
                return length < 20 ? " has only \(length) characters and may be guessed; 20 and more are safe" : nil
            case .pepper: _ = try SecretSource(keys.pepper, baseDirectory: folder).current()
            case .metricsToken: _ = try metricsTokenSource?.current()
            }
            return nil
        } catch {
            let consequence =
                own == .metricsToken
                ? "until then the master key alone opens /metrics" : "the gateway would not start without it"
            return ": \(error); \(consequence)"
        }
    }

    private func problem(_ own: OwnSecret, _ text: String) -> ConfigurationError.Problem {
        let place = ownSecretPlaces[own] ?? ("tollgate.yaml", 0, 0)
        return .init(file: place.file, line: place.line, column: place.column, text: text)
    }
}
