import Backends
import Kernels
import Results

/// The rungs that a device may take: each but the plain one is tried on small hard shapes, in the precision at hand,
/// before it is used. One that fails is struck with its reason, and the next is tried.
package struct RungTrials {
    /// Operations of a trial's shape at most.
    private static let largestFlops = 3e7
    /// Shapes that a rung is tried on.
    private static let shapeCount = 2

    private let device: any Device
    private let catalogue: Catalogue
    private let verdicts: RungVerdicts

    /// - Parameter scratch: a folder that the run's workers share, so that each rung is tried once a run.
    package init(device: any Device, catalogue: Catalogue, scratch: String) {
        self.device = device
        self.catalogue = catalogue
        verdicts = RungVerdicts(directory: "\(scratch)/rungs")
    }

    /// The plan for a workload, of rungs that were right, and the strategy without those that were not.
    ///
    /// - Throws: what planning throws.
    package func settle(_ strategy: Strategy, _ problem: Problem) throws(KernelError) -> (Strategy, StrategyPlan) {
        var strategy = strategy
        var trusted: Set<String> = []
        while true {
            let plan = try strategy.plan(
                family: problem.family, parameters: problem.parameters, precision: problem.precision,
                limits: device.limits)
            let untried = plan.stages.first { $0.variant != nil && !trusted.contains($0.sourceName) }
            guard strategy.forcedVariant == nil, let stage = untried, let variant = stage.variant else {
                return (strategy, plan)
            }
            if let complaint = complaint(of: stage, variant, strategy, problem) {
                strategy = strategy.striking(variant, of: stage.name, because: complaint)
            } else {
                trusted.insert(stage.sourceName)
            }
        }
    }

    private func complaint(
        of stage: StagePlan, _ variant: String, _ strategy: Strategy, _ problem: Problem
    ) -> String? {
        if let known = DriverFault.complaint(of: stage, on: device.record) { return known }
        let key = "\(device.record.id) \(device.record.driver) \(stage.sourcePath) \(problem.precision.rawValue)"
        return verdicts.verdict(key) {
            for parameters in shapes(strategy.forcing(variant: variant), stage, problem) {
                if let complaint = tried(strategy.forcing(variant: variant), parameters, problem) { return complaint }
            }
            return nil
        }
    }

    /// The largest of the family's hard cases within ``largestFlops`` on which the stage takes the rung.
    private func shapes(_ strategy: Strategy, _ stage: StagePlan, _ problem: Problem) -> [[String: Int]] {
        let reference = problem.reference
        let cases = reference.hardCases.map(\.parameters).compactMap { parameters -> ([String: Int], Double)? in
            let known = Set(problem.family.parameters.map(\.name))
            guard let values = try? problem.family.parameters(overriding: parameters.filter { known.contains($0.key) }),
                let plan = try? strategy.plan(
                    family: problem.family, parameters: values, precision: problem.precision, limits: device.limits),
                plan.stages.contains(where: { $0.sourceName == stage.sourceName })
            else { return nil }
            let flops = reference.flops(values)
            return flops <= Self.largestFlops ? (parameters, flops) : nil
        }
        return cases.sorted { $0.1 > $1.1 }.prefix(Self.shapeCount).map(\.0)
    }

    /// What is wrong with a strategy's outputs for a shape; `nil`: nothing.
    private func tried(_ strategy: Strategy, _ parameters: [String: Int], _ problem: Problem) -> String? {
        let prepared = PreparedStrategy(device: device)
        defer { prepared.release() }
        do {
            let workload = WorkloadCase(
                family: problem.family.name, parameters: parameters, precision: problem.precision, seed: 1)
            let trial = try Problem(
                workload, family: problem.family, reference: problem.reference, allowingHardCase: true)
            let plan = try strategy.plan(
                family: trial.family, parameters: trial.parameters, precision: trial.precision, limits: device.limits)
            let expected = try VerificationProblem(
                trial, plan: plan, expected: try trial.expectedOutputs(), reference: trial.referenceName)
            try prepared.build(plan, library: catalogue.library)
            let verification = expected.compare(try prepared.execute(expected.inputs))
            guard !verification.record.passed else { return nil }
            return "failed its self-test: \(verification.message ?? "its result is wrong")"
        } catch let error as BackendError where error.code == .compilation || error.code == .unsupported {
            return "does not compile: \(error.description.firstLine)"
        } catch {
            return "failed its self-test: \("\(error)".firstLine)"
        }
    }
}

extension String {
    fileprivate var firstLine: String { split(whereSeparator: \.isNewline).first.map { String($0) } ?? self }
}
