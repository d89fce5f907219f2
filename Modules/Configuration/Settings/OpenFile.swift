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
        let wanted = min(size, most)
        var failure: Int32 = 0
        let descriptor = self.descriptor
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            while filled < wanted {
                let count = read(descriptor, buffer.baseAddress! + filled, wanted - filled)
                if count < 0, errno == EINTR { continue }
                if count < 0 { failure = errno }
                if count <= 0 { break }
                filled += count
            }
        }
        guard failure == 0 else { throw .unreadable(failure) }
        return bytes
    }
}
