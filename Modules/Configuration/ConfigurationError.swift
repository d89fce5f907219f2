/// What is wrong with a configuration: all of it, not just the first.
public struct ConfigurationError: Error, Sendable, Equatable {
    /// In the order of the file. Never empty.
    public let problems: [Problem]

    /// One thing that is wrong, and where. Its text never holds a secret's value.
    public struct Problem: Sendable, Equatable {
        /// The path as it was given, or the file's name.
        public let file: String
        /// Counted from 1; 0 where the file as a whole is meant.
        public let line: Int
        /// Counted from 1, as YAML's reader counts; 0 where the file as a whole is meant.
        public let column: Int
        /// What is wrong, and mostly what would be right; without the place and without a secret's value.
        public let text: String
    }

    init(_ problems: [Problem]) {
        self.problems = problems.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
    }

    init(file: String, _ text: String) {
        problems = [Problem(file: file, line: 0, column: 0, text: text)]
    }
}

extension ConfigurationError.Problem: CustomStringConvertible {
    /// `tollgate.yaml:12:5: unknown key 'fallback' in models[0]; did you mean 'fallbacks'?`
    public var description: String { line == 0 ? "\(file): \(text)" : "\(file):\(line):\(column): \(text)" }
}

extension ConfigurationError: CustomStringConvertible {
    /// A line per problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
