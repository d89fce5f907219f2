import Testing

@testable import MockProvider

@Suite struct BehaviourTests {
    @Test func `controls are read with either separator, percent-decoded`() throws {
        var behaviour = Behaviour()
        try behaviour.apply(text: "latency=50ms, ttft=2s&interval=0,tokens=7,say=a%2Cb%26c%20%FF,crlf,rst=1")
        #expect(behaviour.latency == 50_000_000)
        #expect(behaviour.timeToFirstToken == 2_000_000_000)
        #expect(behaviour.tokens == 7)
        #expect(behaviour.say == Array("a,b&c ".utf8) + [0xFF])
        #expect(behaviour.usesCRLF && behaviour.resets)
    }

    @Test func `every fault has a name that reads back to it`() {
        for name in Fault.names + ["400", "429", "503", "599"] { #expect(Fault(name: name)?.name == name) }
        #expect(Fault(name: "399") == nil && Fault(name: "600") == nil && Fault(name: "stal") == nil)
    }

    @Test(arguments: [
        "tokns=3", "tokens=many", "tokens=0", "latency=fast", "latency=-5ms", "fault=200", "fault=boom", "crlf=maybe",
        "retry_after=1%0d%0aX: y", "flush=now",
    ])
    func `a control that is not understood is an error, not a default`(_ text: String) {
        #expect(throws: ControlError.self) {
            var behaviour = Behaviour()
            try behaviour.apply(text: text)
        }
    }

    @Test func `a later source takes a fault away`() throws {
        var behaviour = Behaviour()
        try behaviour.apply(text: "fault=500")
        try behaviour.apply(text: "fault=none")
        #expect(behaviour.fault == nil)
    }
}
