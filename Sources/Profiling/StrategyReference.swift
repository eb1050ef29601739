import Backends
import Kernels
import Results

/// The answer for a family without an oracle: what its reference strategy computes, on the CPU if it runs there, so
/// that a device is held against another one; otherwise on the device itself.
struct StrategyReference {
    let catalogue: Catalogue
    let device: any Device

    /// - Parameters:
    ///   - strategy: the one to be verified.
    ///   - reference: the family's.
    func problem(
        _ problem: Problem, plan: StrategyPlan, strategy: Strategy, reference: Strategy
    ) throws(ProfilingError) -> VerificationProblem {
        do {
            let processor = try CPUBackend().open(index: 0)
            let (outputs, place): ([String: Tensor], String)
            if device.record.backend != processor.record.backend,
                let found = try? self.outputs(of: reference, problem, on: processor)
            {
                (outputs, place) = (found, processor.record.id)
            } else {
                (outputs, place) = (try self.outputs(of: reference, problem, on: device), device.record.id)
            }
            let isItself = strategy.name == reference.name && place == device.record.id
            return try VerificationProblem(
                problem, plan: plan, expected: outputs.mapValues(\.doubles),
                reference: isItself ? "itself: it is the reference" : "\(reference.name) on \(place)")
        } catch { throw ProfilingError(error) }
    }

    private func outputs(
        of strategy: Strategy, _ problem: Problem, on device: any Device
    ) throws(ProfilingError) -> [String: Tensor] {
        let prepared = PreparedStrategy(device: device)
        defer { prepared.release() }
        do {
            let plan = try strategy.plan(
                family: problem.family, parameters: problem.parameters, precision: problem.precision,
                limits: device.limits)
            try prepared.build(plan, library: catalogue.library)
            return try prepared.execute(try problem.tensors(for: plan))
        } catch { throw ProfilingError(error) }
    }
}
