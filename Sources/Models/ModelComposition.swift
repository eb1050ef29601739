import Glibc
import KernelDefinitions
import Kernels
import Results
import Statistics

extension ModelPlan {
    /// What the model comes to, from a run that measured its ``kernels``; without a run, what can be counted.
    public func composed(from run: RunRecord?) -> ModelRecord {
        var record = ModelRecord(
            name: model.name, summary: model.summary, source: model.source, ladder: ladder?.record, leftOut: leftOut)
        let products = Set(points.flatMap(\.layers).compactMap(\.product))
        let errors = Dictionary(uniqueKeysWithValues: products.map { ($0, $0.relativeError()) })
        guard let run else {
            record.points = points.map { counted($0, errors) }
            return record
        }
        for device in run.devices.map(\.id) {
            let measured = MeasuredKernels(run, device: device)
            let composed = points.map { ComposedPoint(counted($0, errors, device: device), $0, measured) }
            record.points += composed.map { point in
                var result = point.record
                result.change = change(of: point, among: composed)
                result.chain = chainRecord(point.plan, measured)
                return result
            }
            record.crossings += Crossings(composed, device: device).records
        }
        return record
    }

    /// The part of a point that needs no measurement.
    private func counted(
        _ point: Point, _ errors: [ProductApproximation: Double], device: String? = nil
    ) -> ModelPointRecord {
        let perToken = 1 / point.tokens
        var record = ModelPointRecord(
            rung: point.rung?.record.name, phase: point.phase, batch: point.batch, context: point.context,
            device: device, parameters: point.parameters, activeParameters: point.activeParameters,
            flops: point.layers.reduce(0) { $0 + $1.count * $1.flops } * perToken,
            minimumBytes: point.layers.reduce(0) { $0 + $1.count * $1.minimumBytes } * perToken)
        record.productError = Set(point.layers.compactMap(\.product)).compactMap { errors[$0] }.max()
        record.layers = point.layers.map { layer in
            ModelLayerRecord(
                name: layer.name, family: layer.kernel.workload.family, strategy: layer.kernel.strategy,
                workload: layer.kernel.name, precision: layer.kernel.workload.precision.rawValue, count: layer.count,
                flops: layer.count * layer.flops * perToken,
                minimumBytes: layer.count * layer.minimumBytes * perToken)
        }
        for (index, layer) in point.layers.enumerated() { record.layers[index].label = layer.label }
        return record
    }

    /// - Returns: `nil` without a ladder, for its first rung, and where a time is missing.
    private func change(of point: ComposedPoint, among all: [ComposedPoint]) -> ModelChangeRecord? {
        guard let ladder, let rung = point.plan.rung, rung.record.on != nil else { return nil }
        let path = ladder.path(to: rung).compactMap { step in
            all.first { $0.isBeside(point) && $0.plan.rung?.record.name == step.record.name }
        }
        guard let start = path.first, path.count > 1, path.allSatisfy({ $0.time != nil }) else { return nil }
        let below = path[path.count - 2]
        guard let time = point.factor(from: below, \.time), let whole = point.factor(from: start, \.time) else {
            return nil
        }
        var change = ModelChangeRecord(
            on: below.plan.rung?.record.name ?? "", time: time, timeFromStart: whole,
            timeOfKeeping: Self.keeping(path) { $1.factor(from: $0, \.time)?.factor } ?? 1,
            bytes: (below.record.strategyBytes ?? 0) / (point.record.strategyBytes ?? 1),
            flops: below.record.flops / point.record.flops)
        change.energy = point.factor(from: below, \.energy)
        change.energyFromStart = point.factor(from: start, \.energy)
        if change.energyFromStart != nil {
            change.energyOfKeeping = Self.keeping(path) { $1.factor(from: $0, \.energy)?.factor }
        }
        return change
    }

