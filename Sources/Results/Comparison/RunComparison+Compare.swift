import Glibc
import Statistics

extension RunComparison {
    /// How to compare.
    public struct Options: Sendable {
        public var rule = VerdictRule()
        /// Objections that are to be mentioned and passed over. Modelled joules are never weighed against measured
        /// ones.
        public var allowed: Set<Objection.Kind> = []

        public init() {}
    }

    /// Compares two runs. When an objection stands, the result holds the objections and no figures.
    public init(
        base: (run: RunRecord, name: String), candidate: (run: RunRecord, name: String), options: Options = Options(),
        metrics: [Metric] = Metric.all
    ) {
        self.init(
            base: ComparedRun(base.run, name: base.name), candidate: ComparedRun(candidate.run, name: candidate.name))
        let baseByKey = Self.byKey(base.run)
        let candidateByKey = Self.byKey(candidate.run)
        let found =
            Self.machineObjections(base.run, candidate.run) + Self.seedObjections(baseByKey, candidateByKey)
        objections = found.filter { !options.allowed.contains($0.kind) }
        remarks = found.filter { options.allowed.contains($0.kind) }.map { "allowed: \($0.reason)" }
        remarks += Self.circumstances(base.run, candidate.run)
        guard objections.isEmpty else { return }

        let inTurn = candidate.run.tookTurns(with: base.run)
        tookTurns = inTurn
        let pairs = candidate.run.measurements.compactMap { measurement in
            baseByKey[MeasurementKey(measurement)].map {
                MeasurementPair(base: $0, candidate: measurement, inTurn: inTurn)
            }
        }
        onlyInBase = base.run.measurements.map(MeasurementKey.init).filter { candidateByKey[$0] == nil }
        missing = onlyInBase.filter { baseByKey[$0]?.status == .ok }
        onlyInCandidate = candidate.run.measurements.map(MeasurementKey.init).filter { baseByKey[$0] == nil }
        var times = pairs.map(\.time)
        var energies = pairs.map { $0.energy?.estimate }
        for device in Set(pairs.map { $0.candidate.device }).sorted() {
            let places = pairs.indices.filter { pairs[$0].candidate.device == device }
            // In turn, the machine did the same to the times of both. Windows of the meter are too long to alternate.
            if !inTurn {
                let isControlled = places.allSatisfy { pairs[$0].time == nil || pairs[$0].machineRatio != nil }
                let control = isControlled ? nil : Self.peakShift(base.run, candidate.run, device)
                remarks += JudgedRatios.allowForUnevenness(
                    &times, at: places, control: control, quantity: .time, margin: options.rule.margin, device: device)
            }
            remarks += JudgedRatios.allowForUnevenness(
                &energies, at: places, control: nil, quantity: .energy, margin: options.rule.margin, device: device)
        }
        let timeVerdicts = JudgedRatios.judged(times, options.rule, .time)
        let energyVerdicts = JudgedRatios.judged(energies, options.rule, .energy)
        let others = metrics.filter {
            ![Metric.seconds.key, Metric.grossJoules.key, Metric.leadingJoules.key].contains($0.key)
        }
        // Runs that were made apart would have to be made again, side by side.
        let command = inTurn ? DecidingCommand(candidate.run, options.rule) : nil
        measurements = pairs.indices.map { place in
            var compared = pairs[place].compared(timeVerdicts[place], energyVerdicts[place], others)
            if compared.time?.verdict == Verdict.unresolved.word(for: .time), let estimate = times[place] {
                compared.time?.command = command?.text(
                    pairs[place].candidate, strategies: [pairs[place].candidate.strategy],
                    spent: DecidingCommand.secondsSpent(pairs[place].candidate.time), estimate: estimate)
            }
            return compared
        }
    }

    private init(base: ComparedRun, candidate: ComparedRun) {
        self.base = base
        self.candidate = candidate
    }

