import Glibc

/// Where the parameters of a request are in libfcgi's memory, found once: some twenty are looked up a dozen times.
///
/// Rule: it is as good as that memory, which the connection keeps until its request has ended.
struct ParameterIndex {
    private struct Entry {
        let text: UnsafePointer<CChar>
        let nameBytes: Int
    }

    private var entries: [Entry] = []

    /// - Parameter environment: texts `NAME=value`, ended by a null pointer.
    mutating func read(_ environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
        entries.removeAll(keepingCapacity: true)
        guard var next = environment else { return }
        while let text = next.pointee {
            next += 1
            guard let end = strchr(text, 61) else { continue }
            entries.append(Entry(text: text, nameBytes: end - text))
        }
    }

    /// The value, ended by a zero byte; of two with one name the first.
    func value(of name: StaticString) -> UnsafePointer<CChar>? {
        let count = name.utf8CodeUnitCount
        for entry in entries where entry.nameBytes == count {
            if memcmp(entry.text, name.utf8Start, count) == 0 { return entry.text + count + 1 }
        }
        return nil
    }
}
