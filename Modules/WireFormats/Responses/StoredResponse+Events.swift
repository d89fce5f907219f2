import JSONText

extension StoredResponse {
    /// `GET /v1/responses/{id}?stream=true`: the answer as the events of a stream that is over. Texts come in one piece.
    ///
    /// - Parameter number: `starting_after`, "the sequence number of the event after which to start streaming" (openai
    ///   3.54.0, `responses.retrieve`).
    public func events(after number: Int64? = nil) throws(ReplyError) -> [UInt8] {
        let model = response["model"]?.string ?? ""
        let context = ReplyContext(
            model: model, requestID: id, created: created, request: Conversation(origin: .responses, model: model))
        var encoder = ResponsesStreamEncoder(context, writesFrames: true)
        if let number { encoder.lastKnown = number }
        var out = FrameWriter()
        encoder.play(try ResponsesReplyDecoder.decode(response), to: &out)
        return out.bytes
    }
}
