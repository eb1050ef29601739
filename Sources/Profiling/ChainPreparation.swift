import Backends
import Kernels
import Results

/// Prepares kernels in a row on a device: every link by the rungs that it would take alone, with buffers that they
/// share.
struct ChainPreparation {
    let device: any Device
    let catalogue: Catalogue
    let rungs: RungTrials

    /// Compiles and uploads the links, and holds what the last ones write against the oracles in a row.
    ///
    /// - Throws: ``ProfilingError``, with code `unavailable` for what cannot be chained here.
    func build(
        _ prepared: PreparedStrategy, _ chain: Chain, _ assignment: Assignment
    ) throws(ProfilingError) -> Preparation {
        do {
            let problem = try ChainProblem(chain, catalogue: catalogue)
            if let complaint = assignment.durationLimit?.complaint(flops: problem.flops) {
                return Preparation(status: .skipped, message: complaint)
            }
            var plans: [StrategyPlan] = []
            for (link, own) in zip(chain.links, problem.problems) {
                let strategy = try catalogue.strategy(link.strategy, of: own.family)
                plans.append(try rungs.settle(strategy, own).1)
            }
            let plan = try problem.plan(plans)
            let inputs = try problem.tensors(for: plans)
            try prepared.build(plan, library: catalogue.library)
            var preparation: Preparation
            if assignment.isVerified {
                try prepared.load(inputs)
                prepared.verified = assignment.outputSample
                preparation = Preparation(status: .ok, work: problem.work(plan))
            } else {
                preparation = try verify(try prepared.execute(inputs), problem)
                preparation.work = problem.work(plan)
                preparation.variants = plan.variants
                preparation.stages = plan.stageNames
                prepared.verified = preparation.outputSample
                guard preparation.status == .ok else { return preparation }
            }
            if !assignment.isHot { try prepared.addInputSets(inputs) }
            preparation.isCold = prepared.isCold
            return preparation
        } catch { throw ProfilingError(error) }
    }

    private func verify(_ outputs: [String: Tensor], _ problem: ChainProblem) throws(KernelError) -> Preparation {
        let chain = problem.chain
        let expected = try problem.expectedOutputs()
        let verification = Verification(
            outputs: outputs, expected: expected, precision: chain.precision,
            reference: "float64 of every link in a row",
            steps: chain.links.count)
        var record = verification.record
        let exact =
            chain.exact == chain ? expected : try ChainProblem(chain.exact, catalogue: catalogue).expectedOutputs()
        record.errorBeforeRounding = ChainProblem.relativeError(of: outputs, against: exact)
        var preparation = Preparation(
            status: record.passed ? .ok : .incorrect, message: verification.message, verification: record,
            codePath: device.codePath)
        if record.passed { preparation.outputSample = OutputSample(outputs, record) }
        return preparation
    }
}
