import Testing

@testable import WireFormats

@Suite("Calls without a result")
struct OpenCallsTests {
    @Test("are found oldest first, of all and by name, and are closed by their ids")
    func order() {
        var calls = OpenCalls()
        #expect(calls.oldest() == nil && calls.oldest(named: "a") == nil && calls.close("1") == nil)
        for (id, name) in [("1", "a"), ("2", "b"), ("3", "a"), ("1", "b")] { calls.add(id, name: name) }
        #expect(calls.oldest()?.id == "1" && calls.oldest(named: "b")?.id == "2")
        // Of two with one id the older one is meant.
        #expect(calls.close("1")?.name == "a")
        #expect(calls.oldest()?.id == "2" && calls.oldest(named: "a")?.id == "3")
        #expect(calls.close("2")?.name == "b" && calls.close("2") == nil)
        #expect(calls.oldest(named: "b")?.id == "1" && calls.close("1")?.name == "b")
        #expect(calls.oldest()?.id == "3" && calls.close("3") != nil && calls.oldest() == nil)
        calls.add("4", name: "a")
        #expect(calls.oldest()?.id == "4" && calls.oldest(named: "a")?.id == "4")
    }

    @Test("of two with one id and two names, the one of the name is closed")
    func twoNames() {
        var calls = OpenCalls()
        for name in ["a", "b"] { calls.add("1", name: name) }
        #expect(calls.closeOldest(named: "b")?.name == "b")
        #expect(calls.oldest()?.name == "a" && calls.closeOldest(named: "b") == nil)
    }
}

extension OpenCalls {
    /// Which one would be closed by its name.
    fileprivate func oldest(named name: String) -> Call? {
        var copy = self
        return copy.closeOldest(named: name)
    }
}