    /// The product of the factors of those steps that keep the function.
    private static func keeping(
        _ path: [ComposedPoint], _ factor: (ComposedPoint, ComposedPoint) -> Double?
    ) -> Double? {
        zip(path, path.dropFirst()).reduce(1) { product, step in
            guard step.1.plan.rung?.record.kind == .keeps else { return product }
            return product.flatMap { product in factor(step.0, step.1).map { product * $0 } }
        }
    }
}

extension ModelKernel {
    /// The name of its workload, made of the parameters.
    public var name: String {
        workload.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}

/// The measurements of a run on one device, by kernel.
struct MeasuredKernels {
    private var byKey: [String: MeasurementRecord] = [:]
    private var chains: [MeasurementRecord] = []

    init(_ run: RunRecord, device: String) {
        for measurement in run.measurements where measurement.device == device {
            guard measurement.family != Chain.family else {
                chains.append(measurement)
                continue
            }
            // Whatever the seed: a run has one.
            let workload = WorkloadCase(
                family: measurement.family, parameters: measurement.parameters,
                precision: Precision(rawValue: measurement.precision) ?? .f32)
            byKey["\(measurement.strategy) \(workload.key)"] = measurement
        }
    }

    static func key(_ kernel: ModelKernel) -> String { "\(kernel.strategy) \(kernel.workload.key)" }

    subscript(_ kernel: ModelKernel) -> MeasurementRecord? { byKey[Self.key(kernel)] }
    subscript(_ chain: PlannedChain) -> MeasurementRecord? {
        chains.first { $0.strategy == chain.strategy && $0.workload == chain.name }
    }
}

/// A point with its sums: times and joules of its kernels, as far as they were measured.
struct ComposedPoint {
    let plan: ModelPlan.Point
    private(set) var record: ModelPointRecord
    /// Seconds a token; `nil` when a kernel has none.
    private(set) var time: ComposedSum<String>?
    /// Measured joules a token; `nil` when a kernel has none, or modelled ones.
    private(set) var energy: ComposedSum<String>?
    /// `nil` where no token leaves early, and where layers simply count less often.
    private let exit: MeasuredExit?

    init(_ counted: ModelPointRecord, _ plan: ModelPlan.Point, _ measured: MeasuredKernels) {
        self.plan = plan
        record = counted
        let measurements = plan.layers.map { measured[$0.kernel] }
        exit = plan.exit.flatMap { MeasuredExit($0, measured) }
        let missing = zip(plan.layers, measurements).compactMap { layer, measurement -> String? in
            guard measurement?.validTime == nil else { return nil }
            let kernel = "\(layer.kernel.workload.family)/\(layer.kernel.strategy), \(layer.label ?? layer.kernel.name)"
            return "\(layer.name) (\(kernel)): \(measurement?.reasonWithoutTime ?? "it was not measured")"
        }
        guard missing.isEmpty else {
            record.problem = missing.joined(separator: "; ")
            return
        }
        record.exit = exit?.record ?? plan.exit.map { ModelExitRecord($0, without: measured) }
        compose(measurements.compactMap(\.self))
    }

    private mutating func compose(_ measurements: [MeasurementRecord]) {
        let perToken = 1 / plan.tokens
        var time = ComposedSum<String>()
        var work = (flops: 0.0, minimum: 0.0, strategy: 0.0)
        var left = 0.0
        for (index, (layer, measurement)) in zip(plan.layers, measurements).enumerated() {
            guard let seconds = measurement.time, let own = measurement.work else { continue }
            let weight = layer.count * perToken
            let timed = layer.isLeft ? exit.map { Double(layer.copies) * $0.timeShare * perToken } ?? weight : weight
            time.add(MeasuredKernels.key(layer.kernel), seconds, times: timed)
            record.layers[index].seconds = seconds.median * timed
            if layer.isLeft { left += seconds.median * timed }
            record.layers[index].flops = own.flops * weight
            record.layers[index].minimumBytes = own.minimumBytes * weight
            work.flops += own.flops * weight
            work.minimum += own.minimumBytes * weight
            work.strategy += own.strategyBytes * weight
        }
        exit?.addTimes(to: &time, left)
        self.time = time
        record.seconds = time.total
        record.secondsInterval = time.knownInterval
        (record.flops, record.minimumBytes, record.strategyBytes) = (work.flops, work.minimum, work.strategy)
        record.kernelError = measurements.compactMap { $0.verification?.relativeL2 }.max()
        addEnergy(measurements, perToken)
    }

