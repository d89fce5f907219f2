import TestSupport
import Testing

@testable import JSONText

@Suite("JSON values read without jansson")
struct JSONReadTests {
    @Test("random documents give what jansson gives, or are refused where it refuses")
    func random() {
        var fuzz = SeededRandom.fresh("values without jansson")
        var same = 0
        for _ in 0..<4_000 {
            let bytes = fuzz.document(anyRoot: true)
            let expected = try? JSON.parse(bytes)
            let found = try? JSON.read(bytes)
            #expect(Self.isSame(found, expected), "\(String(decoding: bytes, as: UTF8.self))")
            if expected != nil { same += 1 }
        }
        #expect(same > 1_000)
    }

    @Test("damaged documents are refused where jansson refuses, and never read beyond their bytes")
    func damaged() {
        var fuzz = SeededRandom.fresh("damaged values without jansson")
        for _ in 0..<6_000 {
            let bytes = fuzz.damaged(fuzz.document(anyRoot: true))
            let expected = try? JSON.parse(bytes)
            let found = try? JSON.read(bytes)
            #expect(Self.isSame(found, expected), "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test(
        "the corners give what jansson gives",
        arguments: [
            "{}", "[]", " [ ] ", "0", "-0", "-0.0", "0.1", "1e5", "1E+5", "1e-5", "123456789012345678", "1e400",
            "-1e400",
            "1e-400", "5e-324", "1.7976931348623157e308", "0.30000000000000004", "9007199254740993.0", "1e22", "1e23",
            "123456789012345678901e-5", "9223372036854775807", "-9223372036854775808", "[1,2 , 3]", #""\u0000""#,
            #"{"a\u0000":1}"#, #"{"":1}"#, #"{"":1,"":2}"#, #"{"a":1,"\u0061":2}"#, #"{"a":{"b":1,"b":2}}"#,
            #"{"é":1,"é":2}"#, #""\ud83d\ude00""#, #""\ud83d""#, #""\ude00\ud83d""#, #""\/\b\f\n\r\t\\\"""#,
            #""\\""#, #""0123456789abcde\"""#, #""0123456789abcdef\\""#, "\"\u{7f}\u{e9}\u{1F600}\"", "truex", "nul",
            "",
        ])
    func corners(text: String) {
        #expect(Self.isSame(try? JSON.read(text), try? JSON.parse(text)))
    }

    @Test("an integer beyond Int64 becomes a real, all others stay integers")
    func largeIntegers() throws {
        let value = try JSON.read(
            "[9223372036854775808,-18446744073709551615,7,9007199254740993,1.5,-9223372036854775808]")
        #expect(value == [.real(0x1p63), .real(-0x1p64), 7, 9_007_199_254_740_993, 1.5, .int(.min)])
    }

    @Test("twins are refused among many members too, in linear time")
    func wide() throws {
        let members = (0..<20_000).map { "\"k\($0)\":\($0)" }
        let value = try JSON.read("{" + members.joined(separator: ",") + "}")
        #expect(value.object?.count == 20_000)
        #expect(throws: JSONError.self) {
            try JSON.read("{" + (members + members.suffix(1)).joined(separator: ",") + "}")
        }
    }

    @Test("depth is bounded before anything recurses")
    func depth() throws {
        #expect(throws: JSONError.self) { try JSON.read(String(repeating: "[", count: 100_000)) }
        #expect(throws: JSONError.self) { try JSON.read("[[[1]]]", maxDepth: 2) }
        let deep = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        #expect(try JSON.read(deep) == JSON.parse(deep))
        #expect(
            throws: JSONError(
                description: "nested deeper than 128 levels at byte 128 (line 1, column 129)", offset: 128)
        ) {
            try JSON.read("[\(deep)]")
        }
    }

    @Test("what translation wrote may be deeper than what a client may send")
    func ownDepth() throws {
        let count = JSON.ownDepth
        let deep = String(repeating: "[", count: count) + String(repeating: "]", count: count)
        #expect(try JSON.read(deep, maxDepth: count).text == deep)
        #expect(throws: JSONError(description: "no JSON, or nested deeper than 256 levels", offset: nil)) {
            try JSON.read("[\(deep)]", maxDepth: .max)
        }
    }

    /// Equal to the kind and the sign of zero. Where a document has an integer beyond Int64, jansson reads all integers as
    /// reals, rounded, and its reals without a fraction as integers: kinds are told apart beyond 2^53 alone then, and zero's
    /// sign is not compared.
    private static func isSame(_ found: JSON?, _ expected: JSON?) -> Bool {
        isSame(found, expected, hasLargeIntegers: found.map(holdsLargeInteger) ?? false)
    }

    private static func holdsLargeInteger(_ value: JSON) -> Bool {
        switch value {
        case .array(let elements): elements.contains(where: holdsLargeInteger)
        case .object(let object): object.contains { holdsLargeInteger($0.value) }
        case .real(let real): abs(real) >= 0x1p63
        default: false
        }
    }

    /// - Parameter hasLargeIntegers: then jansson reads integers as reals, and a real without a fraction is an integer.
    private static func isSame(_ found: JSON?, _ expected: JSON?, hasLargeIntegers: Bool) -> Bool {
        switch (found, expected) {
        case (nil, nil): return true
        case (.object(let left), .object(let right)):
            guard left.count == right.count else { return false }
            return zip(left, right).allSatisfy {
                Array($0.key.utf8) == Array($1.key.utf8)
                    && isSame($0.value, $1.value, hasLargeIntegers: hasLargeIntegers)
            }
        case (.array(let left), .array(let right)):
            return left.count == right.count
                && zip(left, right).allSatisfy { isSame($0, $1, hasLargeIntegers: hasLargeIntegers) }
        case (.int(let left), .int(let right)):
            return left == right || (hasLargeIntegers && Double(left) == Double(right))
        case (.int(let left), .real(let right)): return abs(right) > 0x1p53 && Double(left) == right
        case (.real(let left), .int(let right)): return hasLargeIntegers && abs(left) <= 0x1p53 && left == Double(right)
        case (.real(let left), .real(let right)): return left == right && left.sign == right.sign
        case (.string(let left), .string(let right)): return Array(left.utf8) == Array(right.utf8)
        case (let left?, let right?): return left == right
        default: return false
        }
    }
}
