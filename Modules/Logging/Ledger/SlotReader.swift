import Glibc
import Units

/// Follows the journal of one slot: which frames come next, which attempts are open, which segments are done with.
///
/// ``fill()`` reads a batch; ``commit()`` says that the Store has it. Until then the same batch is given again, so an
/// error between the two changes nothing.
final class SlotReader {
    enum Source {
        /// A journal of this process that is being written.
        case live(JournalTail)
        /// What a dead process left in the slot, up to and with this segment; the lock keeps everybody else out.
        case dead(SlotLock, last: UInt32)
    }

    /// Where the open record of an attempt without a close is.
    struct OpenPlace {
        let segment: UInt32
        let offset: Int
        let bytes: Int
    }

    let slot: Int
    /// The journal of this process that is followed, or was until it was given up.
    let tail: JournalTail?
    let slotPath: String
    private(set) var source: Source
    /// Frames of the batch that is not committed.
    var frames: [FrameReader.Frame] { hasBatch ? frameReader.frames : [] }
    /// Close frames before this offset of the present segment are in the Store already.
    private(set) var drainedBytes = 0
    private(set) var identity: Int64 = 0
    private(set) var segment: UInt32
    private(set) var openAttempts: [Int64: OpenPlace] = [:]
    private var findings = JournalFindings()
    /// Segments with nothing in them that the Store lacks and no open attempt.
    private var drained: Set<UInt32> = []
    private var openCounts: [UInt32: Int] = [:]
    private var identities: [UInt32: Int64] = [:]
    private var keptSegments: Set<UInt32> = []
    private var file: SegmentFile?
    private var frameReader = FrameReader(bufferBytes: 256 << 10)
    private var hasBatch = false
    private var damageNoted = (damaged: 0, torn: 0)
    private(set) var lastWrittenAt = Timestamp(nanosecondsSince1970: 0)

    init(_ source: Source) {
        self.source = source
        switch source {
        case .live(let tail):
            slot = tail.slot
            self.tail = tail
            slotPath = tail.lock.path
            segment = tail.firstSegment
        case .dead(let lock, _):
            slot = lock.slot
            tail = nil
            slotPath = lock.path
            segment = JournalFolder.segments(in: lock.path).first ?? 0
        }
    }

    var isDead: Bool {
        if case .dead = source { true } else { false }
    }

    private var lastSegment: UInt32 {
        switch source {
        case .live(let tail): tail.written.segment
        case .dead(_, let last): last
        }
    }

    /// Bytes that a dead process left and the Store may lack.
    var bytesBehind: Int {
        guard case .dead(_, let last) = source, segment <= last, let file = SegmentFile(segment, in: slotPath) else {
            return 0
        }
        return max(0, file.size - frameReader.nextOffset)
    }

    /// Whether everything before a place in the journal is in the Store, or is found to be gone.
    func isPast(_ place: (segment: UInt32, bytes: Int)) -> Bool {
        guard segment == place.segment else { return segment > place.segment }
        return file != nil && !hasBatch && frameReader.nextOffset >= place.bytes
    }

    // MARK: Reading

    /// Opens the segment that is to be read next.
    ///
    /// - Returns: its identity if it is newly opened: ``skip(to:)`` may be told how much of it the Store has.
    func openNextSegment() -> Int64? {
        guard file == nil else { return nil }
        while segment <= lastSegment {
            if let opened = SegmentFile(segment, in: slotPath) {
                identity = opened.header?.identity ?? 0
                identities[segment] = identity
                lastWrittenAt = max(lastWrittenAt, opened.writtenAt)
                frameReader.seek(to: SegmentHeader.bytes)
                drainedBytes = 0
                file = opened
                return identity
            }
            // Gone, or made by a process that died before its header was written.
            segment += 1
        }
        return nil
    }

    /// Everything before `offset` in the segment just opened is in the Store; `Int64.max` means that it is done with.
    func skip(to offset: Int64) {
        drainedBytes = Int(offset)
    }

    /// Reads a batch from the segment that is open.
    ///
    /// - Returns: whether there is one.
    func fill() throws(JournalError) -> Bool {
        if hasBatch { return true }
        while let file {
            // The order matters: a segment is final if the journal had gone on to another before its size was read.
            let isFinal = segment < lastSegment || isDead
            let limit = readableBytes(of: file, isFinal: isFinal)
            if frameReader.nextOffset < limit, drainedBytes != Int.max {
                try frameReader.read(file, upTo: limit)
                noteDamage()
                if !frameReader.frames.isEmpty {
                    hasBatch = true
                    return true
                }
                if frameReader.nextOffset < limit { continue }
            }
            guard isFinal else { return false }
            endSegment()
        }
        return false
    }

    private func readableBytes(of file: SegmentFile, isFinal: Bool) -> Int {
        if case .live(let tail) = source, !isFinal {
            let written = tail.written
            if written.segment == segment { return written.bytes }
        }
        return file.size
    }

    private func endSegment() {
        if !keptSegments.contains(segment) { drained.insert(segment) }
        file = nil
        segment += 1
    }

    private func noteDamage() {
        let skipped = frameReader.damagedBytes - damageNoted.damaged + frameReader.tornBytes - damageNoted.torn
        if skipped > 0 { tail?.drained(records: 0, bytes: skipped) }
        findings.damagedBytes += frameReader.damagedBytes - damageNoted.damaged
        findings.tornBytes += frameReader.tornBytes - damageNoted.torn
        damageNoted = (frameReader.damagedBytes, frameReader.tornBytes)
    }

