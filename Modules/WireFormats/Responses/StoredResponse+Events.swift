import JSONText

extension StoredResponse {
    /// `GET /v1/responses/{id}?stream=true`: the answer as the events of a stream that is over. Texts come in one piece.
    ///
    /// - Parameter number: `starting_after`, "the sequence number of the event after which to start streaming" (openai
    ///   3.54.0, `responses.retrieve`). The stream that the client left had other events, an event for each piece of a
    ///   text, so its numbers say nothing about these ones. A client that goes on gets the last event alone, numbered as
    ///   the next: it holds the whole answer, and no delta comes twice.
    public func events(after number: Int64? = nil) throws(ReplyError) -> [UInt8] {
        let model = response["model"]?.string ?? ""
        let context = ReplyContext(
            model: model, requestID: id, created: created, request: Conversation(origin: .responses, model: model))
        var encoder = ResponsesStreamEncoder(context, writesFrames: true)
        var out = FrameWriter()
        let reply = try ResponsesReplyDecoder.decode(response)
        if let number {
            encoder.playEnd(of: reply, after: number, to: &out)
        } else {
            encoder.play(reply, to: &out)
        }
        return out.bytes
    }
}
