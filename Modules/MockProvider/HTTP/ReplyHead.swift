import Units

/// The head of a reply: status line and headers, real OpenAI ones among them.
struct ReplyHead {
    enum Framing: Equatable {
        case length(Int)
        case chunked
        /// The end of the connection ends the body (HTTP/1.0).
        case untilClose
    }

    var status = 200
    var contentType: StaticString = "application/json"
    var framing: Framing
    var closes = false
    /// Milliseconds, as `openai-processing-ms` says it.
    var processing = 0
    var id: ReplyID?
    var retryAfter: String?
    var location: String?
    var allow: StaticString?
    var floodHeaders = 0
    /// Further headers, as other providers than OpenAI have them.
    var headers: [(String, String)] = []

    func write(date: [UInt8], to out: inout ByteQueue) {
        out.append("HTTP/1.1 ")
        out.append(decimal: status)
        out.append(Self.reason(status))
        out.append("\r\nDate: ")
        out.append(date)
        out.append("\r\nContent-Type: ")
        out.append(contentType)
        switch framing {
        case .length(let count):
            out.append("\r\nContent-Length: ")
            out.append(decimal: count)
        case .chunked: out.append("\r\nTransfer-Encoding: chunked\r\nCache-Control: no-cache")
        case .untilClose: break
        }
        out.append(closes ? "\r\nConnection: close" : "\r\nConnection: keep-alive")
        if let id {
            out.append("\r\nopenai-organization: tollgate-mock\r\nopenai-version: 2020-10-01\r\nopenai-processing-ms: ")
            out.append(decimal: processing)
            out.append(
                """
                \r\nx-ratelimit-limit-requests: 10000\r\nx-ratelimit-limit-tokens: 2000000\
                \r\nx-ratelimit-remaining-requests: 9999\r\nx-ratelimit-remaining-tokens: 1999000\
                \r\nx-ratelimit-reset-requests: 6ms\r\nx-ratelimit-reset-tokens: 30ms\r\nx-request-id: 
                """)
            id.write("req_", to: &out)
        }
        writeSeldom(to: &out)
        out.append("\r\n\r\n")
    }

    private func writeSeldom(to out: inout ByteQueue) {
        if let retryAfter {
            out.append("\r\nRetry-After: ")
            out.append(text: retryAfter)
        }
        if let location {
            out.append("\r\nLocation: ")
            out.append(text: location)
        }
        if let allow {
            out.append("\r\nAllow: ")
            out.append(allow)
        }
        for (name, value) in headers {
            out.append("\r\n")
            out.append(text: name)
            out.append(": ")
            out.append(text: value)
        }
        for index in 0..<floodHeaders {
            out.append("\r\nx-flood-")
            out.append(hex: UInt64(index), digits: 8)
            out.append(": ")
            out.append(repeating: UInt8(ascii: "f"), count: 80)
        }
    }

    private static func reason(_ status: Int) -> StaticString {
        switch status {
        case 200: " OK"
        case 302: " Found"
        case 400: " Bad Request"
        case 401: " Unauthorized"
        case 403: " Forbidden"
        case 404: " Not Found"
        case 405: " Method Not Allowed"
        case 408: " Request Timeout"
        case 409: " Conflict"
        case 413: " Content Too Large"
        case 422: " Unprocessable Content"
        case 429: " Too Many Requests"
        case 431: " Request Header Fields Too Large"
        case 500: " Internal Server Error"
        case 501: " Not Implemented"
        case 502: " Bad Gateway"
        case 503: " Service Unavailable"
        case 504: " Gateway Timeout"
        case 529: " Overloaded"
        default: " Status"
        }
    }
}

/// The date of an HTTP header, such as `Mon, 23 Nov 2026 13:19:41 GMT`.
enum HTTPDate {
    private static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func text(secondsSince1970: Int64) -> [UInt8] {
        let date = CivilDate(daysSince1970: secondsSince1970.flooredQuotient(by: 86_400))
        let second = secondsSince1970 - secondsSince1970.flooredQuotient(by: 86_400) * 86_400
        func two(_ value: Int64) -> String { (value < 10 ? "0" : "") + String(value) }
        let clock = [second / 3600, second / 60 % 60, second % 60].map(two).joined(separator: ":")
        let day = "\(days[Int(date.weekday)]), \(two(date.day)) \(months[Int(date.month) - 1]) \(date.year)"
        return Array("\(day) \(clock) GMT".utf8)
    }
}
