import Statistics

/// What disturbed the samples of a measurement, and what was done about it.
///
/// A disturbed sample is left out, unless so many are that leaving them out would choose the result: beyond
/// ``dropLimit`` all are kept, and ``isBeyondLimit`` says so.
public struct InterferenceRecord: Codable, Sendable, Equatable {
    /// The largest share of samples that may be left out.
    public static let dropLimit = 0.2

    /// Samples taken, those that were left out included.
    public var taken: Int
    /// While the device was throttled: its throttle status was on, or its throttle count grew.
    public var throttled = 0
    /// While a hypervisor withheld processor time from this machine (steal time).
    public var stolen = 0
    /// While threads of the worker were ready and waited for a processor that other work had, for more than the
    /// system's own housekeeping takes. Not counted where the device's own clock measures a device of its own.
    public var preempted = 0
    /// While the device ran its control kernel slower than it is in the habit of doing in this run: neighbours on the
    /// same hardware, or clocks, that nothing else shows.
    public var slowed = 0
    /// Samples that one or more of these disturbed.
    public var disturbed = 0
    /// Disturbed samples that were left out.
    public var dropped = 0
    /// True when more than ``dropLimit`` of the samples were disturbed, so that none was left out.
    public var isBeyondLimit = false
    /// Processor seconds that the hypervisor withheld while sampling.
    @ExplicitNull public var stealSeconds: Double?
    /// Seconds that threads of the worker, taken together, waited for a processor while sampling.
    @ExplicitNull public var waitSeconds: Double?
    /// Clock of the device while sampling, hertz: lowest, median, highest.
    @ExplicitNull public var clockHertz: [Double]?
    /// Temperature of the device while sampling, degrees Celsius: lowest, median, highest.
    @ExplicitNull public var celsius: [Double]?
    /// By how much the device's throttle counts grew while sampling.
    @ExplicitNull public var throttleEvents: Int?
    /// What of clock, temperature and throttling the machine does not show, and why.
    public var unknown: [String] = []

    public init(taken: Int) { self.taken = taken }
}

/// The rounds in which samples were taken: parallel lists, an element a round in the order taken.
///
/// In a round every strategy of a workload has its turn, so round i of a pass of one is a neighbour in time of round i
/// of the same pass of the others; one that has used up its time ends its pass earlier. Rounds belong to passes:
/// between two passes the worker process is ended and started anew, memory is allocated anew, and other measurements
/// have had their turn.
public struct SampleRounds: Codable, Sendable, Equatable {
    /// Number of the pass, from 0.
    public var pass: [Int] = []
    /// Samples that were kept of the round: how many of the time's samples, in their order, belong to it. May be 0.
    public var samples: [Int] = []
    /// Rates of the device's control kernels around each round: `[control][round]`, first multiply-adds in registers
    /// (FLOP/s), then copying memory (bytes/s). Empty when the device has no controls; only the first with hot caches.
    public var controls: [[Double]] = []
    /// CLOCK_MONOTONIC seconds at which each round began, its controls included; `nil` in files of before.
    public var begins: [Double]?
    /// Clock of the device at the end of each round, hertz, `null` where it was not told; `nil` where it never was.
    public var clockHertz: [Double?]?
    /// Temperature of the device at the end of each round, degrees Celsius; likewise.
    public var celsius: [Double?]?

    public init() {}

    /// The samples of each round.
    public func split(_ samples: [Double]) -> [ArraySlice<Double>] {
        var begin = 0
        return self.samples.map { count in
            // A file may claim any count.
            let end = begin + min(max(count, 0), samples.count - begin)
            defer { begin = end }
            return samples[begin..<end]
        }
    }
}

/// What a dispatch costs that does next to nothing, and how finely the clock that times kernels counts.
public struct DispatchRecord: Codable, Sendable, Equatable {
    /// One dispatch by the host's clock, submission to completion.
    public var hostSeconds: Double
    /// One dispatch by the device's own clock; `nil` when it has none.
    @ExplicitNull public var deviceSeconds: Double?
    /// Each of many dispatches with nothing between them.
    @ExplicitNull public var backToBackSeconds: Double?
    /// The smallest step by which times were seen to differ. What is shorter than a thousand steps is timed in batches.
    public var clockStepSeconds: Double
    /// What is known of the device's clock.
    @ExplicitNull public var clock: DeviceClockRecord?

    public init(
        hostSeconds: Double, deviceSeconds: Double?, backToBackSeconds: Double?, clockStepSeconds: Double
    ) {
        self.hostSeconds = hostSeconds
        self.deviceSeconds = deviceSeconds
        self.backToBackSeconds = backToBackSeconds
        self.clockStepSeconds = clockStepSeconds
    }
}

/// A device's own clock, as its driver describes it and as it was checked.
public struct DeviceClockRecord: Codable, Sendable, Equatable {
    /// Seconds a tick, by the driver's word.
    public var secondsPerTick: Double
    /// Bits of a timestamp that count; `nil` when the interface has no such notion.
    @ExplicitNull public var validBits: Int?
    /// Device seconds over host seconds, from two pairs of calibrated timestamps; 1 when the driver's word is right.
    @ExplicitNull public var rate: Double?
    /// The largest distance between the two clocks of a pair, seconds.
    @ExplicitNull public var deviationSeconds: Double?
    /// Why the clock was not checked.
    @ExplicitNull public var reason: String?

    public init(secondsPerTick: Double, validBits: Int?) {
        self.secondsPerTick = secondsPerTick
        self.validBits = validBits
    }
}
