import Synchronization

/// What a journal tells the ledger's writer: how far its file is written. The only thing the two threads
/// share.
public final class JournalTail: Sendable {
    /// 0 to 255.
    public let slot: Int
    let folder: String
    let lock: SlotLock
    let sync: JournalSync
    /// Segments before it are what an earlier holder of the slot left behind.
    let firstSegment: UInt32

    /// The segment in its upper half, the bytes written in its lower: one load gives a consistent pair.
    private let position: Atomic<UInt64>
    private let recordCount = Atomic<Int>(0)
    private let byteCount = Atomic<Int>(0)
    private let drainedRecordCount = Atomic<Int>(0)
    private let drainedByteCount = Atomic<Int>(0)
    private let ended = Atomic<Bool>(false)

    init(lock: SlotLock, folder: String, sync: JournalSync, firstSegment: UInt32) {
        slot = lock.slot
        self.lock = lock
        self.folder = folder
        self.sync = sync
        self.firstSegment = firstSegment
        position = Atomic(UInt64(firstSegment) << 32 | UInt64(SegmentHeader.bytes))
    }

    /// Segments below `segment` are final; of it, `bytes` are written.
    var written: (segment: UInt32, bytes: Int) {
        let value = position.load(ordering: .acquiring)
        return (UInt32(value >> 32), Int(value & 0xffff_ffff))
    }

    /// Records that the Store does not have.
    var recordsBehind: Int {
        max(0, recordCount.load(ordering: .relaxed) - drainedRecordCount.load(ordering: .relaxed))
    }

    /// Their bytes.
    var bytesBehind: Int { max(0, byteCount.load(ordering: .relaxed) - drainedByteCount.load(ordering: .relaxed)) }

    /// Whether the journal was given up by its loop: nothing more comes.
    var isEnded: Bool { ended.load(ordering: .acquiring) }

    /// Records, the last of which ends at `bytes` in the segment.
    func wrote(segment: UInt32, bytes: Int, records: Int) {
        // Only the journal's thread stores; no read-modify-write is needed.
        let before = Int(position.load(ordering: .relaxed) & 0xffff_ffff)
        recordCount.store(recordCount.load(ordering: .relaxed) + records, ordering: .relaxed)
        byteCount.store(byteCount.load(ordering: .relaxed) + bytes - before, ordering: .relaxed)
        position.store(UInt64(segment) << 32 | UInt64(bytes), ordering: .releasing)
    }

    func began(segment: UInt32) {
        position.store(UInt64(segment) << 32 | UInt64(SegmentHeader.bytes), ordering: .releasing)
    }

    /// Called by the writer: the Store has these, or does not need them.
    func drained(records: Int, bytes: Int) {
        drainedRecordCount.store(drainedRecordCount.load(ordering: .relaxed) + records, ordering: .relaxed)
        drainedByteCount.store(drainedByteCount.load(ordering: .relaxed) + bytes, ordering: .relaxed)
    }

    func end() { ended.store(true, ordering: .releasing) }
}