    /// The position after the batch, as the Store is to remember it.
    var batchEnd: Int { frameReader.nextOffset }

    /// What was found since the last call.
    func takeFindings() -> JournalFindings {
        defer { findings = JournalFindings() }
        return findings
    }

    /// Whether segments stay because a newer program must read them.
    var isKept: Bool { !keptSegments.isEmpty }

    // MARK: After the Store has the batch

    func commit() {
        guard hasBatch else { return }
        tail?.drained(
            records: frameReader.frames.count, bytes: frameReader.frames.reduce(0) { $0 + $1.view.frameBytes })
        for frame in frameReader.frames {
            switch frame.kind {
            case nil:
                findings.unreadableFrames += 1
                keptSegments.insert(segment)
            case .open:
                openAttempts[frame.view.id.rawValue] = OpenPlace(
                    segment: segment, offset: frame.offset, bytes: frame.view.frameBytes)
                openCounts[segment, default: 0] += 1
            case .close:
                if let place = openAttempts.removeValue(forKey: frame.view.id.rawValue) {
                    openCounts[place.segment, default: 1] -= 1
                }
            }
        }
        hasBatch = false
    }

    /// Reads the open record of an attempt again.
    func withOpenRecord<T>(at place: OpenPlace, _ body: (JournalFrameView) throws -> T) throws -> T {
        guard let file = SegmentFile(place.segment, in: slotPath) else { throw JournalError.cannotRead(errno: errno) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: place.bytes, alignment: 8)
        defer { buffer.deallocate() }
        guard pread(file.descriptor, buffer.baseAddress, place.bytes, off_t(place.offset)) == place.bytes,
            let view = JournalFrameView(in: UnsafeRawBufferPointer(buffer), at: 0)
        else { throw JournalError.cannotRead(errno: EIO) }
        return try body(view)
    }

    // MARK: Done with

    /// Whether everything that a process that is gone has left is in the Store, but for its open attempts.
    var isAtEnd: Bool {
        guard file == nil, !hasBatch, segment > lastSegment else { return false }
        return isDead
    }

    /// The journal was given up and drained: what it left is now a dead process's.
    func becomeDeadIfEnded() {
        guard case .live(let tail) = source, tail.isEnded, !hasBatch else { return }
        let written = tail.written
        guard written.segment == segment, frameReader.nextOffset >= written.bytes else { return }
        source = .dead(tail.lock, last: written.segment)
    }

    /// Identities of the segments that may hold open attempts.
    var segmentIdentities: [(segment: UInt32, identity: Int64)] {
        identities.filter { !keptSegments.contains($0.key) }.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    /// Deletes drained segments, but never the one that is written and, as the next journal of the slot reads on from
    /// it, never the newest.
    ///
    /// - Returns: identities of the deleted, whose positions the Store may forget.
    func deleteDrainedSegments() -> [Int64] {
        var forgotten: [Int64] = []
        let newest = lastSegment
        for number in drained where number < newest && openCounts[number, default: 0] == 0 {
            unlink(JournalFolder.segmentPath(number, in: slotPath))
            forgotten.append(forget(number))
        }
        return forgotten
    }

    /// Clears up after a dead process whose open attempts are in the Store: leaves one segment that holds nothing but
    /// where to go on from.
    func deleteEverything(at now: Timestamp) -> [Int64] {
        guard case .dead(_, let last) = source else { return [] }
        let onDisk = JournalFolder.segments(in: slotPath)
        let isNewest = onDisk.last == last
        let isClear = isNewest && isBare(last)
        if isNewest, !isClear {
            guard keptSegments.isEmpty, makeBareSegment(last + 1, at: now) else { return [] }
        }
        var forgotten: [Int64] = []
        for number in onDisk where number <= last && !keptSegments.contains(number) && !(isClear && number == last) {
            unlink(JournalFolder.segmentPath(number, in: slotPath))
            forgotten.append(forget(number))
        }
        return forgotten
    }

    private func forget(_ number: UInt32) -> Int64 {
        drained.remove(number)
        openCounts[number] = nil
        return identities.removeValue(forKey: number) ?? 0
    }

    private func isBare(_ number: UInt32) -> Bool {
        guard let file = SegmentFile(number, in: slotPath) else { return false }
        return file.header != nil && file.size == SegmentHeader.bytes
    }

    private func makeBareSegment(_ number: UInt32, at now: Timestamp) -> Bool {
        let history = SlotHistory(slotPath: slotPath)
        let header = SegmentHeader(
            identity: SegmentHeader.newIdentity(), highestID: history.highestID ?? AttemptID(rawValue: 0),
            nextSequence: history.nextSequence, createdAt: now, slot: slot)
        guard let descriptor = try? header.makeFile(JournalFolder.segmentPath(number, in: slotPath)) else {
            return false
        }
        close(descriptor)
        return true
    }
}

/// What was found in journals that is not as written.
public struct JournalFindings: Equatable, Sendable {
    /// Bytes between whole records that belong to none: damage.
    public var damagedBytes = 0
    /// Bytes after the last whole record: a write that was cut off by a crash, whose caller never got an answer.
    public var tornBytes = 0
    /// Whole records of a newer program. Their segments are kept.
    public var unreadableFrames = 0

    static func += (left: inout JournalFindings, right: JournalFindings) {
        left.damagedBytes += right.damagedBytes
        left.tornBytes += right.tornBytes
        left.unreadableFrames += right.unreadableFrames
    }
}
