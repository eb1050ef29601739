import Backends
import Foundation
import Kernels
import Statistics
import TestSupport
import Testing

/// Every strategy of every family in every precision on every device of this machine, whatever is in kernels/: a new
/// strategy is tested by being there.
///
/// With `JOULEMARK_TESTS=long` in the environment, all hard cases and fifty random shapes run everywhere. Otherwise the
/// hard cases of a family are dealt out among its strategies where each takes a compilation: a third of them to each.
@Suite("Strategies of the catalogue")
struct CatalogueStrategyTests {
    private static let isLong = ProcessInfo.processInfo.environment["JOULEMARK_TESTS"] == "long"
    /// What a strategy declares and cannot do on a backend, with the reason. Everything else must have run.
    private static let cannotRun: [String: [String: String]] = [
        "opencl": onCPUAlone, "vulkan": onCPUAlone, "python": onInterpretedTriton,
    ]
    /// With `TRITON_INTERPRET=1` in the environment, Triton's kernels run without a GPU, and are slow.
    private static let onInterpretedTriton =
        ProcessInfo.processInfo.environment["TRITON_INTERPRET"] == "1"
        ? ["attention/triton-flash bf16": "Triton's interpreter multiplies bfloat16 as integers"] : [:]
    private static let onCPUAlone = [
        "ssd/chunked-one-pass f32": "a work-group for some heads would leave most of a GPU idle",
        "ssd/chunked-one-pass f16": "a work-group for some heads would leave most of a GPU idle",
        "ssd/chunked-one-pass bf16": "a work-group for some heads would leave most of a GPU idle",
    ]

    @Test("every backend has a row that says in which files its stages are")
    func forms() throws {
        let catalogue = try Catalogue.shared()
        let family = try catalogue.family("attention")
        let support = catalogue.support(of: try catalogue.strategy("flash", of: family))
        let functions = catalogue.support(of: try catalogue.strategy("torch-flash", of: family))
        #expect((support + functions).map(\.backend) == Backends.all.map(\.name))
        #expect((support + functions).allSatisfy { $0.reason == nil })
    }

    @Test("are right on every hard case of their family", arguments: TestedDevice.all)
    func hardCases(device name: TestedDevice) throws {
        let trial = try StrategyTrial(name)
        for family in trial.families {
            let cases = try trial.catalogue.reference(of: family).hardCases.map(\.parameters)
            for (index, parameters) in cases.enumerated() {
                // The first dozen are the odd ones; what follows sweeps a size.
                guard Self.isLong || index < 12 || index % 5 == 0 else { continue }
                try trial.verifyAll(
                    family, parameters,
                    precisions: Self.isLong || index < 12 ? Precision.allCases : [.f32],
                    turn: Self.isLong || name.backend == "cpu" ? nil : index)
            }
        }
        try trial.expectSilence()
        let cannotRun = Set((Self.cannotRun[name.backend] ?? [:]).keys).intersection(trial.possible())
        #expect(trial.neverRun() == cannotRun, "\(name)")
    }

    @Test("are right on seeded random shapes", arguments: TestedDevice.all)
    func randomShapes(device name: TestedDevice) throws {
        let trial = try StrategyTrial(name)
        for family in trial.families {
            var generator = SeededGenerator(seed: 7, purpose: family.name)
            for index in 0..<(Self.isLong ? 50 : name.backend == "cpu" ? 8 : 3) {
                let shape = try trial.randomShape(of: family, largestFlops: 2e7, &generator)
                try trial.verifyAll(
                    family, shape, precisions: Self.isLong ? Precision.allCases : [[.f16, .f32, .bf16][index % 3]],
                    seed: UInt64(index), repetitions: 1 + index % 2)
            }
        }
        try trial.expectSilence()
    }

    @Test("are right on shapes of real models", arguments: TestedDevice.all)
    func presets(device name: TestedDevice) throws {
        let trial = try StrategyTrial(name)
        let suite = Self.isLong ? "standard" : "quick"
        for family in trial.families {
            for workload in family.workloads where workload.suites.contains(suite) {
                try trial.verifyAll(family, workload.parameters, precisions: Self.isLong ? Precision.allCases : [.f32])
            }
        }
        try trial.expectSilence()
    }

    // What a driver runs to compile ahead; offsets that are all 0 give no expert a token and no row an element.
    @Test("end on buffers of zeros", arguments: TestedDevice.all)
    func zeros(device name: TestedDevice) throws {
        let trial = try StrategyTrial(name)
        for family in trial.families {
            guard let workload = family.workloads.first(where: { $0.suites.contains("quick") }) else { continue }
            try trial.runOnZeros(family, workload.parameters)
        }
        try trial.expectSilence()
    }

    @Test("move the bytes that their traffic model says", arguments: TestedDevice.all)
    func traffic(device name: TestedDevice) throws {
        let trial = try StrategyTrial(name)
        for family in trial.families {
            var generator = SeededGenerator(seed: 11, purpose: family.name)
            let shape = try trial.randomShape(of: family, largestFlops: 2e6, &generator)
            try trial.expectModelledTraffic(family, shape)
        }
    }
}
