/// What the profiler is doing, for those who watch.
public enum ProfileEvent: Sendable {
    /// The plan is made: this many measurements.
    case planned(measurements: Int)
    case openingDevice(String)
    case compiling(device: String)
    case measuringPeaks(device: String)
    case step(Step)
    /// That many measurements' worth of the work is done.
    case advanced(done: Int)
    /// A measurement is complete, whatever became of it. `done` of `total`.
    case finished(measurement: String, status: String, done: Int, total: Int)
    /// Something that the user should know while the run goes on.
    case warning(String)

    /// A step within a measurement.
    public struct Step: Sendable {
        public enum Activity: Sendable {
            case preparing
            /// Samples so far, and the relative noise of their median when it is known.
            case timing(samples: Int, noise: Double?)
            case metering
        }

        /// `family/strategy workload precision`.
        public var measurement: String
        public var device: String
        public var activity: Activity

        public init(measurement: String, device: String, activity: Activity) {
            self.measurement = measurement
            self.device = device
            self.activity = activity
        }
    }
}
