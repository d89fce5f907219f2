import Glibc
import Synchronization
import Testing

@testable import EventLoop

@Suite struct EventLoopTests {
    /// Runs `body` as a task on a loop of its own and returns what it returns.
    private func onLoop<Result: Sendable>(
        _ body: @escaping @Sendable (EventLoop) async -> Result
    ) async throws -> Result {
        let loop = try EventLoop(name: "test")
        try loop.start()
        let result = await withUnsafeContinuation { continuation in
            loop.execute { loop.begin { continuation.resume(returning: await body(loop)) } }
        }
        loop.stop()
        return result
    }

    @Test func `a task with the loop as executor stays on the loop's thread across suspensions`() async throws {
        let places = try await onLoop { loop in
            var places = [loop.isOnLoop]
            await loop.sleep(for: .milliseconds(2))
            places.append(loop.isOnLoop)
            await Task.yield()
            places.append(loop.isOnLoop)
            return places
        }
        #expect(places == [true, true, true])
    }

    @Test func `a sleep lasts at least as long as asked`() async throws {
        let slept = try await onLoop { loop in
            let start = MonotonicTime.read()
            await loop.sleep(for: .milliseconds(20))
            return MonotonicTime.read() - start
        }
        #expect(slept >= .milliseconds(20))
    }

    @Test func `calls from other threads all arrive, in the order of each thread`() async throws {
        let seen = Mutex<[Int]>([])
        let loop = try EventLoop(name: "test")
        try loop.start()
        for number in 0..<1_000 { loop.execute { seen.withLock { $0.append(number) } } }
        await withCheckedContinuation { continuation in loop.execute { continuation.resume() } }
        loop.stop()
        #expect(seen.withLock { $0 } == Array(0..<1_000))
    }

    @Test func `an event that was fetched for a descriptor no longer watched is dropped`() throws {
        final class Closer: ReadinessHandler {
            let loop: EventLoop
            let other: Int32
            var calls = 0
            init(loop: EventLoop, other: Int32) {
                self.loop = loop
                self.other = other
            }
            func ready(_ readiness: Readiness) {
                calls += 1
                loop.unwatch(other)
                loop.stop()
            }
        }
        let loop = try EventLoop(name: "test")
        var first: [Int32] = [0, 0]
        var second: [Int32] = [0, 0]
        #expect(pipe(&first) == 0 && pipe(&second) == 0)
        defer { for descriptor in first + second { close(descriptor) } }
        let one = Closer(loop: loop, other: second[0])
        let two = Closer(loop: loop, other: first[0])
        try loop.watch(first[0], for: .readable, handler: one)
        try loop.watch(second[0], for: .readable, handler: two)
        // Both are ready in the same tick; whoever is told first takes the other's watch away.
        #expect(write(first[1], "x", 1) == 1 && write(second[1], "x", 1) == 1)
        loop.run()
        #expect(one.calls + two.calls == 1)
    }
}
