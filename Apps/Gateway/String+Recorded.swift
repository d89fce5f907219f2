import Secrets

extension String {
    private static let scrubber = SecretScrubber()
    /// No record keeps as much of a text: a long one, which could take milliseconds, is not looked through to its end.
    private static let recordedBytesMax = 4096

    /// A client's text as the log and the ledger have it: without what looks like a credential. Somebody may have put a key
    /// into the wrong member.
    var recorded: String {
        guard utf8.count > Self.recordedBytesMax else { return Self.scrubber.scrubbed(self) }
        return Self.scrubber.scrubbed(String(decoding: utf8.prefix(Self.recordedBytesMax), as: UTF8.self))
    }
}
