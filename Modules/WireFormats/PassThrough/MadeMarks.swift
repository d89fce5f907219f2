import JSONText

/// What this gateway writes for another provider's answer, told apart in a history that comes back: the client's provider
/// would refuse it, so that a body with such a mark does not pass as it is.
///
/// 1. A proof in an envelope (``ProofEnvelope``), and the same in base64 where the dialect wants that.
/// 2. Of a search that another provider ran, as Messages shows it: its id (`srvtoolu_tollgate1_…`), and what stands where
///    Anthropic has its encrypted texts, in results and in citations.
/// 3. Ids of a Responses answer that the gateway made (``ResponsesIDs``).
public enum MadeMarks {
    /// The word that all but ids of Responses have.
    static let word = "tollgate1"
    /// Stands where Anthropic has an `encrypted_index` or `encrypted_content`: the SDK's models want a string there.
    static let sealed = word + ".sealed"

    /// Whether a body has any of them. Each stands at the beginning of a string, so that megabytes of an image need not be
    /// looked through.
    ///
    /// - Parameter bytes: the document's.
    public static func stand(in document: JSONDocument, _ bytes: UnsafeRawBufferPointer, _ dialect: Dialect) -> Bool {
        document.holds("tollgate1", in: bytes) || document.holds("dG9sbGdhdGUxL", in: bytes)
            || (dialect == .responses && document.holds("_tg_", in: bytes))
    }
}
