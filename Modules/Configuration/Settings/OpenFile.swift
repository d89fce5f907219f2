import Glibc
import Units

/// A file of the configuration's, open until it is dropped.
struct OpenFile: ~Copyable {
    enum Failure: Error {
        case unreadable(Int32)
        /// A folder, a FIFO, a device.
        case noFile(isFolder: Bool)
    }

    private let size: Int
    let stamp: FileStamp
    private let descriptor: Int32

    init(_ path: String) throws(Failure) {
        // O_NONBLOCK: a FIFO put in the file's place must not stop the caller.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .noFile(isFolder: status.st_mode & S_IFMT == S_IFDIR)
        }
        size = Int(status.st_size)
        stamp = FileStamp(status)
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// What is in it, up to so many bytes.
    borrowing func contents(upTo most: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(size, most))
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 8)
        defer { piece.deallocate() }
        // To its end: some file systems do not tell sizes, and a file may grow.
        while bytes.count < most {
            let count = read(descriptor, piece.baseAddress, min(piece.count, most - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(errno) }
            if count == 0 { break }
            bytes.append(contentsOf: piece[..<count])
        }
        return bytes
    }
}
