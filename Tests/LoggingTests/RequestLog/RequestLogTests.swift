import Foundation
import TestSupport
import Testing
import Units

@testable import Logging

@Suite struct RequestLogTests {
    let scene = Scene()
    var path: String { scene.root + "/requests.log" }

    static func line(_ number: Int = 1) -> RequestLine {
        var line = RequestLine(
            time: Scene.start + .milliseconds(123), requestID: "0123456789abcdef0123456789abcdef",
            endpoint: "chat.completions", status: 200, duration: .microseconds(1_234_500), end: .complete)
        line.keyID = Int64(number)
        line.model = "gpt-4o"
        line.provider = "openai"
        line.attempts = 1
        return line
    }

    func lines() -> [[String: Any]] {
        Files.bytes(path).split(separator: UInt8(ascii: "\n")).map { line in
            (try? JSONSerialization.jsonObject(with: Data(line))) as? [String: Any] ?? [:]
        }
    }

    /// Puts a text that grows sixfold in JSON, longer than any that is kept whole, into these members.
    static func lengthen<Line>(
        _ line: inout Line, _ members: [WritableKeyPath<Line, String>], _ others: [WritableKeyPath<Line, String?>]
    ) {
        for member in members { line[keyPath: member] = worst }
        for member in others { line[keyPath: member] = worst }
    }

    static let worst = String(repeating: "\u{1}", count: 5000)

