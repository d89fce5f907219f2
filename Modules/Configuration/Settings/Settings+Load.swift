import Glibc
import Secrets
import Yams

extension Settings {
    /// Reads a file.
    ///
    /// - Parameters:
    ///   - previous: what was in force: tokenizers whose file did not change are taken over.
    ///   - readsTokenizers: off for who counts no tokens: a tokenizer's file takes time to read and memory to keep.
    ///   - isSet: whether an environment variable is set: it decides which of a provider's usual variables is
    ///     meant where the file names no key.
    /// - Throws: everything that is wrong with it.
    public static func load(
        _ path: String, previous: Settings? = nil, readsTokenizers: Bool = true,
        isSet: @escaping (String) -> Bool = { getenv($0) != nil }
    ) throws(ConfigurationError) -> Settings {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let folder =
            path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let text = try contents(of: path, name: name)
        return try parse(
            text, name: name, folder: folder, previous: previous, readsTokenizers: readsTokenizers, isSet: isSet)
    }

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - name: what problems call it.
    ///   - folder: what relative paths in it count from.
    ///   - previous, readsTokenizers: as for ``load(_:previous:readsTokenizers:isSet:)``.
    public static func parse(
        _ text: String, name: String = "tollgate.yaml", folder: String = ".", previous: Settings? = nil,
        readsTokenizers: Bool = true, isSet: @escaping (String) -> Bool = { getenv($0) != nil }
    ) throws(ConfigurationError) -> Settings {
        let reader = YAMLReader(file: name)
        if let top = reader.read(text) {
            var builder = SettingsBuilder(
                top, folder: folder, tokenizers: readsTokenizers ? previous?.tokenizers ?? [] : nil, isSet: isSet)
            let settings = builder.build()
            if reader.problems.isEmpty { return settings }
        }
        throw ConfigurationError(reader.problems)
    }

    private static func contents(of path: String, name: String) throws(ConfigurationError) -> String {
        let bytes: [UInt8]
        do throws(OpenFile.Failure) {
            // One byte more than is allowed, so that the reader says so.
            bytes = try OpenFile(path).contents(upTo: YAMLReader.bytesMost + 1)
        } catch {
            let reason =
                switch error {
                case .unreadable(let code): self.text(ofError: code)
                case .noFile(let isFolder): isFolder ? self.text(ofError: EISDIR) : "it is no file"
                }
            throw ConfigurationError(file: path, "can't be read: \(reason)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(file: name, "the file is not UTF-8")
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
