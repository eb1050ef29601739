import Backends
import FoundationEssentials
import Glibc
import Kernels
import Platform
import Power
import Results
import Statistics

/// Runs a profile: plan → dispatch → meter → result.
///
/// ```swift
/// let profiler = try Profiler(request, catalogue: catalogue, executable: path, tool: tool)
/// let run = profiler.run { event in … }.run
/// ```
public final class Profiler {
    let request: ProfileRequest
    private let builds: [(side: TurnsRecord.Side, build: Build)]
    private let workloads: [PlannedWorkload]
    let devices: [DeviceRecord]
    let catalogue: Catalogue
    private let energy: EnergySession
    var record: RunRecord
    /// Of what is done already, and to be done; `nil`: nothing is kept.
    var journal: RunJournal?
    private let tuned: TunedStrategies
    /// What the base is and measured; `nil` without one.
    private(set) var base: (tool: ToolRecord, measurements: [MeasurementRecord])?

    /// Checks the whole request, finds the devices and the power sources. Nothing is measured and nothing written yet.
    ///
    /// - Parameters:
    ///   - catalogue: the built-in kernels and those of the request's folders.
    ///   - executable: this program, to start workers from.
    ///   - tool: what the result file says of the program.
    ///   - journal: of the run of this request that is to be gone on with.
    /// - Throws: ``ProfilingError``; its code tells the exit code.
    public init(
        _ request: ProfileRequest, catalogue: Catalogue, executable: String, tool: ToolRecord,
        resuming journal: RunJournal? = nil
    ) throws(ProfilingError) {
        self.request = request
        self.catalogue = catalogue
        var builds = [(side: TurnsRecord.Side.new, build: request.builds.own(executable: executable))]
        if let build = request.builds.base(executable: executable) {
            // A worker says of a bad folder only that it cannot open a device.
            if let folders = request.builds.baseKernelDirectories {
                _ = try ProfilingError.mapping { try Catalogue(try .builtIn(adding: folders)) }
            }
            base = (try build.identify(), [])
            builds.append((.base, build))
        }
        self.builds = builds
        workloads = try WorkloadPlanner(request: request, catalogue: catalogue).workloads()
        try workloads.first?.checkInputs(catalogue)
        // Builds are compared at the same configuration, and what was found holds for the kernels of one.
        tuned = TunedStrategies(
            request.builds.hasBase ? [] : request.tuned, catalogue: catalogue, isHot: request.sampling.isHot)
        let processor = request.processor
        try ProfilingError.mapping { try processor.check() }
        let survey = try DeviceSurvey(executable: executable, settings: request.backends)
        let devices = try survey.select(request.selection.devices)
        self.devices = devices
        if let complaint = Self.complaint(workloads, devices, survey) { throw complaint }
        guard processor.isDefault || devices.contains(where: { $0.backend == "cpu" }) else {
            throw ProfilingError(.usage, "--isa and --threads are for the device cpu:0, which is not selected")
        }
        energy = try ProfilingError.mapping {
            try EnergySession(
                sysfs: request.sysfs, mode: request.energy.mode, devices: devices, model: request.energy.model,
                timeLimit: request.sampling.timeLimitSeconds ?? Diagnosis.usualTimeLimit)
        }
        energy.keepsReadings = request.energy.keepsReadings
        record = RunRecord(tool: tool, startedAt: Self.timestamp(), host: HostRecord.current(sysfs: request.sysfs))
        if base != nil { record.turns = TurnsRecord(id: Self.randomName(), side: .new) }
        if request.selection.devices.isEmpty { record.unavailableBackends = survey.unavailable }
        if let journal { try goOn(with: journal) }
    }

