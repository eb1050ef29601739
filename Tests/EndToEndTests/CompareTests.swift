import Foundation
import Results
import Statistics
import Testing

@Suite("Comparing runs")
struct CompareTests {
    private func comparison(_ outcome: Outcome) throws -> RunComparison {
        try JSONDecoder().decode(RunComparison.self, from: outcome.output)
    }

    @Test("verdicts for time and energy, each with its ratio, in the table and in the JSON")
    func verdicts() async throws {
        let place = try Workplace()
        try place.write("before.json", MadeRun())
        try place.write("after.json", MadeRun(seconds: ["unfused": 2e-3, "flash": 1.1e-3], seed: 2))
        let table = try await place.joulemark(["compare", "before.json", "after.json"])
        #expect(table.exitCode == 0, "\(table.errors)")
        #expect(table.text.contains("slower") && table.text.contains("costlier") && table.text.contains("same"))
        #expect(!table.text.contains("\u{1B}"))

        let json = try await place.joulemark(["compare", "before.json", "after.json", "--json", "-"])
        let found = try comparison(json)
        let flash = try #require(found.measurements.first { $0.key.strategy == "flash" })
        #expect(flash.time?.verdict == "slower" && flash.energy?.verdict == "costlier")
        #expect(abs((flash.time?.ratio ?? 0) - 1 / 1.1) < 0.005)
        #expect(flash.time?.interval.contains(1 / 1.1) == true)
        let unfused = try #require(found.measurements.first { $0.key.strategy == "unfused" })
        #expect(unfused.time?.verdict == "same" && unfused.energy?.verdict != "costlier")
        let back = try await place.joulemark(["compare", "after.json", "before.json", "--json", "-"])
        #expect(try comparison(back).measurements.first { $0.key.strategy == "flash" }?.time?.verdict == "faster")
        #expect(place.files == ["after.json", "before.json"])
    }

    @Test("--fail-on ends with 2 when its verdict occurs, and only then")
    func failOn() async throws {
        let place = try Workplace()
        try place.write("before.json", MadeRun())
        try place.write("slower.json", MadeRun(seconds: ["unfused": 2e-3, "flash": 1.1e-3], watts: 45, seed: 2))
        try place.write("costlier.json", MadeRun(watts: 60, seed: 3))
        try place.write("wrong.json", MadeRun(seed: 4, status: ["flash": .incorrect]))
        try place.write("skipped.json", MadeRun(seed: 4, status: ["flash": .skipped]))
        try place.write("missing.json", MadeRun(seconds: ["unfused": 2e-3], seed: 4))
        for (new, words, code) in [
            ("slower.json", "slower", 2), ("slower.json", "costlier", 0), ("slower.json", "slower,costlier", 2),
            ("costlier.json", "costlier", 2), ("costlier.json", "slower", 0), ("before.json", "slower,costlier", 0),
            ("wrong.json", "slower", 2), ("skipped.json", "slower", 2), ("missing.json", "costlier,missing", 2),
            ("missing.json", "missing", 2), ("missing.json", "slower", 0),
        ] as [(String, String, Int32)] {
            let outcome = try await place.joulemark(["compare", "before.json", new, "--fail-on", words])
            #expect(outcome.exitCode == code, "\(new) --fail-on \(words): \(outcome.text) \(outcome.errors)")
        }
        let without = try await place.joulemark(["compare", "before.json", "slower.json"])
        #expect(without.exitCode == 0)
        let lacking = try await place.joulemark(["compare", "before.json", "missing.json"])
        #expect(lacking.exitCode == 0 && lacking.text.contains("1 missing"), "\(lacking.text)")
        #expect(lacking.text.contains("only in the base run, where it was right: attention/flash"))
    }

