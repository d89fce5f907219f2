/// The calls of a conversation that have no result yet, oldest first: for dialects in which a result need not say which
/// call it answers. What is answered is passed over when it is met, so that each step takes constant time.
struct OpenCalls: Sendable {
    struct Call: Sendable {
        let id: String
        let name: String
    }

    private struct Queue: Sendable {
        var numbers: [Int] = []
        var first = 0
    }

    private var calls: [Call] = []
    private var isOpen: [Bool] = []
    private var all = Queue()
    private var byID: [String: Queue] = [:]
    private var byName: [String: Queue] = [:]

    mutating func add(_ id: String, name: String) {
        let number = calls.count
        calls.append(Call(id: id, name: name))
        isOpen.append(true)
        all.numbers.append(number)
        byID[id, default: Queue()].numbers.append(number)
        byName[name, default: Queue()].numbers.append(number)
    }

    /// The oldest one, which stays open.
    mutating func oldest() -> Call? { Self.oldest(of: &all, isOpen).map { calls[$0] } }

    /// Closes the oldest one of that name.
    ///
    /// - Returns: nil where none is open.
    mutating func closeOldest(named name: String) -> Call? {
        guard byName[name] != nil, let number = Self.oldest(of: &byName[name, default: Queue()], isOpen) else {
            return nil
        }
        isOpen[number] = false
        return calls[number]
    }

    /// Closes the oldest one of that id.
    ///
    /// - Returns: nil where none is open.
    @discardableResult mutating func close(_ id: String) -> Call? {
        guard byID[id] != nil, let number = Self.oldest(of: &byID[id, default: Queue()], isOpen) else { return nil }
        isOpen[number] = false
        return calls[number]
    }

    private static func oldest(of queue: inout Queue, _ isOpen: [Bool]) -> Int? {
        while queue.first < queue.numbers.count {
            let number = queue.numbers[queue.first]
            if isOpen[number] { return number }
            queue.first += 1
        }
        return nil
    }
}
