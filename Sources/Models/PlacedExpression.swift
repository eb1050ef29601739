import KernelDefinitions

/// An expression that knows where it stands, so that every complaint names file and key.
struct PlacedExpression: Sendable {
    let expression: Expression
    /// `models/gpt2-small/model.json: layers[2].shape.M`
    private let place: String

    init(_ reader: DefinitionReader) throws(KernelError) {
        // A decimal fraction may stand there as it is.
        if case .real(let value) = reader.value {
            do { expression = try Expression("\(value)") } catch { throw reader.failure(error.description) }
        } else {
            expression = try reader.expression()
        }
        place = "\(reader.file): \(reader.path)"
    }

    func integer(_ variables: [String: Int]) throws(KernelError) -> Int {
        try placing { () throws(KernelError) in try expression.integer(variables) }
    }

    func real(_ variables: [String: Int]) throws(KernelError) -> Double {
        try placing { () throws(KernelError) in try expression.value(variables).real }
    }

    /// - Parameter what: the quantity in words, for the message.
    func positive(_ variables: [String: Int], _ what: String) throws(KernelError) -> Double {
        let value = try real(variables)
        guard value > 0 else { throw failure("'\(expression.source)' gives \(value); expected \(what) above 0") }
        return value
    }

    /// - Parameter what: the quantity in words, for the message.
    func notNegative(_ variables: [String: Int], _ what: String) throws(KernelError) -> Double {
        let value = try real(variables)
        guard value >= 0 else { throw failure("'\(expression.source)' gives \(value); expected \(what), 0 or more") }
        return value
    }

    /// A whole number above 0.
    ///
    /// - Parameter what: the quantity in words, for the message.
    func count(_ variables: [String: Int], _ what: String) throws(KernelError) -> Double {
        let value = try real(variables)
        guard value > 0, value <= 1e9, value == value.rounded() else {
            throw failure(
                "'\(expression.source)' gives \(value); expected \(what), a whole number above 0 and below 1e9")
        }
        return value
    }

    func failure(_ what: String) -> KernelError { KernelError(.invalidDefinition, "\(place): \(what)") }

    private func placing<Value>(_ body: () throws(KernelError) -> Value) throws(KernelError) -> Value {
        do { return try body() } catch { throw failure(error.description) }
    }
}
