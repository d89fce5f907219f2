import ServerProcess

/// The process around the admin server.
enum AdminProgram {
    static func main() -> Never {
        ServerProcess.run(
            "tollgate-admin",
            usage: """
                usage: tollgate-admin [--home DIR]

                Serves the admin HTTP API as FastCGI on DIR/run/admin.sock. DIR is the state folder that the gateway uses;
                it defaults to $TOLLGATE_HOME, else to .tollgate in the working directory.
                """
        ) { home in
            let server = try AdminServer(home: home)
            try server.start()
            return ServerProcess.Life(
                reload: { server.reload() }, reopenLogs: { server.reopenLogs() }, drain: { server.drain() })
        }
    }
}
