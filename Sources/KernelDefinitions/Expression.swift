/// A number in a kernel definition: 32-bit integers and reals are different types for a kernel's arguments.
public enum ScalarValue: Sendable, Hashable {
    case integer(Int)
    case real(Double)

    public var real: Double {
        switch self {
        case .integer(let value): Double(value)
        case .real(let value): value
        }
    }
}

/// Small arithmetic over named integers, as in `"ceilDiv(Lq, BLOCK_M)"` or `"1 / sqrt(D)"`.
///
/// Operators, loosest first: `||`, `&&`, `== != < <= > >=`, `+ -`, `* / %`, unary `-` and `!`. Functions: `ceilDiv(a,
/// b)`, `roundUp(a, multiple)`, `powerOfTwo(a, low, high)` (the least power of two that is at least `a`, kept between
/// `low` and `high`), `choose(condition, a, b)`, `min`, `max`, `sqrt`. An operation on two integers gives an integer
/// (`/` rounds towards zero); `sqrt` and decimal fractions give reals. Comparisons give 1 or 0. Overflow and division
/// by zero are errors.
public struct Expression: Sendable, Hashable {
    indirect enum Node: Sendable, Hashable {
        case number(ScalarValue)
        case variable(String)
        case unary(String, Node)
        case binary(String, Node, Node)
        case call(String, [Node])
    }

    public let source: String
    let root: Node

    /// - Throws: ``KernelError`` with code `invalidExpression`, naming the place.
    public init(_ source: String) throws(KernelError) {
        self.source = source
        var parser = ExpressionParser(source: source)
        root = try parser.parse()
    }

    /// Names of the variables that the expression reads.
    public var variables: Set<String> {
        var names: Set<String> = []
        func visit(_ node: Node) {
            switch node {
            case .number: break
            case .variable(let name): names.insert(name)
            case .unary(_, let operand): visit(operand)
            case .binary(_, let left, let right):
                visit(left)
                visit(right)
            case .call(_, let arguments): arguments.forEach(visit)
            }
        }
        visit(root)
        return names
    }

    /// The value with the given variables.
    public func value(_ variables: [String: Int]) throws(KernelError) -> ScalarValue {
        try evaluate(root, variables)
    }

    /// The value, which must be an integer.
    public func integer(_ variables: [String: Int]) throws(KernelError) -> Int {
        guard case .integer(let value) = try value(variables) else {
            throw failure("gives a real number where an integer is expected")
        }
        return value
    }

    /// True when the value is not 0.
    public func holds(_ variables: [String: Int]) throws(KernelError) -> Bool { try value(variables).real != 0 }

    private func failure(_ what: String) -> KernelError { KernelError(.invalidExpression, "'\(source)' \(what)") }

    func evaluate(_ node: Node, _ variables: [String: Int]) throws(KernelError) -> ScalarValue {
        switch node {
        case .number(let value): return value
        case .variable(let name):
            guard let value = variables[name] else { throw failure("uses '\(name)', which is not known here") }
            return .integer(value)
        case .unary(let symbol, let operand):
            let value = try evaluate(operand, variables)
            if symbol == "!" { return .integer(value.real == 0 ? 1 : 0) }
            return try combine("-", .integer(0), value)
        case .binary(let symbol, let left, let right):
            let leftValue = try evaluate(left, variables)
            if symbol == "&&", leftValue.real == 0 { return .integer(0) }
            if symbol == "||", leftValue.real != 0 { return .integer(1) }
            return try combine(symbol, leftValue, try evaluate(right, variables))
        case .call(let name, let arguments):
            if name == "choose", arguments.count == 3 {
                let isChosen = try evaluate(arguments[0], variables).real != 0
                let value = try evaluate(arguments[isChosen ? 1 : 2], variables)
                return Self.isReal(node) ? .real(value.real) : value
            }
            var values: [ScalarValue] = []
            for argument in arguments { values.append(try evaluate(argument, variables)) }
            return try call(name, values)
        }
    }

    private func combine(_ symbol: String, _ left: ScalarValue, _ right: ScalarValue) throws(KernelError) -> ScalarValue
    {
        switch symbol {
        case "&&", "||": return .integer(right.real != 0 ? 1 : 0)
        case "==": return .integer(left.real == right.real ? 1 : 0)
        case "!=": return .integer(left.real != right.real ? 1 : 0)
        case "<": return .integer(left.real < right.real ? 1 : 0)
        case "<=": return .integer(left.real <= right.real ? 1 : 0)
        case ">": return .integer(left.real > right.real ? 1 : 0)
        case ">=": return .integer(left.real >= right.real ? 1 : 0)
        default: break
        }
        guard case .integer(let a) = left, case .integer(let b) = right else {
            switch symbol {
            case "+": return .real(left.real + right.real)
            case "-": return .real(left.real - right.real)
            case "*": return .real(left.real * right.real)
            case "/" where right.real != 0: return .real(left.real / right.real)
            case "/": throw failure("divides by zero")
            default: throw failure("applies '\(symbol)' to a real number")
            }
        }
        let (result, overflow): (Int, Bool)
        switch symbol {
        case "+": (result, overflow) = a.addingReportingOverflow(b)
        case "-": (result, overflow) = a.subtractingReportingOverflow(b)
        case "*": (result, overflow) = a.multipliedReportingOverflow(by: b)
        default:
            guard b != 0 else { throw failure("divides by zero") }
            (result, overflow) =
                symbol == "/" ? a.dividedReportingOverflow(by: b) : a.remainderReportingOverflow(dividingBy: b)
        }
        if overflow { throw failure("overflows 64 bits") }
        return .integer(result)
    }

    private func call(_ name: String, _ values: [ScalarValue]) throws(KernelError) -> ScalarValue {
        if name == "sqrt", values.count == 1 { return .real(values[0].real.squareRoot()) }
        if case ("powerOfTwo", 3) = (name, values.count) { return try powerOfTwo(values) }
        guard values.count == 2 else { throw failure("gives '\(name)' \(values.count) arguments") }
        switch (name, values[0], values[1]) {
        case ("min", .integer(let a), .integer(let b)): return .integer(Swift.min(a, b))
        case ("max", .integer(let a), .integer(let b)): return .integer(Swift.max(a, b))
        case ("min", let a, let b): return .real(Swift.min(a.real, b.real))
        case ("max", let a, let b): return .real(Swift.max(a.real, b.real))
        case ("ceilDiv", .integer(let a), .integer(let b)), ("roundUp", .integer(let a), .integer(let b)):
            guard a >= 0, b > 0 else {
                throw failure("gives '\(name)' \(a) and \(b); it takes a count and a positive step")
            }
            let quotient = a / b + (a % b == 0 ? 0 : 1)
            return name == "ceilDiv" ? .integer(quotient) : try combine("*", .integer(quotient), .integer(b))
        default: throw failure("uses '\(name)', which is not a function of these arguments")
        }
    }

    private func powerOfTwo(_ values: [ScalarValue]) throws(KernelError) -> ScalarValue {
        guard case (.integer(let value), .integer(let low), .integer(let high)) = (values[0], values[1], values[2]),
            low > 0, high >= low, value <= 1 << 32
        else { throw failure("gives 'powerOfTwo' no count and two positive bounds") }
        var power = 1
        while power < value { power *= 2 }
        return .integer(Swift.min(Swift.max(power, low), high))
    }
}
