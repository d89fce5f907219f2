import Configuration
import Glibc

/// The process: arguments, signals, exit codes.
///
/// SIGTERM and SIGINT drain and end it, SIGHUP reads the configuration again, SIGUSR1 reopens the logs.
enum GatewayProgram {
    static let usage = """
        usage: tollgate-gateway [--home DIR]

        Serves FastCGI on DIR/run/gateway.sock. DIR holds tollgate.yaml and all state; it defaults to $TOLLGATE_HOME,
        else to .tollgate in the working directory.
        """

    static func main() {
        let home: String
        do {
            home = try homeArgument()
        } catch {
            complain(usage)
            exit(error is HelpAsked ? 0 : 64)
        }
        // Signals are taken by one thread that waits for them: no handler runs in the middle of anything.
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGTERM, SIGINT, SIGHUP, SIGUSR1] { sigaddset(&signals, signal) }
        signal(SIGPIPE, SIG_IGN)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let gateway: Gateway
        do {
            gateway = try Gateway(home: home)
            try gateway.start()
        } catch {
            complain("tollgate-gateway: \(error)")
            exit(1)
        }
        while true {
            var number: Int32 = 0
            guard sigwait(&signals, &number) == 0 else { continue }
            switch number {
            case SIGHUP: gateway.reload(because: "SIGHUP")
            case SIGUSR1: gateway.reopenLogs()
            default:
                gateway.drain()
                exit(0)
            }
        }
    }

    private struct HelpAsked: Error {}
    private struct WrongArguments: Error {}

    private static func homeArgument() throws -> String {
        var arguments = CommandLine.arguments.dropFirst()
        var home = getenv("TOLLGATE_HOME").map { String(cString: $0) } ?? ".tollgate"
        while let argument = arguments.popFirst() {
            switch argument {
            case "--home":
                guard let value = arguments.popFirst() else { throw WrongArguments() }
                home = value
            case "--help", "-h": throw HelpAsked()
            default: throw WrongArguments()
            }
        }
        return home
    }

    static func complain(_ text: String) {
        let bytes = Array((text + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
