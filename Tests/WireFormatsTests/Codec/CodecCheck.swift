import JSONText
import TestSupport
import Testing
import WireFormats

/// What every codec must do, as functions over any of them: one suite a dialect calls them on recorded traffic, and on
/// vectors of the repository's own.
struct CodecCheck<Codec: DialectCodec> {
    static func events(of pieces: [[UInt8]], framing: StreamFraming = Codec.framing) throws -> [ReplyEvent] {
        try Codec.events(of: pieces.map { $0[...] }, framing: framing)
    }

    static func assembled(_ events: [ReplyEvent]) -> ReplyAssembler {
        var assembler = ReplyAssembler(origin: Codec.dialect)
        assembler.add(events)
        return assembler
    }

    /// Which rules of ``ReplyEvent`` a list of events breaks; empty where none.
    static func faults(in events: [ReplyEvent]) -> [String] { ReplyEventRules.faults(in: events) }

    /// A stream, whole, cut at random and byte by byte, gives the same events, and these are legal.
    static func checkStream(_ bytes: [UInt8], _ fuzz: inout SeededRandom, _ name: String) throws -> [ReplyEvent] {
        let whole = try events(of: [bytes])
        #expect(faults(in: whole).isEmpty, "\(name): \(faults(in: whole))")
        #expect(try events(of: fuzz.cuts(of: bytes)) == whole, "\(name): cut at random")
        #expect(try events(of: bytes.map { [$0] }) == whole, "\(name): byte by byte")
        return whole
    }

    /// A request, read and written in its own dialect, means the same.
    static func checkRequest(
        _ body: JSON, at place: RequestPlace = RequestPlace(), _ name: String, target: TargetFacts? = nil,
        normalised: (JSON) -> JSON = { $0 }
    ) throws {
        let conversation = try Codec.decodeRequest(body, at: place)
        var facts = target ?? TargetFacts(model: conversation.model)
        facts.rangePolicy = .pass
        facts.asksForStreamUsage = false
        var losses = LossReport()
        let written = try Codec.encodeRequest(conversation, for: facts, &losses)
        let difference = firstDifference(canonical(normalised(body)), canonical(normalised(written)))
        #expect(difference == nil, "\(name): \(difference ?? "")")
        #expect(losses.isEmpty, "\(name): \(losses)")
    }

    /// A reply, played as events and assembled, is itself; written in its own dialect and read again, too.
    static func checkReply(_ reply: Reply, _ name: String) {
        #expect(faults(in: reply.events).isEmpty, "\(name)")
        #expect(assembled(reply.events).reply == reply, "\(name): played and assembled")
    }
}

/// Numbers by value (`1.0` is `1`), `null` members left out, members in the order of their names: what two JSON texts
/// mean alike.
func canonical(_ value: JSON) -> JSON {
    switch value {
    case .real(let real):
        return Int64(exactly: real).map { .int($0) } ?? value
    case .array(let elements): return .array(elements.map(canonical))
    case .object(let object):
        let members = object.filter { !$0.value.isNull }.map { ($0.key, canonical($0.value)) }
        return .object(JSONObject(members.sorted { $0.0 < $1.0 }))
    default: return value
    }
}

/// Where two values differ first, as a path and both sides; nil where they are equal.
func firstDifference(_ left: JSON, _ right: JSON, at path: String = "$") -> String? {
    switch (left, right) {
    case (.object(let a), .object(let b)):
        for (key, value) in a {
            guard let other = b[key] else { return "\(path).\(key) is missing: \(value.text.prefix(200))" }
            if let found = firstDifference(value, other, at: "\(path).\(key)") { return found }
        }
        for (key, value) in b where a[key] == nil { return "\(path).\(key) is new: \(value.text.prefix(200))" }
        return nil
    case (.array(let a), .array(let b)):
        for (index, pair) in zip(a, b).enumerated() {
            if let found = firstDifference(pair.0, pair.1, at: "\(path)[\(index)]") { return found }
        }
        return a.count == b.count ? nil : "\(path) has \(b.count) elements instead of \(a.count)"
    default:
        return left == right ? nil : "\(path): \(right.text.prefix(200)) instead of \(left.text.prefix(200))"
    }
}
