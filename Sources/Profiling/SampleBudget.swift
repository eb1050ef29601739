import Statistics

/// What a candidate may still sample in the pass under way, and how much of it at once.
struct SampleBudget {
    enum State {
        /// It lacks samples: the pass goes on until it has them.
        case sampling
        /// It has enough, and goes on for the sake of those that it is compared with, and of what the comparison with
        /// them is to show, while there is time.
        case satisfied(StopReason)
        /// The time of all passes is used up, and a round takes longer than a pass has: it takes no part.
        case exhausted(StopReason)
    }

    /// Samples without which there is no interval worth the name.
    static let fewestSamples = 3
    /// Seconds that a round takes about.
    private static let roundSeconds = 0.02
    private static let mostRepetitions = 64
    /// The longest that the executions of one batch may take.
    private static let longestBatch = 0.1

    private(set) var state = State.sampling
    /// Of all passes.
    private(set) var sampleCount = 0
    /// The median of each round, in seconds, by passes.
    private(set) var roundMedians: [[Double]] = []
    /// Of one execution, seconds, overhead included.
    private(set) var estimatedSeconds = 0.0
    /// The same by the clock that samples are timed with.
    private var timedSeconds = 0.0
    /// Decides for a pass; as it is before the first sample.
    private let stopping: AdaptiveSampling
    private var stoppingOfPass: AdaptiveSampling
    /// Of all passes.
    private let timeLimitSeconds: Double
    private let passCount: Int
    /// Seconds that the pass under way may take: its share, and what passes before it left of theirs.
    private var allowance = 0.0
    /// Seconds spent on samples in the pass under way, overhead included.
    private var elapsed = 0.0
    /// The same in all passes.
    private var totalElapsed = 0.0
    /// Seconds, overhead included.
    private var shortestRound = Double.infinity
    private var moments = RunningMoments()

    init(_ request: ProfileRequest) {
        stopping = request.stoppingOfAPass
        stoppingOfPass = stopping
        timeLimitSeconds = request.timeLimit
        passCount = request.passCount
    }

    /// Why it takes no more samples, or need not; `nil` while it lacks some.
    var stopReason: StopReason? {
        switch state {
        case .sampling: nil
        case .satisfied(let reason), .exhausted(let reason): reason
        }
    }

    /// False for what is spared the passes that are left.
    var hasPass: Bool { if case .exhausted = state { false } else { true } }

    /// Whether the next round may have it: never longer than the time limit allows.
    var hasRound: Bool {
        switch state {
        case .sampling: true
        case .satisfied: elapsed < allowance
        case .exhausted: false
        }
    }

    var relativeNoise: Double? { moments.count > 1 ? moments.relativeNoise : nil }

    /// The next samples decide anew when there are enough.
    mutating func beginPass() {
        // What ran over its limit a little, by rounds that end after their pass's share, still takes part in every
        // pass.
        let isExhausted =
            totalElapsed >= timeLimitSeconds && sampleCount >= Self.fewestSamples
            && shortestRound > stopping.timeLimitSeconds
        state = isExhausted ? .exhausted(stopReason ?? .timeLimit) : .sampling
        stoppingOfPass = stopping
        elapsed = 0
        roundMedians.append([])
        let due = timeLimitSeconds * Double(roundMedians.count) / Double(passCount)
        allowance = max(stopping.timeLimitSeconds, due - totalElapsed)
    }

    /// Learns from the last execution how long one takes.
    mutating func estimate(_ times: SampleTimes) {
        estimatedSeconds = times.hostSeconds.last ?? 0
        timedSeconds = times.seconds.last ?? 0
    }

    /// What a round samples: as many batches as fit into its time, one at least.
    func order(clockStep: Double) -> (repetitions: Int, batch: Int) {
        let affordable = max(1, Int(min(Self.longestBatch / max(estimatedSeconds, 1e-6), 1e6)))
        let batch = min(ClockResolution.batch(seconds: timedSeconds, clockStep: clockStep), affordable)
        let seconds = max(estimatedSeconds * Double(batch), 1e-6)
        return (max(1, min(Self.mostRepetitions, Int(Self.roundSeconds / seconds))), batch)
    }

    /// Takes off a round, whose samples took `seconds` in all.
    mutating func spend(_ seconds: Double, on samples: [Double]) {
        for (index, sample) in samples.enumerated() {
            guard case .sampling = state else { break }
            moments.add(sample)
            let share = Double(index + 1) / Double(samples.count)
            if let reason = stoppingOfPass.add(sample, elapsed: elapsed + seconds * share) {
                state = .satisfied(reason)
            }
        }
        sampleCount += samples.count
        if let middle = median(samples), !roundMedians.isEmpty { roundMedians[roundMedians.count - 1].append(middle) }
        elapsed += seconds
        totalElapsed += seconds
        shortestRound = min(shortestRound, seconds)
    }
}