    /// Measures everything. An interruption keeps what is done: `interrupted` is then true in the record.
    ///
    /// - Parameters:
    ///   - journalPath: where to keep what is measured as it is measured, so that the run can be resumed; `nil`:
    ///     nowhere. A run that is resumed goes on in its journal.
    ///   - onInterim: told what is known so far, as the record of an interrupted run, whenever a device has been gone
    ///     through once more. Whoever writes it down keeps that much, whatever happens to this process.
    public func run(
        onEvent: @escaping (ProfileEvent) -> Void, journalPath: String? = nil,
        onInterim: @escaping (ProfileOutcome) -> Void = { _ in }
    ) -> ProfileOutcome {
        Interruption.watch()
        if let journalPath { beginJournal(at: journalPath) }
        let total = builds.count * devices.flatMap(workloads(on:)).reduce(0) { $0 + $1.strategies.count }
        onEvent(.planned(measurements: total))
        record.unavailableBackends.forEach { onEvent(.warning("no \($0.backend) device: \($0.reason)")) }
        let scratch = ScratchFolder()
        defer { scratch.remove() }

        energy.start()
        do {
            for (index, processor) in devices.measuredTogether.enumerated() {
                try profile(processor, at: index, scratch: scratch, total: total, onEvent, onInterim)
            }
        } catch {
            record.interrupted = true
        }
        energy.stop()

        return outcome()
    }

    /// What is to be said of strategies that are named and have no device: functions in Python where no interpreter
    /// runs them, or kernels where only its devices are selected.
    private static func complaint(
        _ workloads: [PlannedWorkload], _ devices: [DeviceRecord], _ survey: DeviceSurvey
    ) -> ProfilingError? {
        guard
            !devices.contains(where: { device in
                workloads.contains { $0.restricted(to: device, of: devices) != nil }
            })
        else { return nil }
        let names = Set(workloads.flatMap(\.strategies).flatMap(\.runtimeNames))
        if let name = names.subtracting(survey.devices.map(\.backend)).sorted().first {
            let reason = survey.unavailable.first { $0.backend == name }?.reason
            return ProfilingError(
                .noSuchDevice,
                "the selected strategies are for the runtime '\(name)': "
                    + (reason ?? "--runtime \(name)=COMMAND starts it"))
        }
        let backend = Strategy.runtimeBackend
        if let reason = survey.unavailable.first(where: { $0.backend == backend })?.reason {
            return ProfilingError(.noSuchDevice, "the selected strategies are functions in Python: \(reason)")
        }
        return ProfilingError(
            .noSuchDevice,
            "no selected strategy is for \(devices.map(\.id).joined(separator: ", ")); there is also "
                + survey.devices.filter { record in !devices.contains { $0.id == record.id } }.map(\.id)
                .joined(separator: ", "))
    }

    /// What is measured on a device.
    func workloads(on device: DeviceRecord) -> [PlannedWorkload] {
        workloads.compactMap { planned($0, on: device) }
    }

    /// What of a workload is for a device, as it serves it best.
    private func planned(_ workload: PlannedWorkload, on device: DeviceRecord) -> PlannedWorkload? {
        workload.restricted(to: device, of: devices).map { tuned.choose($0, on: device) }
    }

