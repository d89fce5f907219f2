import Glibc

/// The program `tollgate-mock`.
public enum MockCommand {
    /// Reads the command line, serves until SIGTERM or SIGINT, and ends the process.
    public static func main(arguments: [String]) -> Never {
        if arguments.contains("--help") || arguments.contains("-h") {
            write(MockSettings.usage + "\n", to: 1)
            exit(0)
        }
        // Blocked in every thread, so that the wait below gets them.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        do {
            let settings = try MockSettings(arguments: arguments)
            let server = try MockServer(settings)
            announce(settings, server)
            var signal: Int32 = 0
            sigwait(&signals, &signal)
            if let path = settings.unixPath { unlink(path) }
            exit(0)
        } catch {
            write("tollgate-mock: \(error)\n\(MockSettings.usage)\n", to: 2)
            exit(error is MockUsageError ? 64 : 1)
        }
    }

    private static func announce(_ settings: MockSettings, _ server: MockServer) {
        var places: [String] = []
        if settings.port != nil { places.append("http://\(settings.host):\(server.port)/v1") }
        if let path = settings.unixPath { places.append("unix:\(path)") }
        write("tollgate-mock is listening on \(places.joined(separator: " and "))\n", to: 1)
    }

    /// Unbuffered: who started the mock waits for its line.
    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { _ = Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}
