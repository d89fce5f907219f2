/// One step of a module's schema. Once released it is never edited; a change is a new version.
public struct Migration: Sendable {
    /// Names the module in the store: the versions of each count by themselves.
    public let module: String
    /// 1, 2, 3 … without gaps within the module.
    public let version: Int
    /// What it does, in a few words, for the record in the store.
    public let name: String
    /// Statements separated by `;`. No BEGIN or COMMIT, and no PRAGMA that SQLite refuses inside a transaction.
    public let sql: String

    /// - Parameter sql: see ``sql``; it is run in one transaction with the record of its version.
    public init(module: String, version: Int, name: String, sql: String) {
        self.module = module
        self.version = version
        self.name = name
        self.sql = sql
    }

    /// FNV-1a of the text: notices an edit by mistake, not an attack.
    var checksum: Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in sql.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int64(bitPattern: hash)
    }
}
