import Glibc

/// What the main functions of both servers share: one argument, the signals, the exit codes.
public enum ServerProcess {
    /// What the process does with its signals; called on the main thread.
    public struct Life {
        /// SIGHUP: read the configuration again.
        public var reload: () -> Void
        /// SIGUSR1: the log files were moved away.
        public var reopenLogs: () -> Void
        /// SIGTERM, SIGINT: finish and return; the process then ends.
        public var drain: () -> Void

        /// - Parameter drain: returns only once everything is finished.
        public init(
            reload: @escaping () -> Void, reopenLogs: @escaping () -> Void, drain: @escaping () -> Void
        ) {
            self.reload = reload
            self.reopenLogs = reopenLogs
            self.drain = drain
        }
    }

    /// Runs a server until it is told to end. Exit codes: 0, 1 where it could not start, 64 for wrong arguments.
    ///
    /// - Parameter start: starts the server in that state folder and says how it is to be ended.
    public static func run(_ name: String, usage: String, start: (_ home: String) throws -> Life) -> Never {
        let home: String
        do throws(ArgumentProblem) {
            home = try homeArgument(CommandLine.arguments.dropFirst())
        } catch {
            complain(usage)
            exit(error == .helpAsked ? 0 : 64)
        }
        raiseOpenFiles()
        // One thread waits for signals: no handler runs in the middle of anything. They are blocked before any other
        // thread is made, since a thread inherits what is blocked.
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGUSR1] { sigaddset(&signals, number) }
        signal(SIGPIPE, SIG_IGN)
        // A file that may not grow is an error of its write, not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        do {
            wait(for: signals, try start(home))
        } catch {
            complain("\(name): \(error)")
            exit(1)
        }
    }

    private static func wait(for signals: sigset_t, _ life: Life) -> Never {
        var signals = signals
        while true {
            var number: Int32 = 0
            guard sigwait(&signals, &number) == 0 else { continue }
            switch number {
            case SIGHUP: life.reload()
            case SIGUSR1: life.reopenLogs()
            default:
                life.drain()
                exit(0)
            }
        }
    }

    enum ArgumentProblem: Error, Equatable {
        case helpAsked
        case unknown(String)
        case missingValue
    }

    /// `--home DIR`, else `$TOLLGATE_HOME`, else `.tollgate` in the working directory.
    static func homeArgument(_ arguments: ArraySlice<String>) throws(ArgumentProblem) -> String {
        var arguments = arguments
        var home = getenv("TOLLGATE_HOME").map { String(cString: $0) } ?? ".tollgate"
        while let argument = arguments.popFirst() {
            switch argument {
            case "--home":
                guard let value = arguments.popFirst() else { throw .missingValue }
                home = value
            case "--help", "-h": throw .helpAsked
            default: throw .unknown(argument)
            }
        }
        return home
    }

    /// As many open files as the system allows: at the usual soft limit of 1,024 a busy server could accept no more, and
    /// would spin on a listener that stays readable.
    private static func raiseOpenFiles() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
    }

    static func complain(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}

extension ServerProcess {
    /// Sleeps on the calling thread, which is one that the program owns and never a loop.
    public static func pause(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        usleep(UInt32(clamping: seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
    }
}
