import Kernels
import Models
import Results
import Statistics
import TestSupport
import Testing

@Suite("Models composed from measurements")
struct CompositionTests {
    /// Seconds of an execution, by what the kernel is.
    private static func seconds(_ kernel: ModelKernel) -> Double {
        switch kernel.strategy {
        case "unfused": kernel.workload.family == "attention" ? 8e-4 : 2e-5
        case "flash": 2e-4
        case "q4": 5e-5
        default: 1e-4
        }
    }

    /// A run in which every kernel of a plan was measured.
    private static func run(
        _ plan: ModelPlan, watts: Double = 40, provenance: EnergyProvenance = .measured, noise: Double = 0.01,
        wrong: String? = nil, seconds time: (ModelKernel) -> Double = seconds
    ) -> RunRecord {
        let cpu = CPURecord(model: "Example", physicalCores: 2, logicalCores: 2, isa: ["avx2"])
        let host = HostRecord(
            operatingSystem: "Example", kernel: "6", cpu: cpu, memoryBytes: 1 << 30, governor: nil, virtualization: nil)
        var run = RunRecord(
            tool: ToolRecord(version: "0", commit: nil, arguments: []), startedAt: "2026-01-01T00:00:00Z", host: host)
        run.devices = [
            DeviceRecord(
                id: "cpu:0", backend: "cpu", name: "Example", vendor: "", driver: "", apiVersion: "", pciAddress: nil,
                computeUnits: 2, memoryBytes: nil, features: [], isHostProcessor: true)
        ]
        var generator = SeededGenerator(seed: 3)
        run.measurements = plan.kernels.map { kernel in
            var record = MeasurementRecord(
                family: kernel.workload.family, strategy: kernel.strategy, workload: kernel.name,
                parameters: kernel.workload.parameters, device: "cpu:0", precision: kernel.workload.precision.rawValue,
                seed: 1, status: kernel.strategy == wrong ? .incorrect : .ok)
            guard record.status == .ok else { return record }
            let seconds = time(kernel)
            let samples = (0..<41).map { _ in seconds * (1 + noise * generator.normal()) }
            record.time = TimeRecord(
                median: median(samples) ?? 0, interval: nil, relativeNoise: noise, samples: 41, warmups: 2,
                stopReason: "noise", cold: true, clock: "host", hostMedian: nil, stages: [], sampleSeconds: samples)
            record.work = WorkRecord(flops: 1e6, minimumBytes: 1e3, strategyBytes: 2e3)
            var energy = EnergyRecord(provenance: provenance)
            energy.grossJoules = seconds * watts
            energy.interval = Interval(seconds * watts * 0.99, seconds * watts * 1.01)
            energy.windows = (0..<8).map { WindowRecord(begin: Double($0), end: Double($0 + 1), iterations: 10) }
            (energy.windowSeconds, energy.iterations) = (seconds * 80, 80)
            record.energy = energy
            return record
        }
        return run
    }

    private static func plan(_ ladder: String? = "short", phase: ModelPhase = .prefill, contexts: [Int] = [64]) throws
        -> ModelPlan
    {
        let library = try ModelLibrary.builtIn.adding(directory: ModelFolder.fixtures)
        var request = ModelRequest()
        request.contexts = contexts
        request.phases = [phase]
        return try ModelPlan(
            try library.model("tiny"), try ladder.map { try library.ladder($0) }, request, library: library,
            catalogue: try .shared())
    }

    @Test("a token's seconds are the sum of counts times medians, and its joules are those seconds times the watts")
    func sums() throws {
        let plan = try Self.plan()
        let record = plan.composed(from: Self.run(plan, noise: 0))
        #expect(record.points.map(\.rung) == ["start", "flash", "few-bits"])
        // Two blocks of 2 norms, 5 products, attention, its heads before and after, and an activation; then a norm and
        // the logits.
        let outside = [4 * 2e-5 + 10 * 1e-4 + 2 * 8e-4 + 2 * 3e-4 + 2e-5 + 1e-4]
        let start = try #require(record.points.first)
        #expect(abs(try #require(start.seconds) / (outside[0] / 64) - 1) < 1e-9)
        for point in record.points {
            let seconds = try #require(point.seconds)
            #expect(abs(try #require(point.joules) / (seconds * 40) - 1) < 1e-9)
            #expect(abs(try #require(point.meteredSeconds) / seconds - 1) < 1e-9)
            #expect(try #require(point.joulesInterval).contains(seconds * 40))
            #expect(abs(point.layers.compactMap(\.seconds).reduce(0, +) / seconds - 1) < 1e-9)
            #expect(abs(point.flops / (point.layers.map(\.count).reduce(0, +) * 1e6 / 64) - 1) < 1e-9)
        }
    }

