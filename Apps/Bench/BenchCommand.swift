import Glibc
import MockProvider
import Synchronization

/// The program `tollgate-bench`: load over HTTP/1.1, latencies out.
enum BenchCommand {
    static func main(arguments: [String]) -> Never {
        if arguments.isEmpty || arguments.contains("--help") || arguments.contains("-h") {
            write(LoadPlan.usage + "\n", to: 1)
            exit(arguments.isEmpty ? 64 : 0)
        }
        if arguments == ["--estimator"] { measureEstimator() }
        do {
            let plan = try LoadPlan(arguments: arguments)
            raiseDescriptorLimit()
            let result = try run(plan)
            write(result.json(isStream: plan.isStream, cpuSeconds: cpuSeconds()) + "\n", to: 1)
            exit(0)
        } catch {
            write("tollgate-bench: \(error)\n\(LoadPlan.usage)\n", to: 2)
            exit(64)
        }
    }

    private static func measureEstimator() -> Never {
        do {
            let results = try EstimatorSpeed.measure()
            write("{\(results.map { "\"\($0.name)\":\(Int($0.megabytes))" }.joined(separator: ","))}\n", to: 1)
            exit(0)
        } catch {
            write("tollgate-bench: \(error)\n", to: 2)
            exit(70)
        }
    }

    /// Runs the plan on its threads and adds up what they measured.
    static func run(_ plan: LoadPlan) throws -> LoadResult {
        let loops = try (0..<plan.threads).map { try LoadLoop(plan: plan, index: $0) }
        let sum = Mutex(LoadResult())
        var threads: [pthread_t] = []
        for loop in loops.dropFirst() {
            var thread = pthread_t()
            let box = Unmanaged.passRetained(ThreadBody { loop.run() }).toOpaque()
            // Called once on the new thread, which owns the body from here on.
            let failure = pthread_create(
                &thread, nil,
                { box in
                    guard let box else { return nil }
                    let body = Unmanaged<ThreadBody>.fromOpaque(box).takeUnretainedValue()
                    body.result = body.run()
                    return box
                }, box)
            precondition(failure == 0, "the system gives no thread")
            threads.append(thread)
        }
        let first = loops[0].run()
        sum.withLock { $0.add(first) }
        for thread in threads {
            var box: UnsafeMutableRawPointer?
            pthread_join(thread, &box)
            guard let box else { continue }
            let body = Unmanaged<ThreadBody>.fromOpaque(box).takeRetainedValue()
            sum.withLock { $0.add(body.result) }
        }
        return sum.withLock { $0 }
    }

    /// Tells whoever measures beside us that all streams are open now.
    static func streamsAreOpen(_ count: Int, seconds: Double) {
        write("{\"open\":\(count),\"seconds\":\(LoadResult.decimal(seconds, 3))}\n", to: 1)
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let micro = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(micro) / 1e6
    }

    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { _ = Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}

/// What a load thread runs, and what it brings back.
private final class ThreadBody {
    let run: () -> LoadResult
    var result = LoadResult()

    init(_ run: @escaping () -> LoadResult) { self.run = run }
}
