import Glibc

/// What identifies a version of a file. Two versions written within the kernel's clock tick can look alike: who keeps one
/// asks whether it ``isYoung``.
public struct FileStamp: Equatable, Sendable {
    private var device: UInt64 = 0
    private var inode: UInt64 = 0
    private var size: Int64 = -1
    private var modified: Int64 = 0
    private var changed: Int64 = 0

    /// From what the system says of a file: device, inode, size and times.
    public init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        changed = Int64(status.st_ctim.tv_sec) * 1_000_000_000 + Int64(status.st_ctim.tv_nsec)
    }

    /// A file that is not there has a stamp too, of its own.
    public init(of path: String) {
        var status = stat()
        if stat(path, &status) == 0 { self.init(status) } else { self.init() }
    }

    private init() {}

    /// The file was changed within the last second: a later version may bear the same stamp.
    public var isYoung: Bool { Timestamp.now().nanosecondsSince1970 - max(modified, changed) < 1_000_000_000 }
}
