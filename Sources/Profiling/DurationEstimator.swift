import Glibc

/// Tells from the speed that each strategy has had on a device so far in this run how long a larger workload will take.
///
/// A suite of real models' shapes holds some that a slow device takes minutes for. Those are left out there, with the
/// reason, as soon as smaller ones of the same strategy have shown it.
package struct DurationEstimator {
    private struct Execution {
        let workload: String
        let parameters: [String: Int]
        let secondsPerFlop: Double
    }

    /// `nil`: everything fits.
    private let longestSeconds: Double?
    private var executions: [String: [Execution]] = [:]

    package init(longestSeconds: Double?) { self.longestSeconds = longestSeconds }

    /// - Parameter strategy: with whatever else tells code apart, such as its precision.
    package mutating func learn(
        _ strategy: String, workload: String, parameters: [String: Int], flops: Double, seconds: Double
    ) {
        guard flops > 0, seconds > 0 else { return }
        let execution = Execution(workload: workload, parameters: parameters, secondsPerFlop: seconds / flops)
        executions[strategy, default: []].append(execution)
    }

    /// By the execution of the strategy whose shape was most like this one; `nil` before there was one.
    package func limit(_ strategy: String, parameters: [String: Int]) -> DurationLimit? {
        guard let longestSeconds, let known = executions[strategy] else { return nil }
        let nearest = known.min {
            Self.distance($0.parameters, parameters) < Self.distance($1.parameters, parameters)
        }
        return nearest.map {
            DurationLimit(secondsPerFlop: $0.secondsPerFlop, seconds: longestSeconds, workload: $0.workload)
        }
    }

    /// Powers of two between two shapes, all parameters together.
    private static func distance(_ a: [String: Int], _ b: [String: Int]) -> Double {
        a.reduce(0) { sum, parameter in
            sum + abs(log2(Double(max(parameter.value, 0) + 1) / Double(max(b[parameter.key] ?? 0, 0) + 1)))
        }
    }
}
