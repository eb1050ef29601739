import Results
import Statistics

extension EnergySession {
    /// What the model says of work that takes so long, where no power source speaks for the device; `nil` where one
    /// does, or where the model is not asked for.
    public func modelled(_ request: EnergyRequest) -> EnergyRecord? {
        guard mode == .auto, plan.included[request.deviceID] == nil,
            let device = devices.first(where: { $0.id == request.deviceID })
        else { return nil }
        return model.record(
            device: device, work: request.work, seconds: request.medianSeconds, because: uncoveredReason(device.id))
    }

    /// Seconds without which the sources of a device resolve nothing: a sensor that averages has to settle, a counter
    /// that moves seldom has to move.
    public func secondsNeeded(for device: String) -> Double {
        let counted = found.filter { plan.included[device]?.contains($0.record.id) == true }
        // Idle power before and after, and a few windows with their rests.
        let needed = counted.map { 8 * $0.shortestPhase }.max() ?? 0
        return min(needed, Diagnosis.usualTimeLimit)
    }

    private func uncoveredReason(_ device: String) -> String {
        plan.uncovered[device] ?? "no power source speaks for the device"
    }

    /// Joules that one execution takes: idle, windows until the target or the time limit is reached, idle again.
    ///
    /// `runWindow` is asked to repeat the strategy back to back for at least some seconds, and says when that was and
    /// how many executions it made. A source that turns out to show nothing is given up, and the next one that speaks
    /// for the device takes its place. Where nothing can be measured the answer is the model's (``Mode/auto``) or
    /// unavailable with its reason.
    ///
    /// - Throws: what `runWindow` throws.
    public func measure<Failure: Error>(
        _ request: EnergyRequest, runWindow: (_ seconds: Double) throws(Failure) -> WindowRecord
    ) throws(Failure) -> EnergyRecord {
        guard mode != .off else {
            return EnergyRecord(provenance: .unavailable, reason: "energy is switched off (--energy off)")
        }
        guard let device = devices.first(where: { $0.id == request.deviceID }) else {
            return EnergyRecord(provenance: .unavailable, reason: "no device '\(request.deviceID)' in this session")
        }
        let startsHere = !isRunning && plan.included[device.id] != nil
        if startsHere { start() }
        defer { if startsHere { stop() } }
        var failure: String?
        while let included = plan.included[device.id] {
            let counted = found.filter { included.contains($0.record.id) }
            let beside = found.filter { plan.shown[device.id]?.contains($0.record.id) == true }
            let slow = counted.compactMap { source in
                source.slowness(timeLimit: request.timeLimitSeconds).map { (source.record.id, $0) }
            }
            guard slow.isEmpty else {
                failure = slow.map { "\($0): \($1)" }.joined(separator: "; ")
                abandon(Dictionary(slow) { first, _ in first })
                continue
            }
            var series = WindowSeries(session: self, request: request, counted: counted, beside: beside)
            try series.run(runWindow)
            let record = series.record()
            if keepsReadings { series.keepReadings(in: &trace) }
            sampler.forget(before: time.now() - WindowSeries.memory)
            if record.provenance != .unavailable { return record }
            failure = record.reason
            guard !series.dead.isEmpty else { break }
            abandon(series.dead)
        }
        // The next source is gone too, or it was not the source's fault: the model says more than nothing.
        if mode == .auto {
            return model.record(
                device: device, work: request.work, seconds: request.medianSeconds,
                because: failure ?? uncoveredReason(device.id))
        }
        return EnergyRecord(provenance: .unavailable, reason: failure ?? uncoveredReason(device.id))
    }
}

/// The phases of one measurement: idle, windows with rests between, idle.
struct WindowSeries {
    /// Readings older than this are forgotten after a measurement.
    static let memory = 1.0
    /// A sensor that looks only part of the time, in step with the work, sees the same phase throughout a window; the
    /// rests put every window into a phase of its own, and eight of them do not agree by chance.
    var fewestWindows: Int { settling > 0 ? 8 : 5 }
    private static let mostWindows = 40
    /// The share of the target that edges may take; the rest is for noise.
    private static let edgeShare = 0.4

