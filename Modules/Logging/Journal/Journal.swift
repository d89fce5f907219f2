import Glibc
import Units

/// A loop's own file of attempts: the durable truth until the ledger has the row.
///
/// Belongs to one thread (it is not `Sendable`); nothing in it waits for another.
///
/// 1. An attempt is sent only after its open record was taken by the kernel with one `pwrite`, which a `kill -9` right
///    after can't undo. If that fails, ``attemptOpened(_:at:)`` throws (but see 3) and nothing may be spent.
/// 2. The end of an attempt is written the same way. If that fails, the record waits in memory, in order, and is tried
///    again before anything else is written and at every ``retry()``; nothing opens while one waits, so no more can wait
///    than were open. If the process dies then, recovery charges the estimates of their open records.
/// 3. With ``Settings/gathers`` the records of a loop's tick are written together, by ``flush()``: only after it returned
///    true may the attempts be sent that were opened since the last. Where it did not, their open records wait as ends
///    do, and are to be followed by ends.
/// 4. A failed write never moves the end of the file: the next write goes to the same place.
/// 5. A slot is held by flock for as long as the journal or the writer uses it; ids and sequence numbers of a slot only
///    grow, over processes too, because every segment's header carries on from the one before, and a slot's newest
///    segment is never deleted.
public final class Journal {
    /// How large segments grow, and what a write waits for.
    public struct Settings: Sendable {
        /// A segment that has grown to this is followed by a new one.
        public var segmentBytesMax = 16 << 20
        /// When the disk itself is waited for; a power cut, not a crash of the process, is what it guards against.
        public var sync = JournalSync.never
        /// Whether records may wait for ``Journal/flush()``, to be written with one call. Of a process that is killed in
        /// between, an attempt that was opened never was, and one that had ended is interrupted.
        public var gathers = false

        /// Segments of 16 MB, no waiting for the disk, every record written at once.
        public init() {}
    }

    /// To be given to ``LedgerWriter/attach(_:)``.
    public let tail: JournalTail

