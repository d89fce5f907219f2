import Units

/// Reads a frame in place. Valid as long as the bytes it was found in.
struct JournalFrameView {
    /// The eight texts, in their order in the payload.
    enum Text: Int {
        case requestID, endpoint, model, provider, upstreamModel, priceID, user, errorCode
    }

    let payload: UnsafeRawPointer
    let payloadBytes: Int

    var frameBytes: Int { JournalFrame.headerBytes + payloadBytes }

    /// - Returns: nil unless a whole frame with the right checksum begins at `offset`.
    init?(in bytes: UnsafeRawBufferPointer, at offset: Int) {
        guard let base = bytes.baseAddress, offset + JournalFrame.headerBytes <= bytes.count else { return nil }
        let start = base + offset
        guard start.number(UInt32.self, at: 0) == JournalFrame.magic else { return nil }
        let length = Int(start.number(UInt32.self, at: 8))
        guard length >= JournalFrame.payloadBytesMin, length <= JournalFrame.payloadBytesMax,
            offset + JournalFrame.headerBytes + length <= bytes.count,
            CRC32C.of(UnsafeRawBufferPointer(start: start + 8, count: 4 + length)) == start.number(UInt32.self, at: 4)
        else { return nil }
        payload = start + JournalFrame.headerBytes
        payloadBytes = length
    }

    /// Whether this program understands the frame. A newer program's frame is left where it is.
    var isReadable: Bool {
        guard payload.load(fromByteOffset: 1, as: UInt8.self) == JournalFrame.version, kind != nil,
            UsageSource(rawValue: payload.load(fromByteOffset: 2, as: UInt8.self)) != nil,
            AttemptEnd(rawValue: payload.load(fromByteOffset: 3, as: UInt8.self)) != nil
        else { return false }
        var offset = JournalFrame.fixedBytes
        for _ in 0..<JournalFrame.textCount {
            guard offset + 2 <= payloadBytes else { return false }
            let count = payload.number(UInt16.self, at: offset)
            offset += 2 + (count == JournalFrame.noText ? 0 : Int(count))
        }
        return offset == payloadBytes
    }

    var kind: JournalFrame.Kind? { JournalFrame.Kind(rawValue: payload.load(as: UInt8.self)) }
    var source: UsageSource { UsageSource(rawValue: payload.load(fromByteOffset: 2, as: UInt8.self)) ?? .estimated }
    var end: AttemptEnd { AttemptEnd(rawValue: payload.load(fromByteOffset: 3, as: UInt8.self)) ?? .interrupted }
    var flags: AttemptFlags { AttemptFlags(rawValue: payload.number(UInt16.self, at: 4)) }
    var status: Int64 { Int64(payload.number(UInt16.self, at: 6)) }
    var attemptNumber: Int64 { Int64(payload.number(UInt32.self, at: 8)) }
    var id: AttemptID { AttemptID(rawValue: payload.number(Int64.self, at: 16)) }
    var sequence: Int64 { payload.number(Int64.self, at: 24) }
    var keyID: Int64 { payload.number(Int64.self, at: 32) }
    var startedAt: Int64 { payload.number(Int64.self, at: 40) }
    var firstByteAt: Int64? {
        let time = payload.number(Int64.self, at: 48)
        return time == JournalFrame.noTime ? nil : time
    }
    var endedAt: Int64 { payload.number(Int64.self, at: 56) }
    var cost: Int64 { payload.number(Int64.self, at: 64) }
    var held: Int64 { payload.number(Int64.self, at: 72) }

    /// Token counts by their place in the payload: 0 input … 7 audio output.
    func tokens(_ index: Int) -> Int64 { payload.number(Int64.self, at: 80 + index * 8) }

    /// Calls `body` for each text in order: nil for none.
    func forEachText(_ body: (Int, UnsafeRawBufferPointer?) -> Void) {
        var offset = JournalFrame.fixedBytes
        for index in 0..<JournalFrame.textCount {
            let count = payload.number(UInt16.self, at: offset)
            offset += 2
            if count == JournalFrame.noText {
                body(index, nil)
            } else {
                body(index, UnsafeRawBufferPointer(start: payload + offset, count: Int(count)))
                offset += Int(count)
            }
        }
    }

    /// One text; nil for none.
    func text(_ name: Text) -> UnsafeRawBufferPointer? {
        var offset = JournalFrame.fixedBytes
        for _ in 0..<name.rawValue {
            let count = payload.number(UInt16.self, at: offset)
            offset += 2 + (count == JournalFrame.noText ? 0 : Int(count))
        }
        let count = payload.number(UInt16.self, at: offset)
        return count == JournalFrame.noText
            ? nil : UnsafeRawBufferPointer(start: payload + offset + 2, count: Int(count))
    }

    /// The frame as a value, for what is not hot.
    func record() -> AttemptRecord {
        var texts: [String?] = []
        forEachText { _, utf8 in texts.append(utf8.map { String(decoding: $0, as: UTF8.self) }) }
        func text(_ name: Text) -> String { texts[name.rawValue] ?? "" }
        var record = AttemptRecord(
            requestID: text(.requestID), keyID: keyID, endpoint: text(.endpoint), model: text(.model),
            provider: text(.provider), upstreamModel: text(.upstreamModel),
            startedAt: Timestamp(nanosecondsSince1970: startedAt))
        record.id = id
        record.sequence = sequence
        record.attemptNumber = Int(attemptNumber)
        record.flags = flags
        record.priceID = text(.priceID)
        record.user = texts[Text.user.rawValue]
        record.firstByteAt = firstByteAt.map { Timestamp(nanosecondsSince1970: $0) }
        record.endedAt = Timestamp(nanosecondsSince1970: endedAt)
        record.status = Int(status)
        record.tokens.input = TokenCount(tokens(0))
        record.tokens.cachedInput = TokenCount(tokens(1))
        record.tokens.cacheWrite5m = TokenCount(tokens(2))
        record.tokens.cacheWrite1h = TokenCount(tokens(3))
        record.tokens.output = TokenCount(tokens(4))
        record.tokens.reasoning = TokenCount(tokens(5))
        record.tokens.audioInput = TokenCount(tokens(6))
        record.tokens.audioOutput = TokenCount(tokens(7))
        record.cost = NanoUSD(nanos: cost)
        record.held = NanoUSD(nanos: held)
        record.source = source
        record.end = end
        record.errorCode = texts[Text.errorCode.rawValue]
        return record
    }
}
