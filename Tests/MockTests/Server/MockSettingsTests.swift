import Glibc
import Testing

@testable import MockProvider

@Suite struct MockSettingsTests {
    @Test func `flags are read with a space or an equals sign`() throws {
        let settings = try MockSettings(arguments: [
            "--port=0", "--latency", "5ms", "--chunk-interval=2ms", "--ttft", "1s", "--tokens", "9", "--models", "a,b",
            "--price-input-nanos-per-token", "7", "--price-output-nanos-per-token=8", "--price", "b=1/2",
            "--controls", "crlf=1,fault=429",
        ])
        #expect(settings.port == 0 && settings.models == ["a", "b"])
        #expect(settings.behaviour.latency == 5_000_000 && settings.behaviour.interval == 2_000_000)
        #expect(settings.behaviour.timeToFirstToken == 1_000_000_000 && settings.behaviour.tokens == 9)
        #expect(settings.behaviour.usesCRLF && settings.behaviour.fault == .status(429))
        #expect(settings.price.inputNanosPerToken == 7 && settings.price.outputNanosPerToken == 8)
        #expect(settings.prices["b"]?.outputNanosPerToken == 2)
    }

    @Test(arguments: [
        ["--port"], ["--port", "70000"], ["--prot", "1"], ["4010"], ["--latency", "fast"], ["--price", "b=1"],
        ["--threads", "0"], ["--controls", "fault=zzz"],
    ])
    func `a flag that is wrong is refused`(_ arguments: [String]) {
        #expect(throws: MockUsageError.self) { try MockSettings(arguments: arguments) }
    }

    @Test func `a port that is taken is refused, also by a mock of several threads`() throws {
        for threads in ["1", "2"] {
            let mock = try TestMock(["--threads", threads])
            for others in ["1", "2"] {
                let settings = try MockSettings(arguments: ["--port", "\(mock.server.port)", "--threads", others])
                #expect(throws: MockStartError.self) { try MockServer(settings) }
            }
            #expect(mock.client().get("/_mock/health").status == 200)
        }
    }

    @Test func `several threads keep one set of books`() throws {
        let mock = try TestMock(["--threads", "3"])
        let clients = (0..<24).map { _ in mock.client() }
        for client in clients { #expect(client.post(MockServerTests.chat()).status == 200) }
        #expect(mock.waits { $0.total("served") == 24 })
        #expect(mock.total("bill_nanos") == 24 * 12_450)
    }

    @Test func `a stopped mock frees its port and its unix socket`() throws {
        let path = "/tmp/tollgate-mock-test-\(getpid()).sock"
        let mock = try MockServer(try MockSettings(arguments: ["--unix", path]))
        #expect(mock.port == 0 && access(path, F_OK) == 0)
        mock.stop()
        #expect(access(path, F_OK) != 0)
    }
}