    private let settings: Settings
    private var ids: AttemptIDSource
    private var nextSequence: Int64
    private var descriptor: Int32 = -1
    private var segment: UInt32
    private var offset = 0
    private var waiting: [[UInt8]] = []
    /// The records that are gathered: so many bytes, of so many, at the beginning of ``buffer``.
    private var gatheredBytes = 0
    private var gatheredRecords = 0
    /// An attempt's end is among them.
    private var hasGatheredEnds = false
    private var lastFailure: Int32 = 0
    private let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: gatheredBytesMax + JournalFrame.bytesMax, alignment: 8)
    private static let gatheredBytesMax = 32 << 10

    /// 0 to 255; a part of every id that this journal makes.
    public var slot: Int { tail.slot }
    /// Records that the disk has not taken yet.
    public var endsWaiting: Int { waiting.count }

    /// Claims a free slot of the folder and begins a new segment in it.
    ///
    /// - Parameter highest: the ledger's highest id; guards against a clock that was set back while the journal folder
    ///   was deleted.
    public init(
        folder: String, settings: Settings = Settings(), above highest: AttemptID? = nil, at now: Timestamp
    ) throws(JournalError) {
        let lock = try SlotLock.claim(in: folder)
        let history = SlotHistory(slotPath: lock.path)
        let highestKnown = [highest, history.highestID].compactMap { $0 }.max()
        self.settings = settings
        ids = AttemptIDSource(slot: lock.slot, above: highestKnown)
        nextSequence = history.nextSequence
        segment = JournalFolder.segments(in: lock.path).last ?? 0
        tail = JournalTail(lock: lock, folder: folder, sync: settings.sync, firstSegment: segment + 1)
        try beginSegment(highest: highestKnown ?? AttemptID(rawValue: 0), at: now)
    }

    deinit {
        flush()
        retry()
        if descriptor >= 0 { close(descriptor) }
        tail.end()
        buffer.deallocate()
    }

    // MARK: Attempts

    /// Writes down that an attempt is about to be sent; where records are gathered, ``flush()`` does.
    ///
    /// `record` carries what the attempt is to be charged should its end never be known: ``AttemptRecord/cost`` and
    /// ``AttemptRecord/tokens`` as estimated.
    /// - Throws: `JournalError`; then the attempt must not be sent.
    public func attemptOpened(_ record: inout AttemptRecord, at now: Timestamp) throws(JournalError) {
        if !waiting.isEmpty {
            flush()
            retry()
        }
        guard waiting.isEmpty else { throw .endsWaiting(count: waiting.count) }
        record.id = ids.next(at: now)
        record.sequence = nextSequence
        if offset >= settings.segmentBytesMax {
            flush()
            try beginSegment(highest: record.id, at: now)
        }
        let length = JournalFrame.encode(record, as: .open, to: buffer.baseAddress! + gatheredBytes)
        if settings.gathers {
            gather(length)
        } else {
            guard write(UnsafeRawBufferPointer(rebasing: buffer[0..<length]), records: 1) else {
                throw .writeFailed(errno: lastFailure)
            }
        }
        nextSequence += 1
    }

    /// Writes down how an attempt ended. `record` is the one that was opened, completed.
    public func attemptClosed(_ record: AttemptRecord) {
        precondition(record.sequence > 0, "an attempt was closed that was never opened")
        let length = JournalFrame.encode(record, as: .close, to: buffer.baseAddress! + gatheredBytes)
        hasGatheredEnds = true
        gather(length)
        if !settings.gathers { flush() }
    }

    private func gather(_ bytes: Int) {
        gatheredBytes += bytes
        gatheredRecords += 1
        if gatheredBytes >= Self.gatheredBytesMax { flush() }
    }

    /// Writes what was gathered. To be called at the end of the loop's tick, before the attempts are sent that were opened
    /// in it.
    ///
    /// - Returns: false where records wait that the disk did not take.
    @discardableResult
    public func flush() -> Bool {
        guard gatheredBytes > 0 else { return waiting.isEmpty }
        defer {
            gatheredBytes = 0
            gatheredRecords = 0
            hasGatheredEnds = false
        }
        if !waiting.isEmpty { retry() }
        let frames = UnsafeRawBufferPointer(rebasing: buffer[0..<gatheredBytes])
        if waiting.isEmpty, write(frames, records: gatheredRecords) {
            if hasGatheredEnds, settings.sync == .everyClose { fdatasync(descriptor) }
            return true
        }
        // One by one: what the disk still takes is not held back by what it does not.
        var start = 0
        while let view = JournalFrameView(in: frames, at: start) {
            let frame = UnsafeRawBufferPointer(rebasing: frames[start..<start + view.frameBytes])
            if !waiting.isEmpty || !write(frame, records: 1) { waiting.append([UInt8](frame)) }
            start += view.frameBytes
        }
        return waiting.isEmpty
    }

    /// Tries again to write the records that wait. To be called from the loop's timer, about once a second.
    public func retry() {
        var written = 0
        for frame in waiting {
            guard frame.withUnsafeBytes({ write($0, records: 1) }) else { break }
            written += 1
        }
        waiting.removeFirst(written)
        if written > 0, settings.sync == .everyClose { fdatasync(descriptor) }
    }

    // MARK: The file

    /// Writes whole frames with one call, all or none.
    private func write(_ frames: UnsafeRawBufferPointer, records: Int) -> Bool {
        let count = pwrite(descriptor, frames.baseAddress, frames.count, off_t(offset))
        guard count == frames.count else {
            lastFailure = count < 0 ? errno : ENOSPC
            // Where the frame was taken in whole and the error came after, it must not be found by a recovery.
            ftruncate(descriptor, off_t(offset))
            return false
        }
        offset += count
        tail.wrote(segment: segment, bytes: offset, records: records)
        return true
    }

    /// - Parameter highest: at or above every id made so far.
    private func beginSegment(highest: AttemptID, at now: Timestamp) throws(JournalError) {
        let path = JournalFolder.segmentPath(segment + 1, in: tail.lock.path)
        let header = SegmentHeader(
            identity: SegmentHeader.newIdentity(), highestID: highest, nextSequence: nextSequence, createdAt: now,
            slot: slot)
        let opened = try header.makeFile(path)
        if descriptor >= 0 {
            if settings.sync != .never { fdatasync(descriptor) }
            close(descriptor)
        }
        descriptor = opened
        segment += 1
        offset = SegmentHeader.bytes
        tail.began(segment: segment)
    }
}
