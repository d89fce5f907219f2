import CLinux

/// The Castagnoli CRC, eight bytes a step: by the processor's instruction where it has one, else from tables (Kounavis and
/// Berry's "slicing by 8").
enum CRC32C {
    /// - Returns: the checksum of `bytes`, as iSCSI, ext4 and others define it.
    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard hasInstruction, let start = bytes.baseAddress else { return fromTables(bytes) }
        return ~tollgate_crc32c(~0, start, bytes.count)
    }

    private static let hasInstruction = tollgate_has_crc32c() != 0

    static func fromTables(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard var next = bytes.baseAddress else { return 0 }
        let tables = Self.tables
        var left = bytes.count
        var crc: UInt32 = ~0
        while left >= 8 {
            let word = UInt64(littleEndian: next.loadUnaligned(as: UInt64.self)) ^ UInt64(crc)
            crc =
                tables[Int(1792 + (word & 0xff))] ^ tables[Int(1536 + (word >> 8 & 0xff))]
                ^ tables[Int(1280 + (word >> 16 & 0xff))] ^ tables[Int(1024 + (word >> 24 & 0xff))]
                ^ tables[Int(768 + (word >> 32 & 0xff))] ^ tables[Int(512 + (word >> 40 & 0xff))]
                ^ tables[Int(256 + (word >> 48 & 0xff))] ^ tables[Int(word >> 56)]
            next += 8
            left -= 8
        }
        while left > 0 {
            crc = crc >> 8 ^ tables[Int((crc ^ UInt32(next.load(as: UInt8.self))) & 0xff)]
            next += 1
            left -= 1
        }
        return ~crc
    }

    /// Eight tables of 256, written once before anybody sees the pointer and never freed, so any thread may read them.
    private nonisolated(unsafe) static let tables: UnsafePointer<UInt32> = {
        let tables = UnsafeMutablePointer<UInt32>.allocate(capacity: 8 * 256)
        for index in 0..<256 {
            var crc = UInt32(index)
            for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 0 ? 0 : 0x82f6_3b78) }
            tables[index] = crc
        }
        for index in 256..<2048 {
            let previous = tables[index - 256]
            tables[index] = previous >> 8 ^ tables[Int(previous & 0xff)]
        }
        return UnsafePointer(tables)
    }()
}
