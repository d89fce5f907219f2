/// Why a transfer ended without a whole answer.
public enum TransferError: Error, Equatable, Sendable {
    /// Which timer ended it.
    public enum Timer: String, Sendable {
        /// To the connection's standing, to the answer's first byte, between two pieces of it, and altogether.
        case connect, firstByte = "first_byte", idle, total
    }

    /// More than any honest answer's head takes.
    public static let headBytesMax = ReplyParser.lineBytesMax

    /// No connection: refused, unreachable, no such host, TLS failed. Nothing was sent.
    case connect(String)
    /// The address is one that the egress guard does not let through. Nothing was sent.
    case refusedAddress
    /// That timer ran out.
    case timeout(Timer)
    /// The connection ended before the answer did, or what came was no HTTP.
    case cut(String)
    /// The answer is longer than ``TransferRequest/bodyBytesMax``.
    case tooLarge
    /// The answer's status line and headers are longer than ``headBytesMax``.
    case headTooLarge
    /// ``Exchange/cancel()`` was called.
    case cancelled
    /// ``TransferClient/mayBegin`` said no. Nothing was sent.
    case withheld
}

extension TransferError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .connect(let reason): "could not connect: \(reason)"
        case .refusedAddress: "the address is not allowed"
        case .timeout(let timer): "timed out (\(timer.rawValue))"
        case .cut(let reason): "the connection broke: \(reason)"
        case .tooLarge: "the answer is too large"
        case .headTooLarge: "the answer's head is too large"
        case .cancelled: "cancelled"
        case .withheld: "withheld"
        }
    }
}
