import Synchronization

/// The responses that the mock gave and still knows: for `previous_response_id`, GET, DELETE, cancel and input_items.
///
/// At most `countMax` responses of `bytesMax` bytes together; the oldest are forgotten, as if they had been deleted.
final class ResponseMemory: Sendable {
    static let countMax = 2000
    static let bytesMax = 64 * 1024 * 1024

    struct Entry: Sendable {
        /// The response's body as JSON text.
        var body: [UInt8]
        /// What was sent and known before: a JSON array of items, with those of earlier responses.
        var input: [UInt8]
        /// A background response that nobody has looked at since.
        var isQueued = false
        /// What its stream said, an event each with its blank line; nil: it was none.
        var events: [[UInt8]]?

        var byteCount: Int { body.count + input.count + (events?.reduce(0) { $0 + $1.count } ?? 0) }
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var order: [String] = []
        var bytes = 0

        mutating func remove(_ id: String) -> Entry? {
            guard let entry = entries.removeValue(forKey: id) else { return nil }
            bytes -= entry.byteCount
            if order.first == id { order.removeFirst() } else { order.removeAll { $0 == id } }
            return entry
        }
    }

    private let state = Mutex(State())

    subscript(_ id: String) -> Entry? { state.withLock { $0.entries[id] } }

    func keep(_ entry: Entry, as id: String) {
        let count = entry.byteCount
        guard count <= Self.bytesMax / 4 else { return }
        state.withLock { state in
            _ = state.remove(id)
            state.entries[id] = entry
            state.order.append(id)
            state.bytes += count
            while state.order.count > Self.countMax || state.bytes > Self.bytesMax {
                _ = state.remove(state.order[0])
            }
        }
    }

    /// - Returns: whether it was there.
    func delete(_ id: String) -> Bool { state.withLock { $0.remove(id) != nil } }

    func forget() { state.withLock { $0 = State() } }
}
