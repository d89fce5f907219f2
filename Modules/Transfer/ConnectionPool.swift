import EventLoop

/// The connections to one place that wait for their next request. The one used last is taken first: the others may grow
/// old and be closed. Confined to its loop.
final class ConnectionPool {
    /// Whether the egress guard judged the address of each connection in it.
    let isGuarded: Bool
    private unowned(unsafe) let client: TransferClient
    private var idle: [ProviderConnection] = []

    /// Beyond this a provider, or a firewall on the way, is likely to have forgotten it (libcurl's own figure).
    private static let ageMax = Duration.seconds(118)

    init(isGuarded: Bool, client: TransferClient) {
        self.isGuarded = isGuarded
        self.client = client
    }

    func take(at now: MonotonicTime) -> ProviderConnection? {
        guard let connection = idle.popLast() else { return nil }
        client.idleConnections -= 1
        guard now - connection.idleSince > Self.ageMax else { return connection }
        // The rest is older.
        connection.close()
        closeAll()
        return nil
    }

    func add(_ connection: ProviderConnection) {
        idle.append(connection)
        client.idleConnections += 1
    }

    func remove(_ connection: ProviderConnection) {
        guard let index = idle.firstIndex(where: { $0 === connection }) else { return }
        idle.remove(at: index)
        client.idleConnections -= 1
    }

    func closeAll() {
        client.idleConnections -= idle.count
        for connection in idle { connection.close() }
        idle = []
    }
}
