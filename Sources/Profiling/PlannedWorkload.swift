import Kernels

/// A workload with everything but the device fixed, and the strategies to measure on it.
struct PlannedWorkload: Sendable {
    /// The preset's, or one made of the parameters.
    var name: String
    var workload: WorkloadCase
    /// The family's baseline first, when it is among them.
    var strategies: [Strategy]
    /// Of one execution, as far as they are known without the data.
    var flops: Double

    /// Floating-point operations a second that the oracle manages at least.
    private static let oracleRate = 1e9

    /// What the oracle may take on top of what any answer may.
    var oracleLimitSeconds: Double { flops / Self.oracleRate }

    /// Reads the input files, so that a bad one ends the run before it starts.
    ///
    /// - Throws: ``ProfilingError`` with code `usage`, naming the file.
    func checkInputs(_ catalogue: Catalogue) throws(ProfilingError) {
        guard !workload.inputs.isEmpty else { return }
        _ = try ProfilingError.mapping { try catalogue.problem(workload) }
    }
}