    private mutating func addEnergy(_ measurements: [MeasurementRecord], _ perToken: Double) {
        let energies = measurements.map { $0.validEnergy }
        guard energies.allSatisfy({ $0?.leadingJoules != nil }) else {
            let without = measurements.first { $0.validEnergy?.leadingJoules == nil }
            record.energyReason = without?.reasonWithoutEnergy
            return
        }
        if let exit, exit.energyShare == nil {
            record.energyReason = "the kernels of early exit have no joules"
            return
        }
        var sum = ComposedSum<String>()
        var (lower, upper, metered, left) = (0.0, 0.0, 0.0, 0.0)
        for (index, (layer, energy)) in zip(plan.layers, energies).enumerated() {
            guard let energy, let joules = energy.leadingJoules else { continue }
            let whole = Double(layer.copies) * perToken
            let weight = layer.isLeft ? exit?.energyShare.map { whole * $0 } ?? layer.count * perToken : whole
            let (error, degrees) = Self.error(of: energy, joules)
            sum.add(MeasuredKernels.key(layer.kernel), joules, times: weight, error: error, degrees: degrees)
            record.layers[index].joules = joules * weight
            lower += (energy.leadingInterval?.lower ?? joules) * weight
            upper += (energy.leadingInterval?.upper ?? joules) * weight
            let share = layer.isLeft ? exit?.meteredShare ?? layer.count / Double(layer.copies) : 1
            metered += whole * share * (energy.meteredSeconds ?? .nan)
            if layer.isLeft { left += joules * weight }
        }
        exit?.addJoules(to: &sum, left)
        record.joules = sum.total
        record.meteredSeconds = metered.finiteOrNil
        let order: [EnergyProvenance] = [.modelled, .integrated, .measured]
        let all = energies + (exit?.energies ?? [])
        record.provenance = order.first { kind in all.contains { $0?.provenance == kind } }
        record.energyReason = energies.lazy.compactMap { $0?.reason }.first
        if record.provenance == .modelled {
            // What a model's coefficients leave open is the same for all kernels: their intervals add up.
            record.joulesInterval = Interval(lower, upper)
        } else {
            energy = sum
            record.joulesInterval = sum.knownInterval
        }
    }

    /// The standard deviation behind a metered interval, relative to the joules, and its degrees of freedom.
    static func error(of energy: EnergyRecord, _ joules: Double) -> (error: Double, degrees: Double) {
        let degrees = Double(max(energy.windows.count - 1, 1))
        guard let interval = energy.leadingInterval, joules > 0 else { return (0, degrees) }
        let half = max(interval.upper - joules, joules - interval.lower) / joules
        return (half / studentQuantile(0.975, degrees: degrees), degrees)
    }

    /// True for forms in the same phase at the same context.
    func isBeside(_ other: ComposedPoint) -> Bool {
        plan.phase == other.plan.phase && plan.context == other.plan.context
    }

    /// How many times less this takes than another form.
    func factor(
        from other: ComposedPoint, _ sum: KeyPath<ComposedPoint, ComposedSum<String>?>
    ) -> ModelChangeRecord.Factor? {
        guard let own = self[keyPath: sum], let theirs = other[keyPath: sum] else { return nil }
        let ratio = theirs.ratio(to: own)
        return ModelChangeRecord.Factor(
            factor: ratio.ratio, interval: ratio.logarithmicError > 0 ? ratio.interval() : nil)
    }
}
