import Glibc

extension Secret {
    /// Makes a secret by filling memory that is overwritten afterwards.
    static func withScratch<E: Error>(
        _ byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(E) -> Void
    ) throws(E) -> Secret {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 1)
        defer {
            if let start = scratch.baseAddress { explicit_bzero(start, byteCount) }
            scratch.deallocate()
        }
        try fill(scratch)
        return Secret(bytes: UnsafeRawBufferPointer(scratch))
    }
}
