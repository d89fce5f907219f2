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
