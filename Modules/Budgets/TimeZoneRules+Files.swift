import Glibc

extension TimeZoneRules {
    /// Reads a zone of the tz database from the system's files. A shell: it reads one file, once, at start or reload.
    ///
    /// - Parameters:
    ///   - name: `Europe/Berlin`; also `UTC`, which needs no file.
    ///   - folder: where the compiled files are.
    public static func named(
        _ name: String, folder: String = "/usr/share/zoneinfo"
    ) throws(TimeZoneError) -> TimeZoneRules {
        if name == "UTC" { return .utc }
        guard isPlainName(name) else { throw .invalidName }
        return try TimeZoneRules(tzif: try contents(ofFile: folder + "/" + name))
    }

    /// The name comes from a configuration, so it must not be able to leave the folder.
    private static func isPlainName(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 100, name.utf8.first != UInt8(ascii: "/") else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "+"):
                true
            default: false
            }
        }
    }

    private static func contents(ofFile path: String) throws(TimeZoneError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .unreadable(errno) }
        defer { close(file) }
        // The largest real file has 4 KB.
        let bytesMax = 1 << 20
        var bytes = [UInt8](repeating: 0, count: 16_384)
        var filled = 0
        while true {
            let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress! + filled, $0.count - filled) }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(errno) }
            if count == 0 { break }
            filled += count
            guard filled < bytesMax else { throw .malformed("it is too large") }
            if filled == bytes.count { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }
}
