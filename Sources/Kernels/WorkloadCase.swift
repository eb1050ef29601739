/// A workload at one precision on fixed inputs: all that the right answer depends on, whichever strategy computes it
/// and where.
public struct WorkloadCase: Codable, Hashable, Sendable {
    public var family: String
    /// Parameters of the family; those that are left out have their defaults.
    public var parameters: [String: Int]
    public var precision: Precision
    /// Of the generated inputs.
    public var seed: UInt64
    /// Files that replace generated inputs, by tensor name: `.npy`, or `.mtx` and `.smtx` where the family takes a
    /// sparse matrix.
    public var inputs: [String: String]

    public init(
        family: String, parameters: [String: Int] = [:], precision: Precision = .f32, seed: UInt64 = 1,
        inputs: [String: String] = [:]
    ) {
        self.family = family
        self.parameters = parameters
        self.precision = precision
        self.seed = seed
        self.inputs = inputs
    }

    /// A text that only equal cases share: what is kept of a case lies under it.
    public var key: String {
        let parameters = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let files = inputs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return ([family, precision.rawValue, "\(seed)"] + parameters + files).joined(separator: " ")
    }
}

extension Catalogue {
    /// A workload with its inputs in memory.
    ///
    /// - Throws: as ``Problem/init(_:family:reference:allowingHardCase:)``, and for a family that is not known.
    public func problem(_ workload: WorkloadCase) throws(KernelError) -> Problem {
        let family = try family(workload.family)
        return try Problem(workload, family: family, reference: try reference(of: family))
    }

    /// The same case with all its parameters: those that sparse matrices in files fix, and the defaults of the rest. No
    /// input is generated.
    ///
    /// - Throws: as ``problem(_:)`` does before it makes inputs.
    public func completed(_ workload: WorkloadCase) throws(KernelError) -> WorkloadCase {
        let family = try family(workload.family)
        var completed = workload
        completed.parameters = try Problem.parameters(workload, family, try reference(of: family)).values
        return completed
    }
}
