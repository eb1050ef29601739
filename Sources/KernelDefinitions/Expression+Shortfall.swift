extension Expression {
    /// What a condition that does not hold came to, as in `found 4 (D=20)` for `D % 8 == 0`.
    package func shortfall(_ variables: [String: Int]) -> String {
        let inputs = self.variables.sorted().map { "\($0)=\(variables[$0].map(String.init) ?? "?")" }
        guard case .binary(let symbol, let left, let right) = root,
            ["==", "!=", "<", "<=", ">", ">="].contains(symbol)
        else { return "found \(inputs.joined(separator: ", "))" }
        if case .variable = left, case .number = right { return "found \(inputs.joined(separator: ", "))" }
        var sides = [left, right].compactMap { try? evaluate($0, variables) }.map(\.text)
        if case .number = right { sides.removeLast() }
        return "found \(sides.joined(separator: " and ")) (\(inputs.joined(separator: ", ")))"
    }
}

extension ScalarValue {
    fileprivate var text: String {
        switch self {
        case .integer(let value): "\(value)"
        case .real(let value): "\(value)"
        }
    }
}
