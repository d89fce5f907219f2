import Testing
import WireFormats

@Suite("The length of a reply") struct ReplyLengthTests {
    @Test("is what the model wrote, whole as in pieces; not its proofs, names and media")
    func textBytes() {
        var reply = Reply(origin: .chatCompletions)
        let thinking = Reasoning("hmm", proof: Proof(.anthropic, .signature, "a long signature"))
        reply.choices = [
            Reply.Choice(parts: [
                Part(.reasoning(thinking)), .text("Grüße"),
                Part(.toolCall(ToolCall(id: "c", name: "f", arguments: #"{"a":1}"#))),
                Part(.media(Media(.image, .base64("AAAA")))),
            ]),
            Reply.Choice(index: 1, parts: [Part(.refusal("No."))]),
        ]
        #expect(reply.textBytes == 3 + 7 + 7 + 3)
        let deltas = reply.events.compactMap { event -> PartDelta? in
            if case .delta(_, let delta) = event { delta } else { nil }
        }
        #expect(deltas.reduce(0) { $0 + $1.textBytes } == reply.textBytes)
    }

    @Test("whose answers must state their usage") func usage() {
        #expect(Dialect.ofClients.filter(\.answersStateUsage) == [.messages, .converse])
    }
}
