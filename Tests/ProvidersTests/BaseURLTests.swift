import Providers
import Testing

@Suite("A base URL")
struct BaseURLTests {
    @Test(
        "is read with its usual port, its own, or an IPv6 host",
        arguments: [
            ("https://api.openai.com/v1", "api.openai.com", 443, "/v1"),
            ("http://10.0.0.5:8000/v1/", "10.0.0.5", 8000, "/v1"),
            ("http://localhost", "localhost", 80, ""),
            ("http://[::1]:4010/v1", "::1", 4010, "/v1"),
            ("https://API.Example.com//", "api.example.com", 443, ""),
        ])
    func reads(text: String, host: String, port: UInt16, path: String) throws {
        let url = try #require(BaseURL(text))
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.path == path)
        #expect(BaseURL(url.description) == url)
    }

    @Test(
        "refuses what could lead a key elsewhere",
        arguments: [
            "", "api.openai.com", "ftp://a/b", "https://", "https:///v1", "https://user:pass@host/v1", "https://a b/v1",
            "https://host/v1?x=1", "https://host/v1#x", "https://host:0/", "https://host:65536/", "https://host:/v1",
            "https://host:80a/", "https://host/../admin", "https://host/./v1", "https://host//v1",
            "https://host/%2e/v1", "https://host/v1/%2E%2e", "https://host/.%2E/v1", "https://host/a%2F..%2fv1",
            "https://[::1/v1", "https://[nohost]/",
            "https://host\\@evil/", "https://.host/", "https://host./", "https://ho\nst/", "https://höst/",
            "HTTPS://host/", "https://host:+80/", "https://[::1]x/",
        ])
    func refuses(text: String) {
        #expect(BaseURL(text) == nil)
    }

    @Test("knows this machine, and isn't fooled by a name that starts like it")
    func loopback() throws {
        for text in ["http://localhost:1/", "http://127.0.0.1", "http://127.9.9.9:1", "http://[::1]"] {
            #expect(try #require(BaseURL(text)).isLoopback)
        }
        for text in ["http://127.evil.com", "http://localhost.evil.com", "http://10.0.0.1", "http://1270.0.0.1"] {
            #expect(try !#require(BaseURL(text)).isLoopback)
        }
    }
}

@Suite("A call's URL")
struct ProviderURLTests {
    @Test("holds the deployment's name and the version where Azure wants them")
    func azure() throws {
        var azure = try #require(Provider.named("azure_deployments"))
        #expect(azure.url(for: .chatCompletions, model: "m", version: "2024-10-21") == nil)
        azure.baseURL = "https://r.openai.azure.com"
        #expect(azure.url(for: .chatCompletions, model: "m") == nil)
        #expect(
            azure.url(for: .chatCompletions, model: "gpt 4/o?", version: "2024-10-21")
                == "https://r.openai.azure.com/openai/deployments/gpt%204%2Fo%3F/chat/completions?api-version=2024-10-21"
        )
        #expect(
            azure.url(for: .embeddings, model: "../x/.", version: "v&w=1")
                == "https://r.openai.azure.com/openai/deployments/_%2Fx%2F_/embeddings?api-version=v%26w%3D1")
    }

    @Test("is the base URL and the dialect's path for everyone else")
    func usual() {
        let custom = Provider.custom("mine", at: "http://10.0.0.5:8000/v1")
        #expect(custom.url(for: .chatCompletions, model: "../x") == "http://10.0.0.5:8000/v1/chat/completions")
        #expect(custom.url(for: .completions, model: "x") == "http://10.0.0.5:8000/v1/completions")
        #expect(custom.url(for: .embeddings, model: "x") == "http://10.0.0.5:8000/v1/embeddings")
    }

    @Test("has the version also where it asks for a count of tokens")
    func count() {
        var row = Provider.custom("mine", at: "https://h/v1")
        row.dialects = [.messages]
        row.countsTokens = true
        #expect(row.countURL(for: .messages, model: "m") == "https://h/v1/messages/count_tokens")
        row.versionParameter = "api-version"
        #expect(row.countURL(for: .messages, model: "m") == nil)
        #expect(
            row.countURL(for: .messages, model: "m", version: "2024-10-21")
                == "https://h/v1/messages/count_tokens?api-version=2024-10-21")
    }

    @Test("is not made for a dialect that the provider doesn't speak")
    func unspoken() throws {
        #expect(try #require(Provider.named("anthropic")).url(for: .embeddings, model: "x") == nil)
    }
}
