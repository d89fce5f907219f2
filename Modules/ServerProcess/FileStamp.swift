import Glibc

/// Tells two states of a file apart without reading it.
public struct FileStamp: Equatable, Sendable {
    private var modifiedNanoseconds: Int64 = 0
    private var inode: UInt64 = 0
    private var size: Int64 = -1

    /// A file that is not there has a stamp too, of its own.
    public init(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        modifiedNanoseconds = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
    }
}

/// Makes a folder of the state folder, for its owner alone.
public func makePrivateFolder(_ path: String) throws(FolderError) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FolderError(path: path, errno: errno) }
}

public struct FolderError: Error, CustomStringConvertible {
    public let path: String
    public let errno: Int32

    public var description: String { "\(path): \(String(cString: strerror(errno)))" }
}
