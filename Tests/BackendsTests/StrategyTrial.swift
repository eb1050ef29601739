import Backends
import Foundation
import Kernels
import Results
import Statistics
import TestSupport
import Testing

/// One device, tried with every strategy. Keeps count of what could run at all.
final class StrategyTrial {
    let catalogue: Catalogue
    private let device: any Device
    private let validation = VulkanValidationLog()
    /// With `JOULEMARK_TRACE=1`, each trial is named before it runs: to find one that ends the process.
    private static let isTraced = ProcessInfo.processInfo.environment["JOULEMARK_TRACE"] != nil
    /// `attention/flash f32` and the like.
    private var ran: Set<String> = []
    /// How often each rung ran that stands in for another one.
    private var emulations: [String: Int] = [:]
    private static let isLong = ProcessInfo.processInfo.environment["JOULEMARK_TESTS"] == "long"

    init(_ device: TestedDevice) throws {
        catalogue = try Catalogue.shared()
        self.device = try device.open(validation)
    }

    init(_ device: any Device) throws {
        catalogue = try Catalogue.shared()
        self.device = device
    }

    var families: [Family] { catalogue.families.filter { !$0.isInternal } }

    /// Runs every strategy of the family, each rung of its stages' ladders by itself, on one shape; with a `turn` the
    /// third of them whose turn it is and those that never ran. What cannot run with the shape on this device is left
    /// out.
    func verifyAll(
        _ family: Family, _ parameters: [String: Int], precisions: [Precision], seed: UInt64 = 1, repetitions: Int = 1,
        turn: Int? = nil, comparesErrors: Bool = true
    ) throws {
        for precision in precisions where device.limits.precisions.contains(precision) {
            let strategies = catalogue.strategies(of: family).filter { $0.precisions.contains(precision) }
            guard !strategies.isEmpty else { continue }
            let problem = try problem(family, parameters, precision, seed: seed)
            let expected = try problem.expectedOutputs()
            var bars: [OutputError] = []
            for (place, strategy) in strategies.enumerated() {
                let rungs = strategy.variantNames.isEmpty ? [nil] : strategy.variantNames + [Strategy.plainVariant]
                for rung in rungs {
                    let strategy = strategy.forcing(variant: rung)
                    let name = Self.name(strategy, precision)
                    // The baseline has every other turn, so that in time each of the others stands beside it.
                    let isItsTurn =
                        turn.map { turn in
                            strategy.name == family.baseline
                                ? turn % 2 == 0
                                : (place + turn + (Precision.allCases.firstIndex(of: precision) ?? 0)) % 3 == 0
                        } ?? true
                    guard isItsTurn || !ran.contains(name) else { continue }
                    // Compiling what stands in for a matrix unit takes a software driver seconds for every shape.
                    let standsIn = strategy.stages.flatMap(\.variants).contains {
                        $0.name == rung && $0.servesTestsAlone
                    }
                    guard !standsIn || Self.isLong || emulations[name, default: 0] < 2 else { continue }
                    if Self.isTraced {
                        FileHandle.standardError.write(Data("\(device.record.id) \(name) \(parameters)\n".utf8))
                    }
                    do {
                        let errors = try verify(
                            device, problem, expected, strategy, library: catalogue.library, repetitions: repetitions)
                        ran.insert(name)
                        if standsIn { emulations[name, default: 0] += 1 }
                        if strategy.name == family.baseline { bars = errors }
                        for (error, bar) in zip(errors, bars) where comparesErrors {
                            #expect(
                                error.isAsExact(as: bar),
                                "\(device.record.id) \(name) \(parameters): \(error), the baseline: \(bar)")
                        }
                    } catch let error as KernelError where error.code == .unavailable {
                        continue
                    } catch let error as BackendError where error.code == .unsupported {
                        // A stage has no source for this backend.
                        continue
                    }
                }
            }
        }
    }

    /// Runs every strategy of the family, f32, with every tensor zero.
    func runOnZeros(_ family: Family, _ parameters: [String: Int]) throws {
        let problem = try problem(family, parameters, .f32, seed: 1)
        for strategy in catalogue.strategies(of: family) {
            do {
                let plan = try strategy.plan(
                    family: family, parameters: problem.parameters, precision: .f32, limits: device.limits)
                var buffers: [String: BufferID] = [:]
                defer { buffers.values.forEach(device.release) }
                for tensor in plan.ends + plan.intermediates {
                    let buffer = try device.makeBuffer(byteCount: max(tensor.byteCount, 4))
                    try device.fill(buffer, pattern: 0)
                    buffers[tensor.name] = buffer
                }
                var dispatches: [Dispatch] = []
                for stage in plan.stages {
                    let pipeline = try device.makePipeline(stage, sources: catalogue.library)
                    dispatches.append(Dispatch(pipeline: pipeline, buffers: stage.buffers.compactMap { buffers[$0] }))
                }
                defer { dispatches.forEach { device.release($0.pipeline) } }
                _ = try device.run(dispatches, repetitions: 1, timing: .none)
            } catch let error as KernelError where error.code == .unavailable {
                continue
            } catch let error as BackendError where error.code == .unsupported {
                continue
            }
        }
    }

    /// What is declared and has not run on any shape so far.
    func neverRun() -> Set<String> { possible().subtracting(ran) }

    /// What is declared for a device like this one.
    func possible() -> Set<String> {
        var declared: Set<String> = []
        for strategy in families.flatMap(catalogue.strategies(of:)) where isPossible(strategy) {
            for precision in strategy.precisions where device.limits.precisions.contains(precision) {
                let variants = strategy.stages.flatMap { stage in
                    stage.variants.filter { isPossible($0, stage, strategy, precision) }
                }
                let rungs = strategy.variantNames.isEmpty ? [nil] : variants.map(\.name) + [Strategy.plainVariant]
                declared.formUnion(rungs.map { Self.name(strategy.forcing(variant: $0), precision) })
            }
        }
        return declared
    }

    /// `attention/flash f32`, and the rung where there is a ladder.
    private static func name(_ strategy: Strategy, _ precision: Precision) -> String {
        let rung = strategy.forcedVariant.map { " \($0)" } ?? ""
        return "\(strategy.family)/\(strategy.name) \(precision.rawValue)\(rung)"
    }

    /// Whether the strategy is one for the device. What a function needs of a device is a framework's kernels: no fault
    /// of ours where there are none.
    private func isPossible(_ strategy: Strategy) -> Bool {
        let frameworks = device.limits.frameworks
        guard strategy.isMeant(for: device.limits.backend, isRuntime: !frameworks.isEmpty) else { return false }
        guard !frameworks.isEmpty else { return true }
        return strategy.framework(on: device.limits.backend).map(frameworks.contains) ?? true
            && strategy.requirements.filter { $0.variables.allSatisfy { $0.hasPrefix("device.") } }
                .allSatisfy { (try? $0.holds(device.limits.variables)) == true }
    }

    /// Whether the device has what the variant asks of it, and a source.
    private func isPossible(
        _ variant: Strategy.Variant, _ stage: Strategy.Stage, _ strategy: Strategy, _ precision: Precision
    ) -> Bool {
        let source = "\(stage.name).\(variant.name)", variables = device.limits.variables(for: precision)
        let hasSource = strategy.sources[device.limits.backend]?.contains(source) == true
        return hasSource && variant.precisions?.contains(precision) != false
            && variant.conditions.filter { $0.variables.allSatisfy { variables[$0] != nil } }
                .allSatisfy { (try? $0.holds(variables)) == true }
    }

    /// The validation layer, where there is one, had nothing to say.
    func expectSilence() throws { #expect(validation.messages == []) }

    /// Dispatches every strategy on a device that counts, and holds the count against the model.
    func expectModelledTraffic(_ family: Family, _ parameters: [String: Int]) throws {
        let problem = try problem(family, parameters, .f32, seed: 1)
        let expected = try problem.expectedOutputs()
        for strategy in catalogue.strategies(of: family) {
            let plan: StrategyPlan
            do {
                plan = try strategy.plan(
                    family: family, parameters: problem.parameters, precision: .f32, limits: device.limits)
            } catch {
                guard error.code == .unavailable else { throw error }
                continue
            }
            let counter = CountingDevice(device)
            do {
                try verify(counter, problem, expected, strategy, library: catalogue.library)
            } catch let error as BackendError where error.code == .unsupported {
                continue
            }
            #expect(Double(counter.bytes) == plan.bytes, "\(family.name)/\(strategy.name) \(problem.parameters)")
            #expect(counter.overdrawn == [], "\(family.name)/\(strategy.name) \(problem.parameters)")
        }
    }

    /// A shape within the family's requirements, its sizes spread over their magnitudes.
    func randomShape(
        of family: Family, largestFlops: Double, largestSize: Int = 256, _ generator: inout SeededGenerator
    ) throws -> [String: Int] {
        let reference = try catalogue.reference(of: family)
        for _ in 0..<100_000 {
            var values: [String: Int] = [:]
            for parameter in family.parameters {
                let lowest = max(parameter.minimum, 1)
                let highest = max(lowest, min(parameter.maximum, largestSize))
                let size = exp(Double.random(in: log(Double(lowest))..<log(Double(highest) + 1), using: &generator))
                let isNone = parameter.minimum == 0 && Bool.random(using: &generator)
                values[parameter.name] = isNone ? 0 : min(Int(size), highest)
            }
            guard let all = try? family.parameters(overriding: values), (try? reference.validate(all)) != nil,
                reference.flops(all) <= largestFlops, reference.minimumBytes(all, precision: .f32) <= largestFlops
            else { continue }
            return all
        }
        throw KernelError(.invalidParameter, "\(family.name): no shape within its requirements was found")
    }

    private func problem(
        _ family: Family, _ parameters: [String: Int], _ precision: Precision, seed: UInt64
    ) throws -> Problem {
        let workload = WorkloadCase(family: family.name, parameters: parameters, precision: precision, seed: seed)
        return try Problem(
            workload, family: family, reference: try catalogue.reference(of: family), allowingHardCase: true)
    }
}