    @Test("factors multiply up along the ladder, and what keeps the function is counted apart")
    func factors() throws {
        let plan = try Self.plan()
        let points = plan.composed(from: Self.run(plan, noise: 0)).points
        let seconds = try points.map { try #require($0.seconds) }
        let last = try #require(points.last?.change)
        #expect(last.on == "flash")
        #expect(abs(last.time.factor - seconds[1] / seconds[2]) < 1e-9)
        #expect(abs(last.timeFromStart.factor - seconds[0] / seconds[2]) < 1e-9)
        #expect(abs(last.timeOfKeeping - seconds[0] / seconds[1]) < 1e-9)
        #expect(points.first?.change == nil)
    }

    @Test("kernels that two rungs share cancel in the interval of their ratio")
    func sharedKernels() throws {
        let plan = try Self.plan()
        let points = plan.composed(from: Self.run(plan, noise: 0.1)).points
        let own = try points.map { try #require($0.secondsInterval).width / (try #require($0.seconds)) }
        let flash = try #require(points[1].change?.time)
        // Attention alone differs: the products' noise, a third of the time, is not in the ratio as it is in the times.
        let width = try #require(flash.interval).width / flash.factor
        #expect(width < (own[0] * own[0] + own[1] * own[1]).squareRoot())
        #expect(
            try #require(flash.interval).contains(
                (4 * 2e-5 + 10e-4 + 16e-4 + 6e-4 + 12e-5) / (4 * 2e-5 + 10e-4 + 4e-4 + 6e-4 + 12e-5)))
    }

    @Test("layers that tokens leave count as often as the kernels of early exit say, with the errors of both")
    func measuredExits() throws {
        let plan = try Self.plan("hundredfold")
        func seconds(_ kernel: ModelKernel) -> Double { kernel.strategy == "compacted" ? 0.9e-4 : 1e-4 }
        let points = plan.composed(from: Self.run(plan, noise: 0, seconds: seconds)).points
        let before = try #require(points.dropLast().last)
        let last = try #require(points.last)
        let exit = try #require(last.exit)
        #expect(
            exit.strategy == "compacted" && exit.baseline == "full-depth")
        #expect(abs(try #require(exit.timeShare) - 0.9) < 1e-9)
        #expect(abs(exit.meanDepth - 0.775) < 1e-12)
        #expect(abs(try #require(exit.energyShare) - 0.9) < 1e-9)
        // The last norm and the logits are left by nobody.
        let head = 2 * 1e-4 / 64
        for (own, whole) in zip(
            [try #require(last.seconds), try #require(last.joules) / 40, try #require(last.meteredSeconds)],
            [before.seconds, before.joules.map { $0 / 40 }, before.meteredSeconds].compactMap(\.self))
        {
            #expect(abs(own / (head + 0.9 * (whole - head)) - 1) < 1e-9)
        }
        #expect(last.flops < 0.8 * before.flops + 1)
        let noisy = try #require(plan.composed(from: Self.run(plan, noise: 0.1, seconds: seconds)).points.last?.change)
        let interval = try #require(noisy.time.interval)
        // A median of 41 samples with 10 % of noise is known to 2 %: the exit's two are all that the rungs do not
        // share.
        #expect(interval.width / noisy.time.factor > 0.05 && interval.contains(1 / 0.9 * 0.99))
    }

    @Test("where kernels of early exit cannot run, the layers count by the share of blocks, and it says so")
    func exitsWithoutKernels() throws {
        let plan = try Self.plan("hundredfold")
        let points = plan.composed(from: Self.run(plan, noise: 0, wrong: "full-depth") { _ in 1e-4 }).points
        let before = try #require(points.dropLast().last?.seconds)
        let last = try #require(points.last)
        #expect(last.exit?.timeShare == nil && last.exit?.problem?.contains("early-exit/full-depth") == true)
        let head = 2e-4 / 64
        #expect(abs(try #require(last.seconds) / (head + 0.775 * (before - head)) - 1) < 1e-9)
    }

    @Test("one token at a time takes as much less as it goes through fewer layers")
    func exitsOfOneToken() throws {
        let plan = try Self.plan("hundredfold", phase: .decode)
        let points = plan.composed(from: Self.run(plan, noise: 0) { _ in 1e-4 }).points
        let before = try #require(points.dropLast().last?.seconds)
        let last = try #require(points.last)
        #expect(last.exit == nil)
        #expect(abs(try #require(last.seconds) / (2e-4 + 0.775 * (before - 2e-4)) - 1) < 1e-9)
    }

