import CCurl
import Glibc

/// Refuses, at the moment of connecting, addresses that a provider cannot have: so neither a redirect nor a DNS answer
/// that changes can lead a call, with its key, into the private network or to a cloud's metadata service.
public struct EgressGuard: Sendable {
    /// Hosts that the operator's own configuration names: these may be private.
    public var allowedHosts: Set<String>

    /// With no hosts, no private address may be called.
    public init(allowedHosts: Set<String> = []) { self.allowedHosts = allowedHosts }

    /// The host of a URL in lower case, without port and brackets; nil where there is none.
    public static func host(of url: String) -> String? {
        guard let scheme = url.range(of: "://") else { return nil }
        var rest = url[scheme.upperBound...]
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        if rest.first == "[", let end = rest.firstIndex(of: "]") {
            return rest[rest.index(after: rest.startIndex)..<end].lowercased()
        }
        let host = rest.prefix { $0 != ":" }
        return host.isEmpty ? nil : host.lowercased()
    }

    func allows(host: String?) -> Bool { host.map(allowedHosts.contains) ?? false }

    /// Whether an address is in no network that is private, local or reserved.
    static func isPublic(_ address: UnsafePointer<sockaddr>) -> Bool {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let number = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
            }
            return isPublic(ipv4: number)
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { isPublic(ipv6: Array($0)) }
            }
        default:
            return false
        }
    }

    /// Source: IANA's special-purpose registries (RFC 6890 and its updates), from memory of 2026-11-23.
    static func isPublic(ipv4 address: UInt32) -> Bool {
        let blocks: [(UInt32, UInt32)] = [
            (0x0000_0000, 8),  // 0.0.0.0/8 this network
            (0x0a00_0000, 8),  // 10.0.0.0/8 private
            (0x6440_0000, 10),  // 100.64.0.0/10 shared
            (0x7f00_0000, 8),  // 127.0.0.0/8 loopback
            (0xa83f_8110, 32),  // 168.63.129.16 Azure's WireServer: public by its number, the host's own by its use
            (0xa9fe_0000, 16),  // 169.254.0.0/16 link local, metadata
            (0xac10_0000, 12),  // 172.16.0.0/12 private
            (0xc000_0000, 24),  // 192.0.0.0/24 protocol assignments
            (0xc000_0200, 24),  // 192.0.2.0/24 documentation
            (0xc0a8_0000, 16),  // 192.168.0.0/16 private
            (0xc612_0000, 15),  // 198.18.0.0/15 benchmarks
            (0xc633_6400, 24),  // 198.51.100.0/24 documentation
            (0xcb00_7100, 24),  // 203.0.113.0/24 documentation
            (0xe000_0000, 3),  // 224.0.0.0/3 multicast, reserved, broadcast
        ]
        return !blocks.contains { block, bits in address >> (32 - bits) == block >> (32 - bits) }
    }

    static func isPublic(ipv6 bytes: [UInt8]) -> Bool {
        // Addresses that carry an IPv4 address are judged by it: ::ffff:0:0/96 mapped, 64:ff9b::/96 translated.
        let last = bytes[12..<16].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff { return isPublic(ipv4: last) }
        if bytes[..<12].elementsEqual([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]) { return isPublic(ipv4: last) }
        // 6to4 (2002::/16) and Teredo (2001::/32) are dead and tunnel to any IPv4 address; 2001:db8::/32 documents.
        if bytes[0] == 0x20, bytes[1] == 0x02 { return false }
        if bytes[..<4].elementsEqual([0x20, 0x01, 0, 0]) || bytes[..<4].elementsEqual([0x20, 0x01, 0x0d, 0xb8]) {
            return false
        }
        // Global unicast is 2000::/3; everything else is local, private or reserved.
        return bytes[0] & 0xe0 == 0x20
    }
}

extension String {
    fileprivate func range(of needle: String) -> Range<String.Index>? {
        var start = startIndex
        while start != endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}
