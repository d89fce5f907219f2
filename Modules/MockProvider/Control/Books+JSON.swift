import Units

extension Books.State {
    func writeStats(to out: inout ByteQueue) {
        var total = Books.ModelBook(name: [], price: defaultPrice)
        for model in models { total.add(model) }
        out.append("{\"total\":")
        total.write(to: &out)
        out.append(",\"models\":{")
        var isFirst = true
        for model in models where model.requests > 0 {
            out.append(isFirst ? "\"" : ",\"")
            isFirst = false
            model.name.withUnsafeBytes { out.append(escaping: $0) }
            out.append("\":")
            model.write(to: &out)
        }
        out.append("},\"endpoints\":{")
        isFirst = true
        for endpoint in endpoints where endpoint.requests > 0 {
            out.append(isFirst ? "\"" : ",\"")
            isFirst = false
            endpoint.name.withUnsafeBytes { out.append(escaping: $0) }
            out.append("\":")
            endpoint.write(to: &out)
        }
        out.append("},\"connections_accepted\":")
        out.append(decimal: connectionsAccepted)
        out.append(",\"open_connections\":")
        out.append(decimal: connectionsAccepted - connectionsClosed)
        out.append(",\"last_seq\":")
        out.append(decimal: attemptsSeen)
        out.append(",\"disconnects_seen\":")
        out.append(decimal: disconnectsSeen)
        out.append(",\"disconnects\":[")
        for (index, row) in disconnects.enumerated() {
            out.append(index == 0 ? "{\"seq\":" : ",{\"seq\":")
            out.append(decimal: row.sequence)
            out.append(",\"model\":\"")
            models[row.model].name.withUnsafeBytes { out.append(escaping: $0) }
            out.append("\",\"at\":\"")
            out.append(text: Timestamp(nanosecondsSince1970: row.at).description)
            out.append("\",\"chunks\":")
            out.append(decimal: row.chunks)
            out.append("}")
        }
        out.append("]}\n")
    }

    func writeAttempts(since: Int, limit: Int, to out: inout ByteQueue) {
        let oldest = max(attemptsForgotten, attemptsSeen - attempts.capacity) + 1
        let first = max(since + 1, oldest)
        let last = min(attemptsSeen, first + limit - 1)
        out.append("{\"attempts\":[")
        for sequence in stride(from: first, through: last, by: 1) {
            if sequence > first { out.append(",\n") }
            write(attempts[sequence], to: &out)
        }
        out.append("],\"oldest_seq\":")
        out.append(decimal: oldest)
        out.append(",\"last_seq\":")
        out.append(decimal: attemptsSeen)
        out.append(",\"next_since\":")
        out.append(decimal: max(last, since))
        out.append(",\"more\":")
        out.append(last < attemptsSeen ? "true}\n" : "false}\n")
    }

    private func write(_ attempt: Attempt, to out: inout ByteQueue) {
        out.append("{\"seq\":")
        out.append(decimal: attempt.sequence)
        out.append(",\"model\":\"")
        models[attempt.model].name.withUnsafeBytes { out.append(escaping: $0) }
        out.append("\",\"endpoint\":\"")
        out.append(attempt.endpoint.name)
        out.append("\",\"request_id\":\"")
        ReplyID(nonce: nonce, sequence: attempt.sequence).write("req_", to: &out)
        out.append("\",\"attempt_id\":")
        if attempt.attemptIDCount > 0 {
            out.append("\"")
            withUnsafeBytes(of: attempt.attemptID) { bytes in
                out.append(escaping: UnsafeRawBufferPointer(rebasing: bytes[0..<attempt.attemptIDCount]))
            }
            out.append("\"")
        } else {
            out.append("null")
        }
        out.append(",\"status\":")
        out.append(decimal: attempt.outcome.status)
        out.append(attempt.stream ? ",\"stream\":true" : ",\"stream\":false")
        out.append(",\"prompt_tokens\":")
        out.append(decimal: attempt.outcome.tokens.prompt)
        out.append(",\"cached_tokens\":")
        out.append(decimal: attempt.outcome.tokens.cached)
        out.append(",\"cache_write_tokens\":")
        out.append(decimal: attempt.outcome.tokens.cacheWrite)
        out.append(",\"completion_tokens\":")
        out.append(decimal: attempt.outcome.tokens.completion)
        out.append(",\"chunks\":")
        out.append(decimal: attempt.outcome.chunks)
        out.append(",\"bill_nanos\":")
        out.append(decimal: Int(attempt.bill.nanos))
        out.append(",\"ended\":\"")
        out.append(attempt.outcome.ended.name)
        out.append("\",\"fault\":")
        if let fault = attempt.outcome.fault {
            out.append("\"")
            out.append(text: fault.name)
            out.append("\"")
        } else {
            out.append("null")
        }
        out.append(",\"started_at\":\"")
        out.append(text: Timestamp(nanosecondsSince1970: attempt.startedAt).description)
        out.append("\",\"ended_at\":")
        if attempt.endedAt > 0 {
            out.append("\"")
            out.append(text: Timestamp(nanosecondsSince1970: attempt.endedAt).description)
            out.append("\"}")
        } else {
            out.append("null}")
        }
    }
}

extension Books.ModelBook {
    fileprivate func write(to out: inout ByteQueue) {
        let numbers: [(StaticString, Int)] = [
            ("{\"requests\":", requests), (",\"served\":", served), (",\"complete\":", complete),
            (",\"errors\":", errors), (",\"cut\":", cut), (",\"aborted_by_client\":", clientGone),
            (",\"open\":", requests - closed), (",\"streams\":", streams),
            (",\"open_streams\":", streams - closedStreams), (",\"chunks_sent\":", chunks),
            (",\"prompt_tokens\":", tokens.prompt), (",\"cached_tokens\":", tokens.cached),
            (",\"cache_write_tokens\":", tokens.cacheWrite),
            (",\"completion_tokens\":", tokens.completion), (",\"bill_nanos\":", Int(bill.nanos)),
        ]
        for (name, value) in numbers {
            out.append(name)
            out.append(decimal: value)
        }
        out.append(",\"faults\":{")
        for (index, fault) in faults.sorted(by: { $0.key < $1.key }).enumerated() {
            out.append(index == 0 ? "\"" : ",\"")
            out.append(text: fault.key)
            out.append("\":")
            out.append(decimal: fault.value)
        }
        out.append("}}")
    }
}