    private static func byKey(_ run: RunRecord) -> [MeasurementKey: MeasurementRecord] {
        Dictionary(run.measurements.map { (MeasurementKey($0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: Objections and circumstances

    private static func machineObjections(_ base: RunRecord, _ candidate: RunRecord) -> [Objection] {
        var reasons: [String] = []
        if base.host.cpu.model != candidate.host.cpu.model {
            reasons.append("other machines: '\(base.host.cpu.model)' and '\(candidate.host.cpu.model)'")
        }
        for (before, after) in sharedDevices(base, candidate) where before.name != after.name {
            reasons.append("\(after.id) is another device: '\(before.name)' and '\(after.name)'")
        }
        return reasons.map { Objection(kind: .machine, reason: $0) }
    }

    private static func seedObjections(
        _ base: [MeasurementKey: MeasurementRecord], _ candidate: [MeasurementKey: MeasurementRecord]
    ) -> [Objection] {
        let pairs = candidate.compactMap { key, after in base[key].map { ($0.seed, after.seed) } }
        let differing = pairs.filter { $0 != $1 }
        guard let first = differing.min(by: { $0 < $1 }) else { return [] }
        let count = differing.count == 1 ? "1 measurement" : "\(differing.count) measurements"
        return [Objection(kind: .seed, reason: "other inputs: seeds \(first.0) and \(first.1) in \(count)")]
    }

    private static func circumstances(_ base: RunRecord, _ candidate: RunRecord) -> [String] {
        var remarks: [String] = []
        func note(_ what: String, _ before: String?, _ after: String?) {
            if before != after { remarks.append("\(what) changed: \(before ?? "unknown"), now \(after ?? "unknown")") }
        }
        note("the operating system's kernel", base.host.kernel, candidate.host.kernel)
        note("the frequency governor", base.host.governor, candidate.host.governor)
        for (before, after) in sharedDevices(base, candidate) {
            note("the driver of \(after.id)", before.driver, after.driver)
        }
        if candidate.tookTurns(with: base) {
            remarks.append(
                "the runs took turns, round by round: what the machine did meanwhile, it did to the times of both")
        }
        if base.interrupted { remarks.append("the base run was interrupted") }
        if candidate.interrupted { remarks.append("the new run was interrupted") }
        return remarks
    }

    private static func sharedDevices(
        _ base: RunRecord, _ candidate: RunRecord
    ) -> [(before: DeviceRecord, after: DeviceRecord)] {
        candidate.devices.compactMap { after in
            base.devices.first { $0.id == after.id }.map { (before: $0, after: after) }
        }
    }

    /// Root mean square of the logarithms of the ratios of a device's peaks in both runs.
    private static func peakShift(_ base: RunRecord, _ candidate: RunRecord, _ device: String) -> Double? {
        guard let pair = sharedDevices(base, candidate).first(where: { $0.after.id == device }),
            let before = pair.before.peaks, let after = pair.after.peaks
        else { return nil }
        let rates = [
            (before.flopsPerSecond, after.flopsPerSecond), (before.bytesPerSecond, after.bytesPerSecond),
        ]
        let shifts = rates.compactMap { before, after -> Double? in
            guard let before, let after, before > 0, after > 0 else { return nil }
            return log(before / after)
        }
        guard !shifts.isEmpty else { return nil }
        return (shifts.reduce(0) { $0 + $1 * $1 } / Double(shifts.count)).squareRoot()
    }
}

/// A measurement in both runs, and what can be said of its time and energy.
private struct MeasurementPair {
    let base: MeasurementRecord
    let candidate: MeasurementRecord
    let time: RatioEstimate?
    let timeReason: String?
    let energy: EnergyEffect?
    let energyReason: String?
    /// What the machine alone made of the ratio of times; `nil` where no controls tell.
    let machineRatio: Double?

    init(base: MeasurementRecord, candidate: MeasurementRecord, inTurn: Bool) {
        self.base = base
        self.candidate = candidate
        guard base.status == .ok, candidate.status == .ok else {
            let sides = [("base", base.status), ("new", candidate.status)].filter { $0.1 != .ok }
            let reason = sides.map { "\($0.0) run: \($0.1.rawValue)" }.joined(separator: ", ")
            (time, energy, timeReason, energyReason) = (nil, nil, reason, reason)
            machineRatio = nil
            return
        }
        let obstacle = Self.obstacle(base.time, candidate.time)
        var estimate: RatioEstimate?
        var controlled: ControlledTimes?
        if obstacle == nil, let before = base.time, let after = candidate.time {
            if inTurn {
                estimate = RatioEstimate.inTurn(before, after)
            } else {
                controlled = ControlledTimes(before, after)
                estimate = RatioEstimate.betweenRuns(before, after, controlled: controlled)
            }
        }
        time = estimate
        machineRatio = estimate == nil ? nil : controlled?.machineRatio
        timeReason = obstacle ?? (estimate == nil ? "fewer than two samples" : nil)
        let quotient = (base.time?.median ?? 0) / (candidate.time?.median ?? 0)
        let modelled = candidate.energy?.modelled(atTimes: estimate.map { quotient / $0.ratio } ?? 1)
        energy = EnergyEffect(baseline: base.energy, candidate: modelled)
        energyReason = EnergyEffect.obstacle(base.energy, candidate.energy)
    }

    private static func obstacle(_ base: TimeRecord?, _ candidate: TimeRecord?) -> String? {
        guard let base, let candidate else { return "time was not recorded" }
        if base.cold != candidate.cold { return "cold caches in one run, hot ones in the other" }
        if base.clock != candidate.clock {
            return "\(base.clock) clock in one run, \(candidate.clock) clock in the other"
        }
        return nil
    }

    func compared(_ time: Judgement?, _ energy: Judgement?, _ metrics: [Metric]) -> ComparedMeasurement {
        var compared = ComparedMeasurement(
            key: MeasurementKey(candidate), baseStatus: base.status, candidateStatus: candidate.status)
        compared.timeReason = timeReason
        compared.energyReason = energyReason
        compared.metrics = metrics.filter { $0.basis != .time || timeReason == nil }.compactMap {
            ComparedMetric($0, base: base, candidate: candidate)
        }
        if let judgement = time, let estimate = self.time, let before = base.time?.median,
            let after = candidate.time?.median
        {
            compared.time = ComparedQuantity(judgement, estimate.ratio, .time, base: before, candidate: after)
            compared.time?.machineRatio = machineRatio
        }
        if let judgement = energy, let effect = self.energy, let before = base.energy?.grossJoules,
            let after = candidate.energy?.grossJoules
        {
            compared.energy = ComparedQuantity(
                judgement, effect.estimate.ratio, .energy, base: before, candidate: after)
            compared.energy?.provenance = effect.provenance
        }
        if base.codePath != candidate.codePath {
            compared.remarks.append(
                "other code ran: \(base.codePath ?? "unknown"), now \(candidate.codePath ?? "unknown")")
        }
        for (word, time) in [("base", base.time), ("new", candidate.time)] {
            guard let interference = time?.interference, interference.isBeyondLimit else { continue }
            compared.remarks.append(
                "\(word) run: \(interference.disturbed) of \(interference.taken) samples were disturbed, too many to leave out"
            )
        }
        return compared
    }
}
