/// The tokenizer of a file that an operator named. A class, so that all models that name the file share what was read
/// of it; two are equal where they are one.
public final class Tokenizer: Sendable {
    /// As it was named.
    public let file: String
    /// What counts the tokens: the ranks that were read from the file.
    public let encoding: BytePairEncoding

    /// - Parameter file: as it was named; it is not read here.
    public init(file: String, _ encoding: BytePairEncoding) {
        self.file = file
        self.encoding = encoding
    }
}

extension Tokenizer: Equatable {
    public static func == (left: Tokenizer, right: Tokenizer) -> Bool { left === right }
}
