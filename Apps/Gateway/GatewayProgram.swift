import CMimalloc
import ServerProcess

/// The process around the gateway.
enum GatewayProgram {
    static func main() -> Never {
        precondition(tollgate_mimalloc_version() > 0, "mimalloc is this program's malloc")
        ServerProcess.run(
            "tollgate-gateway",
            usage: """
                usage: tollgate-gateway [--home DIR]

                Serves FastCGI on DIR/run/gateway.sock. DIR holds tollgate.yaml and all state; it defaults to
                $TOLLGATE_HOME, else to .tollgate in the working directory. SIGTERM drains and ends, SIGHUP reads the
                configuration again, SIGUSR1 reopens the request log.
                """
        ) { home in
            let gateway = try Gateway(home: home)
            try gateway.start()
            return ServerProcess.Life(
                reload: { gateway.reload(because: "SIGHUP") }, reopenLogs: { gateway.reopenLogs() },
                drain: { gateway.drain() })
        }
    }
}
