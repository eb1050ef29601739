import Foundation
import Results
import Statistics
import TestSupport
import Testing

/// `joulemark model` and `joulemark score`, on a model of the user's own that is small enough to be measured in a test.
@Suite("Whole models", .serialized)
struct ModelTests {
    static let models = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/models").path
    private static let ladder = [
        "model", "tiny", "--models", models, "--ladder", "short", "--context", "32", "--device", "cpu:0",
        "--no-history",
        "--quiet", "--no-color", "--time-limit", "1", "--min-window", "0.1",
    ]

    @Test("on a machine of known watts every rung's joules are its seconds in the windows times the watts, within 1 %")
    func knownWatts() async throws {
        let watts = 50.0
        let place = try Workplace()
        let tree = try await LiveSysfs(place, ["intel-rapl:0=package-0,\(watts)"])
        let outcome = try await place.joulemark(
            Self.ladder + [
                "--sysfs", "tree", "--energy", "measured", "--region", "FR", "--region", "Iceland", "--pue", "1.2",
                "--price", "0.25", "--embodied", "1000", "--lifetime", "4", "--tokens-per-inference", "500", "--json",
                "run.json", "--html", "run.html",
            ])
        try await tree.end()
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let run = try RunFile.read(place.path("run.json"))
        #expect(run.measurements.count == 15 && run.measurements.allSatisfy { $0.verification?.passed == true })
        let points = try #require(run.models?.first).points
        #expect(points.map(\.rung) == ["start", "flash", "few-bits"])
        for point in points {
            let expected = try #require(point.meteredSeconds) * watts
            #expect(point.provenance == .measured)
            #expect(abs(try #require(point.joules) / expected - 1) < 0.01, "\(point.rung ?? "")")
            #expect(try #require(point.joulesInterval).contains(expected), "\(point.rung ?? "")")
        }
        #expect(points.dropFirst().allSatisfy { $0.change?.energyFromStart?.interval != nil })
        #expect(outcome.text.contains("less energy a token in prefill on the last rung"))
        #expect(outcome.text.contains("France") && outcome.text.contains("Iceland") && outcome.text.contains("EUR"))

        // The arithmetic of the footprint, by hand.
        let footprint = try #require(run.footprint)
        let start = try #require(points.first)
        let tokens = TokenFootprint(
            footprint, joules: try #require(start.joules), seconds: try #require(start.seconds))
        let energy = try #require(start.joules) * 1e6 / 3.6e6 * 1.2
        let embodied = 1e6 * (try #require(start.seconds)) * 1e6 / (4 * 365.25 * 86400)
        #expect(abs(tokens.kilowattHours / energy - 1) < 1e-12)
        #expect(abs(tokens.intensities[0] / (56 * energy + embodied) - 1) < 1e-12)
        #expect(abs(try #require(tokens.money) / (0.25 * energy) - 1) < 1e-12)

        let inference = TokenFootprint(
            footprint, joules: try #require(start.joules), seconds: try #require(start.seconds), tokens: 500)
        #expect(footprint.tokensPerInference == 500)
        #expect(abs(inference.intensities[0] / tokens.intensities[0] / 500e-6 - 1) < 1e-12)
        #expect(
            outcome.text.contains("for an inference of 500 tokens") && outcome.text.contains("for a million tokens"))

        let page = try String(contentsOf: place.url.appendingPathComponent("run.html"), encoding: .utf8)
        #expect(page.contains("Whole models") && page.contains("ISO/IEC 21031"))
        #expect(page.contains("for an inference of 500 tokens"))
        try await score(place)
    }

    @Test("every rung of the ladder hundredfold: joules are seconds in the windows times the watts, within 1 %")
    func hundredfold() async throws {
        let watts = 80.0
        let place = try Workplace()
        let tree = try await LiveSysfs(place, ["intel-rapl:0=package-0,\(watts)"])
        let outcome = try await place.joulemark([
            "model", "tiny", "--models", Self.models, "--ladder", "hundredfold", "--context", "32", "--device", "cpu:0",
            "--sysfs", "tree", "--energy", "measured", "--time-limit", "0.2", "--min-window", "0.1", "--no-history",
            "--quiet", "--no-color", "--json", "run.json",
        ])
        try await tree.end()
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let run = try RunFile.read(place.path("run.json"))
        #expect(run.measurements.allSatisfy { $0.verification?.passed == true })
        let model = try #require(run.models?.first)
        #expect(model.points.map(\.rung) == model.ladder?.rungs.map(\.name))
        for point in model.points {
            let expected = try #require(point.meteredSeconds) * watts
            #expect(point.provenance == .measured)
            #expect(abs(try #require(point.joules) / expected - 1) < 0.01, "\(point.rung ?? "")")
            #expect(try #require(point.joulesInterval).contains(expected), "\(point.rung ?? "")")
            // A rung's joules are its layers'.
            let layers = try point.layers.map { try #require($0.joules) }.reduce(0, +)
            #expect(abs(try #require(point.joules) / layers - 1) < 1e-9, "\(point.rung ?? "")")
        }
        // Claims that were not confirmed say so, and those that contradict others stand beside them.
        #expect(outcome.text.contains("not confirmed: no source"))
        #expect(outcome.text.contains("12 to 29 % more energy") && outcome.text.contains("8k tokens transformers"))
        // Factors multiply up along the path to a rung.
        let joules = Dictionary(uniqueKeysWithValues: model.points.map { ($0.rung ?? "", $0.joules ?? .nan) })
        for point in model.points.dropFirst() {
            let change = try #require(point.change)
            let own = try #require(point.joules)
            let factor = try #require(change.energy).factor
            #expect(abs(factor / ((joules[change.on] ?? .nan) / own) - 1) < 1e-9, "\(point.rung ?? "")")
            #expect(
                abs(try #require(change.energyFromStart).factor / (try #require(joules["dense-f32"]) / own) - 1) < 1e-9)
        }
        #expect(outcome.text.contains("less energy a token in prefill on the last rung"))
    }

    /// The ladder's rungs against its first, with accuracies for two of them.
    private func score(_ place: Workplace) async throws {
        try place.write("accuracy.json", Data(#"{"tiny/start": 0.5, "tiny/few-bits": 0.4}"#.utf8))
        let outcome = try await place.joulemark(
            ["score", "run.json", "run.json", "--accuracy", "accuracy.json", "--weights", "energy=2", "--json", "-"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let listing = try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
        let scores = try #require(listing["scores"] as? [[String: Any]])
        #expect(scores.count == 3)
        #expect(abs(try #require(scores[0]["score"] as? Double) - 1) < 1e-12)
        let parts = try #require(scores[2]["parts"] as? [[String: Any]])
        let ratios = parts.compactMap { $0["ratio"] as? Double }
        let weights = parts.compactMap { $0["weight"] as? Double }
        #expect(weights == [1, 1, 2] && abs(ratios[0] - 0.8) < 1e-12)
        let mean = 4 / (1 / ratios[0] + 1 / ratios[1] + 2 / ratios[2])
        #expect(abs(try #require(scores[2]["score"] as? Double) / mean - 1) < 1e-12)
        let missing = try #require(scores[1]["missing"] as? [[String: Any]])
        #expect(missing.compactMap { $0["quantity"] as? String } == ["accuracy"])
    }

    @Test("without counters time leads, joules are marked as modelled, and a million tokens' emissions too")
    func modelled() async throws {
        let place = try Workplace()
        try FileManager.default.createDirectory(atPath: place.path("empty"), withIntermediateDirectories: true)
        let outcome = try await place.joulemark(
            Self.ladder + ["--sysfs", "empty", "--phase", "decode", "--region", "PL"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(outcome.text.contains("less time a token in decode on the last rung"))
        #expect(outcome.text.contains("Joules were not measured, so time leads"))
        let poland = try #require(outcome.text.components(separatedBy: "Poland").dropFirst().first)
        #expect(poland.contains("≈ "))
    }

    /// A layer of a model, and what the message must name.
    static let layers = [
        (#"{"name": "a", "family": "swiglo", "shape": {"T": 1}}"#, ["layers[0].family", "'swiglo'", "swiglu"]),
        (#"{"name": "a", "family": "swiglu", "shape": {"T": "twice"}}"#, ["config.once", "once → twice → once"]),
        ("", ["layers", "at least one"]),
        (
            #"{"name": "a", "family": "swiglu", "count": "rows - 32", "shape": {"T": 1}}"#,
            ["layers[0].count", "above 0"]
        ),
        (#"{"name": "a", "family": "swiglu", "when": "rows > 32", "shape": {"T": 1}}"#, ["layers", "prefill"]),
        (#"{"name": "a", "family": "swiglu", "shape": {"T": 1, "D": 64}}"#, ["contextLimit", "31", "32"]),
    ]

    @Test(
        "a model that cannot be is refused on one line that names file and key, and nothing is written",
        arguments: layers)
    func refusedModels(layer: String, names: [String]) async throws {
        let place = try Workplace()
        try FileManager.default.createDirectory(atPath: place.path("mine/own"), withIntermediateDirectories: true)
        let config = layer.contains("twice") ? #""once": "twice", "twice": "once""# : ""
        let limit = names.contains("contextLimit") ? 31 : 64
        try place.write(
            "mine/own/model.json",
            Data(
                #"{"model": "own", "summary": "s", "source": "made up", "contextLimit": \#(limit), "config": {\#(config)}, "layers": [\#(layer)]}"#
                    .utf8))
        let before = place.files
        let outcome = try await place.joulemark([
            "model", "own", "--models", "mine", "--context", "32", "--device", "cpu:0", "--json", "run.json",
        ])
        #expect(outcome.exitCode == 64)
        #expect(outcome.output.isEmpty && outcome.errorLines.count == 1, "\(outcome.errors)")
        for name in ["mine/own/model.json"] + names { #expect(outcome.errors.contains(name), "\(outcome.errors)") }
        #expect(place.files == before)
    }

    @Test(
        "what is wrong is said on one line, and nothing is written",
        arguments: [
            ("model", "NAME"), ("model gpt3", "gpt2-small"), ("model gpt2-small --ladder hundred", "hundredfold"),
            ("model gpt2-small --context 2048", "contextLimit"),
            ("model mamba-130m --ladder hundredfold", "rungs[0].set.kvHeads"),
            ("model gpt2-small --strategy flash", "FAMILY/STRATEGY"),
            ("model gpt2-small --strategy attention/flesh", "flash-split-kv"),
            ("model gpt2-small --region Polen", "PL (Poland)"), ("model gpt2-small --region Grmany", "DE (Germany)"),
            ("model gpt2-small --region FRA --json run.json", "FR (France)"),
            ("model gpt2-small --region FR --embodied 100", "--lifetime"),
            ("model gpt2-small --pue 1.5", "--region"), ("model gpt2-small --models empty", "holds no models"),
            ("score text.json text.json", "text.json"),
        ])
    func refused(line: String, name: String) async throws {
        let place = try Workplace()
        try FileManager.default.createDirectory(atPath: place.path("empty"), withIntermediateDirectories: true)
        try place.write("text.json", Data("{}".utf8))
        let before = place.files
        let outcome = try await place.joulemark(line.split(separator: " ").map(String.init))
        #expect(outcome.exitCode == 64)
        #expect(outcome.output.isEmpty && outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains(name), "\(outcome.errors)")
        #expect(place.files == before)
    }
}
