import Glibc
import Testing

@testable import MockProvider
@testable import tollgate_bench

/// The load generator against a mock: what one counts, the other must have counted.
@Suite struct LoadLoopTests {
    static func run(_ mock: TestMock, _ more: [String]) throws -> LoadResult {
        let url = "http://127.0.0.1:\(mock.server.port)/v1/chat/completions"
        let arguments = ["--url", url, "--header", "Authorization: Bearer x"] + more
        return try BenchCommand.run(try LoadPlan(arguments: arguments))
    }

    @Test func `as many requests are sent as told, and all are measured`() throws {
        let mock = try TestMock()
        let result = try Self.run(
            mock, ["--requests", "500", "--connections", "7", "--threads", "2", "--data", MockServerTests.chat()])
        #expect(result.requests == 500 && result.ok == 500 && result.latency.count == 500)
        #expect(result.statuses == [200: 500] && result.failures.isEmpty)
        #expect(mock.total("requests") == 500)
    }

    @Test func `a stream's first event, events and end are seen`() throws {
        let mock = try TestMock()
        let result = try Self.run(
            mock,
            [
                "--stream", "--requests", "20", "--connections", "4", "--data", MockServerTests.stream,
                "--header", "x-mock: ttft=30ms,interval=2ms,tokens=10",
            ])
        #expect(result.ok == 20 && result.streamsDone == 20)
        #expect(result.events == 20 * (10 + 4))
        #expect(result.firstEvent.quantile(0.5) >= 30_000_000)
        #expect(result.latency.quantile(0.5) >= 48_000_000)
    }

    @Test func `streams that are left are counted by both sides`() throws {
        let mock = try TestMock()
        let result = try Self.run(
            mock,
            [
                "--stream", "--abort-after", "3", "--requests", "10", "--connections", "2",
                "--data", MockServerTests.stream, "--header", "x-mock: interval=10ms",
            ])
        #expect(result.aborted == 10 && result.ok == 0)
        #expect(mock.waits { $0.total("aborted_by_client") == 10 })
    }

    @Test func `errors are told apart`() throws {
        let mock = try TestMock()
        func failures(_ control: String, timeout: String = "20s") throws -> LoadResult {
            try Self.run(
                mock,
                [
                    "--requests", "3", "--connections", "1", "--timeout", timeout, "--data", MockServerTests.chat(),
                    "--header", "x-mock: \(control)",
                ])
        }
        #expect(try failures("fault=429").statuses == [429: 3])
        #expect(try failures("fault=cut").failures == [.closed: 3])
        #expect(try failures("fault=cut,rst=1").failures == [.reset: 3])
        #expect(try failures("fault=cut_chunk").failures == [.closed: 3])
        #expect(try failures("fault=stall", timeout: "100ms").failures == [.timeout: 3])
    }

    @Test func `a rate is kept, and lateness is part of latency`() throws {
        let mock = try TestMock()
        let result = try Self.run(
            mock,
            ["--rate", "200", "--duration", "500ms", "--connections", "8", "--data", MockServerTests.chat()])
        #expect((100...101).contains(result.requests))
        // One connection and 20 ms per answer: half of the requests wait for those before them.
        let late = try Self.run(
            mock,
            [
                "--rate", "100", "--duration", "300ms", "--connections", "1", "--data", MockServerTests.chat(),
                "--header", "x-mock: latency=20ms",
            ])
        #expect(late.late > 0 && late.latency.max > 60_000_000)
    }

    @Test func `keys and numbers go round`() throws {
        let mock = try TestMock()
        let path = "/tmp/tollgate-bench-test-\(getpid()).keys"
        let descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
        write(descriptor, "one\ntwo\n", 8)
        close(descriptor)
        defer { unlink(path) }
        let url = "http://127.0.0.1:\(mock.server.port)/v1/chat/completions"
        let plan = try LoadPlan(arguments: [
            "--url", url, "--keys", path, "--count-requests", "--requests", "6", "--connections", "2",
            "--data", #"{"model":"m{seq}","messages":[]}"#, "--reconnect",
        ])
        let result = try BenchCommand.run(plan)
        #expect(result.ok == 6)
        #expect(mock.stats?["models"]?.members?.map(\.key) == (0..<6).map { "m\($0)" })
        #expect((mock.stats?["connections_accepted"]?.integer ?? 0) >= 6)
        #expect(String(decoding: plan.request(key: "one", number: 5), as: UTF8.self).contains("Bearer one\r\n"))
    }

    @Test func `open streams are held and then let go`() throws {
        let mock = try TestMock()
        let result = try Self.run(
            mock,
            [
                "--open-streams", "50", "--duration", "100ms", "--data", MockServerTests.stream,
                "--header", "x-mock: interval=20ms,tokens=100000",
            ])
        #expect(result.held == 50 && result.failures.isEmpty)
        #expect(mock.waits { $0.total("open_streams") == 0 })
    }
}
