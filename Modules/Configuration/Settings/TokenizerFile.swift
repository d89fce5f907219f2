import Glibc
import Secrets
import WireFormats

/// A `.tiktoken` file that models name, read once for all of them: of hundreds of thousands of lines it takes a tenth of a
/// second and more, so it is read with the configuration and never on an event loop's time of a request.
///
/// A later load takes it over while the file's stamp is the same.
struct TokenizerFile: Sendable {
    let path: String
    let tokenizer: Tokenizer
    private let stamp: SecretFile.Stamp
    /// When it was read: a later version may bear the same stamp.
    private let isYoung: Bool

    /// A tokenizer has up to a few hundred thousand tokens: o200k_base's file has 3.6 MB.
    static let bytesMost = 64 << 20

    /// - Parameter name: what the configuration calls it.
    /// - Throws: why it cannot be used, in words for the operator.
    init(_ name: String, at path: String) throws(Unusable) {
        let file = try OpenFile(path)
        let stamp = SecretFile.Stamp(file.status)
        isYoung = stamp.isYoung
        let bytes = try file.contents(bytesMost: Self.bytesMost)
        do throws(BytePairEncodingError) {
            tokenizer = Tokenizer(file: name, try BytePairEncoding(tiktoken: bytes))
        } catch {
            throw Unusable(reason: error.line == nil ? "is no .tiktoken file: \(error)" : "is broken at \(error)")
        }
        self.path = path
        self.stamp = stamp
    }

    /// Whether what was read is what is there now.
    var isCurrent: Bool { !isYoung && SecretFile.Stamp(path: path) == stamp }

    /// What is wrong, as a predicate of the file: "can't be read: …".
    struct Unusable: Error {
        let reason: String
    }
}

/// A file of the configuration's, open until it is dropped.
private struct OpenFile: ~Copyable {
    let status: stat
    private let descriptor: Int32

    init(_ path: String) throws(TokenizerFile.Unusable) {
        // O_NONBLOCK: a FIFO put in the file's place must not stop the caller.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .init(reason: "can't be read: \(Settings.text(ofError: errno))") }
        var status = stat()
        let isFile = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        guard isFile else {
            close(descriptor)
            throw .init(reason: "can't be read: it is no file")
        }
        self.status = status
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    borrowing func contents(bytesMost: Int) throws(TokenizerFile.Unusable) -> [UInt8] {
        let size = Int(status.st_size)
        guard size <= bytesMost else { throw .init(reason: "is larger than \(bytesMost >> 20) MB") }
        var failure: Int32 = 0
        let descriptor = self.descriptor
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            while filled < size {
                let count = read(descriptor, buffer.baseAddress! + filled, size - filled)
                if count < 0, errno == EINTR { continue }
                if count < 0 { failure = errno }
                if count <= 0 { break }
                filled += count
            }
        }
        guard failure == 0 else { throw .init(reason: "can't be read: \(Settings.text(ofError: failure))") }
        return bytes
    }
}
