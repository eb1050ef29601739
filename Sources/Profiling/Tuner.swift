import Backends
import Kernels
import Power
import Results
import Statistics

/// What a user asks `joulemark tune` to look for.
public struct TuningRequest: Sendable {
    /// Which strategy, workload and device, and how to measure: exactly one of each.
    public var profile: ProfileRequest
    public var objective = TuningRecord.Objective.time
    /// Configurations that are tried at most, drawn at random where there are more.
    public var evaluationLimit = 200
    /// A file in T4's format, whose configurations are tried first where not all are; `nil`: draws alone.
    public var startFile: String?

    public init(_ profile: ProfileRequest) { self.profile = profile }
}

/// Looks for the values of a strategy's tunables, and the rung of its stages' ladders, that serve a workload best on a
/// device.
///
/// Configurations that make the same program there are tried once, and every one is verified first. Then few samples
/// each, next to the default configuration's, single out the most promising ones; and those are profiled beside the
/// default as strategies are, with all samples taken anew: whoever won the first look by luck has to win again.
public final class Tuner {
    /// Configurations that are sampled in turn with the default at most.
    private static let largestGroup = 7
    /// Those that the first look leaves at most.
    private static let finalistLimit = 5
    /// Seconds for the samples of a configuration in the first look.
    private static let firstLookSeconds = 0.2

    private let request: TuningRequest
    private let catalogue: Catalogue
    private let executable: String
    private let tool: ToolRecord
    private let strategy: Strategy
    private let space: ConfigurationSpace
    private let judge: ConfigurationJudge
    private let starts: [StrategyConfiguration]
    /// What the best configuration is best for; `nil` for inputs from files.
    public let key: TunedConfiguration.Key?
    private var record: TuningRecord
    /// Of what is seen already; `nil`: nothing is kept.
    private var journal: RunJournal?
    private var journalPath: String?
    /// Those that were taken, the last round among them.
    private var looks = 0

    /// Checks the whole request and finds the device. Nothing is measured yet.
    ///
    /// - Parameters:
    ///   - catalogue: the built-in kernels and those of the request's folders.
    ///   - journal: of the search of this request that is to be gone on with.
    /// - Throws: ``ProfilingError``; its code tells the exit code.
    public init(
        _ request: TuningRequest, catalogue: Catalogue, executable: String, tool: ToolRecord,
        resuming journal: RunJournal? = nil
    ) throws(ProfilingError) {
        var request = request
        let (family, strategy) = try Self.strategy(request.profile.selection, catalogue)
        guard strategy.configurationCount > 1 || !strategy.offeredVariants().isEmpty else {
            throw ProfilingError(
                .usage,
                "\(family.name)/\(strategy.name) has no tunables or variants to choose; 'joulemark kernels' lists those of all strategies"
            )
        }
        guard request.profile.selection.workloads.count <= 1 else {
            throw ProfilingError(.usage, "a configuration is best for one workload: give one --workload")
        }
        guard request.profile.selection.precisions.count <= 1 else {
            throw ProfilingError(.usage, "a configuration is best for one precision: give one --precision")
        }
        request.profile.selection.chooseWorkload(of: family)
        guard let planned = try WorkloadPlanner(request: request.profile, catalogue: catalogue).workloads().first else {
            throw ProfilingError(.usage, "the selection holds no workload")
        }
        try planned.checkInputs(catalogue)
        let survey = try DeviceSurvey(executable: executable, settings: request.profile.backends)
        let devices = try survey.select(request.profile.selection.devices).filter {
            strategy.isMeant(for: $0.backend, isRuntime: $0.frameworks != nil)
        }
        guard devices.count == 1, let device = devices.first else {
            throw ProfilingError(
                .usage,
                "a configuration is best for one device: choose with --device among \(devices.map(\.id).joined(separator: ", "))"
            )
        }
        request.profile.selection.devices = [device.id]
        // Modelled joules follow from the work and the time: they tell nothing about a configuration that its time does
        // not.
        if request.objective != .time { request.profile.energy.mode = .measured }
        self.request = request
        self.catalogue = catalogue
        self.executable = executable
        self.tool = tool
        self.journal = journal
        self.strategy = strategy
        starts = try Self.starts(request.startFile, strategy)
        judge = ConfigurationJudge(strategy: strategy, objective: request.objective)
        key = TunedStrategies.key(
            strategy, planned.workload, on: device, catalogue, isHot: request.profile.sampling.isHot)
        space = try ConfigurationSpace(
            strategy, planned.workload, catalogue: catalogue, device: device, request: request.profile,
            executable: executable)
        record = TuningRecord(
            objective: request.objective, strategy: strategy.name,
            file: catalogue.library.location("\(family.name)/\(strategy.name)/strategy.json"),
            defaults: strategy.tunableValues(backend: device.backend),
            configurationCount: space.count + space.others.count)
    }

    private static func starts(
        _ file: String?, _ strategy: Strategy
    ) throws(ProfilingError) -> [StrategyConfiguration] {
        guard let file else { return [] }
        let names = Set(strategy.tunables.keys)
        let starts: [StrategyConfiguration]
        do { starts = try T4File.configurations(file, tunables: names) } catch {
            throw ProfilingError(.usage, error.description)
        }
        guard !starts.isEmpty else {
            throw ProfilingError(
                .usage, "\(file): holds no right configuration with any of \(names.sorted().joined(separator: ", "))")
        }
        return starts
    }

    private static func strategy(
        _ selection: ProfileRequest.Selection, _ catalogue: Catalogue
    ) throws(ProfilingError) -> (Family, Strategy) {
        guard let familyName = selection.families.first, let name = selection.strategies.first else {
            throw ProfilingError(.usage, "expected FAMILY/STRATEGY, such as attention/flash")
        }
        return try ProfilingError.mapping {
            let family = try catalogue.family(familyName)
            return (family, try catalogue.strategy(name, of: family))
        }
    }

