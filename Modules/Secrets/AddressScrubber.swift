/// Takes out of a text what tells where somebody's machines and accounts are: a provider's error message may name them.
///
/// 1. Addresses of IPv4 and IPv6, with their ports, whatever stands around them; but no version (`v2.0.0.1`), nor a word
///    of hex letters alone (`ops::Add`).
/// 2. Names of private networks (`gpu-7.corp.internal`, `vllm.ml.svc.cluster.local`), names with a port (of one label only
///    where that has a digit or a `-`; no source file with a line, as in `file.py:120`), and what follows `host=` or stands
///    where a resolver's error has its name.
/// 3. In a URL the host, with user and password, where it is one of these, or has them, or the scheme is not HTTP's.
///    Others stay: providers send their clients to pages of their own.
/// 4. The account in an ARN of Amazon's, organizations and projects of OpenAI's, Groq's and Google's, and a UUID behind a
///    word that says whose it is (`organization (…)`, `team …`).
/// 5. What was JSON is JSON afterwards: the letter of an escape (`\n`) begins no word.
///
/// Linear time. It rather takes out too much.
public enum AddressScrubber {
    /// What stands where a host or an address was.
    public static let host = "«host»"
    /// The same of an account, an organization or a project.
    public static let account = "«account»"

    /// The text without them.
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
    private static let publicEnds: Set<String> = ["com", "net", "org", "io", "dev", "cloud", "ai"]
    /// With these a way to a member of a request begins: `properties.internal`.
    private static let pathRoots: Set<String> = [
        "messages", "tools", "input", "contents", "properties", "schema", "data",
    ]

    /// A name of letters, digits, `-` and `_` with dots between.
    fileprivate static func isPrivate(_ name: String) -> Bool {
        let name = name.lowercased()
        if name == "localhost" { return true }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard labels.count > 1, let last = labels.last, !labels.contains("") else { return false }
        let isMarked = labels.dropLast().contains(where: privateLabels.contains)
        // So does one with a place in a list.
        let isPath = pathRoots.contains(labels[0]) || labels.contains { $0.utf8.allSatisfy(isDigit) }
        if privateEnds.contains(last) { return isMarked || !isPath }
        let isCountry = last.utf8.count == 2 && last != "id" && last.utf8.allSatisfy(isLetter)
        return isMarked && !isPath && (isCountry || publicEnds.contains(last))
    }

