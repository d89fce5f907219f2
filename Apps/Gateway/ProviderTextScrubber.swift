import Secrets

/// Makes a provider's error text fit for a client: without keys, and without what tells where its provider's machines are.
final class ProviderTextScrubber: Sendable {
    private let credentials: [Credentials]
    private let hosts: Set<String>

    init(credentials: [Credentials], hosts: Set<String>) {
        self.credentials = credentials
        self.hosts = hosts
    }

    /// What goes by the keys that are carried now. Errors are rare: they are gathered for each.
    var now: Now {
        let current = credentials.compactMap(\.current)
        let secrets = current.flatMap { [$0.secret, $0.carried].compactMap(\.self) }
        return Now(secrets: SecretScrubber(secrets), hosts: hosts)
    }

    /// One text of an error; of several see ``now``.
    func scrubbed(_ text: String) -> String { now.scrubbed(text) }

    /// For the texts of one error.
    struct Now {
        fileprivate let secrets: SecretScrubber
        fileprivate let hosts: Set<String>

        /// What is one word, a code or the way to a member, keeps what only looks like a name of a private network.
        func scrubbed(_ text: String) -> String {
            let isWord = !text.utf8.contains { $0 <= 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "/") }
            let known = withoutWhatIsKnown(text)
            return isWord ? known : AddressScrubber.scrubbed(known)
        }

        /// A message, which is cut where nobody reads on.
        func message(_ text: String) -> String {
            let read = text.utf8.count > Self.readMost ? Self.beginning(of: text) : text
            let clean = AddressScrubber.scrubbed(withoutWhatIsKnown(read))
            return clean.utf8.count <= 4000
                ? clean : String(String.UnicodeScalarView(clean.unicodeScalars.prefix(4000)))
        }

        private func withoutWhatIsKnown(_ text: String) -> String {
            var text = secrets.scrubbed(text)
            for host in hosts where text.contains(host) { text = text.replacing(host, with: AddressScrubber.host) }
            return text
        }

        private static let readMost = 1 << 14

        /// Its last word may have been cut: a piece of a key looks like none.
        private static func beginning(of text: String) -> String {
            let bytes = text.utf8.prefix(readMost)
            let end = bytes.lastIndex { $0 <= 0x20 } ?? bytes.startIndex
            return String(decoding: bytes[..<end], as: UTF8.self)
        }
    }
}
