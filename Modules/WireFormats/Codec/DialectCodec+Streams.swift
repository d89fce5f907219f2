extension DialectCodec {
    /// The events of a stream that is there whole, recorded for instance, in pieces that are cut anywhere.
    ///
    /// - Parameter framing: where it is not the dialect's usual one.
    /// - Throws: ``ReplyError`` where the stream is malformed, or reports a failure before anything else.
    public static func events(
        of pieces: some Sequence<ArraySlice<UInt8>>, framing: StreamFraming? = nil
    ) throws(ReplyError) -> [ReplyEvent] {
        var framer = StreamFramer(framing ?? self.framing)
        var decoder = streamDecoder()
        var events: [ReplyEvent] = []
        var frames: [StreamFrame] = []
        for piece in pieces {
            frames.removeAll(keepingCapacity: true)
            let read = piece.withUnsafeBytes { bytes in
                Result { () throws(ReplyError) in try framer.feed(bytes, into: &frames) }
            }
            try read.get()
            for frame in frames { try decoder.decode(frame, into: &events) }
        }
        frames.removeAll()
        try framer.finish(into: &frames)
        for frame in frames { try decoder.decode(frame, into: &events) }
        decoder.finish(into: &events)
        return events
    }
}
