/// Writes the elements of one JSON array: what Google's clients read for a stream without `alt=sse`.
struct ArrayWriter {
    private var hasElements = false
    private var isClosed = false

    /// Adds an element as it is; behind the end nothing.
    mutating func add(_ element: some Sequence<UInt8>, to out: inout [UInt8]) {
        if isClosed { return }
        out.append(contentsOf: (hasElements ? ",\r\n" : "[").utf8)
        out.append(contentsOf: element)
        hasElements = true
    }

    /// White space between two elements, by which a connection is kept open.
    func keepOpen(_ out: inout [UInt8]) {
        if hasElements, !isClosed { out.append(0x0A) }
    }

    /// Ends the array; one that never began is empty.
    mutating func close(_ out: inout [UInt8]) {
        if isClosed { return }
        out.append(contentsOf: (hasElements ? "]" : "[]").utf8)
        isClosed = true
    }
}
