import Units

/// Tells whether a configuration's file is another than at the last look, at the cost of a `stat`.
///
/// The stamp of a file that was changed within the last second is not trusted: a later version of the same size may bear
/// it too. So the contents of such a file are kept, and compared at the next look: Git calls such a file racily clean.
public struct FileWatch: Sendable {
    private let path: String
    private var stamp: FileStamp
    /// What was in it at the last look; nil where the stamp says enough.
    private var contents: [UInt8]?

    /// Takes the first look: ``hasChanged()`` tells of later versions. The file need not be there.
    public init(_ path: String) {
        self.path = path
        stamp = FileStamp(of: path)
        contents = stamp.isYoung ? FileWatch.contents(of: path) : nil
    }

    /// Looks at the file. A file that is not there, or cannot be read, is one more version.
    public mutating func hasChanged() -> Bool {
        let new = FileStamp(of: path)
        if new == stamp, contents == nil { return false }
        // Before the contents: what is written after they were read, and within a second, has a young stamp then.
        let isYoung = new.isYoung
        let found = isYoung || new == stamp ? FileWatch.contents(of: path) : nil
        let hasChanged = new != stamp || found != contents
        stamp = new
        contents = isYoung ? found : nil
        return hasChanged
    }

    private static func contents(of path: String) -> [UInt8] {
        do throws(OpenFile.Failure) {
            return try OpenFile(path).contents(upTo: YAMLReader.bytesMost + 1)
        } catch {
            return []
        }
    }
}
