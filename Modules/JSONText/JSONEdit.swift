/// Changes to a document that leave every other byte as it is.
///
/// Collect changes, then ``applied(to:)`` makes the new document with one allocation. Changes must not overlap; several
/// insertions at one place come out in the order in which they were made.
public struct JSONEdit: Sendable {
    private struct Change: Sendable {
        let range: Range<Int>
        let text: [UInt8]
        let order: Int
    }

    private var changes: [Change] = []

    /// An edit that changes nothing yet.
    public init() {}

    /// Whether the document would come out as it is.
    public var isEmpty: Bool { changes.isEmpty }

    /// Puts `text` (JSON) in the place of `range`.
    public mutating func replace(_ range: Range<Int>, with text: [UInt8]) {
        changes.append(Change(range: range, text: text, order: changes.count))
    }

    /// Puts `text` in front of the byte at `offset`.
    public mutating func insert(_ text: [UInt8], at offset: Int) {
        replace(offset..<offset, with: text)
    }

    /// Adds a member at the front of `object`: the rest of it is not touched, and no later twin can exist for a reader
    /// that keeps the last of two equal keys, because the caller looked first.
    ///
    /// - Parameter isEmpty: whether the object has no members; otherwise a comma follows.
    public mutating func insertMember(
        _ name: StaticString, _ value: [UInt8], intoObjectAt object: Range<Int>, isEmpty: Bool
    ) {
        var text: [UInt8] = []
        text.reserveCapacity(name.utf8CodeUnitCount + value.count + 4)
        text.append(0x22)
        JSONEscapes.append(
            UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount), to: &text)
        text.append(0x22)
        text.append(UInt8(ascii: ":"))
        text.append(contentsOf: value)
        if !isEmpty { text.append(UInt8(ascii: ",")) }
        insert(text, at: object.lowerBound + 1)
    }

    /// Adds a member at the front of a document's outermost object.
    ///
    /// - Parameter othersRemain: false where every member that the document has is being removed by the same edit.
    public mutating func insertMember(
        _ name: StaticString, _ value: [UInt8], into document: JSONDocument, othersRemain: Bool = true
    ) {
        insertMember(
            name, value, intoObjectAt: document.range, isEmpty: document.members.isEmpty || !othersRemain)
    }

    /// Takes members out of a document's outermost object, each with the comma that belongs to it.
    ///
    /// - Parameter indices: positions in ``JSONDocument/members``.
    public mutating func removeMembers(at indices: [Int], of document: JSONDocument) {
        let removed = Set(indices)
        // The first member that stays has no comma before it; every other takes the one in front of it along.
        let firstKept = document.members.indices.first { !removed.contains($0) } ?? document.members.count
        for index in removed.sorted() {
            let member = document.members[index]
            if index < firstKept {
                let end =
                    index + 1 < document.members.count
                    ? document.members[index + 1].key.range.lowerBound - 1 : member.value.upperBound
                replace(member.key.range.lowerBound - 1..<end, with: [])
            } else {
                replace(document.members[index - 1].value.upperBound..<member.value.upperBound, with: [])
            }
        }
    }

    /// The document with all changes.
    public func applied(to bytes: UnsafeRawBufferPointer) -> [UInt8] {
        let sorted = changes.sorted { left, right in
            (left.range.lowerBound, left.range.upperBound, left.order)
                < (right.range.lowerBound, right.range.upperBound, right.order)
        }
        let grown = sorted.reduce(bytes.count) { $0 + $1.text.count - $1.range.count }
        guard let base = bytes.baseAddress else { return sorted.flatMap(\.text) }
        return [UInt8](unsafeUninitializedCapacity: max(grown, 0)) { output, count in
            func copy(_ source: UnsafeRawBufferPointer) {
                guard let from = source.baseAddress, let to = output.baseAddress, source.count > 0 else { return }
                UnsafeMutableRawPointer(to + count).copyMemory(from: from, byteCount: source.count)
                count += source.count
            }
            var position = 0
            for change in sorted {
                precondition(
                    change.range.lowerBound >= position && change.range.upperBound <= bytes.count,
                    "the changes of one edit do not overlap and lie in the document")
                copy(UnsafeRawBufferPointer(start: base + position, count: change.range.lowerBound - position))
                change.text.withUnsafeBytes { copy($0) }
                position = change.range.upperBound
            }
            copy(UnsafeRawBufferPointer(start: base + position, count: bytes.count - position))
        }
    }

    /// The document with all changes.
    public func applied(to bytes: [UInt8]) -> [UInt8] {
        if changes.isEmpty { return bytes }
        return bytes.withUnsafeBytes { applied(to: $0) }
    }
}
