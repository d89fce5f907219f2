import Units

/// The facts of one call to the admin API, for its line in the admin's log. No body, no query, no header, no secret: there
/// is no field to put one into.
public struct AdminLine: Sendable {
    /// Most keys of a line; further ones are left out.
    public static let keysMax = 1000

    /// When the answer was made.
    public var time: Timestamp
    /// The id that nginx gave the call.
    public var requestID: String
    /// `master`, or the hash of the virtual key that asked; nil where nobody is known by what was presented.
    public var caller: String?
    /// The HTTP method.
    public var method: String
    /// The path; nil where there is no such route: then it is the client's text.
    public var route: String?
    /// The HTTP status of the answer.
    public var status: Int
    /// The code in the answer's error; nil where there is none.
    public var errorCode: String?
    /// From when the whole call had come until its answer was made.
    public var duration: Duration
    /// As nginx names it: its REMOTE_ADDR.
    public var clientAddress: String?
    /// The hashes of the keys that the call is about, 32 bytes each.
    public var keys: [[UInt8]]

    /// What is left out is nil: nobody knows it, or it does not apply.
    public init(
        time: Timestamp, requestID: String, caller: String? = nil, method: String, route: String? = nil, status: Int,
        errorCode: String? = nil, duration: Duration, clientAddress: String? = nil, keys: [[UInt8]] = []
    ) {
        self.time = time
        self.requestID = requestID
        self.caller = caller
        self.method = method
        self.route = route
        self.status = status
        self.errorCode = errorCode
        self.duration = duration
        self.clientAddress = clientAddress
        self.keys = keys
    }
}

extension LineBuffer {
    /// Appends the line of an admin call, its line feed included.
    mutating func append(_ line: AdminLine) {
        raw("{\"time\":\"")
        time(line.time)
        raw("\",\"msg\":\"admin\",\"request\":")
        string(line.requestID)
        member(",\"caller\":", line.caller)
        raw(",\"method\":")
        string(line.method)
        member(",\"route\":", line.route)
        raw(",\"status\":")
        number(line.status)
        member(",\"error\":", line.errorCode)
        raw(",\"duration_ms\":")
        decimal(line.duration.nanoseconds / 1000, fractionDigits: 3)
        member(",\"client\":", line.clientAddress)
        append(hashes: line.keys)
        raw("}\n")
    }

    private mutating func append(hashes: [[UInt8]]) {
        guard !hashes.isEmpty else { return }
        raw(",\"keys\":[")
        for (index, hash) in hashes.prefix(AdminLine.keysMax).enumerated() {
            if index > 0 { byte(UInt8(ascii: ",")) }
            byte(UInt8(ascii: "\""))
            for value in hash.prefix(32) {
                byte(Self.hexDigit(value >> 4))
                byte(Self.hexDigit(value & 15))
            }
            byte(UInt8(ascii: "\""))
        }
        byte(UInt8(ascii: "]"))
    }
}
