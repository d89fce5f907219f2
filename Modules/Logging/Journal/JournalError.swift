/// Why an attempt could not be written down. The gateway answers 503: what can't be recorded must not be spent.
public enum JournalError: Error, Equatable, Sendable {
    /// All 256 slots of the journal folder are held by living journals.
    case noSlotFree
    /// A folder or file of the journal could not be made or opened.
    case cannotOpen(path: String, errno: Int32)
    /// The disk refused the record (full, quota, failing).
    case writeFailed(errno: Int32)
    /// The disk failed to give back what was written.
    case cannotRead(errno: Int32)
    /// No thread could be started.
    case noThread(errno: Int32)
    /// Records of earlier attempts still wait for the disk; nothing new begins before they are written.
    case endsWaiting(count: Int)
}

extension JournalError: CustomStringConvertible {
    /// Safe to show a client: no path.
    public var description: String {
        switch self {
        case .noSlotFree: "no journal slot is free"
        case .cannotOpen(_, let errno): "the journal cannot be opened (errno \(errno))"
        case .writeFailed(let errno): "the journal cannot be written (errno \(errno))"
        case .cannotRead(let errno): "the journal cannot be read (errno \(errno))"
        case .noThread(let errno): "no thread could be started (errno \(errno))"
        case .endsWaiting(let count): "the journal cannot be written; \(count) records wait for it"
        }
    }
}

/// When a journal forces its records to the disk. A killed process loses nothing under any of them; they differ in what
/// a power cut can lose.
public enum JournalSync: Equatable, Sendable {
    /// Left to the kernel: a power cut can lose the last half minute.
    case never
    /// Before an attempt counts as closed. Blocks the loop for as long as the disk needs.
    case everyClose
    /// By the ledger's writer thread, this often.
    case interval(Duration)
}
