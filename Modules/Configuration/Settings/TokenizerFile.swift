import Glibc
import Units
import WireFormats

/// A `.tiktoken` file that models name, read once for all of them: of hundreds of thousands of lines it takes a tenth of a
/// second and more, so it is read with the configuration and never on an event loop's time of a request.
///
/// A later load takes it over while the file's stamp is the same.
struct TokenizerFile: Sendable {
    let path: String
    let tokenizer: Tokenizer
    private let stamp: FileStamp
    /// The file was young when it was read: a later version may bear the same stamp.
    private let isYoung: Bool

    /// A tokenizer has up to a few hundred thousand tokens: o200k_base's file has 3.6 MB.
    static let bytesMost = 64 << 20

    /// - Parameter name: what the configuration calls it.
    /// - Throws: why it cannot be used, in words for the operator.
    init(_ name: String, at path: String) throws(Unusable) {
        let bytes: [UInt8]
        do throws(OpenFile.Failure) {
            let file = try OpenFile(path)
            (stamp, isYoung) = (file.stamp, file.stamp.isYoung)
            bytes = try file.contents(upTo: Self.bytesMost + 1)
        } catch {
            throw Unusable(error)
        }
        guard bytes.count <= Self.bytesMost else { throw Unusable(reason: "is larger than \(Self.bytesMost >> 20) MB") }
        do throws(BytePairEncodingError) {
            tokenizer = Tokenizer(file: name, try BytePairEncoding(tiktoken: bytes))
        } catch {
            throw Unusable(reason: error.line == nil ? "is no .tiktoken file: \(error)" : "is broken at \(error)")
        }
        self.path = path
    }

    /// Whether what was read is what is there now.
    var isCurrent: Bool { !isYoung && FileStamp(of: path) == stamp }

    /// What is wrong, as a predicate of the file: "can't be read: …".
    struct Unusable: Error {
        let reason: String

        init(reason: String) { self.reason = reason }

        init(_ failure: OpenFile.Failure) {
            switch failure {
            case .unreadable(let code): reason = "can't be read: \(Settings.text(ofError: code))"
            case .noFile: reason = "can't be read: it is no file"
            }
        }
    }
}