    @Test func aLineHoldsTheFactsOfARequest() throws {
        let log = RequestLog(path: path)
        var line = Self.line(12)
        line.keyName = "sk-...abcd"
        line.keyAlias = "team \"blue\""
        line.isStream = true
        line.upstreamModel = "gpt-4o-2024"
        line.errorCode = "late"
        line.attempts = 2
        line.timeToFirstByte = .microseconds(20_040)
        line.tokens.input = 100
        line.tokens.cachedInput = 40
        line.tokens.cacheWrite5m = 3
        line.tokens.cacheWrite1h = 4
        line.tokens.output = 50
        line.tokens.reasoning = 20
        line.cost = NanoUSD(nanos: 1_230_000)
        line.source = .provider
        line.clientAddress = "192.0.2.1"
        line.userAgent = "curl/8\n"
        line.user = "end-user"
        line.dropped = ["top_k", "seed"]
        line.guardrails = [
            GuardrailNote(rule: "no-secrets", action: .redact, side: .request, found: "openai_key", times: 2),
            GuardrailNote(rule: "words", action: .refuse, side: .answer, found: "banned_word", times: 1),
        ]
        log.write(line)
        log.flush()
        let text = String(decoding: Files.bytes(path), as: UTF8.self)
        #expect(
            text == """
                {"time":"2026-11-23T13:20:00.123Z","msg":"request","request":"0123456789abcdef0123456789abcdef",\
                "key":12,\
                "key_name":"sk-...abcd","key_alias":"team \\"blue\\"","endpoint":"chat.completions","stream":true,\
                "model":"gpt-4o","provider":"openai","upstream_model":"gpt-4o-2024","status":200,"error":"late",\
                "end":"complete","attempts":2,"duration_ms":1234.5,"first_byte_ms":20.04,"input_tokens":100,\
                "cached_input_tokens":40,"cache_write_tokens":7,"output_tokens":50,"reasoning_tokens":20,\
                "cost_usd":0.00123,"source":"provider","client":"192.0.2.1","user_agent":"curl/8\\n","user":"end-user",\
                "dropped":["top_k","seed"],"guardrails":[{"rule":"no-secrets","action":"redact","on":"request",\
                "found":"openai_key","times":2},{"rule":"words","action":"refuse","on":"answer",\
                "found":"banned_word","times":1}]}

                """)
        #expect(lines().count == 1 && lines()[0]["cost_usd"] as? Double == 0.00123)
    }

    @Test func aLineHoldsTheFactsOfAnAdminCall() throws {
        let log = RequestLog(path: path)
        var line = AdminLine(
            time: Scene.start, requestID: "r", caller: "master", method: "POST", route: "/key/delete", status: 200,
            duration: .microseconds(1_500), clientAddress: "192.0.2.1",
            keys: [[0x0f] + .init(repeating: 0xa0, count: 31)])
        log.write(line)
        log.write(AdminLine(time: Scene.start, requestID: "s", method: "GET", status: 404, duration: .zero))
        log.flush()
        let hash = "0f" + String(repeating: "a0", count: 31)
        #expect(
            String(decoding: Files.bytes(path), as: UTF8.self) == """
                {"time":"2026-11-23T13:20:00.000Z","msg":"admin","request":"r","caller":"master","method":"POST",\
                "route":"/key/delete","status":200,"duration_ms":1.5,"client":"192.0.2.1","keys":["\(hash)"]}
                {"time":"2026-11-23T13:20:00.000Z","msg":"admin","request":"s","method":"GET","status":404,"duration_ms":0}

                """)
        Self.lengthen(&line, [\.requestID, \.method], [\.caller, \.route, \.errorCode, \.clientAddress])
        line.keys = .init(repeating: line.keys[0], count: AdminLine.keysMax + 1)
        log.write(line)
        log.flush()
        #expect((lines()[2]["keys"] as? [String])?.count == AdminLine.keysMax, "the longest line has room")
    }

    @Test func whatIsNotKnownIsLeftOut() throws {
        let log = RequestLog(path: path)
        log.write(
            RequestLine(
                time: Scene.start, requestID: "r", endpoint: "models", status: 401, duration: .microseconds(5),
                end: .refused))
        log.flush()
        #expect(
            String(decoding: Files.bytes(path), as: UTF8.self) == """
                {"time":"2026-11-23T13:20:00.000Z","msg":"request","request":"r","endpoint":"models","stream":false,\
                "status":401,"end":"refused","attempts":0,"duration_ms":0.005}

                """)
    }

    @Test func theMasterKeyIsNumberNought() {
        let log = RequestLog(path: path)
        var line = Self.line(0)
        line.keyName = "master"
        log.write(line)
        log.flush()
        #expect(lines()[0]["key"] as? Int == 0 && lines()[0]["key_name"] as? String == "master")
    }

    @Test func aUserAgentIsWrittenWithoutTheKeyInIt() {
        let log = RequestLog(path: path)
        let agents = [
            "curl/8", "app/1 sk-0123456789abcdef", "app/1 sk-0123456789abcdef", "curl/8", "Bearer abcd1234EFGH",
        ]
        for agent in agents {
            var line = Self.line()
            line.userAgent = agent
            log.write(line)
        }
        log.flush()
        #expect(
            lines().map { $0["user_agent"] as? String }
                == ["curl/8", "app/1 «redacted»", "app/1 «redacted»", "curl/8", "Bearer «redacted»"])
    }

    @Test(arguments: [1, 2, 3]) func whateverATextHoldsTheLineIsJSONAndTheTextReadsBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let log = RequestLog(path: path)
        var written: [(agent: String, dropped: [String])] = []
        for _ in 0..<400 {
            func text() -> String {
                let scalars = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                    switch Int.random(in: 0...3, using: &random) {
                    case 0: Unicode.Scalar(UInt8.random(in: 0...127, using: &random))
                    case 1: "\"\\/\u{7f}\u{2028}".unicodeScalars.randomElement(using: &random)!
                    case 2: Unicode.Scalar(UInt32.random(in: 0x80...0xd7ff, using: &random))!
                    default: Unicode.Scalar(UInt32.random(in: 0x10000...0x10ffff, using: &random))!
                    }
                }
                var view = String.UnicodeScalarView()
                view.append(contentsOf: scalars)
                return String(view)
            }
            var line = Self.line()
            line.userAgent = text()
            line.dropped = (0..<Int.random(in: 0...3, using: &random)).map { _ in text() }
            written.append((line.userAgent!, line.dropped))
            log.write(line)
        }
        log.flush()
        let read = lines()
        try #require(read.count == written.count, "seed \(seed)")
        for (line, expected) in zip(read, written) {
            // Cut at 200 bytes, between characters; a text that was not cut is the same.
            let agent = try #require(line["user_agent"] as? String)
            #expect(expected.agent.utf8.starts(with: agent.utf8))
            #expect(agent.utf8.count > min(196, expected.agent.utf8.count - 1))
            #expect(
                line["dropped"] as? [String] ?? []
                    == expected.dropped.map { String(decoding: $0.utf8.prefix(256), as: UTF8.self) })
        }
    }

    @Test func numbersAreWrittenExactly() {
        var buffer = LineBuffer(capacity: 1000)
        for number in [0, 9, 10, 99, 100, -1, -100, 12_345_678_901, .max, .min] {
            buffer.removeFirst(buffer.count)
            buffer.number(number)
            #expect(String(decoding: buffer.bytes, as: UTF8.self) == "\(number)")
        }
        for nanos in [0, 1, 10, 1_000_000_000, 1_500_000_000, -1_230_000_000, 999_999_999, .max] as [Int64] {
            buffer.removeFirst(buffer.count)
            buffer.decimal(nanos, fractionDigits: 9)
            #expect(String(decoding: buffer.bytes, as: UTF8.self) == NanoUSD(nanos: nanos).description)
        }
        for time in [0, 1, 999, -1, 86_399_999, 1_795_000_000_123] as [Int64] {
            buffer.removeFirst(buffer.count)
            let time = Timestamp(millisecondsSince1970: time)
            buffer.time(time)
            #expect(String(decoding: buffer.bytes, as: UTF8.self) == time.description)
        }
    }

    @Test func theLongestLineFits() throws {
        let log = RequestLog(path: path)
        var line = Self.line()
        Self.lengthen(
            &line, [\.requestID, \.endpoint],
            [
                \.keyName, \.keyAlias, \.model, \.provider, \.upstreamModel, \.errorCode, \.clientAddress, \.userAgent,
                \.user,
            ])
        line.dropped = Array(repeating: Self.worst, count: 100)
        line.adjusted = line.dropped
        let note = GuardrailNote(rule: Self.worst, action: .refuse, side: .request, found: Self.worst, times: .min)
        line.guardrails = Array(repeating: note, count: 100)
        for part in [\AttemptTokens.input, \.cachedInput, \.cacheWrite5m, \.output, \.reasoning] {
            line.tokens[keyPath: part] = TokenCount(Int64.min + 1)
        }
        line.source = .provider
        line.cost = NanoUSD(nanos: .min)
        for _ in 0..<20 { log.write(line) }
        log.flush()
        #expect(lines().count == 20 && log.droppedLines == 0)
        let longest = Files.bytes(path).split(separator: UInt8(ascii: "\n")).map(\.count).max()!
        #expect(longest < LineBuffer.lineBytesMax)
    }

    @Test func aFullDiskDropsLinesAndCountsThem() {
        let log = RequestLog(path: "/dev/full")
        for number in 1...1000 { log.write(Self.line(number)) }
        log.flush()
        #expect(log.lastFailure == ENOSPC)
        // What fits into the buffer still waits; nothing blocked and nothing grew.
        #expect(log.droppedLines > 500 && !log.isEmpty)
        let dropped = log.droppedLines
        log.write(Self.line())
        #expect(log.droppedLines == dropped + 1)
    }

    @Test func aFolderThatIsMissingAtFirstLosesNothing() {
        let log = RequestLog(path: scene.root + "/later/requests.log")
        log.write(Self.line(1))
        log.flush()
        #expect(log.lastFailure == ENOENT)
        mkdir(scene.root + "/later", 0o700)
        log.reopen()
        log.flush()
        #expect(Files.bytes(scene.root + "/later/requests.log").count > 100)
    }

    @Test func aFileThatWasMovedAwayIsFollowedByANewOne() {
        let log = RequestLog(path: path)
        log.write(Self.line(1))
        log.flush()
        rename(path, path + ".1")
        log.write(Self.line(2))
        log.reopenIfMoved()
        log.write(Self.line(3))
        log.flush()
        #expect(lines().map { $0["key"] as? Int } == [3])
        let old = Files.bytes(path + ".1").split(separator: UInt8(ascii: "\n"))
        #expect(old.count == 2)
        log.reopenIfMoved()
        log.write(Self.line(4))
        log.reopen()
        log.flush()
        #expect(lines().map { $0["key"] as? Int } == [3, 4])
    }

    @Test func linesOfSeveralLoopsStayWhole() async {
        let path = path
        await withTaskGroup(of: Void.self) { group in
            for loop in 1...4 {
                group.addTask {
                    let log = RequestLog(path: path)
                    for number in 1...500 {
                        log.write(Self.line(loop * 1000 + number))
                        if number % 7 == loop { log.flush() }
                    }
                }
            }
        }
        let keys = lines().map { $0["key"] as? Int ?? 0 }
        #expect(keys.count == 2000 && Set(keys).count == 2000 && !keys.contains(0))
    }

    @Test func theFileIsNotReadableForEverybody() {
        umask(0o022)
        _ = RequestLog(path: path)
        var facts = stat()
        stat(path, &facts)
        #expect(facts.st_mode & 0o777 == 0o640)
    }
}
