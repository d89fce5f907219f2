/// One client connection.
final class LoadConnection {
    let descriptor: Int32
    let generation: UInt32
    var isConnecting = true
    var isUnderWay = false
    var mayRead = false
    var peerHasClosed = false
    var request: [UInt8] = []
    var sentBytes = 0
    var reader = ReplyReader()
    /// When the request was to be sent.
    var due: Int64 = 0
    var deadline: Int64 = .max
    var firstByteAt: Int64 = 0
    var lastEventAt: Int64 = 0
    /// Bytes that a slow reader may still take in this tick.
    var allowance = 0

    var isSending: Bool { sentBytes < request.count }

    init(descriptor: Int32) {
        self.descriptor = descriptor
        generation = UInt32.random(in: 0...0x7FFF_FFFF)
    }
}
