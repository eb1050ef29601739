import Statistics

/// Two runs, measurement by measurement: what became faster, slower, cheaper, costlier.
///
/// Measurements match by family, strategy, workload, parameters, device and precision. Time is judged by the samples,
/// energy by the meter's intervals; intervals, and with them the verdicts, are corrected for the number of comparisons,
/// those of time and of energy each among themselves.
///
/// Runs are made at different times, and a machine is never quite the same twice. Control kernels that were timed
/// beside every round of samples tell what the machine did, and times are scaled by how they followed
/// (``ControlResponse``). What that leaves open widens the intervals: how well the response is known; the spread among
/// a run's passes, each with its own process and memory, and the drift within; the spread of a device's ratios about
/// their common shift, which is how unevenly the same kernels came out again; and, where there are neither controls nor
/// enough measurements for a spread, the shift of the device's peaks, which every run measures anew.
///
/// Two runs that took turns (``TurnsRecord``) need none of that: their times are compared round by round, as strategies
/// of one run are, and the interval allows for the spread among passes alone, which is what new processes and new
/// memory did to each.
public struct RunComparison: Codable, Sendable, Equatable {
    public static let currentSchemaVersion = 1

    public var schemaVersion = RunComparison.currentSchemaVersion
    public var base: ComparedRun
    public var candidate: ComparedRun
    /// The runs were made side by side, their samples taken in turn.
    public var tookTurns = false
    /// Why the runs were not weighed against each other; empty when they were.
    public var objections: [Objection] = []
    /// What the reader must know: what was allowed, what changed besides, what moved in common.
    public var remarks: [String] = []
    public var measurements: [ComparedMeasurement] = []
    public var onlyInBase: [MeasurementKey] = []
    public var onlyInCandidate: [MeasurementKey] = []
    /// Of ``onlyInBase``, those that were right there.
    public var missing: [MeasurementKey] = []

    /// How the verdicts fall, by their words.
    public var verdictCounts: [String: Int] {
        let verdicts = measurements.flatMap { [$0.time?.verdict, $0.energy?.verdict].compactMap { $0 } }
        return Dictionary(verdicts.map { ($0, 1) }, uniquingKeysWith: +)
    }

    /// Measurements of both runs that were right in the base and are no longer: wrong, failed or skipped.
    public var broken: [MeasurementKey] {
        measurements.filter { $0.baseStatus == .ok && $0.candidateStatus != .ok }.map(\.key)
    }
}

/// Which run it is, as shown beside the figures.
public struct ComparedRun: Codable, Sendable, Equatable {
    /// The file or history entry that it came from.
    public var name: String
    public var startedAt: String
    public var version: String
    @ExplicitNull public var commit: String?
    public var machine: String

    init(_ run: RunRecord, name: String) {
        self.name = name
        startedAt = run.startedAt
        version = run.tool.version
        commit = run.tool.commit
        machine = run.host.cpu.model
    }
}

/// Why two runs must not be weighed against each other.
public struct Objection: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Another processor, or another device under the same id.
        case machine
        /// Other inputs.
        case seed
    }

    public var kind: Kind
    public var reason: String
}

/// One measurement in both runs.
public struct ComparedMeasurement: Codable, Sendable, Equatable {
    public var key: MeasurementKey
    public var baseStatus: MeasurementStatus
    public var candidateStatus: MeasurementStatus
    @ExplicitNull public var time: ComparedQuantity?
    /// Why the times are not compared.
    @ExplicitNull public var timeReason: String?
    @ExplicitNull public var energy: ComparedQuantity?
    /// Why the energies are not compared.
    @ExplicitNull public var energyReason: String?
    /// The other figures that both runs have, where one of two values is the better one; `nil` in comparisons of
    /// versions that had none.
    @ExplicitNull public var metrics: [ComparedMetric]?
    /// What differs besides: the code that ran.
    public var remarks: [String] = []
}

/// Seconds or joules of one execution in both runs.
public struct ComparedQuantity: Codable, Sendable, Equatable {
    public var base: Double
    public var candidate: Double
    /// Base ÷ candidate: above 1, the candidate takes less. For times with controls, without what the machine did
    /// (``machineRatio``), and so not simply the quotient of the two figures above.
    public var ratio: Double
    /// What the verdict follows from: what the machine may have drifted is included, and the number of comparisons
    /// corrected for.
    public var interval: Interval
    /// Of the interval by itself; all of a comparison of two runs together hold with 95 %. `nil` in comparisons of
    /// versions whose intervals held each with 95 %.
    @ExplicitNull public var confidence: Double?
    /// Corrected for the number of comparisons.
    public var correctedPValue: Double
    /// `faster`, `slower`, `same`, `unresolved`; for energy `cheaper`, `costlier`. Earlier versions say `ambiguous` for
    /// `unresolved`.
    public var verdict: String
    /// `faster`, `slower`, `cheaper` or `costlier` where the verdict is unresolved and yet probably this.
    @ExplicitNull public var tendency: String?
    /// Why the verdict is `unresolved`.
    @ExplicitNull public var reason: String?
    /// What to run so that the verdict comes out; `nil` where it has, or where no such command is known.
    @ExplicitNull public var command: String?
    /// What the machine alone made of the times, by the control kernels that ran beside them: base ÷ candidate. `nil`
    /// where no controls tell, and for energy.
    @ExplicitNull public var machineRatio: Double?
    /// Of the weaker of the two energies; `nil` for time.
    @ExplicitNull public var provenance: EnergyProvenance?

    init(
        _ judgement: Judgement, _ ratio: Double, _ quantity: Verdict.Quantity, base: Double, candidate: Double
    ) {
        self.base = base
        self.candidate = candidate
        self.ratio = ratio
        interval = judgement.interval
        confidence = judgement.confidence
        correctedPValue = judgement.pValue
        verdict = judgement.verdict.word(for: quantity)
        tendency = judgement.tendency?.word(for: quantity)
        reason = judgement.reason
    }
}
