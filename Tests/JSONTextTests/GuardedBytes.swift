import Glibc

/// Memory that ends where reading on is a fault: whoever looks one byte beyond crashes the test.
///
/// Two pages are mapped, the second is made unreadable, and the bytes are put at the very end of the first.
struct GuardedBytes: ~Copyable {
    private let start: UnsafeMutableRawPointer
    private let pageBytes: Int
    private let capacity: Int

    init(capacity: Int) {
        pageBytes = sysconf(Int32(_SC_PAGESIZE))
        self.capacity = (capacity + pageBytes - 1) / pageBytes * pageBytes
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        guard let memory = mmap(nil, self.capacity + pageBytes, PROT_READ | PROT_WRITE, flags, -1, 0),
            memory != MAP_FAILED, mprotect(memory + self.capacity, pageBytes, PROT_NONE) == 0
        else { preconditionFailure("the test needs a guard page") }
        start = memory
    }

    deinit {
        munmap(start, capacity + pageBytes)
    }

    borrowing func with<T>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        precondition(bytes.count <= capacity, "the bytes fit the page")
        let place = start + (capacity - bytes.count)
        bytes.withUnsafeBytes { if let base = $0.baseAddress { place.copyMemory(from: base, byteCount: $0.count) } }
        return try body(UnsafeRawBufferPointer(start: place, count: bytes.count))
    }
}
