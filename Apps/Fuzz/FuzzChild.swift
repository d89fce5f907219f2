import Glibc

/// Makes and runs cases until it is ended, or dies of one.
struct FuzzChild {
    /// The longest that a case may keep the processor.
    static let processorSecondsMax = 10
    /// The most memory of the process: beyond it allocation fails, which traps.
    static let memoryBytesMax: UInt64 = 6 << 30
    /// How far one case may raise the process's highest memory, beyond what its input allows.
    static let growthBytesMax = 256 << 20

    private let options: Options
    private let shared: SharedCase

    init(_ options: Options, _ shared: SharedCase) {
        self.options = options
        self.shared = shared
    }

    func run() -> Never {
        var limit = rlimit(rlim_cur: rlim_t(FuzzChild.memoryBytesMax), rlim_max: rlim_t(FuzzChild.memoryBytesMax))
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        let seeds = Seeds(repository: options.repository, corpus: options.corpus)
        if options.from == 0 { say("seeds: \(seeds.summary)") }
        let cases = Cases(seeds)
        var number = options.from
        var told: [String: Int] = [:]
        while true {
            shared.number = number
            var random = Random(seed: options.seed, case: number)
            let fuzzCase = cases.made(&random)
            shared.text = fuzzCase.text
            var timer = itimerval(
                it_interval: timeval(), it_value: timeval(tv_sec: FuzzChild.processorSecondsMax, tv_usec: 0))
            setitimer(__itimer_which_t(ITIMER_VIRTUAL.rawValue), &timer, nil)
            let before = FuzzChild.highestMemory()
            var faults = Targets.run(fuzzCase)
            let growth = FuzzChild.highestMemory() - before
            if growth > FuzzChild.growthBytesMax + 200 * fuzzCase.bytes.count {
                faults.append("\(growth >> 20) MB of memory for \(fuzzCase.bytes.count) bytes")
            }
            for fault in faults {
                // One of each kind: numbers and quoted values differ.
                let kind = fuzzCase.target + ": " + fault.filter { !$0.isNumber }.prefix(90)
                told[kind, default: 0] += 1
                guard told[kind] == 1 else { continue }
                let path = "\(options.keep)/fault-\(options.seed)-\(number).case"
                Files.write(fuzzCase.text, to: path)
                say("FAULT \(fuzzCase.target): \(fault.prefix(600))\n  case \(number), kept as \(path)")
            }
            shared.executions += 1
            number += 1
        }
    }

    private static func highestMemory() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss << 10
    }
}
