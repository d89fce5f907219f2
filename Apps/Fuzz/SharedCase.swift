import Glibc

/// The case that a child runs now, in memory that it shares with its parent: where the child dies, the parent has what
/// killed it.
///
/// Layout: number of the case, executions, length of the text (8 bytes each), the text of the case (``FuzzCase``).
final class SharedCase {
    static let bytesMax = 32 << 20
    private let start: UnsafeMutableRawPointer

    init(path: String) {
        let file = open(path, O_RDWR | O_CREAT, 0o600)
        precondition(file >= 0, "cannot open \(path)")
        precondition(ftruncate(file, SharedCase.bytesMax) == 0, "cannot size \(path)")
        let memory = mmap(nil, SharedCase.bytesMax, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        close(file)
        guard let memory, memory != MAP_FAILED else { preconditionFailure("cannot map \(path)") }
        start = memory
    }

    var number: UInt64 {
        get { start.load(as: UInt64.self) }
        set { start.storeBytes(of: newValue, as: UInt64.self) }
    }

    var executions: UInt64 {
        get { start.load(fromByteOffset: 8, as: UInt64.self) }
        set { start.storeBytes(of: newValue, toByteOffset: 8, as: UInt64.self) }
    }

    var text: [UInt8] {
        get {
            let count = Int(start.load(fromByteOffset: 16, as: UInt64.self))
            return [UInt8](UnsafeRawBufferPointer(start: start + 24, count: min(count, SharedCase.bytesMax - 24)))
        }
        set {
            let count = min(newValue.count, SharedCase.bytesMax - 24)
            start.storeBytes(of: UInt64(count), toByteOffset: 16, as: UInt64.self)
            newValue.withUnsafeBytes { bytes in
                if let base = bytes.baseAddress { (start + 24).copyMemory(from: base, byteCount: count) }
            }
        }
    }
}
