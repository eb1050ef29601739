import Backends
import Kernels
import Statistics
import TestSupport
import Testing

/// Every strategy with every instruction set that this processor has.
@Suite("Strategies on the CPU")
struct CPUStrategyTests {
    private static let attentionCases: [(isa: InstructionSet, strategy: String)] = InstructionSet.supported.flatMap {
        isa in
        ["unfused", "fused-scores", "fused-softmax-values", "flash", "flash-gqa-packed", "flash-split-kv"].map {
            (isa, $0)
        }
    }

    @Test("give the oracle's attention for shapes drawn at random", arguments: attentionCases)
    func randomShapes(isa: InstructionSet, strategy: String) throws {
        let device = try CPUBackend(isa: isa).open(index: 0)
        let catalogue = try Catalogue.shared()
        var generator = SeededGenerator(seed: 20, purpose: "cpu.shapes")
        for index in 0..<20 {
            let keyHeads = Int.random(in: 1...3, using: &generator)
            let parameters = [
                "B": Int.random(in: 1...2, using: &generator), "Hkv": keyHeads,
                "Hq": keyHeads * Int.random(in: 1...5, using: &generator),
                "Lq": Int.random(in: 1...300, using: &generator), "Lk": Int.random(in: 1...600, using: &generator),
                "D": 8 * Int.random(in: 2...20, using: &generator), "causal": Int.random(in: 0...1, using: &generator),
                "window": Bool.random(using: &generator) ? Int.random(in: 1...200, using: &generator) : 0,
            ]
            try verify(
                device: device, family: "attention", strategy: strategy, parameters: parameters,
                precision: index % 3 == 0 ? .f16 : .f32, seed: UInt64(index), repetitions: 1 + index % 2,
                catalogue: catalogue)
        }
    }

    @Test(
        "multiply matrices with the blocks of other caches, within their memory", arguments: InstructionSet.supported,
        [16 << 10, 2 << 20])
    func caches(isa: InstructionSet, cacheBytes: Int) throws {
        var settings = ProcessorSettings(isa: isa)
        settings.guardsMemory = true
        settings.secondLevelCacheBytes = cacheBytes
        let trial = try StrategyTrial(try CPUBackend(settings).open(index: 0))
        for (name, given) in [
            ("matmul", ["M": 545, "N": 77, "K": 320, "bits": 4]), ("matmul", ["M": 70, "N": 1090, "K": 96, "bits": 8]),
            ("matmul", ["M": 2, "N": 9, "K": 513, "bits": 0]), ("spmm", ["M": 1100, "N": 35, "K": 290]),
            ("moe", ["T": 300, "E": 3, "topk": 2, "K": 66, "N": 41]),
        ] {
            let family = try trial.catalogue.family(name)
            try trial.verifyAll(family, try family.parameters(overriding: given), precisions: [.f32, .f16])
        }
    }

    @Test("are compiled for every instruction set and every precision that they declare, and for no other")
    func compiledStages() throws {
        let catalogue = try Catalogue.shared()
        let compiled = StageTable.builtIn.descriptions
        let sources = Set(compiled.map { "\($0.family)/\($0.strategy)/\($0.name)" })
        let sets = Set(compiled.map(\.instructionSet))
        #expect(sets.isSuperset(of: InstructionSet.supported.map(\.rawValue)))
        var declared: Set<String> = []
        for strategy in catalogue.families.flatMap(catalogue.strategies(of:)) {
            for stage in strategy.stages {
                let source = "\(strategy.family)/\(strategy.name)/\(stage.name)"
                guard sources.contains(source) else { continue }
                for precision in strategy.precisions {
                    for set in sets { declared.insert("\(source) \(precision.rawValue) \(set)") }
                }
            }
        }
        let found = compiled.map { "\($0.family)/\($0.strategy)/\($0.name) \($0.precision) \($0.instructionSet)" }
        #expect(found.count == Set(found).count)
        // What a declared 16-bit form lacks on this backend is told by the tests of the catalogue.
        // The f32 copy of a strategy for f16 alone is compiled beside it, and never asked for.
        let halves = Set(
            catalogue.families.flatMap(catalogue.strategies(of:)).filter { !$0.precisions.contains(.f32) }
                .map { "\($0.family)/\($0.name)/" })
        let surplus = Set(found).subtracting(declared).filter { name in !halves.contains { name.hasPrefix($0) } }
        #expect(surplus == [])
        #expect(declared.subtracting(found).filter { !$0.contains(" f16 ") || $0.contains(" bf16 ") } == [])
    }

    @Test("flash takes no more memory for long sequences than for short ones")
    func memory() throws {
        var sizes: Set<Int> = []
        for length in [128, 256, 2048] {
            let device = try #require(try CPUBackend().open(index: 0) as? CPUDevice)
            let parameters = ["Hq": 1, "Hkv": 1, "Lq": length, "Lk": length, "D": 64]
            try verify(device: device, family: "attention", strategy: "flash", parameters: parameters)
            sizes.insert(device.scratchByteCount)
        }
        #expect(sizes.count == 1)
    }

    @Test("measure peaks with correct results", arguments: InstructionSet.supported)
    func peaks(isa: InstructionSet) throws {
        let device = try CPUBackend(isa: isa).open(index: 0)
        try verify(device: device, family: "peak-flops", strategy: "fma", parameters: ["N": 12_288])
        try verify(device: device, family: "peak-flops", strategy: "fma", parameters: ["N": 4096, "R": 1])
        try verify(device: device, family: "peak-int8-dot", strategy: "dot", parameters: ["N": 12_288, "R": 77])
        try verify(device: device, family: "peak-bandwidth", strategy: "scale", parameters: ["N": 69_632])
        try verify(device: device, family: "peak-bandwidth", strategy: "scale", parameters: ["N": 1 << 20])
    }
}