    @Test("every layer of a built-in model says its sizes in words", arguments: ModelLibrary.builtIn.modelNames)
    func labels(name: String) throws {
        let library = ModelLibrary.builtIn
        let plan = try ModelPlan(
            try library.model(name), nil, ModelRequest.short, library: library, catalogue: try .shared())
        let layers = plan.composed(from: nil).points.flatMap(\.layers)
        for layer in layers {
            let label = try #require(layer.label)
            #expect(!label.contains("=") && !label.contains("{") && !label.contains("["), "\(label)")
        }
        guard name == "gpt2-small" else { return }
        #expect(layers.first { $0.name == "up" }?.label == "32 rows, 768 inputs to 3072 outputs")
        #expect(layers.first { $0.name == "attention" }?.label == "32 queries, 32 keys, 12 heads of 64")
    }

    @Test("a form that gains with the context crosses the other between the contexts that were measured")
    func crossing() throws {
        let plan = try Self.plan(contexts: [16, 64, 256])
        // Unfused attention takes as long as flash at 40 tokens; nothing else tells the two forms apart.
        let run = Self.run(plan, noise: 0.002) { kernel in
            guard kernel.strategy == "unfused" else { return 1e-4 }
            return kernel.workload.parameters["Lk"].map { Double($0) / 40 * 1e-4 } ?? 1e-4
        }
        let crossings = plan.composed(from: run).crossings
        // Products of 4 bits take as long as those of 32 in this run: that the two forms change places by noise is no
        // crossing.
        #expect(crossings.count == 1)
        let crossing = try #require(crossings.first)
        #expect(crossing.before == "start" && crossing.after == "flash")
        // Times are straight lines over the context, not their logarithms: the place is right to the bend between two
        // contexts.
        #expect((30...50).contains(crossing.context), "\(crossing.context)")
        #expect(try #require(crossing.lower) <= crossing.context && crossing.context <= #require(crossing.upper))
    }

    @Test("modelled joules never lead: factors have none, and the interval is that of the coefficients")
    func modelled() throws {
        let plan = try Self.plan()
        let points = plan.composed(from: Self.run(plan, provenance: .modelled)).points
        for point in points {
            #expect(point.provenance == .modelled && point.joules != nil)
            #expect(point.change?.energy == nil && point.change?.energyFromStart == nil)
        }
    }

    @Test("a kernel that is wrong leaves its rungs without a time, with the reason, and the others stand")
    func wrongKernel() throws {
        let plan = try Self.plan()
        let points = plan.composed(from: Self.run(plan, wrong: "q4")).points
        #expect(points.map { $0.seconds != nil } == [true, true, false])
        #expect(points.last?.problem?.contains("matmul/q4") == true)
        #expect(points.last?.change == nil)
    }

    @Test("every kernel is planned once, however many layers and rungs use it")
    func onceEach() throws {
        let plan = try Self.plan()
        #expect(Set(plan.kernels).count == plan.kernels.count)
        // Norms of two sizes, attention twice, an activation, heads before and after, four products in two formats.
        #expect(plan.kernels.count == 2 + 2 + 1 + 2 + 8)
    }

    @Test("a token that leaves early meets fewer layers on average")
    func exits() throws {
        let library = ModelLibrary.builtIn
        let plan = try ModelPlan(
            try library.model("gpt2-small"), try library.ladder("hundredfold"), ModelRequest(), library: library,
            catalogue: try .shared())
        let points = plan.composed(from: nil).points
        let (whole, exit) = (points[points.count - 2], points[points.count - 1])
        let pairs = zip(whole.layers, exit.layers)
        for (before, after) in pairs {
            #expect(before.name == after.name)
            let share = after.count / before.count
            let expected = ["final norm", "logits"].contains(before.name) ? 1 : 0.3 * 0.5 + 0.3 * 0.75 + 0.4
            #expect(abs(share - expected) < 1e-12, "\(before.name)")
        }
    }

    @Test("equal totals and equal active weights are what the two expert rungs have")
    func experts() throws {
        let library = ModelLibrary.builtIn
        let plan = try ModelPlan(
            try library.model("gpt2-small"), try library.ladder("hundredfold"), ModelRequest(), library: library,
            catalogue: try .shared())
        let points = Dictionary(
            uniqueKeysWithValues: plan.composed(from: nil).points.map { ($0.rung ?? "", $0) })
        let dense = try #require(points["grouped-query"])
        let total = try #require(points["experts-equal-total"])
        let active = try #require(points["experts-equal-active"])
        // Apart from the router and the biases, which the expert layers do not have.
        #expect(abs(total.parameters / dense.parameters - 1) < 0.001)
        #expect(abs(active.activeParameters / dense.activeParameters - 1) < 0.001)
        #expect(total.activeParameters < 0.7 * total.parameters)
    }
}
