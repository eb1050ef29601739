/// What a stage binds, in one backend's form: names, types and order. Each language's bindings are made from this.
package struct StageInterface: Sendable, Hashable {
    package enum Access: Sendable, Hashable { case read, write, readAndWrite }

    package struct Tensor: Sendable, Hashable {
        package let name: String
        /// `nil`: stored in the workload's precision.
        package let type: ElementType?
        package let access: Access
    }

    /// A 32-bit integer or a float32.
    package struct Number: Sendable, Hashable {
        package let name: String
        package let isReal: Bool
        /// The value where it is an integer that depends on nothing.
        package var literal: Int?

        package init(name: String, isReal: Bool, literal: Int? = nil) {
            self.name = name
            self.isReal = isReal
            self.literal = literal
        }

        init(_ definition: Strategy.Definition, realNames: Set<String>) {
            name = definition.name
            isReal = definition.expression.isReal(realNames: realNames)
            literal = definition.expression.variables.isEmpty ? try? definition.expression.integer([:]) : nil
        }
    }

    package let family: String
    package let strategy: String
    package let stage: String
    package let variant: String?
    package var precisions: [Precision] = Precision.allCases
    /// In binding order.
    package let tensors: [Tensor]
    /// The family's parameters, then the stage's scalars.
    package let arguments: [Number]
    /// Tunables and constants, sorted by name.
    package let constants: [Number]

    /// `flash`, or `flash.matrix` for a variant.
    package var sourceName: String { Self.sourceName(stage: stage, variant: variant) }
    /// Below kernels/, without an ending.
    package var sourcePath: String { "\(family)/\(strategy)/\(sourceName)" }

    package static func sourceName(stage: String, variant: String?) -> String {
        variant.map { "\(stage).\($0)" } ?? stage
    }

    static func tensors(reads: [String], writes: [String], type: (String) -> ElementType?) -> [Tensor] {
        let read = reads.map { name in
            Tensor(name: name, type: type(name), access: writes.contains(name) ? .readAndWrite : .read)
        }
        return read
            + writes.filter { !reads.contains($0) }.map { Tensor(name: $0, type: type($0), access: .write) }
    }
}

extension StageInterface {
    /// The interface of a stage, or of one of its variants, on a backend.
    package init(
        family: Family, strategy: Strategy, stage: Strategy.Stage, variant: Strategy.Variant?, backend: String
    ) {
        self.family = family.name
        self.strategy = strategy.name
        self.stage = stage.name
        self.variant = variant?.name
        precisions = variant?.precisions ?? strategy.precisions
        let declared = family.inputs + family.packed + family.outputs
        tensors = Self.tensors(reads: stage.reads, writes: stage.writes) { name in
            declared.first { $0.name == name }?.type ?? strategy.intermediates.first { $0.name == name }?.type
        }
        arguments =
            family.parameters.map { Number(name: $0.name, isReal: false) }
            // One that depends on nothing is an argument all the same.
            + stage.scalars.map { Number(name: $0.name, isReal: $0.expression.isReal()) }
        let form = stage.form(variant, backend: backend)
        var numbers = strategy.tunables.keys.map { Number(name: $0, isReal: false) }
        var realNames: Set<String> = []
        for constant in strategy.constants(family, backend: backend).overridden(by: form.constants) {
            let number = Number(constant, realNames: realNames)
            if number.isReal { realNames.insert(number.name) }
            numbers.append(number)
        }
        constants = numbers.sorted { $0.name < $1.name }
    }
}

extension ScalarValue {
    var isReal: Bool {
        if case .real = self { true } else { false }
    }
}

extension Expression {
    /// Whether the value is a real number, whatever the variables: those of `realNames` are, all others are integers.
    func isReal(realNames: Set<String> = []) -> Bool { Self.isReal(root, realNames) }

    static func isReal(_ node: Node, _ realNames: Set<String> = []) -> Bool {
        switch node {
        case .number(let value): value.isReal
        case .variable(let name): realNames.contains(name)
        case .unary(let symbol, let operand): symbol == "-" && isReal(operand, realNames)
        case .binary(let symbol, let left, let right):
            ["+", "-", "*", "/", "%"].contains(symbol) && (isReal(left, realNames) || isReal(right, realNames))
        case .call("sqrt", _): true
        case .call("choose", let arguments): arguments.dropFirst().contains { isReal($0, realNames) }
        case .call(_, let arguments): arguments.contains { isReal($0, realNames) }
        }
    }
}