    /// - Parameters:
    ///   - processor: the devices whose strategies are sampled in turn.
    ///   - index: its place among the run's.
    /// - Throws: only when the run is interrupted.
    private func profile(
        _ processor: [DeviceRecord], at index: Int, scratch: ScratchFolder, total: Int,
        _ onEvent: @escaping (ProfileEvent) -> Void, _ onInterim: (ProfileOutcome) -> Void
    ) throws(ProfilingError) {
        let known = journal?.devices(of: index), isDone = journal?.isFinished(index) == true
        var members: [MeasuredDevice] = []
        defer { members.forEach { $0.close() } }
        for (place, device) in processor.enumerated() {
            let known = known.flatMap { place < $0.count ? $0[place] : nil }
            members.append(try open(device, scratch: scratch, known: known, isDone: isDone, onEvent))
        }
        sharePeaks(members)
        if known == nil { journal?.noteOpened(index, records(of: members)) }
        let groups = groups(of: members)
        let before = measurementCount
        let share = Double(total) * Double(processor.count) / Double(devices.count)
        var estimator = DurationEstimator(longestSeconds: request.longestExecution)
        passes: for pass in 0..<request.passCount {
            if pass > 0 {
                // A new process: other places in memory, and whatever else is drawn anew when a program starts.
                members.forEach { $0.close() }
                members.forEach(raise)
            }
            for (number, group) in groups.enumerated() {
                let place = RunJournal.Place(processor: index, pass: pass, group: number)
                if let events = journal?.events(at: place, of: group.candidateCount) {
                    group.replay(events, pass: pass, estimator: &estimator)
                } else {
                    group.measure(pass: pass, estimator: &estimator) { onEvent(.step($0)) }
                    if group.isInterrupted { break passes }
                    journal?.noteMeasured(place, group.takeEvents())
                }
                let done = Double(pass * groups.count + number + 1) / Double(request.passCount * groups.count)
                onEvent(.advanced(done: before + Int(done * share)))
            }
            if pass + 1 < request.passCount { onInterim(soFar(adding: groups, of: members)) }
        }
        let isInterrupted = groups.contains(where: \.isInterrupted)
        if !isInterrupted {
            members.forEach(raise)
            for member in members { settle(member, groups) }
            sharePeaks(members)
            journal?.noteFinished(index, records(of: members))
        }
        for member in members { for group in groups { finish(group, on: member, total: total, onEvent) } }
        onInterim(soFar())
        if isInterrupted { throw ProfilingError(.interrupted, "interrupted") }
    }

    private func records(of members: [MeasuredDevice]) -> [DeviceRecord] { members.map { record.devices[$0.position] } }

    /// Connects to a device, and measures what it can do at best.
    ///
    /// - Parameters:
    ///   - known: what an earlier part of the run found of it.
    ///   - isDone: nothing of it is left to be measured.
    private func open(
        _ device: DeviceRecord, scratch: ScratchFolder, known: DeviceRecord?, isDone: Bool,
        _ onEvent: @escaping (ProfileEvent) -> Void
    ) throws(ProfilingError) -> MeasuredDevice {
        if !isDone { onEvent(.openingDevice(device.id)) }
        let sides = builds.map {
            (side: $0.side, connection: connection(device, $0.build, scratch.folder("\($0.side)")))
        }
        let member = MeasuredDevice(device, at: record.devices.count, sides: sides)
        if isDone, let known {
            record.devices.append(known)
            return member
        }
        precompile(device, scratch: scratch.path, onEvent)
        record.devices.append(device)
        defer { if let peaks = known?.peaks { record.devices[member.position].peaks?.raise(to: peaks) } }
        do { member.peaks = try survey(member.connections, at: member.position, onEvent) } catch {
            member.close()
            throw error
        }
        return member
    }

    private func groups(of members: [MeasuredDevice]) -> [MeasurementGroup] {
        guard let first = members.first else { return [] }
        let conditions = DeviceConditions(first.record, tree: SysfsTree(root: request.sysfs))
        return workloads.inTurn.compactMap { together in
            let parts = members.flatMap { member in
                together.compactMap { planned in
                    self.planned(planned, on: member.record).map { (planned: $0, device: member) }
                }
            }
            guard !parts.isEmpty else { return nil }
            return MeasurementGroup(
                members: parts, request: request, energy: energy, conditions: conditions,
                comparisons: comparisons)
        }
    }

    /// What a processor can do at best is the same for all devices that it is, and the best that any of them reached is
    /// nearest to it: a framework has no kernels for that alone.
    private func sharePeaks(_ members: [MeasuredDevice]) {
        let known = members.compactMap { record.devices[$0.position].peaks }
        guard members.count > 1, var best = known.first else { return }
        for peaks in known.dropFirst() {
            best.flopsPerSecond = [best.flopsPerSecond, peaks.flopsPerSecond].compactMap { $0 }.max()
            best.bytesPerSecond = [best.bytesPerSecond, peaks.bytesPerSecond].compactMap { $0 }.max()
        }
        for member in members where member.record.frameworks != nil {
            var device = record.devices[member.position]
            device.peaks = best
            device.peaksReason = device.reasonForGaps
            record.devices[member.position] = device
        }
    }

