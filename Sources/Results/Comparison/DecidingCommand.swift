import Glibc
import Statistics

/// What to run so that a comparison comes out that a run left open: the same selection narrowed down to the two, with
/// the time that their error would take to become small enough.
struct DecidingCommand {
    /// Options that choose what is measured, or where the result goes, each with a value: the command has its own.
    private static let replaced: Set<String> = [
        "--suite", "--family", "--strategy", "--workload", "--device", "--precision", "--shape", "--time-limit",
        "--json", "--html", "--csv", "--markdown", "--trace", "--flat", "--dump", "--base-json", "--label",
    ]
    /// How many standard errors the ratio has to lie from 1 so that its interval will most probably lie on one side:
    /// Student's quantile for a single comparison, and room for the estimate to fall short.
    private static let standardErrors = 3.5
    /// Of the time limit, what goes by between samples.
    private static let overhead = 1.5
    /// Seconds a measurement from which on patience is no advice.
    private static let longest = 900.0

    private let arguments: [String]
    private let rule: VerdictRule

    /// - Returns: `nil` for what is not the result of `profile`.
    init?(_ run: RunRecord, _ rule: VerdictRule) {
        guard run.tool.arguments.first == "profile" else { return nil }
        arguments = Array(run.tool.arguments.dropFirst())
        self.rule = rule
    }

    /// The command; `nil` where it would take too long.
    ///
    /// - Parameter strategies: of the same case, one or two.
    func text(_ measurement: MeasurementRecord, strategies: [String], spent: Double, estimate: RatioEstimate) -> String?
    {
        let distance = abs(log(estimate.ratio))
        // What is no difference takes an interval within the margin.
        let target = max(distance, log(1 + rule.margin) - distance)
        let growth = Self.standardErrors * estimate.logarithmicError / target
        let seconds = spent * Self.overhead * max(growth * growth, 1)
        guard spent > 0, seconds.isFinite, seconds <= Self.longest else { return nil }
        let options = (kept() + selection(measurement, strategies) + ["--time-limit", "\(Self.round(seconds))"])
        return (["joulemark", "profile"] + options.map(Self.quoted)).joined(separator: " ")
    }

    /// Options of a run that a search takes too.
    private static let searched: Set<String> = [
        "--kernels", "--input", "--seed", "--isa", "--threads", "--python", "--sysfs", "--min-window", "--hot",
    ]

    /// The search among the tunables of a measurement's strategy, for its workload on its device.
    func tuning(_ measurement: MeasurementRecord) -> String {
        var options: [String] = []
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            let takesNext = !argument.contains("=") && argument != "--hot" && index + 1 < arguments.count
            if Self.searched.contains(String(argument.prefix { $0 != "=" })) {
                options += arguments[index...(takesNext ? index + 1 : index)]
                index += takesNext ? 1 : 0
            }
            index += 1
        }
        let words =
            ["joulemark", "tune", "\(measurement.family)/\(measurement.strategy)"]
            + selection(measurement, []).dropFirst(2) + options
        return words.map(Self.quoted).joined(separator: " ")
    }

    /// Seconds that the samples of a measurement took.
    static func secondsSpent(_ time: TimeRecord?) -> Double {
        guard let time else { return 0 }
        return time.sampleSeconds.reduce(0, +) * Double(max(time.batch ?? 1, 1))
    }

    private var hasInputs: Bool { arguments.contains { $0 == "--input" || $0.hasPrefix("--input=") } }

    /// The command that measures this once more, by itself and as it was.
    func repeating(_ measurement: MeasurementRecord) -> String {
        let options = kept(but: Self.replaced.subtracting(["--time-limit"]))
        return (["joulemark", "profile"] + (options + selection(measurement, [measurement.strategy])).map(Self.quoted))
            .joined(separator: " ")
    }

    /// Of the run's own options, those that still hold.
    private func kept(but replaced: Set<String> = Self.replaced) -> [String] {
        // A file of the user's fixes parameters itself, as far as the user did not.
        let replaced = hasInputs ? replaced.subtracting(["--shape", "--workload"]) : replaced
        var result: [String] = []
        var index = 0
        while index < arguments.count {
            let name = String(arguments[index].prefix { $0 != "=" })
            if replaced.contains(name) {
                index += arguments[index].contains("=") ? 1 : 2
            } else {
                result.append(arguments[index])
                index += 1
            }
        }
        return result
    }

    private func selection(_ measurement: MeasurementRecord, _ strategies: [String]) -> [String] {
        var options = ["--family", measurement.family]
        for strategy in strategies { options += ["--strategy", strategy] }
        if !hasInputs {
            options += [measurement.workload.contains("=") ? "--shape" : "--workload", measurement.workload]
        }
        options += ["--device", measurement.device]
        return measurement.precision == "f32" ? options : options + ["--precision", measurement.precision]
    }

    /// Up to 1, 2, 5, 10, 20 … seconds.
    private static func round(_ seconds: Double) -> Int {
        var decade = 1
        while true {
            for step in [1, 2, 5] where Double(step * decade) >= seconds { return step * decade }
            decade *= 10
        }
    }

    /// Fit for a shell.
    static func quoted(_ word: String) -> String {
        let isPlain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_=,.:/+@".contains($0)) }
        return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
