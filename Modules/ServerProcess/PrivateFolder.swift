import Glibc

/// Makes a folder of the state folder, for its owner alone.
public func makePrivateFolder(_ path: String) throws(FolderError) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw FolderError(path: path, errno: errno) }
}

/// A folder that could not be made.
public struct FolderError: Error, CustomStringConvertible {
    /// That of the folder.
    public let path: String
    /// As the system left it right after the call.
    public let errno: Int32

    public var description: String { "\(path): \(String(cString: strerror(errno)))" }
}
