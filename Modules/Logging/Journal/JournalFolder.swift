import Glibc

/// Where journals live: `journal/slot-007/0000000042.journal`, and beside the segments the slot's `lock`.
enum JournalFolder {
    static func slotPath(_ slot: Int, in folder: String) -> String {
        folder + "/slot-" + padded(slot, width: 3)
    }

    static func segmentPath(_ number: UInt32, in slotPath: String) -> String {
        slotPath + "/" + padded(Int(number), width: 10) + ".journal"
    }

    /// The slots that a folder has, ascending. An unreadable or missing folder has none.
    static func slots(in folder: String) -> [Int] {
        names(in: folder).compactMap { name in
            guard name.hasPrefix("slot-"), let slot = Int(name.dropFirst(5)), (0..<AttemptID.slotsMax).contains(slot)
            else { return nil }
            return slot
        }.sorted()
    }

    /// The segments that a slot has, ascending.
    static func segments(in slotPath: String) -> [UInt32] {
        names(in: slotPath).compactMap { name in
            guard name.hasSuffix(".journal") else { return nil }
            return UInt32(name.dropLast(8))
        }.sorted()
    }

    static func makeFolder(_ path: String) throws(JournalError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .cannotOpen(path: path, errno: errno) }
    }

    private static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
                    String(cString: $0)
                }
            }
            names.append(name)
        }
        return names
    }

    private static func padded(_ number: Int, width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}

/// The right to write in a slot, or to clear it up: an flock held until the last reference goes, and let go of by the
/// kernel when the process dies.
final class SlotLock: Sendable {
    let slot: Int
    let path: String
    private let descriptor: Int32

    /// - Returns: nil if somebody else holds it.
    /// - Throws: `JournalError.cannotOpen` also when the slot's folder is not there.
    init?(slot: Int, in folder: String) throws(JournalError) {
        let path = JournalFolder.slotPath(slot, in: folder)
        let descriptor = open(path + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        self.slot = slot
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Takes the lowest slot that nobody holds, making it if need be.
    static func claim(in folder: String) throws(JournalError) -> SlotLock {
        try JournalFolder.makeFolder(folder)
        for slot in 0..<AttemptID.slotsMax {
            try JournalFolder.makeFolder(JournalFolder.slotPath(slot, in: folder))
            if let lock = try SlotLock(slot: slot, in: folder) { return lock }
        }
        throw .noSlotFree
    }
}