    /// - Parameter folder: what one build keeps on disk need not mean anything to the other.
    private func connection(_ device: DeviceRecord, _ build: Build, _ folder: String) -> DeviceConnection {
        DeviceConnection(device: device, build: build, settings: request.backends, scratch: folder)
    }

    private func precompile(_ device: DeviceRecord, scratch: String, _ onEvent: (ProfileEvent) -> Void) {
        // Who compiles a chain's kernels for themselves has compiled the chain.
        let assignments = workloads(on: device).filter { $0.chain == nil }.flatMap { planned in
            planned.strategies.map {
                Assignment(workload: planned.workload, strategy: $0, isHot: true)
            }
        }
        for (_, build) in builds {
            let precompilation = Precompilation(
                device: device, build: build, settings: request.backends, scratch: scratch)
            guard precompilation.isWorthwhile(assignments) else { continue }
            onEvent(.compiling(device: device.id))
            precompilation.run(assignments)
        }
    }

    /// Of all builds.
    private var measurementCount: Int { record.measurements.count + (base?.measurements.count ?? 0) }

    /// What there would be had the run ended here.
    private func soFar(adding groups: [MeasurementGroup] = [], of members: [MeasuredDevice] = []) -> ProfileOutcome {
        func records(_ side: TurnsRecord.Side) -> [MeasurementRecord] {
            members.flatMap { member in
                groups.flatMap { $0.records(of: side, on: record.devices[member.position]) }
            }
        }
        var outcome = outcome(adding: records(.new), toBase: records(.base))
        outcome.run.interrupted = true
        outcome.base?.interrupted = true
        return outcome
    }

    private func outcome(
        adding measurements: [MeasurementRecord] = [], toBase baseMeasurements: [MeasurementRecord] = []
    ) -> ProfileOutcome {
        var run = record
        run.measurements += measurements
        complete(&run)
        guard let base else { return ProfileOutcome(run: run, base: nil) }
        var other = record
        other.tool = base.tool
        other.tool.arguments = record.tool.arguments
        other.turns?.side = .base
        other.measurements = base.measurements + baseMeasurements
        complete(&other)
        return ProfileOutcome(run: run, base: other)
    }

    /// The strategy that the others are held against, by the family's name.
    private var baselines: [String: String] {
        Dictionary(
            uniqueKeysWithValues: catalogue.families.map {
                ($0.name, request.selection.configurations?.strategy ?? $0.baseline)
            })
    }

    private var comparisons: ComparisonPlan {
        ComparisonPlan(
            devices.flatMap(workloads(on:)), baselines: baselines, hasBase: request.builds.hasBase)
    }

    /// Fills in what follows from the measurements.
    private func complete(_ record: inout RunRecord) {
        record.powerSources = energy.sources
        record.energyAccounting = energy.accounting
        if energy.keepsReadings { record.meterTrace = energy.trace }
        record.comparisons = withinRunComparisons(record, baselines: baselines)
        record.processorComparisons = processorComparisons(record)
        record.finishedAt = Self.timestamp()
    }

    private func finish(
        _ group: MeasurementGroup, on member: MeasuredDevice, total: Int, _ onEvent: (ProfileEvent) -> Void
    ) {
        let device = record.devices[member.position]
        func tell(_ measurement: MeasurementRecord, _ remark: String) {
            let name = "\(measurement.family)/\(measurement.strategy) \(measurement.workload) on \(device.id)\(remark)"
            onEvent(
                .finished(
                    measurement: name, status: measurement.status.rawValue, done: measurementCount, total: total))
        }
        for measurement in group.records(of: .new, on: device) {
            record.measurements.append(measurement)
            tell(measurement, "")
        }
        for measurement in group.records(of: .base, on: device) {
            base?.measurements.append(measurement)
            tell(measurement, " (base)")
        }
    }

