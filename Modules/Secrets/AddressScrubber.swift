/// Takes out of a text what tells where somebody's machines and accounts are: a provider's error message may name them.
///
/// 1. Addresses of IPv4 and IPv6, with their ports.
/// 2. Names of private networks (`gpu-7.corp.internal`, `vllm.ml.svc.cluster.local`), and any name with a port.
/// 3. In a URL the host, with user and password, where it is one of these, or has them, or the scheme is not HTTP's.
///    Others stay: providers send their clients to pages of their own.
/// 4. The account in an ARN of Amazon's, OpenAI's organizations and projects.
///
/// Linear time. It rather takes out too much: `file.py:120` is a name with a port.
public enum AddressScrubber {
    /// What stands where a host or an address was.
    public static let host = "«host»"
    /// The same of an account, an organization or a project.
    public static let account = "«account»"

    public static func scrubbed(_ text: String) -> String {
        var copy = text
        let result = copy.withUTF8 { bytes in
            var scan = Scan(bytes: UnsafeRawBufferPointer(bytes))
            return scan.run()
        }
        return result.map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    private static let privateEnds: Set<String> = [
        "internal", "local", "localdomain", "localhost", "lan", "corp", "intranet", "arpa",
    ]
    private static let privateLabels: Set<String> = ["internal", "corp", "intranet", "svc"]

    /// A name of letters, digits, `-` and `_` with dots between.
    fileprivate static func isPrivate(_ name: String) -> Bool {
        if name.lowercased() == "localhost" { return true }
        let labels = name.lowercased().split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard labels.count > 1, let last = labels.last, !labels.contains("") else { return false }
        return isWord(last) && (privateEnds.contains(last) || labels.contains(where: privateLabels.contains))
    }

    /// A name with a top level, as in `db.example.com`.
    fileprivate static func isDotted(_ name: String) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, let last = labels.last, !labels.contains("") else { return false }
        return last.utf8.count > 1 && isWord(String(last)) && name.utf8.allSatisfy(isNamePart)
    }

    fileprivate static func isNamePart(_ byte: UInt8) -> Bool {
        (97...122).contains(byte | 0x20) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte >= 0x80
    }

    private static func isWord(_ label: String) -> Bool {
        label.utf8.allSatisfy { (97...122).contains($0 | 0x20) }
    }

    fileprivate static func isIPv4(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (48...57).contains($0) }
                    && Int(part).map { $0 < 256 } == true
            }
    }

    /// `fe80::1`, `2001:db8:0:0:0:0:0:1`; no time of day, which has two colons.
    fileprivate static func isIPv6(_ text: String) -> Bool {
        let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
        return (2...7).contains(colons) && (colons > 4 || text.contains("::"))
            && text.utf8.contains { $0 != UInt8(ascii: ":") }
            && text.split(separator: ":").allSatisfy { $0.utf8.count <= 4 || isIPv4(String($0)) }
    }
}

