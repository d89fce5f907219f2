import Glibc
import TestSupport
import Testing
import Units

/// Whether eight times the input takes about eight times the work.
///
/// The work is this thread's own processor time, so that a busy machine does not count; what is linear then measures 7 to
/// 10, what is quadratic 64. A part that is quadratic and small beside the rest of its run is seen from a thirteenth of
/// it on. Of what takes less than 20 ms nothing is said: it is the time of fresh memory, which a megabyte is and an eighth
/// of it is not.
enum Growth {
    private static let most = 12.0
    private static let leastTime = 20e6

    /// How much larger the inputs are: `TOLLGATE_GROWTH=16` has 1,024 to 8,192 parts and calls, and takes minutes in a debug
    /// build.
    static let scale = getenv("TOLLGATE_GROWTH").flatMap { Int(String(cString: $0)) } ?? 1

    /// - Parameters:
    ///   - count: how much the small run does. The large one does eight times as much.
    ///   - prepare: makes the input of a run, which is not measured, and gives what is.
    static func expectLinear(_ name: String, _ count: Int, _ prepare: (Int) throws -> () throws -> Void) throws {
        let small = try prepare(count)
        let large = try prepare(count * 8)
        // Tables that are made when they are first used, memory that is first asked for.
        try small()
        var found: [String] = []
        for _ in 0..<3 {
            let few = try (0..<3).map { _ in try time(small) }.min() ?? 0
            let many = try time(large)
            if many / max(few, 1) < most || many < leastTime { return }
            found.append("\(Int(few / 1000)) µs and \(Int(many / 1000)) µs")
        }
        Issue.record("\(name): once and eight times the input take \(found.joined(separator: ", "))")
    }

    /// In nanoseconds.
    private static func time(_ body: () throws -> Void) throws -> Double {
        Double(try processorTime(body).nanoseconds)
    }
}
