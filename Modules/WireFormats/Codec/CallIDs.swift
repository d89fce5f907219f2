/// Ids of tool calls that a history uses more than once.
///
/// Chat servers that number the calls of an answer (`call_0`) begin anew in the next; Anthropic and Bedrock refuse a
/// history of two such answers ("`tool_use` ids must be unique"). Rules
/// 1. The first call keeps its id. A later one is called `call_0_2`, `call_0_3`, …: the first that no call before it has.
///    So a history that has grown makes the same ids again, and prompt caches hold.
/// 2. A result is that of the latest answer's call with its id; of several there, of each in turn.
/// 3. Encoders make the ids legal that they write, as any others.
struct CallIDs {
    /// The calls of one answer that came with the same id, by what they are called now.
    private struct Calls {
        let answer: Int
        var ids: [String]
        /// Which of them the next result is of.
        var next = 0
    }

    /// All that calls have so far.
    private var taken: Set<String> = []
    /// What the last id ends in that was made of an id.
    private var numbers: [String: Int] = [:]
    private var latest: [String: Calls] = [:]
    private var answer = 0
    private var isInAnswer = false

    fileprivate mutating func begin(_ role: Turn.Role) {
        if role == .assistant, !isInAnswer { answer += 1 }
        isInAnswer = role == .assistant
    }

    /// - Returns: the call's own id.
    fileprivate mutating func call(_ id: String) -> String {
        var own = id
        var number = numbers[id] ?? 1
        while !taken.insert(own).inserted {
            number += 1
            own = "\(id)_\(number)"
        }
        numbers[id] = number
        if latest[id]?.answer == answer {
            latest[id]?.ids.append(own)
        } else {
            latest[id] = Calls(answer: answer, ids: [own])
        }
        return own
    }

    /// - Returns: the id of the call that it answers; its own, where there is none before it.
    fileprivate mutating func result(_ id: String) -> String {
        guard let calls = latest[id] else { return id }
        if calls.next + 1 < calls.ids.count { latest[id]?.next += 1 }
        return calls.ids[calls.next]
    }
}

extension Conversation {
    /// Gives each call an id of its own, and each result that of its call.
    mutating func makeCallIDsUnique() {
        guard repeatsCallIDs else { return }
        var ids = CallIDs()
        for turn in turns.indices {
            ids.begin(turns[turn].role)
            for part in turns[turn].parts.indices {
                switch turns[turn].parts[part].content {
                case .toolCall(var call):
                    call.id = ids.call(call.id)
                    turns[turn].parts[part].content = .toolCall(call)
                case .toolResult(var result):
                    result.callID = ids.result(result.callID)
                    turns[turn].parts[part].content = .toolResult(result)
                default: break
                }
            }
        }
    }

    private var repeatsCallIDs: Bool {
        var ids: Set<String> = []
        for turn in turns {
            for part in turn.parts {
                if case .toolCall(let call) = part.content, !ids.insert(call.id).inserted { return true }
            }
        }
        return false
    }
}
