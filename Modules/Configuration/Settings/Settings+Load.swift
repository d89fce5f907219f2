import Glibc
import Secrets
import Yams

extension Settings {
    /// Reads a file.
    ///
    /// - Parameters:
    ///   - previous: what was in force: tokenizers whose file did not change are taken over.
    ///   - isSet: whether an environment variable is set: it decides which of a provider's usual variables is
    ///     meant where the file names no key.
    /// - Throws: everything that is wrong with it.
    public static func load(
        _ path: String, previous: Settings? = nil, isSet: @escaping (String) -> Bool = { getenv($0) != nil }
    ) throws(ConfigurationError) -> Settings {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let folder =
            path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let text = try contents(of: path, name: name)
        return try parse(text, name: name, folder: folder, previous: previous, isSet: isSet)
    }

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - name: what problems call it.
    ///   - folder: what relative paths in it count from.
    ///   - previous: what was in force: tokenizers whose file did not change are taken over.
    public static func parse(
        _ text: String, name: String = "tollgate.yaml", folder: String = ".", previous: Settings? = nil,
        isSet: @escaping (String) -> Bool = { getenv($0) != nil }
    ) throws(ConfigurationError) -> Settings {
        let reader = YAMLReader(file: name)
        if let top = reader.read(text) {
            var builder = SettingsBuilder(
                top, folder: folder, knownTokenizers: previous?.tokenizers ?? [], isSet: isSet)
            let settings = builder.build()
            if reader.problems.isEmpty { return settings }
        }
        throw ConfigurationError(reader.problems)
    }

    private static func contents(of path: String, name: String) throws(ConfigurationError) -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw ConfigurationError(file: path, "can't be read: \(text(ofError: errno))") }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var filled = 0
        while true {
            let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress! + filled, $0.count - filled) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw ConfigurationError(file: path, "can't be read: \(text(ofError: errno))") }
            if count == 0 { break }
            filled += count
            // One byte more than is allowed, so that the reader says so.
            guard filled <= YAMLReader.bytesMost else { break }
            if filled == bytes.count { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
        }
        bytes.removeLast(bytes.count - filled)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(file: name, "is not UTF-8")
        }
        return text
    }

    static func text(ofError code: Int32) -> String {
        switch code {
        case ENOENT: "there is no such file"
        case EACCES, EPERM: "permission denied"
        case EISDIR: "it is a folder"
        default: "error \(code)"
        }
    }
}
