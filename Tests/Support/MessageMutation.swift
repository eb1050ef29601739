import Statistics

/// A message of a protocol in JSON with something changed in it: numbers that no machine has, values of another kind,
/// keys that are missing or doubled, lists without an end, texts of any size, and bytes that are no JSON.
public struct MessageMutation: Sendable {
    private static let numbers = [
        "0", "-0.0", "-1", "1", "2", "3", "0.1", "5e-324", "1e-300", "1e-12", "1e9", "1e18", "1e19", "1e100",
        "1.7976931348623157e308", "-1.7976931348623157e308", "1e999", "9223372036854775807", "-9223372036854775808",
        "9223372036854775808", "18446744073709551615", "4611686018427387904", "9007199254740993", "2147483648",
        "4294967296", "-2147483649", "281474976710656",
    ]
    private static let others = [
        "null", "true", "false", "[]", "{}", "\"\"", "\"nan\"", "\"ok\"", "\"\\u0000\"", "\"a\\nb\"", "\"\\ud800\"",
        "\"../../x\"", "\"\u{202E}\u{1B}[2Jx\"", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", "{\"a\": {\"a\": {\"a\": {}}}}",
        "[1, \"1\", null]", "{\"_0\": 1}", String(repeating: "[", count: 2000),
        "\"" + String(repeating: "é", count: 20000) + "\"",
    ]

    private let words: [String]

    public init(_ text: String) { words = JSONWords.split(text) }

    /// The message with one to three changes.
    public func mutated(by generator: inout SeededGenerator) -> String {
        var words = words
        for _ in 0...generator.below(3) where !words.isEmpty { Self.change(&words, &generator) }
        let text = words.joined()
        return generator.below(12) == 0 ? Self.damaged(text, &generator) : text
    }

    private static func change(_ words: inout [String], _ generator: inout SeededGenerator) {
        let values = words.indices.filter { isValue(words, $0) }
        let keys = words.indices.dropLast(2).filter { words[$0 + 1] == ":" }
        guard let value = values.isEmpty ? nil : generator.element(of: values) else { return }
        switch generator.below(14) {
        case 0: words.remove(at: generator.below(words.count))
        case 1: words.swapAt(generator.below(words.count), generator.below(words.count))
        case 2: words.swapAt(value, generator.element(of: values))
        case 3, 4: words[value] = generator.element(of: others)
        case 5, 6: changeKey(generator.element(of: keys.isEmpty ? values : keys), &words, &generator)
        case 7: changeList(&words, &generator)
        default:
            let isNumber = words[value].utf8.first.map { $0 != UInt8(ascii: "\"") } ?? false
            words[value] =
                isNumber || generator.below(4) == 0 ? generator.element(of: numbers) : generator.element(of: others)
        }
    }

    /// A number, a text, or one of JSON's names, in the place of a value.
    private static func isValue(_ words: [String], _ place: Int) -> Bool {
        guard let first = words[place].utf8.first, !"[]{},:".utf8.contains(first) else { return false }
        return place + 1 == words.count || words[place + 1] != ":"
    }

    /// Takes a key away with its value, has it twice, or has it stand for a value of another.
    private static func changeKey(_ key: Int, _ words: inout [String], _ generator: inout SeededGenerator) {
        guard key + 2 < words.count, words[key + 1] == ":" else { return }
        let extent = key...end(of: key + 2, words)
        switch generator.below(4) {
        case 0:
            let comma = extent.upperBound + 1
            words.removeSubrange(comma < words.count && words[comma] == "," ? key...comma : extent)
        case 1: words.insert(contentsOf: words[extent] + [","], at: key)
        case 2: words.insert(contentsOf: [words[key], ":", generator.element(of: numbers + others), ","], at: key)
        default: words[key] = generator.element(of: ["\"\"", "\"_0\"", "\"_1\"", "\"id\"", "\"done\""])
        }
    }

    /// Empties a list, shortens it, or makes it long.
    private static func changeList(_ words: inout [String], _ generator: inout SeededGenerator) {
        let lists = words.indices.filter { words[$0] == "[" }
        guard !lists.isEmpty else { return }
        let begin = generator.element(of: lists), end = end(of: begin, words)
        guard begin + 1 < end else { return words.insert(generator.element(of: numbers), at: begin + 1) }
        let first = begin + 1...Self.end(of: begin + 1, words)
        switch generator.below(3) {
        case 0: words.removeSubrange(begin + 1..<end)
        case 1: words.replaceSubrange(begin + 1..<end, with: Array(words[first]))
        default:
            let element = Array(words[first]) + [","]
            words.insert(contentsOf: (0..<generator.below(300)).flatMap { _ in element }, at: begin + 1)
        }
    }

    /// The last word of the value that begins at a place.
    private static func end(of place: Int, _ words: [String]) -> Int {
        var depth = 0
        for index in place..<words.count {
            if words[index] == "[" || words[index] == "{" { depth += 1 }
            if words[index] == "]" || words[index] == "}" { depth -= 1 }
            if depth <= 0 { return index }
        }
        return words.count - 1
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
        return String(decoding: bytes, as: UTF8.self).replacing("\n", with: " ")
    }
}
