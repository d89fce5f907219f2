/// The headers of a request and the parameters of its URL, for what is read seldom.
struct RequestHeaders {
    let bytes: UnsafeRawBufferPointer
    let request: HTTPRequest

    /// All header lines, in their order.
    var lines: [(name: String, value: String)] {
        [UInt8](bytes[request.head]).split(separator: 0x0A).compactMap { line in
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
            var value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
            while let last = value.last, [0x20, 0x09, 0x0D].contains(last) { value.removeLast() }
            return (String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
        }
    }

    /// The value of the first header of this name, which is in lower case.
    subscript(_ name: String) -> String? { lines.first { $0.name.lowercased() == name }?.value }

    var url: String { String(decoding: bytes[request.path], as: UTF8.self) }

    /// A parameter of the URL, percent-decoded.
    func parameter(_ name: String) -> String? {
        guard let query = url.split(separator: "?", maxSplits: 1).dropFirst().first else { return nil }
        guard let pair = query.split(separator: "&").first(where: { $0.hasPrefix(name + "=") }) else { return nil }
        let value = Array(pair.utf8.dropFirst(name.utf8.count + 1))
        return String(decoding: Behaviour.percentDecoded(value[...]), as: UTF8.self)
    }

    /// The parts of the path, each percent-decoded.
    var segments: [String] {
        let path = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)[0]
        return path.split(separator: "/").map {
            String(decoding: Behaviour.percentDecoded(Array($0.utf8)[...]), as: UTF8.self)
        }
    }

    /// What `Authorization: Bearer` carries.
    var bearer: String? {
        guard let value = self["authorization"], value.lowercased().hasPrefix("bearer ") else { return nil }
        return String(value.dropFirst(7)).trimmedSpaces
    }
}

extension String {
    fileprivate var trimmedSpaces: String { String(drop { $0 == " " }) }
}