    /// Searches. The record holds the measurements of the last round, and in `tuning` what became of every
    /// configuration.
    ///
    /// - Parameters:
    ///   - journalPath: where to keep what is measured as it is measured, so that the search can be resumed; `nil`:
    ///     nowhere. A search that is resumed goes on in its journal.
    ///   - onStage: told, in words, what begins.
    public func run(
        journalPath: String? = nil, onStage: (String) -> Void, onEvent: @escaping (ProfileEvent) -> Void
    ) throws(ProfilingError) -> RunRecord {
        self.journalPath = journalPath
        let groupSize = space.groupSize(atMost: Self.largestGroup)
        let finalistCount = min(Self.finalistLimit, groupSize)
        var search = ConfigurationSearch(
            space, starts: starts, limit: request.evaluationLimit, stepSize: groupSize, seed: request.profile.seed)
        var finalists = search.next(best: [])
        record.configurations = search.space.others
        var firstRun: RunRecord?
        if finalists.count > groupSize || !search.isExhaustive {
            let count = search.isExhaustive ? finalists.count : request.evaluationLimit
            onStage("a first look at \(count) of \(record.configurationCount) configurations")
            var seen: [ConfigurationJudge.Look] = []
            var tried: [StrategyConfiguration] = []
            while !finalists.isEmpty {
                let step = try look(finalists, groupSize)
                let run = firstRun?.adding(step) ?? step
                firstRun = run
                tried += finalists
                seen = judge.ranked(tried, run)
                record.configurations = seen.map(\.configuration) + search.space.others
                if run.interrupted { return ended(run) }
                finalists = search.next(best: seen.filter { $0.figure != nil }.map(\.configuration.chosen))
            }
            record.configurations = seen.map(\.configuration) + search.space.others
            finalists = seen.filter { $0.figure != nil }.prefix(finalistCount).map(\.configuration.chosen)
            onStage("the best \(finalists.count), beside the default")
        }
        var run: RunRecord
        do throws(ProfilingError) {
            run = try measure(profile([finalists]), onEvent)
        } catch {
            guard error.code == .interrupted, let firstRun else { throw error }
            return ended(firstRun)
        }
        if run.interrupted, run.measurements.isEmpty, let firstRun { return ended(firstRun) }
        conclude(run, finalists)
        run.tuning = record
        return run

        func look(_ candidates: [StrategyConfiguration], _ groupSize: Int) throws(ProfilingError) -> RunRecord {
            let groups = stride(from: 0, to: candidates.count, by: groupSize).map {
                Array(candidates[$0..<min($0 + groupSize, candidates.count)])
            }
            var first = profile(groups)
            first.sampling.passLimit = 1
            first.sampling.timeLimitSeconds = min(
                Self.firstLookSeconds, request.profile.sampling.timeLimitSeconds ?? .infinity)
            if request.objective == .time { first.energy.mode = .off }
            return try measure(first, onEvent)
        }
    }

    /// Whether another search can go on with what this one has left.
    public var isResumable: Bool { journal?.holdsMeasurements == true }

    /// Forgets what was kept for another search to go on with: the result is written.
    public func removeJournal() { journal?.remove() }

    private func profile(_ groups: [[StrategyConfiguration]]) -> ProfileRequest {
        var profile = request.profile
        profile.selection.configurations = ProfileRequest.Configurations(strategy: strategy.name, groups: groups)
        return profile
    }

    private func measure(
        _ profile: ProfileRequest, _ onEvent: @escaping (ProfileEvent) -> Void
    ) throws(ProfilingError) -> RunRecord {
        let profiler = try Profiler(
            profile, catalogue: catalogue, executable: executable, tool: tool, resuming: journal)
        let run = profiler.run(onEvent: onEvent, journalPath: looks == 0 ? journalPath : nil).run
        looks += 1
        journal = profiler.journal
        journal?.look = looks
        return run
    }

    /// A search that was interrupted when it had only had its first look: that proves nothing.
    private func ended(_ firstLook: RunRecord) -> RunRecord {
        var run = firstLook
        run.interrupted = true
        // The default was there once for each group, and its rounds stood beside those of one group alone.
        run.comparisons = []
        var names: Set<String> = []
        run.measurements = run.measurements.filter { names.insert($0.strategy).inserted }
        run.tuning = record
        return run
    }

    /// Takes in the last round.
    private func conclude(_ run: RunRecord, _ finalists: [StrategyConfiguration]) {
        let last = judge.judged(finalists, run).map { seen in
            var configuration = seen.configuration
            configuration.strategy = strategy.choosing(configuration.chosen).label
            return configuration
        }
        let measured = Set(last.map(\.chosen))
        record.configurations = last + record.configurations.filter { !measured.contains($0.chosen) }
        let best = judge.best(finalists, run)
        record.best = best?.tunables
        record.bestVariant = best?.variant
    }
}

extension RunRecord {
    /// The record of one look with what the next one measured.
    fileprivate func adding(_ next: RunRecord) -> RunRecord {
        var run = self
        run.measurements += next.measurements
        run.interrupted = next.interrupted
        run.finishedAt = next.finishedAt
        return run
    }
}

extension ProfileRequest.Selection {
    /// Of a family alone, its first preset; of one that has none, the default shape.
    fileprivate mutating func chooseWorkload(of family: Family) {
        guard workloads.isEmpty, shape.isEmpty, inputs.isEmpty else { return }
        if let preset = family.workloads.first {
            workloads = [preset.name]
        } else if let parameter = family.parameters.first {
            shape = [parameter.name: parameter.defaultValue]
        }
    }
}