/// One pass over a text.
private struct Scan {
    let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var copiedUntil = 0
    private var result: [UInt8] = []

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// - Returns: nil where the text stays as it is.
    mutating func run() -> [UInt8]? {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "["), takeBrackets() { continue }
            guard isName(byte) || byte == UInt8(ascii: ":") else {
                position += 1
                continue
            }
            takeToken()
        }
        guard copiedUntil > 0 else { return nil }
        result.append(contentsOf: bytes[copiedUntil...])
        return result
    }

    private mutating func replace(_ range: Range<Int>, with word: String) {
        result.append(contentsOf: bytes[copiedUntil..<range.lowerBound])
        result.append(contentsOf: word.utf8)
        copiedUntil = range.upperBound
        position = range.upperBound
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func isName(_ byte: UInt8) -> Bool { AddressScrubber.isNamePart(byte) }

    private func isHex(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...102).contains(byte | 0x20) }

    private func end(from start: Int, while isPart: (UInt8) -> Bool) -> Int {
        var end = start
        while end < bytes.count, isPart(bytes[end]) { end += 1 }
        return end
    }

    /// Of what may be one: it has 45 bytes at most.
    private func endOfIPv6(from start: Int) -> Int {
        let limit = min(bytes.count, start + 45)
        var end = start
        while end < limit, isHex(bytes[end]) || bytes[end] == UInt8(ascii: ":") || bytes[end] == UInt8(ascii: ".") {
            end += 1
        }
        return end
    }

    /// `[fe80::1]:8080`
    private mutating func takeBrackets() -> Bool {
        let inner = position + 1
        let close = endOfIPv6(from: inner)
        guard close < bytes.count, bytes[close] == UInt8(ascii: "]"), AddressScrubber.isIPv6(text(inner..<close)) else {
            return false
        }
        replace(position..<endOfPort(close + 1), with: AddressScrubber.host)
        return true
    }

    /// Behind `:` and up to five digits that nothing follows which belongs to a word; `start` where there is no port.
    private func endOfPort(_ start: Int) -> Int {
        guard start < bytes.count, bytes[start] == UInt8(ascii: ":") else { return start }
        let digits = end(from: start + 1) { (48...57).contains($0) }
        guard (2...5).contains(digits - start - 1) else { return start }
        return digits < bytes.count && isName(bytes[digits]) && bytes[digits] != UInt8(ascii: ".") ? start : digits
    }

    private mutating func takeToken() {
        let start = position
        let colons = endOfIPv6(from: start)
        let isWhole = colons == bytes.count || !(isName(bytes[colons]) || bytes[colons] == UInt8(ascii: ":"))
        if isWhole, AddressScrubber.isIPv6(text(start..<colons)) {
            return replace(start..<colons, with: AddressScrubber.host)
        }
        guard isName(bytes[start]) else {
            position += 1
            return
        }
        let end = end(from: start) { isName($0) }
        if bytes[end...].starts(with: "://".utf8) { return takeURL(scheme: start..<end) }
        // A sentence may end behind a name.
        var last = end
        while last > start, bytes[last - 1] == UInt8(ascii: ".") { last -= 1 }
        let name = text(start..<last)
        position = end
        if name == "arn" { return takeARN(from: last) }
        if Self.isAccount(name) { return replace(start..<last, with: AddressScrubber.account) }
        let port = last == end ? endOfPort(end) : last
        let hasPort = port > last
        let isDotted = hasPort && AddressScrubber.isDotted(name)
        if isDotted || AddressScrubber.isIPv4(name) || AddressScrubber.isPrivate(name) {
            replace(start..<port, with: AddressScrubber.host)
        }
    }

    private mutating func takeURL(scheme: Range<Int>) {
        let start = scheme.upperBound + 3
        let end = end(from: start) { $0 > 32 && !Self.endsOfAuthority.contains($0) }
        // A sentence may end behind it.
        var last = end
        while last > start, bytes[last - 1] == UInt8(ascii: ".") { last -= 1 }
        position = end
        guard start < last else { return }
        let name = text(start..<last)
        let isOpen =
            switch text(scheme).lowercased() {
            case "http", "https": AddressScrubber.isDotted(name) && !AddressScrubber.isPrivate(name)
            // Buckets and blobs are no hosts.
            case "s3", "gs", "data": true
            default: false
            }
        if !isOpen { replace(start..<last, with: AddressScrubber.host) }
    }

    private static let endsOfAuthority: Set<UInt8> = Set("/?#\"'`<>\\,;(){}|".utf8)

    /// `arn:aws:iam::123456789012:role/r`
    private mutating func takeARN(from start: Int) {
        let end = end(from: start) { isName($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }
        var field = start
        while field < end {
            let next = self.end(from: field + 1) { $0 != UInt8(ascii: ":") }
            let isNumber = bytes[min(field + 1, end)..<min(next, end)].allSatisfy { (48...57).contains($0) }
            if isNumber, next - field - 1 == 12 { return replace(field + 1..<next, with: AddressScrubber.account) }
            field = next
        }
        position = end
    }

    /// OpenAI's: `org-AbC…`, `proj_AbC…`.
    private static func isAccount(_ name: String) -> Bool {
        for prefix in ["org-", "proj_"] where name.hasPrefix(prefix) {
            let rest = name.utf8.dropFirst(prefix.utf8.count)
            return rest.count >= 16
                && rest.allSatisfy { (97...122).contains($0 | 0x20) || (48...57).contains($0) }
        }
        return false
    }
}
