import Glibc

/// Makes a folder of the state folder, for its owner alone.
public func makePrivateFolder(_ path: String) throws(FolderError) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FolderError(path: path, errno: errno) }
}

public struct FolderError: Error, CustomStringConvertible {
    public let path: String
    public let errno: Int32

    public var description: String { "\(path): \(String(cString: strerror(errno)))" }
}
