import Glibc

/// Reads a segment's frames, a bufferful at a time, past torn and damaged places.
///
/// 1. A frame counts if it is whole and its checksum holds. Nothing else ever counts.
/// 2. After a place that is no frame, reading goes on at the next offset where a frame begins.
/// 3. What lies after the last frame of a file that nobody writes to any more is a torn tail: the process died, or the
///    disk was full, in the middle of a write whose caller was never told that it succeeded.
struct FrameReader: ~Copyable {
    struct Frame {
        let offset: Int
        let view: JournalFrameView
        /// Nil for a frame of a newer program: whole, but not to be understood here.
        let kind: JournalFrame.Kind?
    }

    /// The frames of the last ``read(_:upTo:)``, valid until the next.
    private(set) var frames: [Frame] = []
    /// Where the next read begins: after the last frame, or after what is certainly no frame.
    private(set) var nextOffset = SegmentHeader.bytes
    /// Bytes between frames that belong to none.
    private(set) var damagedBytes = 0
    /// Bytes after the last frame.
    private(set) var tornBytes = 0

    private let buffer: UnsafeMutableRawBufferPointer

    init(bufferBytes: Int) {
        precondition(bufferBytes >= 2 * JournalFrame.bytesMax, "a reader's buffer holds at least two frames")
        buffer = .allocate(byteCount: bufferBytes, alignment: 8)
    }

    deinit { buffer.deallocate() }

    mutating func seek(to offset: Int) {
        frames.removeAll(keepingCapacity: true)
        nextOffset = offset
    }

    /// Reads on from ``nextOffset``.
    ///
    /// - Parameter limit: where the written part ends: nothing before it will change any more.
    /// Moves ``nextOffset``, whether or not it gave frames.
    /// - Throws: where the disk can't be read; the same may be tried again.
    mutating func read(_ file: SegmentFile, upTo limit: Int) throws(JournalError) {
        precondition(nextOffset < limit, "nothing is left to read")
        frames.removeAll(keepingCapacity: true)
        let wanted = min(buffer.count, limit - nextOffset)
        let count = pread(file.descriptor, buffer.baseAddress, wanted, off_t(nextOffset))
        guard count >= 0 else { throw .cannotRead(errno: errno) }
        guard count > 0 else {
            // Somebody cut the file.
            tornBytes += limit - nextOffset
            nextOffset = limit
            return
        }
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[0..<count])
        let isLast = nextOffset + count >= limit || count < wanted
        var offset = 0
        while offset < count {
            if let view = JournalFrameView(in: bytes, at: offset) {
                frames.append(
                    Frame(offset: nextOffset + offset, view: view, kind: view.isReadable ? view.kind : nil))
                offset += view.frameBytes
                continue
            }
            // It may be a frame whose rest comes with the next bufferful.
            if count - offset < JournalFrame.bytesMax, !isLast { break }
            guard let next = Self.nextFrame(in: bytes, after: offset) else {
                offset = skipNonsense(from: offset, to: count, isLast: isLast)
                break
            }
            damagedBytes += next - offset
            offset = next
        }
        nextOffset += offset
    }

    /// No frame begins in the rest of the buffer; but one may begin in its last bytes and end outside.
    private mutating func skipNonsense(from offset: Int, to count: Int, isLast: Bool) -> Int {
        guard !isLast else {
            tornBytes += count - offset
            return count
        }
        let next = max(offset + 1, count - JournalFrame.bytesMax + 1)
        damagedBytes += next - offset
        return next
    }

    private static func nextFrame(in bytes: UnsafeRawBufferPointer, after offset: Int) -> Int? {
        var candidate = offset + 1
        while candidate + JournalFrame.headerBytes <= bytes.count {
            guard let found = memchr(bytes.baseAddress! + candidate, 0xff, bytes.count - candidate) else { return nil }
            candidate = UnsafeRawPointer(found) - bytes.baseAddress!
            if JournalFrameView(in: bytes, at: candidate) != nil { return candidate }
            candidate += 1
        }
        return nil
    }
}
