import FoundationEssentials
import Platform

/// What a search found, as other tuners write and read it: the results schema 1.0.0 of T4, the format that autotuning
/// frameworks such as Kernel Tuner share. Times are in milliseconds there.
public enum T4File {
    static let schemaVersion = "1.0.0"
    /// What a configuration calls its variant, beside its tunables.
    static let variantName = "variant"

    /// - Precondition: the run is one of a search.
    public static func text(of run: RunRecord) throws(ResultsError) -> String {
        guard let tuning = run.tuning else {
            throw ResultsError(.unwritable, "the run searched for nothing: there are no configurations to write")
        }
        var results: [Result] = []
        if let measured = run.measurements.first(where: { $0.strategy == tuning.strategy }) {
            let chosen = TuningRecord.Configuration(
                StrategyConfiguration(tunables: tuning.defaults), status: measured.status, message: measured.message)
            results.append(Result(chosen, measured, run, tuning.objective))
        }
        // What makes the same program as another was not measured, and what cannot run here is no point of the space.
        for configuration in tuning.configurations where configuration.sameAs == nil {
            let measured = run.measurements.first { $0.strategy == configuration.strategy }
            results.append(Result(configuration, measured, run, tuning.objective))
        }
        return try JSONText.of(Document(results: results, metadata: Metadata(run)))
    }

    /// The configurations of a file that gave right results, the fastest first.
    ///
    /// - Parameter tunables: what a configuration has of the strategy; the file may hold more, and less.
    /// - Throws: ``ResultsError`` naming the file, and what was found and expected.
    public static func configurations(
        _ path: String, tunables: Set<String>
    ) throws(ResultsError) -> [StrategyConfiguration] {
        let bytes = try AtomicFile.read(path)
        let document: Document
        do { document = try JSONDecoder().decode(Document.self, from: Data(bytes)) } catch {
            if let fault = JSONFault(bytes) { throw ResultsError(.malformed, "\(path): not JSON: \(fault)") }
            throw ResultsError(.malformed, "\(path): \(JSONText.reason(error)), expected results in T4's format")
        }
        return document.results.filter { $0.invalidity == "correct" }
            .sorted { ($0.milliseconds ?? .infinity) < ($1.milliseconds ?? .infinity) }
            .compactMap { $0.chosen(of: tunables) }
    }

    private struct Document: Codable {
        var schemaVersion = T4File.schemaVersion
        var results: [Result]
        var metadata: Metadata?

        enum CodingKeys: String, CodingKey {
            case schemaVersion = "schema_version"
            case results, metadata
        }
    }

    /// Whose results they are. The schema leaves open what stands here.
    private struct Metadata: Codable {
        var tuner: String?
        var device: String?
        var kernel: String?

        init(_ run: RunRecord) {
            tuner = "joulemark \(run.tool.version)"
            device = run.devices.first?.name
            kernel = run.measurements.first.map { "\($0.family)/\(run.tuning?.strategy ?? $0.strategy)" }
        }
    }

    /// A tunable's value: a number, or a word such as the variant's name.
    private enum Value: Codable {
        case number(Double)
        case text(String)
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                self = .number(number)
            } else {
                self = (try? container.decode(String.self)).map(Value.text) ?? .other
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .number(let number): try container.encode(number)
            case .text(let text): try container.encode(text)
            case .other: try container.encodeNil()
            }
        }
    }

    private struct Measurement: Codable {
        var name: String
        var value: Value
        var unit: String?
    }

    private struct Times: Codable {
        var runtimes: [Double]?
    }

    private struct Result: Codable {
        var timestamp: String?
        var configuration: [String: Value]
        var objectives: [String]?
        var times: Times
        var invalidity: String
        var correctness: Double
        var measurements: [Measurement]?

        /// - Parameter measured: with all its samples, where more than a first look was taken.
        init(
            _ tried: TuningRecord.Configuration, _ measured: MeasurementRecord?, _ run: RunRecord,
            _ objective: TuningRecord.Objective
        ) {
            timestamp = run.finishedAt ?? run.startedAt
            configuration = tried.tunables.mapValues { .number(Double($0)) }
            if let variant = tried.variant { configuration[T4File.variantName] = .text(variant) }
            objectives = [objective.rawValue]
            times = Times(runtimes: measured?.time?.sampleSeconds.map { $0 * 1e3 } ?? [])
            invalidity =
                switch tried.status {
                case .ok: "correct"
                case .incorrect: "correctness"
                case .skipped: "constraints"
                case .failed: "runtime"
                }
            correctness = tried.status == .ok ? 1 : 0
            let seconds = measured?.time?.median ?? tried.seconds
            measurements = [
                seconds.map { Measurement(name: "time", value: .number($0 * 1e3), unit: "ms") },
                measured?.energy?.grossJoules.map { Measurement(name: "energy", value: .number($0), unit: "J") },
            ].compactMap(\.self)
        }

        var milliseconds: Double? {
            guard case .number(let value)? = measurements?.first(where: { $0.name == "time" })?.value else {
                return nil
            }
            return value
        }

        /// What of the configuration a strategy has; `nil` where that is nothing.
        func chosen(of tunables: Set<String>) -> StrategyConfiguration? {
            var chosen = StrategyConfiguration(tunables: [:])
            for (name, value) in configuration {
                switch value {
                case .number(let number) where tunables.contains(name): chosen.tunables[name] = Int(exactly: number)
                case .text(let text) where name == T4File.variantName: chosen.variant = text
                default: continue
                }
            }
            return chosen.words.isEmpty ? nil : chosen
        }
    }
}
