import Keys
import Secrets
import Store
import TestSupport
import Units

/// A store with the keys' tables in a folder of its own.
struct KeyFixture {
    let folder = TemporaryFolder()
    let hasher = KeyHasher(pepper: Secret(text: "a pepper for tests only"))
    let now = Timestamp(secondsSince1970: 1_795_000_000)

    func open() throws -> Database {
        let database = try Database(path: folder.file("a.db"))
        try Migrator.run(ChangeFeed.migrations + KeyStore.migrations, on: database)
        return database
    }

    func newKey() -> NewKey { NewKey(hasher: hasher) }

    func later(_ seconds: Int) -> Timestamp { now + .seconds(seconds) }
}

func headers<T>(
    authorization: String? = nil, xAPIKey: String? = nil, apiKey: String? = nil, xGoogAPIKey: String? = nil,
    _ body: (Authorization.Headers) throws -> T
) rethrows -> T {
    try with(authorization) { authorization in
        try with(xAPIKey) { xAPIKey in
            try with(apiKey) { apiKey in
                try with(xGoogAPIKey) { xGoogAPIKey in
                    try body(
                        Authorization.Headers(
                            authorization: authorization, xAPIKey: xAPIKey, apiKey: apiKey, xGoogAPIKey: xGoogAPIKey))
                }
            }
        }
    }
}

private func with<T>(_ text: String?, _ body: (UnsafeRawBufferPointer?) throws -> T) rethrows -> T {
    guard let text else { return try body(nil) }
    return try Array(text.utf8).withUnsafeBytes { try body($0) }
}
