import Statistics

/// What the request comes to in seconds and passes.
extension ProfileRequest {
    /// How much time a suite gives each of its measurements.
    private struct Effort {
        var timeLimitSeconds = 5.0
        var passCount = 5
        /// Longest execution that is part of the suite; `nil`: each is, however long.
        var longestExecutionSeconds: Double?

        /// A first look, which is to be over in three minutes.
        static let quick = Effort(timeLimitSeconds: 0.5, passCount: 2)
        /// Every strategy on two hundred shapes, which is to be over in half an hour also where devices are slow.
        static let standard = Effort(timeLimitSeconds: 1, passCount: 3, longestExecutionSeconds: 1)
    }

    /// Workloads that are given by name, shape or data have all the time that they need; the many of a model as much as
    /// the quick suite's.
    private var effort: Effort {
        guard selection.kernels.isEmpty else { return .quick }
        guard selection.shape.isEmpty, selection.workloads.isEmpty, selection.inputs.isEmpty else { return Effort() }
        return switch selection.suite ?? "quick" {
        case "quick": .quick
        case "standard": .standard
        default: Effort()
        }
    }

    /// ``Sampling/timeLimitSeconds``, or what holds without it.
    var timeLimit: Double { sampling.timeLimitSeconds ?? effort.timeLimitSeconds }

    /// ``Sampling/longestExecutionSeconds``, or what holds without it; `nil`: every execution is taken, however long.
    var longestExecution: Double? {
        sampling.verifiesOnly ? nil : sampling.longestExecutionSeconds ?? effort.longestExecutionSeconds
    }

    /// Seconds that metering one measurement may take. A limit that was given holds; without one there is time for idle
    /// power before and after and for the five windows and more that an interval needs.
    var meteringLimit: Double {
        let shortest = energy.minimumWindowSeconds
        return max(sampling.timeLimitSeconds ?? max(1.5 * timeLimit, 8 * shortest), shortest)
    }

    /// Passes over all measurements of a device, each in a worker of its own with memory of its own: what depends on
    /// where memory lies, and on when it was measured, then shows as a spread within the run instead of between runs.
    var passCount: Int { sampling.verifiesOnly ? 1 : min(effort.passCount, sampling.passLimit ?? .max) }

    /// When a measurement has enough samples of one pass.
    var stoppingOfAPass: AdaptiveSampling {
        let share = 1 / Double(passCount)
        return AdaptiveSampling(
            minimumSamples: 7, minimumSeconds: 0.5 * share, timeLimitSeconds: timeLimit * share)
    }
}
