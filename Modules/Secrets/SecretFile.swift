import Glibc
import Units

/// Files that hold one secret.
public enum SecretFile {
    /// The largest file that is taken for a secret.
    public static let bytesMax = 64 * 1024

    /// Reads a secret; line ends at its end do not belong to it.
    public static func read(_ path: String) throws(SecretError) -> Secret { try readStamped(path).secret }

    static func readStamped(_ path: String) throws(SecretError) -> (secret: Secret, stamp: FileStamp) {
        let reference = "file:\(path)"
        // O_NONBLOCK: a FIFO put in the file's place must not stop the caller.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(reference: reference, code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(reference: reference, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(reference: reference) }
        guard status.st_size <= bytesMax else { throw .tooLarge(reference: reference, bytesMax: bytesMax) }
        return (try read(descriptor, reference), FileStamp(status))
    }

    private static func read(_ descriptor: Int32, _ reference: String) throws(SecretError) -> Secret {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: bytesMax + 1, alignment: 1)
        var count = 0
        defer {
            if let start = scratch.baseAddress { explicit_bzero(start, count) }
            scratch.deallocate()
        }
        while count < scratch.count {
            let got = Glibc.read(descriptor, scratch.baseAddress?.advanced(by: count), scratch.count - count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .unreadable(reference: reference, code: errno) }
            if got == 0 { break }
            count += got
        }
        guard count <= bytesMax else { throw .tooLarge(reference: reference, bytesMax: bytesMax) }
        let value = withoutLineEnd(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
        guard !value.isEmpty else { throw .empty(reference: reference) }
        return Secret(bytes: value)
    }

    static func withoutLineEnd(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var end = bytes.count
        while end > 0, bytes[end - 1] == 10 || bytes[end - 1] == 13 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[..<end])
    }

    /// Reads the secret of a file, or, if there is no file, makes one (mode 0600) with a new secret. Two programs that
    /// do this at once end with the same secret.
    public static func readOrCreate(
        _ path: String, making secret: () -> Secret
    ) throws(SecretError) -> (secret: Secret, isNew: Bool) {
        if access(path, F_OK) == 0 { return (try read(path), false) }
        let new = secret()
        return try create(path, new) ? (new, true) : (try read(path), false)
    }

    /// - Returns: false if the file was there already; it is then left as it is.
    private static func create(_ path: String, _ secret: Secret) throws(SecretError) -> Bool {
        let reference = "file:\(path)"
        let draft = "\(path).\(UInt64.random(in: .min ... .max)).new"
        let descriptor = open(draft, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unwritable(reference: reference, code: errno) }
        defer { unlink(draft) }
        let failure = writeAll(secret, to: descriptor)
        close(descriptor)
        guard failure == 0 else { throw .unwritable(reference: reference, code: failure) }
        // Linked into its place when complete: nobody ever reads half a secret.
        if link(draft, path) == 0 { return true }
        guard errno == EEXIST else { throw .unwritable(reference: reference, code: errno) }
        return false
    }

    private static func writeAll(_ secret: Secret, to descriptor: Int32) -> Int32 {
        let code = secret.withUnsafeBytes { bytes -> Int32 in
            var rest = bytes
            while !rest.isEmpty {
                let written = write(descriptor, rest.baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written >= 0 else { return errno }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
            return 0
        }
        guard code == 0 else { return code }
        guard write(descriptor, "\n", 1) == 1, fsync(descriptor) == 0 else { return errno }
        return 0
    }
}
