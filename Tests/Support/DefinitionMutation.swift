import Statistics

/// A definition file with something changed in it: words of JSON that are missing, doubled or in another's place,
/// numbers and texts that nobody writes, and now and then bytes that are no JSON.
public struct DefinitionMutation {
    /// What stands in for a word.
    private static let strangers = [
        "null", "true", "[]", "{}", "\"\"", "0", "-1", "1e308", "-1e-308", "6.5", "9223372036854775807",
        "-9223372036854775808", "9223372036854775808", "1e999", "4294967296", "16777217", "\"\\u0000\"", "\"a\\nb\"",
        "\"../../x\"", "\"\u{202E}x\"", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", "{\"a\": {\"a\": {\"a\": {}}}}",
        "\"" + String(repeating: "N + ", count: 3000) + "N\"", "\"" + String(repeating: "(", count: 5000) + "\"",
        "\"" + String(repeating: "-", count: 5000) + "1\"", "\"" + String(repeating: "é", count: 9000) + "\"",
    ]
    /// What stands in for a name or a number in an expression.
    private static let operands = [
        "0", "1", "-1", "3", "4096", "9223372036854775807", "(-9223372036854775807 - 1)", "4611686018427387904", "0.5",
        "1e400", "sqrt(-1)", "sqrt(2)", "ceilDiv(1, 0)", "ceilDiv((-9223372036854775807 - 1), -1)",
        "roundUp(9223372036854775807, 2)", "roundUp(7, 0)", "powerOfTwo(9223372036854775807, 1, 9223372036854775807)",
        "powerOfTwo(0, -1, -2)", "choose(1, 2, 0.5)", "min(1)", "max()", "device.computeUnits", "device.maxBufferBytes",
        "elementBytes", "matrix.M", "N", "T", "D", "!0", "((((1))))", "5 % (-1)", "5 % 0", "1 / 0", "unknown", "",
        "٣", "\\\\", "\\t",
    ]
    private static let operators = [
        " + ", " - ", " * ", " / ", " % ", " && ", " || ", " == ", " != ", " <= ", " < ", "(", ")", ", ", " = ", " ",
    ]

    private let words: [String]

    /// - Parameter text: JSON, or nearly.
    public init(_ text: String) {
        words = JSONWords.split(text)
    }

    /// The text with one to three changes.
    public func mutated(by generator: inout SeededGenerator) -> String {
        var words = words
        for _ in 0...generator.below(3) { Self.change(&words, &generator) }
        let text = words.joined()
        return generator.below(20) == 0 ? Self.damaged(text, &generator) : text
    }

    /// Values for the most part: most of what else can be changed is no JSON afterwards.
    private static func change(_ words: inout [String], _ generator: inout SeededGenerator) {
        let values = words.indices.dropLast().filter {
            let first = words[$0].utf8.first
            let isNumber = first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
            return (isNumber || first == UInt8(ascii: "\"")) && words[$0 + 1] != ":"
        }
        guard !values.isEmpty else { return }
        let value = generator.element(of: values), other = generator.element(of: values)
        switch generator.below(12) {
        case 0: words.remove(at: generator.below(words.count))
        case 1: words.swapAt(generator.below(words.count), generator.below(words.count))
        case 2: words[value] = generator.element(of: strangers)
        case 3: words.swapAt(value, other)
        case 4: words[value] = words[other]
        // Another element of a list, as it is or not.
        case 5: words[value] += ", \(words[generator.element(of: [value, other])])"
        default:
            words[value] =
                words[value].first == "\""
                ? expression(words[value], &generator)
                : generator.element(of: operands.prefix(8) + strangers.prefix(16))
        }
    }

    /// A text with one of its names or numbers in another's place, or something put in.
    private static func expression(_ word: String, _ generator: inout SeededGenerator) -> String {
        var parts: [String] = []
        for character in word.dropFirst().dropLast() {
            if character.isWordOfJSON, let last = parts.last, last.last?.isWordOfJSON == true {
                parts[parts.count - 1].append(character)
            } else {
                parts.append(String(character))
            }
        }
        let place = generator.below(parts.count + 1)
        switch generator.below(3) {
        case 0 where place < parts.count: parts[place] = generator.element(of: operands)
        case 1: parts.insert(generator.element(of: operators), at: place)
        default: parts.insert(generator.element(of: operators) + generator.element(of: operands), at: place)
        }
        return "\"\(parts.joined())\""
    }

    private static func damaged(_ text: String, _ generator: inout SeededGenerator) -> String {
        var bytes = Array(text.utf8)
        for _ in 0...generator.below(3) where !bytes.isEmpty {
            let place = generator.below(bytes.count)
            switch generator.below(3) {
            case 0: bytes[place] = UInt8(generator.below(256))
            case 1: bytes.removeLast(bytes.count - place)
            default: bytes.insert(UInt8(generator.below(256)), at: place)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Character {
    fileprivate var isWordOfJSON: Bool { isLetter || isNumber || "+-.".contains(self) }
}
