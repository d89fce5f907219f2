import Glibc

/// A loop's way to the request log (the admin's: to its own): one JSON line per request, collected and written to the file
/// in one piece.
///
/// Belongs to one thread (it is not `Sendable`); several loops, and processes, append to the same file, and lines stay
/// whole because each write ends with a line's end.
///
/// Never in a request's way: a write that fails keeps its lines for the next try, and when 64 KB wait, further lines
/// are dropped and counted. After a crash the lines of the last flush interval are missing; the ledger is not.
public final class RequestLog {
    /// As it was given. Another file may have this name by now: ``reopen()``.
    public let path: String
    /// Lines that were dropped because the disk did not take them.
    public private(set) var droppedLines = 0
    /// The error that the last write met, if it met one.
    public private(set) var lastFailure: Int32?

    private var descriptor: Int32 = -1
    /// The file ends inside a line, whose rest is at the buffer's beginning.
    private var isMidLine = false
    private var buffer = LineBuffer(capacity: 64 << 10)

    /// Opens the file, or makes it (0640). If that fails, lines wait until ``reopen()`` succeeds.
    public init(path: String) {
        self.path = path
        reopen()
    }

    deinit {
        flush()
        if descriptor >= 0 { close(descriptor) }
    }

    /// Whether ``flush()`` has nothing to do.
    public var isEmpty: Bool { buffer.count == 0 }

    /// Collects a line; nothing of it is on the disk before ``flush()``. Where there is no room it is dropped and
    /// counted.
    public func write(_ line: RequestLine) {
        if makesRoom() { buffer.append(line) }
    }

    /// The same for a call to the admin API.
    public func write(_ line: AdminLine) {
        if makesRoom() { buffer.append(line) }
    }

    /// Whether a line has room, after a write if need be; one that has none counts as dropped.
    private func makesRoom() -> Bool {
        if !buffer.hasRoomForLine { flush() }
        if buffer.hasRoomForLine { return true }
        droppedLines += 1
        return false
    }

    /// Writes what has been collected. To be called from a timer every 100 ms or so, and when the loop ends.
    public func flush() {
        guard !isEmpty else { return }
        guard descriptor >= 0 else { return reopen() }
        let count = Glibc.write(descriptor, buffer.bytes.baseAddress, buffer.count)
        guard count > 0 else {
            lastFailure = count < 0 ? errno : ENOSPC
            return
        }
        // After a short write the rest of the cut line goes first the next time.
        isMidLine = count < buffer.count && buffer.bytes[count - 1] != UInt8(ascii: "\n")
        lastFailure = count < buffer.count ? ENOSPC : nil
        buffer.removeFirst(count)
    }

    /// Closes the file and opens what now has its name: after the operator's log rotation has moved it away.
    public func reopen() {
        // Not blocking, for the case that the path is a pipe.
        let opened = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o640)
        guard opened >= 0 else {
            lastFailure = errno
            return
        }
        if descriptor >= 0 { close(descriptor) }
        descriptor = opened
        dropRestOfLine()
    }

    /// The beginning of a line that was cut is in the old file; its end has no place in the new one.
    private func dropRestOfLine() {
        guard isMidLine else { return }
        isMidLine = false
        droppedLines += 1
        buffer.removeFirst((buffer.bytes.firstIndex(of: UInt8(ascii: "\n")) ?? buffer.count - 1) + 1)
    }

    /// Reopens the file if it was moved or deleted. To be called once a second or so.
    public func reopenIfMoved() {
        var named = stat()
        var opened = stat()
        guard descriptor >= 0, fstat(descriptor, &opened) == 0 else { return reopen() }
        if stat(path, &named) == 0, named.st_ino == opened.st_ino, named.st_dev == opened.st_dev { return }
        flush()
        reopen()
    }
}
