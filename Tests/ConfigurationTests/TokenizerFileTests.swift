import Configuration
import Glibc
import TestSupport
import Testing
import WireFormats

@Suite("A model's tokenizer")
struct TokenizerFileTests {
    /// All bytes, and `ab`.
    static let ranks = (0...255).map { "\(Base64.encoded([UInt8($0)])) \($0)\n" }.joined() + "YWI= 256\n"
    static let model = "- {name: gpt-4o, targets: [openai], tokenizer: small.tiktoken}"
    static let models = model + "\n- {name: gpt-4.1, targets: [openai], tokenizer: small.tiktoken}"

    @Test("is read from the configuration's folder, once for all models that name it")
    func shared() throws {
        let folder = TemporaryFolder()
        folder.write(Self.ranks)
        let settings = try folder.load(Self.models + "\n- {name: gpt-4o-mini, targets: [openai]}")
        let tokenizers = settings.routes.routes.map(\.tokenizer)
        #expect(tokenizers[0]?.encoding.tokens(of: "abc") == [256, 99])
        #expect(tokenizers[0]?.file == "small.tiktoken")
        #expect(tokenizers[0] != nil && tokenizers[0] === tokenizers[1])
        #expect(tokenizers[2] == nil)
        let absolute = try folder.load("- {name: gpt-4o, targets: [openai], tokenizer: \(folder.path)/small.tiktoken}")
        #expect(absolute.routes.routes[0].tokenizer?.encoding.count("abc") == 2)
    }

    @Test("is taken over by a reload while its file is the same, and read again when it changed")
    func reloads() throws {
        let folder = TemporaryFolder()
        folder.write(Self.ranks)
        usleep(1_100_000)  // a younger file is read again: its next version could bear the same time
        let first = try folder.load(Self.model)
        let second = try folder.load(Self.models, previous: first)
        #expect(first.routes.routes[0].tokenizer != nil)
        #expect(first.routes.routes[0].tokenizer === second.routes.routes[0].tokenizer)
        #expect(second.differences(from: first) == ["model gpt-4.1: added"])
        folder.write(Self.ranks + "YmM= 257\n")
        let third = try folder.load(Self.models, previous: second)
        #expect(third.routes.routes[0].tokenizer?.encoding.count("bc") == 1)
        #expect(
            third.differences(from: second)
                == ["model gpt-4.1: changed (tokenizer)", "model gpt-4o: changed (tokenizer)"])
        let none = try folder.load("- {name: gpt-4o, targets: [openai]}", previous: third)
        #expect(
            none.differences(from: third) == ["model gpt-4.1: removed", "model gpt-4o: changed (tokenizer)"])
    }

    @Test("that is missing or malformed is a mistake, shown with its line wherever it is named")
    func mistakes() {
        let folder = TemporaryFolder()
        #expect(
            folder.problems(Self.models) == [
                "tollgate.yaml:4:50: models[0].tokenizer: small.tiktoken can't be read: there is no such file",
                "tollgate.yaml:5:51: models[1].tokenizer: small.tiktoken can't be read: there is no such file",
            ])
        func problem(_ text: String) -> [String] {
            folder.write(text)
            return folder.problems(Self.model)
        }
        let place = "tollgate.yaml:4:50: models[0].tokenizer: small.tiktoken"
        #expect(problem("YQ== 1\n* 2\n") == ["\(place) is broken at line 2: its token is no base64"])
        #expect(problem("") == ["\(place) is no .tiktoken file: not every byte has a rank"])
        #expect(problem(Self.ranks) == [])
        #expect(
            folder.problems("- {name: gpt-4o, targets: [openai], tokenizer: /dev}")
                == ["tollgate.yaml:4:50: models[0].tokenizer: /dev can't be read: it is no file"])
        #expect(
            folder.problems("- {name: gpt-4o, targets: [openai], tokenizer: [a]}")
                == ["tollgate.yaml:4:50: models[0].tokenizer is a list; expected the path of a .tiktoken file"])
    }
}

extension TemporaryFolder {
    fileprivate func write(_ text: String, to name: String = "small.tiktoken") { write(Array(text.utf8), to: name) }

    fileprivate func load(_ models: String, previous: Settings? = nil) throws -> Settings {
        try Settings.parse(configuration(models: models), folder: path, previous: previous, isSet: { _ in false })
    }

    fileprivate func problems(_ models: String) -> [String] {
        do {
            _ = try load(models)
            return []
        } catch {
            return (error as? ConfigurationError)?.problems.map(\.description) ?? ["\(error)"]
        }
    }
}
