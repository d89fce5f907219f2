import JSONText
import WireFormats

/// Makes cases from seeds.
struct Cases {
    let seeds: Seeds
    let mutation: JSONMutation

    init(_ seeds: Seeds) {
        self.seeds = seeds
        mutation = JSONMutation(seeds: seeds)
    }

    func made(_ random: inout Random) -> FuzzCase {
        let dialect = random.pick(Dialect.conversations)
        let seed = random.next()
        switch random.below(20) {
        case 0...4:
            return FuzzCase(
                target: "request.\(dialect.rawValue)", seed: seed,
                bytes: document(from: seeds.requests[dialect], &random))
        case 5...8:
            return FuzzCase(
                target: "reply.\(dialect.rawValue)", seed: seed, bytes: document(from: seeds.replies[dialect], &random))
        case 9...15:
            let framing = Cases.framing(dialect, &random)
            return FuzzCase(
                target: "stream.\(dialect.rawValue).\(framing.rawValue)", seed: seed,
                bytes: stream(dialect, framing, &random))
        case 16:
            return FuzzCase(
                target: "passing.request", seed: seed, bytes: document(from: seeds.requests[dialect], &random))
        case 17:
            let bytes =
                random.chance(50)
                ? document(from: seeds.replies[dialect], &random)
                : stream(dialect, Cases.framing(dialect, &random), &random)
            return FuzzCase(target: "passing.reply", seed: seed, bytes: bytes)
        case 18:
            return FuzzCase(
                target: random.pick(["parsers", "error", "envelope"]), seed: seed,
                bytes: bytesMutated(random.pick(seeds.raw), &random))
        default:
            return FuzzCase(target: "stored", seed: seed, bytes: document(from: seeds.requests[.responses], &random))
        }
    }

    /// Mostly the dialect's own framing.
    private static func framing(_ dialect: Dialect, _ random: inout Random) -> StreamFraming {
        if random.chance(10) { return random.pick([.sse, .lines, .array, .eventStream]) }
        if dialect == .generateContent, random.chance(40) { return .array }
        if dialect == .messages, random.chance(20) { return .eventStream }
        return dialect.codec?.framing ?? .sse
    }

    // MARK: - Documents

    private func document(from list: [JSON]?, _ random: inout Random) -> [UInt8] {
        let seed = list.map { random.pick($0) } ?? random.pick(seeds.fragments)
        var bytes = (random.chance(95) ? mutation.mutated(seed, &random) : seed).serialized()
        if random.chance(10) { bytes = textMutated(bytes, &random) }
        if random.chance(4) { bytes = bytesMutated(bytes, &random) }
        return bytes
    }

    /// What no value can hold: numbers beyond every type, members twice, odd spaces and escapes.
    private func textMutated(_ bytes: [UInt8], _ random: inout Random) -> [UInt8] {
        var bytes = bytes
        let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
        let from = random.below(bytes.count)
        switch random.below(3) {
        case 0:
            guard let start = bytes[from...].firstIndex(where: isDigit) else { return bytes }
            let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
            let numbers = [
                "9223372036854775808", "-9223372036854775809", "18446744073709551615", "1e400", "-1e400", "1e-400",
                "1E18", "1.0", "-0", "-0.0",
                "99999999999999999999999999999999999999999999", "0.1e1", "9007199254740993",
            ]
            bytes.replaceSubrange(start..<end, with: Array(random.pick(numbers).utf8))
        case 1:
            guard let start = bytes[from...].firstIndex(of: UInt8(ascii: "{")) else { return bytes }
            bytes.insert(contentsOf: Array("\"\(random.pick(seeds.words))\":1,".utf8), at: start + 1)
        default:
            guard let start = bytes[from...].firstIndex(of: 0x22) else { return bytes }
            bytes.insert(
                contentsOf: Array(random.pick(["\\u0000", "\\ud83d\\ude00", "\\u00e9", "\\/", " ", "\\b"]).utf8),
                at: start + 1)
        }
        return bytes
    }

