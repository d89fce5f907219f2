import JSONText

/// `thoughtSignature`, which is Google's own or an envelope with another provider's.
///
/// The SDKs read it as base64 and write it anew in the URL-safe alphabet (google-genai 3.6.1, `ser_json_bytes`), so an
/// envelope is base64 once more; of Google's own the bytes stay, whichever alphabet came.
enum GoogleSignature {
    static func letter(_ signature: String) -> ProofEnvelope.Letter {
        // "tollgate1." in base64 begins like this, at whatever comes after.
        if signature.utf8.starts(with: "dG9sbGdhdGUxL".utf8), let bytes = Base64.decoded(signature.utf8),
            let letter = ProofEnvelope.unwrapped(String(decoding: bytes, as: UTF8.self))
        {
            return letter
        }
        return ProofEnvelope.unwrapped(signature)
            ?? ProofEnvelope.Letter(Proof(.google, .signature, signature))
    }

    /// What stands in `thoughtSignature` of a reply.
    static func text(_ proof: Proof, summaries: [String]? = nil) -> String {
        if proof.origin == .google { return proof.value }
        return Base64.encoded(ProofEnvelope.wrapped(ProofEnvelope.Letter(proof, summaries: summaries)).utf8)
    }

    /// A part with `thought: true`.
    static func reasoning(_ text: String, _ letter: ProofEnvelope.Letter?) -> Part {
        var reasoning = Reasoning(text, proof: letter?.proof)
        if let summaries = letter?.summaries, !summaries.isEmpty {
            reasoning.summaries = summaries
            reasoning.text = ""
        }
        let isHidden = letter?.proof.origin == .anthropic && letter?.proof.kind == .encrypted
        reasoning.isRedacted = isHidden && reasoning.visibleText.isEmpty
        return Part(.reasoning(reasoning))
    }
}
