import Providers
import WireFormats

// What a call costs at a known provider, in nano-dollars.
guard let openAI = Provider.named("openai"), let url = openAI.url(for: .chatCompletions, model: "gpt-4o", version: nil)
else {
    fatalError("the catalogue has OpenAI")
}
print(url, openAI.keyVariables)
if let price = ModelCatalogue.price(of: "gpt-4o", at: "openai") {
    print(price.cost(of: TokenUsage(input: 1000, output: 100)))
}
