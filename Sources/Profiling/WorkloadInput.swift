import Kernels

/// A file of the user's that replaces a generated input.
enum WorkloadInput {
    /// The file's content as the family's input `name`, rounded to the stored precision.
    ///
    /// - Throws: ``KernelError`` with code `invalidInput`, naming the file, what was found and what was expected.
    static func load(
        _ file: String, for name: String, of family: Family, _ parameters: [String: Int], _ precision: Precision
    ) throws(KernelError) -> Tensor {
        guard let declaration = family.inputs.first(where: { $0.name == name }) else {
            let names = family.inputs.map(\.name).joined(separator: ", ")
            throw KernelError(.invalidInput, "\(family.name) has no input '\(name)'; its inputs are \(names)")
        }
        let plan = try declaration.plan(parameters, precision: precision)
        return try NumpyFile(path: file).tensor(shape: plan.shape, type: plan.type)
    }
}
