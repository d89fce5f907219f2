/// Which attempts the journals of a folder hold, for a reader that changes nothing and takes no lock for long.
struct JournalInspection {
    struct Attempt {
        let id: AttemptID
        let sequence: Int64
        /// Where the record of its end is; nil while it is open.
        var close: Place?

        var isClosed: Bool { close != nil }
    }

    /// A record's place, as `journal_positions` counts.
    struct Place {
        let segmentIdentity: Int64
        let offset: Int
    }

    struct Slot {
        /// Whether a journal, or a recovery, holds the slot now.
        let isHeld: Bool
        var attempts: [Int64: Attempt] = [:]
        /// The highest id written when the slot was read. Nothing is known about higher ones.
        var highestID: AttemptID?
        var findings = JournalFindings()
    }

    private(set) var slots: [Int: Slot] = [:]

    init(folder: String) throws(JournalError) {
        for number in JournalFolder.slots(in: folder) {
            // Asked before the segments are read: a slot that was held then may have had open attempts.
            let isHeld = try SlotLock(slot: number, in: folder) == nil
            var slot = Slot(isHeld: isHeld)
            let path = JournalFolder.slotPath(number, in: folder)
            for segment in JournalFolder.segments(in: path) {
                guard let file = SegmentFile(segment, in: path) else { continue }
                if let header = file.header, header.highestID.rawValue > 0 {
                    slot.highestID = max(slot.highestID ?? header.highestID, header.highestID)
                }
                try Self.read(file, into: &slot)
            }
            slots[number] = slot
        }
    }

    private static func read(_ file: SegmentFile, into slot: inout Slot) throws(JournalError) {
        var reader = FrameReader(bufferBytes: 1 << 20)
        let size = file.size
        while reader.nextOffset < size {
            try reader.read(file, upTo: size)
            for frame in reader.frames {
                guard let kind = frame.kind else {
                    slot.findings.unreadableFrames += 1
                    continue
                }
                let id = frame.view.id
                slot.highestID = max(slot.highestID ?? id, id)
                var attempt = slot.attempts[id.rawValue] ?? Attempt(id: id, sequence: frame.view.sequence)
                if kind == .close {
                    attempt.close = Place(segmentIdentity: file.header?.identity ?? 0, offset: frame.offset)
                }
                slot.attempts[id.rawValue] = attempt
            }
        }
        slot.findings.damagedBytes += reader.damagedBytes
        // A record that is just being written looks torn.
        if !slot.isHeld { slot.findings.tornBytes += reader.tornBytes }
    }
}
