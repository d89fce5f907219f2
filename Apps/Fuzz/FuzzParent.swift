import Glibc

/// Keeps a child running, and keeps what children died of.
struct FuzzParent {
    private let options: Options

    init(_ options: Options) { self.options = options }

    /// - Returns: 0 where no case broke a rule.
    func run() -> Int32 {
        say("tollgate-fuzz: seed \(options.seed), \(options.seconds) s")
        mkdir(options.keep, 0o755)
        let path = "\(options.keep)/shared-\(getpid())"
        let shared = SharedCase(path: path)
        defer { unlink(path) }
        let end = time(nil) + options.seconds
        var from: UInt64 = 0
        var deaths = 0
        var sawFaults = false
        while time(nil) < end, deaths < 20 {
            shared.number = from
            shared.text = []
            guard let child = start(from: from, path) else {
                say("the child does not start")
                return 2
            }
            var status: Int32 = 0
            var hasEnded = false
            while !hasEnded, time(nil) < end {
                usleep(100_000)
                hasEnded = waitpid(child, &status, WNOHANG) == child
            }
            if !hasEnded {
                kill(child, SIGTERM)
                waitpid(child, &status, 0)
                if status & 0x7F == SIGTERM { break }
            }
            deaths += 1
            let signal = status & 0x7F
            let kept = "\(options.keep)/death-\(options.seed)-\(shared.number).case"
            let text = shared.text
            Files.write(text, to: kept)
            let reason =
                signal == SIGVTALRM
                ? "it took more than \(FuzzChild.processorSecondsMax) s" : "signal \(signal), status \(status >> 8)"
            let target = FuzzCase(text)?.target ?? "before its first case"
            say("DEATH \(target): \(reason)\n  case \(shared.number), kept as \(kept)")
            if text.isEmpty { break }
            from = shared.number + 1
        }
        sawFaults = Files.below(options.keep, ending: ".case").contains { $0.contains("fault-\(options.seed)-") }
        say("executions: \(shared.executions), deaths: \(deaths)")
        return deaths == 0 && !sawFaults && shared.executions > 0 ? 0 : 1
    }

    private func start(from: UInt64, _ path: String) -> pid_t? {
        var arguments = ["tollgate-fuzz", "--seed", "\(options.seed)", "--from", "\(from)", "--shared", path]
        arguments += ["--repository", options.repository, "--keep", options.keep]
        if let corpus = options.corpus { arguments += ["--corpus", corpus] }
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        setenv("SWIFT_BACKTRACE", "enable=no", 1)
        var child: pid_t = 0
        guard posix_spawn(&child, "/proc/self/exe", nil, nil, &pointers, environ) == 0 else { return nil }
        return child
    }
}