    private let session: EnergySession
    let request: EnergyRequest
    let counted: [PowerSource]
    let beside: [PowerSource]
    private let deadline: Double
    private var generator: SeededGenerator
    private(set) var windows: [MeteredWindow] = []
    /// Watts before and after, each with what the phase's edges can have done to them.
    private(set) var idle: [(watts: Double, bound: Double)] = []
    /// Sources that gave nothing in any window, and why.
    private(set) var dead: [String: String] = [:]
    private var living: Set<String> = []
    /// Why windows had no joules.
    private(set) var invalid: [String] = []
    /// Why windows that would resolve the figure were not made.
    private(set) var declined: String?

    init(session: EnergySession, request: EnergyRequest, counted: [PowerSource], beside: [PowerSource]) {
        self.session = session
        self.request = request
        self.counted = counted
        self.beside = beside
        deadline = session.time.now() + request.timeLimitSeconds
        generator = SeededGenerator(seed: request.seed, purpose: "rests")
    }

    // MARK: Lengths

    /// Seconds of rest on both sides of a phase, in which dense readings find the power there.
    private var margin: Double {
        min(max(3 * slowestUpdate, 0.005), max(0.4, 1.25 * slowestUpdate))
    }

    /// Seconds until the slowest sensor shows what is.
    private var settling: Double {
        counted.map(\.settlingSeconds).max() ?? 0
    }

    private var slowestUpdate: Double { counted.map(\.updateSeconds).max() ?? 0 }

    /// No phase that is shorter has joules: a sensor has to settle and to be read some times, a counter to be updated.
    private var shortestPhase: Double { counted.map(\.shortestPhase).max() ?? 0 }

    private var idleSeconds: Double {
        let wanted = min(max(50 * slowestUpdate, request.minimumWindowSeconds / 2, 0.25), 5) + 3 * settling
        let affordable = max(request.timeLimitSeconds / 8, 0.05)
        return min(wanted, 4 * shortestPhase <= request.timeLimitSeconds ? max(affordable, shortestPhase) : affordable)
    }

    private var firstWindowSeconds: Double {
        let wanted = max(request.minimumWindowSeconds, request.medianSeconds, 20 * slowestUpdate, 4 * settling)
        let affordable = (request.timeLimitSeconds - 2 * idleSeconds) / Double(fewestWindows) - 2 * margin
        return max(min(wanted, affordable), request.minimumWindowSeconds, request.medianSeconds, shortestPhase)
    }

    // MARK: Phases

    mutating func run<Failure: Error>(
        _ runWindow: (_ seconds: Double) throws(Failure) -> WindowRecord
    ) throws(Failure) {
        measureIdle()
        var seconds = firstWindowSeconds
        while windows.count < Self.mostWindows {
            let left = deadline - session.time.now() - idleSeconds - 2 * margin
            if left < seconds, !windows.isEmpty || !invalid.isEmpty { break }
            try runOne(seconds, runWindow)
            if invalid.count > 3, invalid.count > windows.count { break }
            guard !windows.isEmpty else { continue }
            let summary = WindowSummary(windows, seed: request.seed)
            if summary.edgeError > Self.edgeShare * request.targetRelativeError {
                guard let longer = longerWindow(seconds, summary.edgeError) else { break }
                // Windows too short to resolve would only dilute the longer ones.
                if longer > seconds { windows.removeAll() }
                seconds = longer
            } else if isResolved(summary) {
                break
            }
        }
        measureIdle()
        integrateAgain()
    }