    private func bytesMutated(_ bytes: [UInt8], _ random: inout Random) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<(1 + random.below(4)) where !bytes.isEmpty {
            let place = random.below(bytes.count)
            switch random.below(6) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(random.pick([0x0A, 0x0D, 0x00, 0xFF, 0xEF, 0x22, 0x5C, 0x7B, 0x5B, 0x3A]), at: place)
            case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(20)))
            case 4:
                bytes.insert(
                    contentsOf: Array(bytes[place..<min(bytes.count, place + 1 + random.below(100))]),
                    at: random.below(bytes.count))
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }

    // MARK: - Streams

    private func stream(_ dialect: Dialect, _ framing: StreamFraming, _ random: inout Random) -> [UInt8] {
        guard let list = seeds.streams[dialect], !list.isEmpty else { return [] }
        var frames = random.pick(list).frames
        if frames.count > 400, random.chance(80) { frames = Array(frames.prefix(400)) }
        if random.chance(30) { frames = interleaved(frames, random.pick(list).frames.prefix(200).map { $0 }, &random) }
        for _ in 0..<random.below(6) { change(&frames, list, &random) }
        var bytes: [UInt8] = []
        write(frames, framing, into: &bytes, &random)
        return random.chance(12) ? bytesMutated(bytes, &random) : bytes
    }

    private func interleaved(_ left: [StreamFrame], _ right: [StreamFrame], _ random: inout Random) -> [StreamFrame] {
        var frames: [StreamFrame] = []
        var (left, right) = (left[...], right[...])
        while let first = left.first {
            frames.append(first)
            left = left.dropFirst()
            while random.chance(40), let next = right.first {
                frames.append(next)
                right = right.dropFirst()
            }
        }
        return frames + right
    }

    private func change(_ frames: inout [StreamFrame], _ list: [Seeds.Stream], _ random: inout Random) {
        guard !frames.isEmpty else { return }
        let place = random.below(frames.count)
        switch random.below(10) {
        case 0: frames.remove(at: place)
        case 1: frames.insert(frames[place], at: random.below(frames.count))
        case 2: frames.swapAt(place, random.below(frames.count))
        case 3: frames[place...].shuffle(using: &random)
        case 4:
            let other = random.pick(list).frames
            if !other.isEmpty { frames.insert(random.pick(other), at: place) }
        case 5: frames = Array(frames.prefix(place + 1))
        case 6:
            frames.insert(
                random.pick([.done, .keepAlive, .exception(type: random.pick(seeds.words), .object([:]))]), at: place)
        default:
            guard case .json(let value, let event) = frames[place] else { return }
            frames[place] = .json(
                mutation.mutated(value, &random), event: random.chance(5) ? random.pick(seeds.words) : event)
        }
    }

    private func write(
        _ frames: [StreamFrame], _ framing: StreamFraming, into bytes: inout [UInt8], _ random: inout Random
    ) {
        let newline = random.pick(["\n", "\n", "\r\n", "\r"])
        func text(_ text: String) { bytes.append(contentsOf: text.utf8) }
        if framing == .array { text("[") }
        for (index, frame) in frames.enumerated() {
            switch (framing, frame) {
            case (.sse, .json(let value, let event)):
                if let event { text("event: \(event)\(newline)") }
                text("data: ")
                value.append(to: &bytes)
                text(newline + newline)
            case (.sse, .done): text("data: [DONE]\(newline)\(newline)")
            case (.sse, _): text(": ping\(newline)\(newline)")
            case (.lines, .json(let value, _)):
                value.append(to: &bytes)
                text("\n")
            case (.array, .json(let value, _)):
                if index > 0 { text(",\r\n") }
                value.append(to: &bytes)
            case (.eventStream, .json(let value, let event)): bytes += EventStream.event(event ?? "chunk", value)
            case (.eventStream, .exception(let type, let value)): bytes += EventStream.exception(type, value)
            case (.lines, _), (.array, _), (.eventStream, _): break
            }
        }
        if framing == .array, random.chance(90) { text("]") }
    }
}
