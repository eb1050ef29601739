import Kernels
import Results

/// What happens to a candidate, in order: all that its state depends on, so that a run that was cut off can be gone
/// through again without measuring again.
enum CandidateEvent: Codable, Sendable {
    /// Samples of a round, with what was seen around them.
    struct Round: Codable, Sendable {
        var times: SampleTimes
        /// Executions of each sample.
        var batch: Int
        /// Of each control, the mean of its readings around the samples.
        var rates: [Double]
        /// CLOCK_MONOTONIC seconds at which it was asked for.
        var begin: Double
        /// That it took, overhead included.
        var seconds: Double
        var pass: Int
        var condition: ConditionChange
    }

    case passBegan
    case prepared(Preparation)
    case warmedUp(SampleTimes)
    case stagesTimed(SampleTimes)
    case sampled(Round)
    case metered(EnergyRecord)
    /// What the compiler told of each stage.
    case inspected([String: CompilerFigures])
    /// Wrong outputs after samples were taken.
    case differed(String)
    /// What asked is tried once more, in a new worker.
    case triedAgain
    case failed(String)
}