    /// Integrates every window once more, now that the readings after it are all there: what follows a window tells
    /// about the power at its end. These are the figures that the kept readings reproduce.
    private mutating func integrateAgain() {
        var kept: [MeteredWindow] = []
        for metered in windows {
            switch joules(from: metered.window.begin, to: metered.window.end) {
            case .success(let (total, parts)):
                var again = metered
                (again.total, again.parts) = (total, parts)
                kept.append(again)
            case .failure(let fault): invalid.append(fault.reason)
            }
        }
        if kept.count == 1 { kept[0].quarters = quarters(of: kept[0].window) }
        windows = kept
    }

    /// The length at which edges are within their share; `nil` when the time limit does not allow two such windows.
    private mutating func longerWindow(_ seconds: Double, _ edgeError: Double) -> Double? {
        let wanted = 1.1 * seconds * edgeError / (Self.edgeShare * request.targetRelativeError)
        let left = deadline - session.time.now() - idleSeconds
        if 2 * (wanted + 2 * margin) <= left { return wanted }
        declined =
            "quantum and edges are \(NumberFormat.percentage(edgeError)) of a window of \(NumberFormat.quantity(seconds, .seconds)); windows of "
            + "\(NumberFormat.quantity(wanted, .seconds)) are needed and the time limit does not allow them"
        return windows.count < fewestWindows && seconds < left ? seconds : nil
    }

    private mutating func runOne<Failure: Error>(
        _ seconds: Double, _ runWindow: (_ seconds: Double) throws(Failure) -> WindowRecord
    ) throws(Failure) {
        rest()
        let asked = session.time.now()
        // The begin lies just ahead; the end is awaited from a little before it until the worker answers.
        session.readDensely(in: [
            DenseSpan(asked, asked + margin + 0.01), DenseSpan(asked + seconds - margin, .infinity),
        ])
        defer { session.readDensely(in: []) }
        var window = try runWindow(seconds)
        session.sampler.sampleNow()
        session.awaitUpdates(of: counted, after: window.end, margin: margin)
        guard window.iterations > 0, window.end > window.begin else {
            invalid.append("the worker's window is empty")
            return
        }
        switch joules(from: window.begin, to: window.end) {
        case .success(let (total, parts)):
            window.throttling = session.sampler.throttling(
                of: counted.map(\.conditionScope), from: window.begin, to: window.end)
            windows.append(MeteredWindow(window: window, total: total, parts: parts))
        case .failure(let fault): invalid.append(fault.reason)
        }
        noteLife(from: window.begin, to: window.end)
    }

    /// Watts of the quarters of a window. They are too short for a sensor to settle, and need not: what they differ by
    /// is asked for.
    private func quarters(of window: WindowRecord) -> [Double] {
        let length = (window.end - window.begin) / 4
        return (0..<4).compactMap { quarter in
            let begin = window.begin + Double(quarter) * length
            let parts = counted.map { source -> Double? in
                let samples = session.sampler.samples(of: source.record.id)
                let estimate =
                    source.record.kind == .sensor
                    ? SensorIntegration(samples: samples, source: source).plainEnergy(from: begin, to: begin + length)
                    : source.energy(of: samples, from: begin, to: begin + length)
                return try? estimate.get().joules
            }
            return parts.contains(nil) ? nil : parts.compactMap(\.self).reduce(0, +) / length
        }
    }

    /// Which sources gave a reading or counted in this window, and which did not.
    private mutating func noteLife(from begin: Double, to end: Double) {
        for source in counted where !living.contains(source.record.id) {
            let id = source.record.id
            let inside = session.sampler.samples(of: id).filter { $0.time >= begin && $0.time <= end }
            let fault = session.sampler.fault(of: id, since: begin)?.words
            let shows =
                source.record.kind == .sensor
                ? inside.contains { $0.raw * source.scale > source.plausibleWatts.lowerBound }
                : inside.contains { $0.raw != inside[0].raw }
            if shows {
                living.insert(id)
                dead[id] = nil
            } else if fault != nil || (!inside.isEmpty && end - begin > 3 * source.updateSeconds) {
                let silence =
                    source.record.kind == .sensor ? "the sensor shows no power" : "the counter did not advance"
                dead[id] = fault ?? silence
            }
        }
    }