    @Test("--fail-on does not pass when there was nothing to judge: exit code 1 and one line that says why")
    func nothingToJudge() async throws {
        let place = try Workplace()
        let skipped: [String: MeasurementStatus] = ["unfused": .skipped, "flash": .skipped]
        try place.write("skipped.json", MadeRun(status: skipped))
        try place.write("new.json", MadeRun(seed: 2))
        try place.write("other.json", MadeRun(seconds: ["tiled": 1e-3], seed: 3))
        try RunFile.write(SampleOf.verifiedOnly, to: place.path("verified.json"))
        for (base, new, reason) in [
            ("skipped.json", "new.json", "base run: skipped"),
            ("verified.json", "verified.json", "time was not recorded"),
            ("skipped.json", "other.json", "no measurement in common"),
        ] {
            let outcome = try await place.joulemark(["compare", base, new, "--fail-on", "slower,costlier"])
            #expect(outcome.exitCode == 1 && outcome.errorLines.count == 1, "\(base) \(new): \(outcome.errors)")
            #expect(
                outcome.errors.contains("--fail-on slower,costlier") && outcome.errors.contains(reason),
                "\(outcome.errors)")
            let without = try await place.joulemark(["compare", base, new])
            #expect(without.exitCode == 0)
        }
    }

    private enum SampleOf {
        /// As `profile --verify-only` leaves it: right, and without times.
        static var verifiedOnly: RunRecord {
            var run = MadeRun().record
            for index in run.measurements.indices {
                run.measurements[index].time = nil
                run.measurements[index].energy = nil
                run.measurements[index].derived = nil
            }
            return run
        }
    }

    @Test("a file wins over a run of the history with the same name")
    func fileNamedLikeARun() async throws {
        let place = try Workplace()
        let history = ["--history", place.path("h.sqlite")]
        do { _ = try History(path: place.path("h.sqlite")).record(MadeRun(processor: "Another CPU").record, file: nil) }
        try place.write("new.json", MadeRun(seed: 2))
        let fromHistory = try await place.joulemark(["compare", "1", "new.json"] + history)
        #expect(fromHistory.exitCode == 1 && fromHistory.errors.contains("Another CPU"), "\(fromHistory.errors)")
        try place.write("1", MadeRun())
        let fromFile = try await place.joulemark(["compare", "1", "new.json"] + history)
        #expect(fromFile.exitCode == 0, "\(fromFile.errors)")
    }

    @Test("other machines and other inputs are refused with the option that allows them, and remarked when allowed")
    func refusals() async throws {
        let place = try Workplace()
        try place.write("base.json", MadeRun())
        try place.write("machine.json", MadeRun(processor: "Another CPU", seed: 2))
        try place.write("seed.json", MadeRun(inputSeed: 8, seed: 2))
        for (file, kind) in [("machine.json", "machine"), ("seed.json", "seed")] {
            let refused = try await place.joulemark(["compare", "base.json", file])
            #expect(refused.exitCode == 1 && refused.errorLines.count == 1)
            #expect(refused.errors.contains("not compared") && refused.errors.contains("--allow \(kind)"))
            #expect(!refused.text.contains(" × "))
            let allowed = try await place.joulemark(["compare", "base.json", file, "--allow", kind])
            #expect(allowed.exitCode == 0 && allowed.text.contains("allowed: other"), "\(allowed.errors)")
            #expect(allowed.text.contains(" × "))
        }
    }

    @Test("modelled joules are not weighed against measured ones, and nothing allows it")
    func modelled() async throws {
        let place = try Workplace()
        try place.write("measured.json", MadeRun())
        try place.write("modelled.json", MadeRun(watts: 500, provenance: .modelled, seed: 2))
        let outcome = try await place.joulemark([
            "compare", "measured.json", "modelled.json", "--allow", "machine,seed", "--fail-on", "costlier", "--json",
            "-",
        ])
        // There is not one pair of joules to judge, so nothing can have become costlier: that is no reason to pass.
        #expect(outcome.exitCode == 1 && outcome.errors.contains("not weighed against modelled ones"))
        for measurement in try comparison(outcome).measurements {
            #expect(measurement.energy == nil && measurement.time != nil)
            #expect(measurement.energyReason == "measured joules are not weighed against modelled ones")
        }
    }

    @Test("a baseline of the history stands in for the base run; a missing one, or an unreadable run, is exit code 5")
    func baseline() async throws {
        let place = try Workplace()
        let history = ["--history", place.path("h.sqlite")]
        try place.write("new.json", MadeRun(seconds: ["unfused": 2e-3, "flash": 1.1e-3], seed: 2))
        try place.write("text.json", Data("no JSON\n".utf8))
        let absent = try await place.joulemark(["compare", "new.json", "--baseline", "main"] + history)
        #expect(absent.exitCode == 5 && absent.errors.contains("no history yet"))
        #expect(!place.files.contains("h.sqlite"))

        do {
            let made = try History(path: place.path("h.sqlite"))
            _ = try made.record(MadeRun().record, file: nil)
        }
        let named = try await place.joulemark(["history", "baseline", "main"] + history)
        #expect(named.exitCode == 0, "\(named.errors)")
        let found = try await place.joulemark(
            ["compare", "new.json", "--baseline", "main", "--fail-on", "slower"] + history)
        #expect(found.exitCode == 2 && found.text.contains("main (run 1)"), "\(found.errors)")
        let byNumber = try await place.joulemark(["compare", "1", "new.json"] + history)
        #expect(byNumber.exitCode == 0 && byNumber.text.contains("slower"))

        for arguments in [
            ["compare", "new.json", "--baseline", "nightly"], ["compare", "none.json", "new.json"],
            ["compare", "text.json", "new.json"], ["compare", "new.json", "99"],
        ] {
            let outcome = try await place.joulemark(arguments + history)
            #expect(outcome.exitCode == 5 && outcome.errorLines.count == 1, "\(arguments): \(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }
    }

    @Test("the page says the same as the table and needs nothing from elsewhere")
    func page() async throws {
        let place = try Workplace()
        try place.write("before.json", MadeRun())
        try place.write("after.json", MadeRun(seconds: ["unfused": 2e-3, "flash": 1.1e-3], seed: 2))
        let outcome = try await place.joulemark(["compare", "before.json", "after.json", "--html", "page.html"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let page = try String(contentsOf: place.url.appendingPathComponent("page.html"), encoding: .utf8)
        #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("slower") && page.contains("costlier"))
        #expect(!page.contains("src=\"http") && !page.contains("<script"))
    }
}