    /// What the device can do at best, what launching costs on it, and the control for its speed; `nil` where that is
    /// not known, with the reason in the device's record.
    ///
    /// - Throws: only when the run is interrupted.
    private func survey(
        _ connections: [DeviceConnection], at position: Int, _ onEvent: (ProfileEvent) -> Void
    ) throws(ProfilingError) -> PeakMeasurement? {
        guard !request.sampling.verifiesOnly else {
            record.devices[position].peaksReason = "results were verified and nothing was timed"
            return nil
        }
        onEvent(.measuringPeaks(device: record.devices[position].id))
        do throws(ProfilingError) {
            return try surveyTwice(connections, at: position)
        } catch {
            record.devices[position].peaksReason = error.description
            guard error.code != .interrupted else { throw error }
            onEvent(.warning("\(record.devices[position].id): \(error.description)"))
            return nil
        }
    }

    /// A worker may die of what does not happen again.
    private func surveyTwice(
        _ connections: [DeviceConnection], at position: Int
    ) throws(ProfilingError) -> PeakMeasurement {
        do throws(ProfilingError) { return try survey(connections, at: position) } catch {
            guard error.code == .worker else { throw error }
            return try survey(connections, at: position)
        }
    }

    private func survey(
        _ connections: [DeviceConnection], at position: Int
    ) throws(ProfilingError) -> PeakMeasurement {
        let connection = connections[0]
        var peaks = try PeakMeasurement(connection, catalogue, of: workloads)
        record.devices[position].peaks = try peaks.measure()
        let dispatch = try DispatchMeasurement(connection, catalogue).measure()
        record.devices[position].dispatch = dispatch
        record.devices[position].peaksReason = record.devices[position].reasonForGaps
        let controls = peaks.controls(record.devices[position].peaks, isHot: request.sampling.isHot)
        for connection in connections {
            connection.clockStep = dispatch?.clockStepSeconds ?? 0
            connection.useControls(controls)
        }
        return peaks
    }

    /// Looks for the peaks once more, and at what the arithmetic control, the same kernel, reached beside the samples.
    private func raise(_ member: MeasuredDevice) {
        for rate in member.connections.compactMap(\.bestControlRate) {
            record.devices[member.position].peaks?.raise(to: PeaksRecord(flopsPerSecond: rate, bytesPerSecond: nil))
        }
        // A worker that dies here is the concern of the measurements that need it.
        if let found = try? member.peaks?.lookAgain() { record.devices[member.position].peaks?.raise(to: found) }
    }

    /// Looking for peaks that a kernel has passed takes this long at most, and no longer than a measurement may.
    private static let settlingSeconds = 2.0

    /// A kernel above its roof says that others had the machine whenever the peaks were looked for: looks on until none
    /// is.
    private func settle(_ member: MeasuredDevice, _ groups: [MeasurementGroup]) {
        let end = MonotonicClock.now() + min(Self.settlingSeconds, request.timeLimit)
        while MonotonicClock.now() < end, !Interruption.isRequested,
            groups.flatMap({ $0.records(of: .new, on: record.devices[member.position]) })
                .contains(where: { $0.derived?.fractionOfRoofline ?? 0 > 1 }),
            let found = try? member.peaks?.lookAgain(onlyWhenDue: false)
        {
            record.devices[member.position].peaks?.raise(to: found)
        }
    }

    /// So that no other run has it.
    private static func randomName() -> String {
        let bits = UInt64.random(in: .min ... .max)
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Now, ISO 8601, UTC.
    private static func timestamp() -> String { Date.now.formatted(.iso8601) }
}
