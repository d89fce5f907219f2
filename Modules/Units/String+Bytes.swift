extension String {
    /// The UTF-8 bytes in place. `withUTF8`, which may change the text into one that has them, takes a copy of it to
    /// change, and so two turns of its reference count.
    @inlinable
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if let result = utf8.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) { return result }
        var own = self
        return own.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }
}
