/// Recursive descent over the grammar that ``Expression`` documents.
struct ExpressionParser {
    private let source: String
    private let characters: [Character]
    private var position = 0
    private var depth = 0

    private static let levels: [[String]] = [
        ["||"], ["&&"], ["==", "!=", "<=", ">=", "<", ">"], ["+", "-"], ["*", "/", "%"],
    ]
    private static let functions: Set<String> = ["ceilDiv", "roundUp", "powerOfTwo", "choose", "min", "max", "sqrt"]

    init(source: String) {
        self.source = source
        characters = Array(source)
    }

    mutating func parse() throws(KernelError) -> Expression.Node {
        let node = try parseLevel(0)
        skipSpaces()
        if position < characters.count { throw failure("has an unexpected '\(characters[position])'") }
        return node
    }

    private func failure(_ what: String) -> KernelError {
        KernelError(.invalidExpression, "'\(source)' \(what) at character \(position + 1)")
    }

    private mutating func skipSpaces() {
        while position < characters.count, characters[position] == " " { position += 1 }
    }

    private mutating func take(oneOf symbols: [String]) -> String? {
        skipSpaces()
        for symbol in symbols where characters[position...].starts(with: symbol) {
            position += symbol.count
            return symbol
        }
        return nil
    }

    private mutating func parseLevel(_ level: Int) throws(KernelError) -> Expression.Node {
        guard level < Self.levels.count else { return try parseUnary() }
        var left = try parseLevel(level + 1)
        while let symbol = take(oneOf: Self.levels[level]) { left = .binary(symbol, left, try parseLevel(level + 1)) }
        return left
    }

    private mutating func parseUnary() throws(KernelError) -> Expression.Node {
        depth += 1
        defer { depth -= 1 }
        guard depth < 64 else { throw failure("is nested too deeply") }
        if let symbol = take(oneOf: ["-", "!"]) { return .unary(symbol, try parseUnary()) }
        if take(oneOf: ["("]) != nil {
            let node = try parseLevel(0)
            guard take(oneOf: [")"]) != nil else { throw failure("lacks a ')'") }
            return node
        }
        skipSpaces()
        guard position < characters.count else { throw failure("ends where a value is expected") }
        return characters[position].isNumber ? try parseNumber() : try parseName()
    }

    private mutating func parseNumber() throws(KernelError) -> Expression.Node {
        let text = takeWhile { $0.isASCII && ($0.isNumber || $0 == ".") }
        if let value = Int(text) { return .number(.integer(value)) }
        guard text.contains("."), let value = Double(text) else { throw failure("has the malformed number '\(text)'") }
        return .number(.real(value))
    }

    private mutating func parseName() throws(KernelError) -> Expression.Node {
        let name = takeWhile { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
        guard !name.isEmpty else { throw failure("has an unexpected '\(characters[position])'") }
        guard take(oneOf: ["("]) != nil else { return .variable(name) }
        guard Self.functions.contains(name) else { throw failure("calls '\(name)', which is not a function") }
        var arguments: [Expression.Node] = []
        repeat { arguments.append(try parseLevel(0)) } while take(oneOf: [","]) != nil
        guard take(oneOf: [")"]) != nil else { throw failure("lacks a ')'") }
        return .call(name, arguments)
    }

    private mutating func takeWhile(_ accepts: (Character) -> Bool) -> String {
        let start = position
        while position < characters.count, accepts(characters[position]) { position += 1 }
        return String(characters[start..<position])
    }
}