    /// A pause with dense readings. With sensors its length is random, so that their sampling meets the work in ever
    /// different phases (Yang, Adamek and Armour 2024, "Part-time power measurements").
    private mutating func rest() {
        let now = session.time.now()
        let dither = settling > 0 ? generator.uniform() * slowestUpdate : 0
        session.readDensely(in: [DenseSpan(now, .infinity)])
        session.sampler.sampleNow()
        session.time.sleep(until: now + margin + dither)
    }

    private mutating func measureIdle() {
        rest()
        let begin = session.time.now()
        session.readDensely(in: [
            DenseSpan(begin, begin + margin), DenseSpan(begin + idleSeconds - margin, .infinity),
        ])
        session.time.sleep(until: begin + idleSeconds)
        let end = session.time.now()
        session.awaitUpdates(of: counted, after: end, margin: margin)
        session.readDensely(in: [])
        if case .success(let (total, _)) = joules(from: begin, to: end) {
            idle.append((total.joules / (end - begin), total.bound / (end - begin)))
        }
    }

    private func joules(
        from begin: Double, to end: Double
    ) -> Result<(total: EnergyEstimate, parts: [String: Double]), InvalidInterval> {
        Result { () throws(InvalidInterval) in
            if let slept = session.sampler.sleep(from: begin, to: end) {
                throw InvalidInterval("the machine slept for \(NumberFormat.quantity(slept, .seconds)) meanwhile")
            }
            var total = EnergyEstimate(joules: 0, bound: 0)
            var parts: [String: Double] = [:]
            for source in counted {
                let estimate = try joules(of: source, from: begin, to: end).get()
                total.joules += estimate.joules
                total.bound += estimate.bound
                parts[source.record.id] = estimate.joules
            }
            for source in beside {
                if let estimate = try? joules(of: source, from: begin, to: end).get() {
                    parts[source.record.id] = estimate.joules
                }
            }
            return (total, parts)
        }
    }

    private func joules(
        of source: PowerSource, from begin: Double, to end: Double
    ) -> Result<EnergyEstimate, InvalidInterval> {
        let samples = session.sampler.samples(of: source.record.id)
        let result = source.energy(of: samples, from: begin, to: end).flatMap { estimate in
            source.plausibility.complaint(aboutMean: (estimate.joules + estimate.bound) / (end - begin)).map {
                .failure(InvalidInterval($0))
            } ?? .success(estimate)
        }
        guard case .failure(let invalid) = result else { return result }
        let fault = session.sampler.fault(of: source.record.id, since: begin).map { " (\($0.words))" } ?? ""
        return .failure(InvalidInterval("\(source.record.id): \(invalid.reason)\(fault)"))
    }

    func isResolved(_ summary: WindowSummary) -> Bool {
        windows.count >= fewestWindows && summary.relativeError <= request.targetRelativeError
    }

    /// Adds the readings of every counted source in this measurement to a trace.
    func keepReadings(in trace: inout MeterTrace) {
        for source in counted {
            let id = source.record.id
            let index = trace.sources.firstIndex { $0.source == id } ?? trace.sources.endIndex
            if index == trace.sources.endIndex {
                trace.sources.append(
                    SourceTrace(
                        source: id, kind: source.record.kind, scale: source.scale, modulus: source.modulus,
                        updateSeconds: source.updateSeconds, averagingSeconds: source.averagingSeconds))
            }
            let known = trace.sources[index].after.last ?? -.infinity
            for sample in session.sampler.samples(of: id) where sample.after > known {
                trace.sources[index].before.append(sample.before)
                trace.sources[index].after.append(sample.after)
                trace.sources[index].values.append(sample.raw)
            }
        }
    }
}
