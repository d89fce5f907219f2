import Glibc
import WireFormats

/// `tollgate-fuzz`: feeds every decoder and encoder of WireFormats with what nobody should send.
///
/// The parent starts a child that makes and runs case after case, each from the run's seed and its own number. Where the
/// child traps, runs out of memory or takes too long, the parent has the case in memory that both share: it keeps it as
/// a file and starts the next child behind it. A kept file is run again with `--case FILE`.
struct Options {
    var seconds = 600
    var seed = UInt64.random(in: 0...999_999_999)
    var repository = "."
    var corpus: String?
    var keep = ".build/fuzz"
    var caseFile: String?
    /// The child's: where it begins, and the memory that it shares.
    var from: UInt64 = 0
    var shared: String?

    static let usage = """
        usage: tollgate-fuzz [--seconds N] [--seed N] [--repository FOLDER] [--corpus FOLDER] [--keep FOLDER]
               tollgate-fuzz --case FILE
        """

    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            switch name {
            case "--seconds": seconds = Int(value) ?? seconds
            case "--seed": seed = UInt64(value) ?? seed
            case "--repository": repository = value
            case "--corpus": corpus = value
            case "--keep": keep = value
            case "--case": caseFile = value
            case "--from": from = UInt64(value) ?? 0
            case "--shared": shared = value
            default: return nil
            }
        }
    }
}

guard let options = Options(Array(CommandLine.arguments.dropFirst())) else {
    say(Options.usage)
    exit(2)
}
if let file = options.caseFile {
    guard let text = Files.read(file), let fuzzCase = FuzzCase(text) else {
        say("\(file) is no case")
        exit(2)
    }
    for event in Targets.events(of: fuzzCase).prefix(80) { say("\(event)") }
    let faults = Targets.run(fuzzCase)
    say(faults.isEmpty ? "\(fuzzCase.target): no rule broken" : faults.joined(separator: "\n"))
    exit(faults.isEmpty ? 0 : 1)
}
if let shared = options.shared {
    FuzzChild(options, SharedCase(path: shared)).run()
} else {
    exit(FuzzParent(options).run())
}
