import Testing

@testable import Transfer

@Suite struct EgressGuardTests {
    @Test(arguments: [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1",
    ])
    func `a private or reserved IPv4 address is refused`(text: String) {
        #expect(!EgressGuard.isPublic(ipv4: number(text)))
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.128.0.1", "104.18.7.192", "223.255.255.255",
    ])
    func `a public IPv4 address passes`(text: String) {
        #expect(EgressGuard.isPublic(ipv4: number(text)))
    }

    @Test func `IPv6 addresses are judged by what they lead to`() {
        let loopback: [UInt8] = [UInt8](repeating: 0, count: 15) + [1]
        let mappedMetadata: [UInt8] = [UInt8](repeating: 0, count: 10) + [0xff, 0xff, 169, 254, 169, 254]
        let mappedPublic: [UInt8] = [UInt8](repeating: 0, count: 10) + [0xff, 0xff, 1, 1, 1, 1]
        let translatedPrivate: [UInt8] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1]
        let uniqueLocal: [UInt8] = [0xfd] + [UInt8](repeating: 0, count: 14) + [1]
        let linkLocal: [UInt8] = [0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [1]
        let cloudflare: [UInt8] = [0x26, 0x06, 0x47, 0] + [UInt8](repeating: 0, count: 11) + [1]
        let sixToFour: [UInt8] = [0x20, 0x02, 10, 0, 0, 1] + [UInt8](repeating: 0, count: 10)
        for refused in [loopback, mappedMetadata, translatedPrivate, uniqueLocal, linkLocal, sixToFour] {
            #expect(!EgressGuard.isPublic(ipv6: refused))
        }
        #expect(EgressGuard.isPublic(ipv6: mappedPublic))
        #expect(EgressGuard.isPublic(ipv6: cloudflare))
    }

    @Test(arguments: [
        ("https://api.openai.com/v1", "api.openai.com"), ("http://127.0.0.1:4010/v1", "127.0.0.1"),
        ("http://[::1]:8000/v1", "::1"), ("https://user:pw@Host.example:1/x", "host.example"),
        ("http://good.example#@evil.example/", "good.example"),
    ])
    func `the host of a URL is what libcurl connects to`(url: String, host: String) {
        #expect(EgressGuard.host(of: url) == host)
    }

    private func number(_ text: String) -> UInt32 {
        text.split(separator: ".").reduce(0) { $0 << 8 | UInt32($1)! }
    }
}
