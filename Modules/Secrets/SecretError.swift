import Glibc

/// Why a secret cannot be had. Names the place, never a value.
public enum SecretError: Error, Equatable, Sendable {
    /// There is no such environment variable. `reference` says the place here and below: `env:NAME`, `file:path`.
    case notSet(reference: String)
    /// It holds nothing, or nothing but the end of a line.
    case empty(reference: String)
    /// `code` is the system's errno.
    case unreadable(reference: String, code: Int32)
    /// A folder, device, pipe or socket.
    case notAFile(reference: String)
    /// The file has more bytes than a secret may have.
    case tooLarge(reference: String, bytesMax: Int)
    /// What is there is not what is needed, a key of two lines, say: why, in words that follow "it" and hold nothing of
    /// it. See ``SecretForm``.
    case unusable(reference: String, because: String)
    /// The text is in no form of ``SecretReference``; why, without the text itself, which may be a key.
    case malformedReference(String)
    /// A secret stands in the configuration itself where only a reference is allowed.
    case literalRefused
    /// A new secret's file could not be written.
    case unwritable(reference: String, code: Int32)
}

extension SecretError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notSet(let reference): "\(reference) is not set"
        case .empty(let reference): "\(reference) is empty"
        case .unreadable(let reference, let code): "\(reference) cannot be read: \(Self.text(of: code))"
        case .notAFile(let reference): "\(reference) is not a regular file"
        case .tooLarge(let reference, let bytesMax): "\(reference) is larger than \(bytesMax) bytes"
        case .unusable(let reference, let problem): "\(reference) cannot be used: it \(problem)"
        case .malformedReference(let why): "not a secret's reference: \(why)"
        case .literalRefused: "a secret must be a reference here: env:NAME or file:path"
        case .unwritable(let reference, let code): "\(reference) cannot be written: \(Self.text(of: code))"
        }
    }

    private static func text(of code: Int32) -> String {
        switch code {
        case ENOENT: "no such file"
        case EACCES, EPERM: "permission denied"
        case ENOSPC, EDQUOT: "the disk is full"
        case EROFS: "the file system is read-only"
        case EISDIR: "it is a folder"
        default: "error \(code)"
        }
    }
}