    /// A name with a top level, as in `db.example.com`.
    fileprivate static func isDotted(_ name: String) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, let last = labels.last, !labels.contains("") else { return false }
        return last.utf8.count > 1 && last.utf8.allSatisfy(isLetter) && name.utf8.allSatisfy(isNamePart)
    }

    /// The name of a source file, behind which a line stands as a port would. Ends that are top levels too count in a path
    /// (`src/router.rs`), or with a `_`, which no host has; Paraguay's has no names of two labels.
    fileprivate static func isSource(_ name: String, inPath: Bool) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard let last = labels.last.map(String.init) else { return false }
        if sourceEnds.contains(last) { return true }
        return sourceTopLevels.contains(last)
            && (inPath || name.utf8.contains(UInt8(ascii: "_")) || (last == "py" && labels.count == 2))
    }

    private static let sourceEnds: Set<String> = [
        "js", "mjs", "cjs", "ts", "tsx", "jsx", "go", "kt", "swift", "rb", "php", "cpp", "hpp",
    ]
    private static let sourceTopLevels: Set<String> = ["py", "rs", "cc", "java"]

    /// As Amazon calls a machine by its address: `ip-10-0-0-1`.
    fileprivate static func isNumbered(_ name: String) -> Bool {
        guard name.hasPrefix("ip-"), !name.utf8.contains(UInt8(ascii: ".")) else { return false }
        return isIPv4(name.dropFirst(3).split(separator: "-", omittingEmptySubsequences: false).joined(separator: "."))
    }

    /// One label that is rather a machine's than a word: `gpu7`, `vllm-backend`.
    fileprivate static func isMachine(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLetter(first), !name.utf8.contains(UInt8(ascii: ".")) else { return false }
        return name.utf8.contains { isDigit($0) || $0 == UInt8(ascii: "-") }
    }

    fileprivate static func isIPv4(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.utf8.count) && part.utf8.allSatisfy(isDigit)
                    && Int(part).map { $0 < 256 } == true
            }
    }

    /// `fe80::1`, `2001:db8:0:0:0:0:0:1`; no time of day, which has two colons, and no word: an address has a digit.
    fileprivate static func isIPv6(_ text: String) -> Bool {
        let colons = text.utf8.count { $0 == UInt8(ascii: ":") }
        return (2...7).contains(colons) && (colons > 4 || text.contains("::"))
            && text.utf8.contains(where: isDigit)
            && text.split(separator: ":").allSatisfy { $0.utf8.count <= 4 || isIPv4(String($0)) }
    }

    fileprivate static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }

    fileprivate static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }

    fileprivate static func isHex(_ byte: UInt8) -> Bool { isDigit(byte) || (97...102).contains(byte | 0x20) }

    fileprivate static func isNamePart(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: ".")
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
            if byte == UInt8(ascii: "\\") {
                position += lengthOfEscape
                continue
            }
            if byte == UInt8(ascii: "["), takeBrackets() { continue }
            guard AddressScrubber.isNamePart(byte) || byte == UInt8(ascii: ":") else {
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

    /// Of JSON's, at a `\`; in other texts it costs a word its first letter.
    private var lengthOfEscape: Int {
        let next = position + 1
        guard next < bytes.count else { return 1 }
        if bytes[next] == UInt8(ascii: "u"), next + 4 < bytes.count,
            bytes[next + 1...next + 4].allSatisfy(AddressScrubber.isHex)
        {
            return 6
        }
        return Self.escapes.contains(bytes[next]) ? 2 : 1
    }

    private static let escapes: Set<UInt8> = Set("bfnrt".utf8)

    private func end(from start: Int, while isPart: (UInt8) -> Bool) -> Int {
        var end = start
        while end < bytes.count, isPart(bytes[end]) { end += 1 }
        return end
    }

    private func holds(_ byte: Character, at index: Int) -> Bool {
        index < bytes.count && bytes[index] == byte.asciiValue
    }

    /// The word before, in small letters, with at most four other bytes in between.
    private func word(before index: Int) -> (text: String, range: Range<Int>) {
        var last = index
        while last > 0, index - last < 4, !AddressScrubber.isLetter(bytes[last - 1]) { last -= 1 }
        var first = last
        while first > 0, last - first < 16, AddressScrubber.isLetter(bytes[first - 1]) { first -= 1 }
        return (text(first..<last).lowercased(), first..<last)
    }

    /// Of what may be one: it has 45 bytes at most.
    private func endOfIPv6(from start: Int) -> Int {
        let limit = min(bytes.count, start + 45)
        var end = start
        while end < limit, AddressScrubber.isHex(bytes[end]) || holds(":", at: end) || holds(".", at: end) { end += 1 }
        return end
    }

    /// `[fe80::1]:8080`
    private mutating func takeBrackets() -> Bool {
        let inner = position + 1
        let close = endOfIPv6(from: inner)
        guard holds("]", at: close), AddressScrubber.isIPv6(text(inner..<close)) else { return false }
        replace(position..<endOfPort(close + 1), with: AddressScrubber.host)
        return true
    }

    /// Behind `:` and two to five digits that nothing follows which belongs to a word; `start` where there is no port.
    private func endOfPort(_ start: Int) -> Int {
        guard holds(":", at: start) else { return start }
        let digits = end(from: start + 1, while: AddressScrubber.isDigit)
        guard (2...5).contains(digits - start - 1) else { return start }
        guard digits < bytes.count, bytes[digits] != UInt8(ascii: ".") else { return digits }
        return AddressScrubber.isNamePart(bytes[digits]) ? start : digits
    }

    private mutating func takeToken() {
        let start = position
        let follows = start > 0 ? bytes[start - 1] : 0x20
        // What a name goes on with, as in `vllm:8000` and `std::string`, begins no address.
        if bytes[start] == UInt8(ascii: ":"), AddressScrubber.isNamePart(follows) {
            position += 1
            return
        }
        let colons = endOfIPv6(from: start)
        let isWhole =
            colons == bytes.count || !(AddressScrubber.isNamePart(bytes[colons]) || bytes[colons] == UInt8(ascii: ":"))
        if isWhole, AddressScrubber.isIPv6(text(start..<colons)) {
            return replace(start..<colons, with: AddressScrubber.host)
        }
        guard AddressScrubber.isNamePart(bytes[start]) else {
            position += 1
            return
        }
        let end = end(from: start, while: AddressScrubber.isNamePart)
        for mark in ["://", #":\/\/"#] where bytes[end...].starts(with: mark.utf8) {
            return takeURL(scheme: start..<end, from: end + mark.utf8.count)
        }
        // A sentence may end behind a name.
        var last = end
        while last > start, bytes[last - 1] == UInt8(ascii: ".") { last -= 1 }
        let name = text(start..<last)
        position = end
        switch name {
        case "arn": return takeARN(from: last)
        case "host", "lookup", "ENOTFOUND", "EAI_AGAIN", "resolve":
            if let host = startOfHost(behind: name, start..<end) { return takeHost(from: host) }
        case "projects": if holds("/", at: end) { return takeProject(from: end + 1) }
        case "project_number": if holds(":", at: end) { return takeProject(from: end + 1) }
        default: break
        }
        if Self.isAccount(name) || (Self.isUUID(name) && isOwned(start)) {
            return replace(start..<last, with: AddressScrubber.account)
        }
        let port = last == end ? endOfPort(end) : last
        let isInPath = follows == UInt8(ascii: "/") || follows == UInt8(ascii: "\\")
        let hasPort =
            port > last && AddressScrubber.isDotted(name) && !AddressScrubber.isSource(name, inPath: isInPath)
        let isMachine = port - last > 4 && AddressScrubber.isMachine(name)
        if hasPort || isMachine || AddressScrubber.isNumbered(name) || AddressScrubber.isPrivate(name) {
            replace(start..<port, with: AddressScrubber.host)
        } else {
            takeAddresses(in: start..<last, port: port)
        }
    }

    /// Addresses of IPv4 in a name, as in `ip-10.0.0.1`.
    private mutating func takeAddresses(in name: Range<Int>, port: Int) {
        var start = name.lowerBound
        while start < name.upperBound {
            guard AddressScrubber.isDigit(bytes[start]) else {
                start += 1
                continue
            }
            var end = start
            while end < name.upperBound, AddressScrubber.isDigit(bytes[end]) || bytes[end] == UInt8(ascii: ".") {
                end += 1
            }
            var last = end
            while bytes[last - 1] == UInt8(ascii: ".") { last -= 1 }
            if AddressScrubber.isIPv4(text(start..<last)), !isVersion(start) {
                replace(start..<(last == name.upperBound ? port : last), with: AddressScrubber.host)
            }
            start = end
        }
        position = max(position, name.upperBound)
    }

    /// `v2.0.0.1`, `version 2.0.0.1`
    private func isVersion(_ start: Int) -> Bool {
        let before = word(before: start)
        return before.text == (before.range.upperBound == start ? "v" : "version")
    }

    private mutating func takeURL(scheme: Range<Int>, from start: Int) {
        position = start
        if holds("[", at: start), takeBrackets() { return }
        let end = end(from: start) { $0 > 32 && $0 < 0x7F && !Self.endsOfAuthority.contains($0) }
        // A sentence may end behind it.
        var last = end
        while last > start, bytes[last - 1] == UInt8(ascii: ".") || bytes[last - 1] == UInt8(ascii: ":") { last -= 1 }
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

    private static let endsOfAuthority: Set<UInt8> = Set("/?#\"'`<>\\,;(){}|[]!*&".utf8)

    /// `arn:aws:iam::123456789012:role/r`
    private mutating func takeARN(from start: Int) {
        let end = end(from: start) {
            AddressScrubber.isNamePart($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/")
        }
        position = end
        var field = start
        while field < end {
            var next = field + 1
            while next < end, bytes[next] != UInt8(ascii: ":") { next += 1 }
            let value = bytes[field + 1..<next]
            if value.count == 12, value.allSatisfy(AddressScrubber.isDigit) {
                return replace(field + 1..<next, with: AddressScrubber.account)
            }
            field = next
        }
    }

    /// Where a host's name begins that stands behind such a word; nil where none does.
    ///
    /// `host='gpu-7.example.net'`, `host=vllm`; resolvers' errors: `host vllm:8000` (aiohttp), `resolve host: vllm` (curl),
    /// `lookup vllm on 10.0.0.1:53` (Go), `ENOTFOUND vllm` (Node), `resolve 'vllm' ([Errno -2] …` (urllib3).
    private func startOfHost(behind word: String, _ range: Range<Int>) -> Int? {
        let end = range.upperBound
        if word == "host", holds("=", at: end) { return end + 1 }
        let isResolved = word == "host" && self.word(before: range.lowerBound).text == "resolve"
        if isResolved, holds(":", at: end), holds(" ", at: end + 1) { return end + 2 }
        guard holds(" ", at: end) else { return nil }
        let last = self.end(from: end + 1, while: AddressScrubber.isNamePart)
        let isHost =
            switch word {
            case "host": endOfPort(last) > last
            case "lookup": isServer(behind: last) || bytes[last...].starts(with: ": no such host".utf8)
            case "resolve": holds("'", at: end + 1) && isErrno(behind: end + 2)
            default: true
            }
        return isHost ? end + 1 : nil
    }

    /// ` on 10.0.0.1:53`, as nothing goes on that is looked up in a table.
    private func isServer(behind index: Int) -> Bool {
        let start = index + 4
        guard start < bytes.count, bytes[index...].starts(with: " on ".utf8) else { return false }
        return AddressScrubber.isDigit(bytes[start]) || holds("[", at: start)
    }

    /// `vllm' (`, behind which the operating system's words stand: a member's name may be quoted, too.
    private func isErrno(behind start: Int) -> Bool {
        bytes[end(from: start, while: AddressScrubber.isNamePart)...].starts(with: "' (".utf8)
    }

    private mutating func takeHost(from start: Int) {
        let first = holds("'", at: start) || holds("\"", at: start) ? start + 1 : start
        var last = end(from: first, while: AddressScrubber.isNamePart)
        while last > first, bytes[last - 1] == UInt8(ascii: ".") { last -= 1 }
        if last > first { replace(first..<endOfPort(last), with: AddressScrubber.host) }
    }

    /// `projects/my-project/locations/…`, `projects/681255809395`, `project_number:681255809395`: Google's errors of a quota
    /// say the last two (https://github.com/google-gemini/gemini-cli/issues/2047, read on 2026-11-30;
    /// `google.rpc.ErrorInfo`).
    private mutating func takeProject(from start: Int) {
        var last = end(from: start, while: AddressScrubber.isNamePart)
        while last > start, bytes[last - 1] == UInt8(ascii: ".") { last -= 1 }
        let isNumber = last - start > 5 && bytes[start..<last].allSatisfy(AddressScrubber.isDigit)
        if last > start, isNumber || holds("/", at: last) { replace(start..<last, with: AddressScrubber.account) }
    }

    private static func isUUID(_ name: String) -> Bool {
        guard name.utf8.count == 36 else { return false }
        let parts = name.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        return parts.map(\.count) == [8, 4, 4, 4, 12] && parts.allSatisfy { $0.allSatisfy(AddressScrubber.isHex) }
    }

    /// A word before says that an id is an account's; one of a request stays. Anthropic says `organization (…)` and
    /// `(org: …`, xAI `Your team …` and `Team: …, API key ID: …` (https://github.com/OpenHands/OpenHands/issues/9259,
    /// https://github.com/anthropics/claude-code/issues/55132, https://github.com/continuedev/continue/issues/10373,
    /// https://github.com/UKGovernmentBEIS/inspect_ai/pull/2267; all read on 2026-11-30).
    private func isOwned(_ start: Int) -> Bool {
        var before = word(before: start)
        if before.text == "id" { before = word(before: before.range.lowerBound) }
        return Self.owners.contains(before.text)
    }

    private static let owners: Set<String> = [
        "organization", "org", "team", "account", "tenant", "subscription", "workspace", "project", "key",
    ]

    /// `org-AbC…`, `org_01hv…`, `proj_AbC…`.
    private static func isAccount(_ name: String) -> Bool {
        for prefix in ["org-", "org_", "proj_"] where name.hasPrefix(prefix) {
            let rest = name.utf8.dropFirst(prefix.utf8.count)
            return rest.count >= 16 && rest.allSatisfy { AddressScrubber.isLetter($0) || AddressScrubber.isDigit($0) }
        }
        return false
    }
}
