import CommandLineKit
import FoundationEssentials
import Reporting
import Results

/// `joulemark score`
enum ScoreCommand: Subcommand {
    private static let accuracy = Option(
        "accuracy", takes: .file,
        "accuracies that you measured, as JSON: {\"gpt2-small/4-bit\": 0.61}, by model and rung, or by model alone",
        group: "selection")
    private static let rung = Option(
        "rung", takes: .text, "the reference's rung", default: "the first", group: "selection")
    private static let weights = Option(
        "weights", takes: .text, as: "QUANTITY=WEIGHT,...", "of accuracy, latency and energy; 0 leaves one out",
        default: "accuracy=1,latency=1,energy=1", group: "control")

    static let command = Command(
        "score", "accuracy, latency and energy of models in one number, against a reference run",
        discussion: [
            "The score is the weighted harmonic mean of three ratios to the reference: accuracy over the reference's, and the reference's "
                + "seconds and joules a token over the form's own. 1 is as good as the reference, and no gain makes up for a loss of "
                + "everything. Being a ratio, it can be held beside scores from other machines.",
            "Accuracy is what you give; without it, and without measured joules, these are left out and said so, never guessed.",
            "Both files are runs of 'joulemark model'; the same file twice scores the rungs of its ladder against the first.",
        ],
        options: [accuracy, rung, weights, Options.json, Options.noColor],
        operands: [Operand("RUN.json", "the run to score, and the reference", count: 2...2)],
        examples: [
            Example("every rung against the first", "joulemark score ladder.json ladder.json --accuracy accuracy.json"),
            Example(
                "this machine against that one, energy counting twice",
                "joulemark score here.json there.json --weights energy=2"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        let outputs = try Outputs(invocation, [Options.json])
        let (own, reference) = (try read(invocation.operands[0]), try read(invocation.operands[1]))
        let accuracies = try accuracies(invocation)
        let weights = try weights(invocation)
        var scores: [ModelScore] = []
        for model in own.models ?? [] {
            let others = reference.models?.first { $0.name == model.name }
            for point in model.points {
                guard let base = try Self.reference(for: point, others, invocation.text(rung)) else { continue }
                let score = ModelScore(
                    name: name(model, point), point, reference: (name(model, base), base),
                    accuracy: (
                        accuracies["\(model.name)/\(point.rung ?? "")"] ?? accuracies[model.name],
                        accuracies["\(model.name)/\(base.rung ?? "")"] ?? accuracies[model.name]
                    ), weights: weights)
                if let score { scores.append(score) }
            }
        }
        guard !scores.isEmpty else {
            throw CommandFailure(
                .failure, "nothing to score: the runs share no model in the same phase, at the same context and batch")
        }
        let listing = Listing(
            weights: Dictionary(uniqueKeysWithValues: weights.map { ($0.key.rawValue, $0.value) }), scores: scores)
        try outputs.write(Options.json) { () throws(CommandFailure) in try Outputs.json(listing) }
        if !outputs.takesStandardOutput {
            try StandardStream.output.write(
                ScoreTable(scores).render(
                    width: TerminalStyle.standardOutput(allowsColor: !invocation.has(Options.noColor)).width))
        }
        return .ok
    }

    private struct Listing: Encodable {
        let schemaVersion = RunRecord.currentSchemaVersion
        let weights: [String: Double]
        let scores: [ModelScore]

        private enum CodingKeys: CodingKey { case schemaVersion, weights, scores }
    }

    private static func read(_ path: String) throws(CommandFailure) -> RunRecord {
        let run = try CommandFailure.mapping { try RunFile.read(path) }
        guard run.models != nil else {
            throw CommandFailure(.usage, "\(path): models: missing; expected a run of 'joulemark model'")
        }
        return run
    }

    private static func name(_ model: ModelRecord, _ point: ModelPointRecord) -> String {
        let form = [model.name, point.rung].compactMap(\.self).joined(separator: "/")
        return "\(form), \(point.phase.rawValue), \(point.context) tokens, batch \(point.batch)"
            + (point.device.map { ", \($0)" } ?? "")
    }

    /// The point of the reference run that a point is held against: the same device where it has that.
    private static func reference(
        for point: ModelPointRecord, _ model: ModelRecord?, _ rung: String?
    ) throws(CommandFailure) -> ModelPointRecord? {
        guard let model else { return nil }
        let wanted = rung ?? model.ladder?.rungs.first?.name
        if let rung, model.ladder?.rungs.contains(where: { $0.name == rung }) != true {
            let names = model.ladder?.rungs.map(\.name).joined(separator: ", ") ?? "no ladder"
            throw CommandFailure(.usage, "--rung: the reference has no '\(rung)' of \(model.name); it has \(names)")
        }
        let same = model.points.filter {
            $0.rung == wanted && $0.phase == point.phase && $0.context == point.context && $0.batch == point.batch
        }
        return same.first { $0.device == point.device } ?? same.first
    }

    private static func accuracies(_ invocation: Invocation) throws(CommandFailure) -> [String: Double] {
        guard let path = invocation.text(accuracy) else { return [:] }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.usage, "--accuracy: \(path): cannot be read")
        }
        guard let values = try? JSONDecoder().decode([String: Double].self, from: data) else {
            throw CommandFailure(.usage, "--accuracy: \(path): expected an object of numbers by model and rung")
        }
        if let bad = values.sorted(by: { $0.key < $1.key }).first(where: { !($0.value > 0) }) {
            throw CommandFailure(
                .usage, "--accuracy: \(path): \(bad.key): found \(bad.value), expected a number above 0")
        }
        return values
    }

    private static func weights(_ invocation: Invocation) throws(CommandFailure) -> [ModelScore.Quantity: Double] {
        var result = Dictionary(uniqueKeysWithValues: ModelScore.Quantity.allCases.map { ($0, 1.0) })
        for entry in invocation.text(weights)?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
            let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let quantity = ModelScore.Quantity(rawValue: parts[0]),
                let weight = Double(parts[1]), weight >= 0, weight.isFinite
            else {
                throw CommandFailure(
                    .usage, "--weights: found '\(entry)', expected accuracy, latency or energy, '=' and a number")
            }
            result[quantity] = weight
        }
        guard result.values.contains(where: { $0 > 0 }) else {
            throw CommandFailure(.usage, "--weights: all are 0, so that nothing is left to score")
        }
        return result
    }
}
