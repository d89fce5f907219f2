/// Numbers for the keys of a body that hold secrets: two with different secrets stay two keys, and none becomes one
/// that is there already. What names a key, as a schema's `required` does, gets its number, whichever comes first.
///
/// 1. Numbers are given once all strings have been read, in the order of the keys.
/// 2. A number that stands behind a blank in some key of the body is not given: so what a key becomes holds a number
///    that stands nowhere else, whatever stands around it. For this the keys are read again.
struct KeyNumbers: Sendable {
    /// Each once, in their order.
    private var keys: [[UInt8]] = []
    private var keysSeen: Set<[UInt8]> = []
    /// By what a key was, or a short string that may name one: the changes to which a number is due.
    private var changes: [[UInt8]: [Int]] = [:]
    private var walk = JSONStringWalk()
    /// The key that is being read again.
    private var key: JSONStringText?
    private var taken = NumbersTaken()

    var areNeeded: Bool { !keys.isEmpty }

    /// Takes the last change that was made to a key with secrets in it, or to a short string.
    mutating func note(_ text: [UInt8], isKey: Bool, change: Int) {
        changes[text, default: []].append(change)
        if isKey, keysSeen.insert(text).inserted { keys.append(text) }
    }

    /// Reads the keys on, one or a piece of one.
    ///
    /// - Returns: how far the body was read; nil at its end.
    mutating func readOn(in body: UnsafeRawBufferPointer) -> Int? {
        if var text = key {
            var scratch: [UInt8] = []
            text.withNextPiece(in: body, scratch: &scratch) { taken.read($0) }
            key = text.isAtEnd ? nil : text
            if text.isAtEnd { taken.end() }
            return text.offset
        }
        guard let token = walk.next(in: body) else { return nil }
        if token.isKey, !token.range.isEmpty { key = JSONStringText(token.range, in: body) }
        return token.range.lowerBound
    }

    /// The numbers, and the changes that get them; to be asked for when all keys have been read.
    func given() -> [(number: Int, changes: [Int])] {
        var given: [(number: Int, changes: [Int])] = []
        var number = 0
        for key in keys {
            repeat { number += 1 } while taken.numbers.contains(number)
            given.append((number, changes[key] ?? []))
        }
        return given
    }
}

/// The numbers that stand behind a blank.
private struct NumbersTaken {
    private(set) var numbers: Set<Int> = []
    /// What the digits since the last blank come to; nil where something else stands between.
    private var number: Int?

    mutating func read(_ text: UnsafeBufferPointer<UInt8>) {
        for byte in text {
            switch byte {
            case 0x20:
                end()
                number = 0
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                // No body has room for so many keys: longer numbers are never given.
                if let known = number, known < 1 << 40 { number = known * 10 + Int(byte & 15) }
            default: end()
            }
        }
    }

    mutating func end() {
        if let number, number > 0 { numbers.insert(number) }
        number = nil
    }
}
