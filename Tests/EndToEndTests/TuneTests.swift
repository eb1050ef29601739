import Foundation
import Results
import Statistics
import TestSupport
import Testing

/// `joulemark tune`, on a strategy of the user's own whose configurations differ in known ways.
@Suite("Tuning")
struct TuneTests {
    /// Computes its answer REPEAT times over, and gives it another sign when WRONG.
    private static let source = """
        __kernel void swiglu(__global const float *gate, __global const float *up, __global float *y, int T, int D)
        {
            const int i = get_global_id(0);
            if (i >= T * D) return;
            float value = 0.0f;
            for (int turn = 0; turn < REPEAT; ++turn) {
                const float x = gate[i] + 1e-30f * value;
                value = x / (1.0f + exp(-x)) * up[i];
            }
            y[i] = WRONG ? -value : value;
        }
        """
    private static func description(repeats: [Int], default chosen: Int, signs: [Int]) -> String {
        """
        {"strategy": "wasteful", "summary": "Slow by default.", "precisions": ["f32"],
         "tunables": {"REPEAT": {"values": \(repeats), "default": \(chosen)}, "WRONG": {"values": \(signs), "default": 0}},
         "constraints": ["REPEAT != 9"],
         "stages": [{"name": "swiglu", "reads": ["gate", "up"], "writes": ["y"],
                     "workGroups": ["ceilDiv(T * D, 64)"], "workGroupSize": [64]}]}
        """
    }
    private static let wasteful = [
        "tune", "swiglu/wasteful", "--kernels", "own", "--device", "opencl", "--shape", "T=64,D=512", "--time-limit",
        "0.3",
    ]

    private func place(
        repeats: [Int] = [1, 8, 9], default chosen: Int = 8, signs: [Int] = [0, 1]
    ) throws -> Workplace {
        let place = try Workplace()
        try FileManager.default.createDirectory(
            atPath: place.path("own/swiglu/wasteful"), withIntermediateDirectories: true)
        let description = Self.description(repeats: repeats, default: chosen, signs: signs)
        try place.write("own/swiglu/wasteful/strategy.json", Data(description.utf8))
        try place.write("own/swiglu/wasteful/swiglu.cl", Data(Self.source.utf8))
        return place
    }

    @Test("the best configuration is named, wrong ones and those that cannot run are told apart")
    func best() async throws {
        let place = try place()
        let outcome = try await place.joulemark(Self.wasteful + ["--json", "tuned.json", "--html", "tuned.html"])
        #expect(outcome.exitCode == 3, "\(outcome.errors)")
        let words = outcome.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.hasPrefix("With REPEAT=1,WRONG=0, swiglu/wasteful is"))
        #expect(words.contains("faster than with its default, REPEAT=8,WRONG=0."))
        #expect(words.contains("Tried 6 of 6 configurations, 2 cannot run here, 2 gave wrong results."))
        #expect(
            words.contains(
                #"own/swiglu/wasteful/strategy.json needs "tunables": {"REPEAT": 1, "WRONG": 0} under "opencl"."#)
        )

        let run = try RunFile.read(place.path("tuned.json"))
        let tuning = try #require(run.tuning)
        #expect(tuning.best == ["REPEAT": 1, "WRONG": 0] && tuning.defaults == ["REPEAT": 8, "WRONG": 0])
        #expect(tuning.configurations.first?.tunables == tuning.best)
        #expect((tuning.configurations.first?.ratio ?? 0) > 2)
        func status(_ wanted: MeasurementStatus) -> Set<[String: Int]> {
            Set(tuning.configurations.filter { $0.status == wanted }.map(\.tunables))
        }
        #expect(status(.incorrect) == [["REPEAT": 1, "WRONG": 1], ["REPEAT": 8, "WRONG": 1]])
        #expect(status(.skipped) == [["REPEAT": 9, "WRONG": 0], ["REPEAT": 9, "WRONG": 1]])
        #expect(run.measurements.first?.strategy == "wasteful" && run.measurements.count == 4)
        #expect(run.comparisons.map(\.baseline) == ["wasteful"])
        #expect(run.comparisons.map(\.strategy) == ["wasteful REPEAT=1,WRONG=0"])
        let page = try String(contentsOf: place.url.appendingPathComponent("tuned.html"), encoding: .utf8)
        #expect(page.contains("<section id=\"tuning\">") && page.contains("needs REPEAT != 9"))
    }

    @Test("what was found is what 'profile' runs from then on, for that workload and that kernel, unless told not to")
    func used() async throws {
        let place = try place(repeats: [1, 8], signs: [0])
        func tunables(shape: String = "T=64,D=512", _ more: String...) async throws -> (Int?, Bool) {
            let outcome = try await place.joulemark(
                [
                    "profile", "--family", "swiglu", "--strategy", "wasteful", "--kernels", "own", "--device",
                    "opencl", "--shape", shape, "--verify-only", "--json", "-", "--quiet",
                ] + more)
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
            let found = try #require(try outcome.run().measurements.first)
            #expect(found.strategy == "wasteful" && found.status == .ok)
            return (found.tunables?["REPEAT"], found.isTuned == true)
        }
        #expect(try await tunables() == (8, false))
        let tuned = try await place.joulemark(Self.wasteful + ["--json", "tuned.json"])
        #expect(tuned.exitCode == 0 && tuned.errors.contains("'joulemark profile' uses this from now on"))
        #expect(try await tunables() == (1, true))
        #expect(try await tunables("--untuned") == (8, false))
        #expect(try await tunables("--no-history") == (8, false))
        #expect(try await tunables(shape: "T=65,D=512") == (8, false))
        try place.write("own/swiglu/wasteful/swiglu.cl", Data((Self.source + "\n// Another kernel.\n").utf8))
        #expect(try await tunables() == (8, false))
        try place.write("own/swiglu/wasteful/swiglu.cl", Data(Self.source.utf8))
        #expect(try await tunables() == (1, true))
    }

    /// A variant that nobody prefers, though it computes its answer only once; and one that no device can take.
    private func placeWithLadder() throws -> Workplace {
        let place = try place(repeats: [16, 32], default: 32, signs: [0])
        let ladder = #"""
            "variants": [{"name": "absent", "when": ["device.computeUnits < 0"], "why": "a test's"},
                         {"name": "direct", "when": ["D >= 1"], "prefer": ["D < 1"], "why": "a test's"}],
            "workGroups"
            """#
        let description = Self.description(repeats: [16, 32], default: 32, signs: [0])
        try place.write(
            "own/swiglu/wasteful/strategy.json",
            Data(description.replacingOccurrences(of: "\"workGroups\"", with: ladder).utf8))
        let direct = Self.source.replacingOccurrences(of: "turn < REPEAT", with: "turn < 1")
        try place.write("own/swiglu/wasteful/swiglu.direct.cl", Data(direct.utf8))
        try place.write("own/swiglu/wasteful/swiglu.absent.cl", Data(Self.source.utf8))
        return place
    }

    @Test("variants are searched together with tunables, and the one that is found is used")
    func variants() async throws {
        let place = try placeWithLadder()
        let outcome = try await place.joulemark(Self.wasteful + ["--json", "tuned.json"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let words = outcome.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("faster than with its default, REPEAT=32,WRONG=0."), "\(words)")
        let run = try RunFile.read(place.path("tuned.json"))
        let tuning = try #require(run.tuning)
        #expect(tuning.bestVariant == "direct" && tuning.configurations.first?.variant == "direct")
        let absent = tuning.configurations.filter { $0.variant == "absent" }
        #expect(absent.map(\.status) == [.skipped], "\(absent)")
        #expect(absent.first?.message?.contains("needs device.computeUnits < 0") == true)
        let finalist = try #require(tuning.configurations.first { $0.chosen == tuning.chosen }?.strategy)
        #expect(finalist.hasPrefix("wasteful direct REPEAT="))
        // Of the direct variant, which does not read the tunable, one stands for both.
        #expect(tuning.configurations.filter { $0.variant == "direct" }.count { $0.status == .ok } == 1)

        let used = try await place.joulemark([
            "profile", "--family", "swiglu", "--strategy", "wasteful", "--kernels", "own", "--device", "opencl",
            "--shape", "T=64,D=512", "--verify-only", "--json", "-", "--quiet",
        ])
        let found = try #require(try used.run().measurements.first)
        #expect(found.strategy == "wasteful" && found.status == .ok && found.isTuned == true)
        #expect(found.variants?.values.contains("direct") == true, "\(found)")
    }

    @Test("what was tried can be written for other tuners, and what they found good is tried first")
    func exchange() async throws {
        let place = try place(repeats: Array(10...25), default: 20, signs: [0])
        let first = try await place.joulemark(Self.wasteful + ["--evaluations", "5", "--t4", "found.json"])
        #expect(first.exitCode == 0, "\(first.errors)")
        let written = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: place.url.appendingPathComponent("found.json")))
                as? [String: Any])
        let results = try #require(written["results"] as? [[String: Any]])
        #expect(written["schema_version"] as? String == "1.0.0" && results.count == 6)
        for result in results {
            #expect(result["invalidity"] as? String == "correct" && result["correctness"] as? Double == 1)
            let time = try #require((result["measurements"] as? [[String: Any]])?.first)
            #expect(time["name"] as? String == "time" && time["unit"] as? String == "ms" && time["value"] is Double)
            #expect((result["configuration"] as? [String: Any])?["REPEAT"] is Int && result["times"] is [String: Any])
        }
        let other = """
            {"schema_version": "1.0.0", "results": [
             {"configuration": {"REPEAT": 24, "block_size_x": 8, "name": [1]}, "times": {"compilation_time": 3.5},
              "invalidity": "correct", "correctness": 1, "measurements": [{"name": "time", "value": 2.5, "unit": "ms"}]},
             {"configuration": {"REPEAT": 10}, "times": {}, "invalidity": "runtime", "correctness": 0,
              "measurements": [{"name": "time", "value": "", "unit": ""}]},
             {"configuration": {"REPEAT": 11}, "times": {}, "invalidity": "correct", "correctness": 1,
              "measurements": [{"name": "time", "value": 0.5, "unit": "ms"}]},
             {"configuration": {"REPEAT": 999}, "times": {}, "invalidity": "correct", "correctness": 1}]}
            """
        try place.write("other.json", Data(other.utf8))
        let second = try await place.joulemark(
            Self.wasteful + ["--evaluations", "4", "--start", "other.json", "--json", "-", "--no-history"])
        #expect(second.exitCode == 0, "\(second.errors)")
        let tried = try #require(try second.run().tuning).configurations.compactMap { $0.tunables["REPEAT"] }
        #expect(tried.count == 4 && Set(tried).isSuperset(of: [11, 24]), "\(tried)")
        for (content, words) in [
            ("{", "not JSON"), ("{\"results\": 3}", "T4"),
            ("{\"schema_version\": \"1.0.0\", \"results\": []}", "holds no right configuration with any of"),
        ] {
            try place.write("other.json", Data(content.utf8))
            let refused = try await place.joulemark(Self.wasteful + ["--start", "other.json"])
            #expect(refused.exitCode == 64 && refused.errorLines.count == 1, "\(refused.errors)")
            #expect(refused.errors.contains(words), "\(refused.errors)")
        }
    }

    @Test("a search that is killed goes on where it was, and looks at nothing twice")
    func resumed() async throws {
        let place = try place(repeats: Array(10...25), default: 20, signs: [0])
        /// Kills it in its last round. Returns what the journal holds of each look before.
        func cutOff(_ arguments: [String]) async throws -> [String] {
            let program = try place.start(arguments)
            async let outcome = program.outcome()
            while !program.errorsSoFar.contains("beside the default") { try await Task.sleep(for: .milliseconds(20)) }
            program.kill()
            #expect(try await outcome.isKilled)
            let journal = try String(contentsOf: place.url.appendingPathComponent("run.json.journal"), encoding: .utf8)
            let lines = journal.split(separator: "\n").filter { $0.hasPrefix("{\"measured\"") }.map(String.init)
            // Six are drawn, and the other six lie around their best: two looks, before what may be the last round.
            return lines.filter { $0.contains("\"look\":0") || $0.contains("\"look\":1") }
        }
        let seen = try await cutOff(Self.wasteful + ["--evaluations", "12", "--json", "run.json"])
        #expect(!seen.isEmpty)
        #expect(try await cutOff(["tune", "--resume", "run.json"]) == seen, "nothing is looked at twice")
        let other = try await place.joulemark(["profile", "--resume", "run.json"])
        #expect(other.exitCode == 64 && other.errors.contains("joulemark tune --resume"), "\(other.errors)")

        let resumed = try await place.joulemark(["tune", "--resume", "run.json"])
        #expect(resumed.exitCode == 0, "\(resumed.errors)")
        #expect(!place.files.contains("run.json.journal"))
        let tuning = try #require(try RunFile.read(place.path("run.json")).tuning)
        #expect(tuning.configurations.count == 12 && Set(tuning.configurations.map(\.tunables)).count == 12)
        let again = try await place.joulemark(["tune", "--resume", "run.json"])
        #expect(again.exitCode == 64 && again.errors.contains("nothing to resume"), "\(again.errors)")
    }

    @Test("where the default cannot run, the fastest of the others is named, and nothing is stated as a ratio to it")
    func brokenDefault() async throws {
        let place = try place(default: 9)
        let outcome = try await place.joulemark(Self.wasteful + ["--json", "tuned.json"])
        #expect(outcome.exitCode == 3, "\(outcome.errors)")
        let words = outcome.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            words.hasPrefix(
                "With REPEAT=1,WRONG=0, swiglu/wasteful is best; its default, REPEAT=9,WRONG=0, cannot be measured here."
            ))
        let tuning = try #require(try RunFile.read(place.path("tuned.json")).tuning)
        #expect(tuning.best == ["REPEAT": 1, "WRONG": 0] && tuning.configurations.allSatisfy { $0.ratio == nil })
        #expect(
            tuning.configurations.prefix(2).map(\.tunables) == [["REPEAT": 1, "WRONG": 0], ["REPEAT": 8, "WRONG": 0]])
    }

    @Test("by energy, the best configuration is the one that needs the fewest measured joules")
    func energy() async throws {
        let place = try place()
        let tree = try await LiveSysfs(place, ["intel-rapl:0=package-0,40"])
        let outcome = try await place.joulemark(
            Self.wasteful.dropLast() + [
                "8", "--objective", "energy", "--sysfs", "tree", "--min-window", "0.1", "--json", "-", "--quiet",
            ])
        try await tree.end()
        #expect(outcome.exitCode == 3, "\(outcome.errors)")
        let run = try outcome.run()
        #expect(run.tuning?.objective == .energy && run.tuning?.best == ["REPEAT": 1, "WRONG": 0])
        #expect(run.comparisons.map(\.energyVerdict) == ["cheaper"])
        let joules = run.measurements.compactMap { $0.energy?.grossJoules }
        #expect(joules.count == 2 && joules[0] > 2 * joules[1], "\(joules)")
        #expect(run.tuning?.configurations.first?.ratio == joules[0] / joules[1])
    }

    @Test("joules of too little time are imprecise and say why; what their interval leaves open is not decided")
    func imprecise() async throws {
        let place = try place(repeats: [1, 8], signs: [0])
        let tree = try await LiveSysfs(place, ["intel-rapl:0=package-0,40,update=0.4"])
        let outcome = try await place.joulemark(
            Self.wasteful.dropLast() + [
                "0.5", "--objective", "energy", "--sysfs", "tree", "--min-window", "0.1", "--json", "tuned.json",
                "--quiet",
            ])
        try await tree.end()
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let run = try RunFile.read(place.path("tuned.json"))
        for measurement in run.measurements {
            let energy = try #require(measurement.energy)
            #expect(!energy.resolved && energy.grossJoules != nil && energy.interval != nil)
            #expect(energy.reason?.contains("imprecise: ±") == true, "\(energy.reason ?? "")")
        }
        for comparison in run.comparisons {
            let interval = try #require(comparison.energyRatioInterval)
            #expect((interval.lower > 1) == (comparison.energyVerdict == "cheaper"), "\(comparison)")
            #expect((interval.lower > 1) == (run.tuning?.best == ["REPEAT": 1, "WRONG": 0]))
        }
        #expect(run.comparisons.count == 1)
    }

    @Test("a configuration can be chosen for data from files")
    func input() async throws {
        let place = try place()
        let dump = try await place.joulemark([
            "profile", "--family", "swiglu", "--strategy", "fused", "--shape", "T=64,D=512", "--device", "cpu",
            "--dump", "d",
            "--verify-only", "--json", "-",
        ])
        #expect(dump.exitCode == 0, "\(dump.errors)")
        let outcome = try await place.joulemark(
            Self.wasteful + ["--input", "gate=d/swiglu/fused/cpu:0/gate.npy", "--evaluations", "1", "--json", "-"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(try outcome.run().measurements.count == 2)
    }

    @Test("of many configurations a first look leaves five, which are profiled beside the default")
    func firstLook() async throws {
        let place = try place(repeats: Array(10...25), default: 20, signs: [0])
        let outcome = try await place.joulemark(Self.wasteful + ["--evaluations", "9", "--json", "-"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("a first look at 9 of 16 configurations"))
        let run = try outcome.run()
        let tuning = try #require(run.tuning)
        #expect(tuning.configurationCount == 16 && tuning.configurations.count == 9)
        #expect(Set(tuning.configurations.map(\.tunables)).count == 9)
        #expect(!tuning.configurations.contains { $0.tunables == tuning.defaults })
        let finalists = tuning.configurations.compactMap(\.strategy)
        #expect(finalists.count == 5 && tuning.configurations.prefix(5).allSatisfy { $0.strategy != nil })
        #expect(run.measurements.map(\.strategy).sorted() == (finalists + ["wasteful"]).sorted())
        #expect(tuning.configurations.allSatisfy { $0.status == .ok && $0.ratio != nil })
        if let best = tuning.best {
            let name = tuning.configurations.first { $0.tunables == best }?.strategy
            #expect(run.comparisons.first { $0.strategy == name }?.timeVerdict == "faster")
        }
    }

    @Test("configurations that make the same program are tried once")
    func samePrograms() async throws {
        let place = try Workplace()
        let outcome = try await place.joulemark([
            "tune", "attention/flash-split-kv", "--device", "cpu", "--shape", "Hq=4,Hkv=1,Lq=1,Lk=256,D=32",
            "--time-limit", "0.1", "--json", "-",
        ])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let run = try outcome.run()
        let tuning = try #require(run.tuning)
        // Of its tunables, one does nothing on a processor, and the others only choose how many parts the keys are cut
        // into.
        let others = tuning.configurations.filter { $0.sameAs == nil }
        #expect(tuning.configurationCount == 64 && tuning.configurations.count == 63)
        #expect((3...7).contains(others.count) && others.allSatisfy { $0.status == .ok }, "\(others)")
        #expect(run.measurements.count == others.count + 1)
        let same = Set(tuning.configurations.compactMap(\.sameAs))
        #expect(same.isSubset(of: Set(others.map(\.tunables) + [tuning.defaults])))
        #expect(Set(others.map { [$0.tunables["MINIMUM_SHARE"], $0.tunables["WAVES"]] }).count == others.count)
    }

    @Test("Ctrl-C keeps what became of the configurations so far, and draws no conclusion from a first look")
    func interrupted() async throws {
        let place = try place(repeats: Array(10...25), default: 20, signs: [0])
        var arguments = Self.wasteful
        arguments[arguments.count - 1] = "60"
        let program = try place.start(arguments + ["--json", "run.json"])
        async let outcome = program.outcome()
        while !program.errorsSoFar.contains("beside the default") { try await Task.sleep(for: .milliseconds(20)) }
        program.interrupt()
        let result = try await outcome
        #expect(result.exitCode == 130, "\(result.errors)")
        let run = try RunFile.read(place.path("run.json"))
        let tuning = try #require(run.tuning)
        #expect(run.interrupted && run.comparisons == [] && tuning.best == nil)
        #expect(Set(tuning.configurations.map(\.tunables)).count == 15)
        #expect(tuning.configurations.allSatisfy { $0.ratio != nil })
        #expect(run.measurements.count { $0.strategy == "wasteful" } == 1)
    }

    @Test("an error in a kernel of the user's own is named")
    func brokenKernel() async throws {
        let place = try place(repeats: [1, 8, 8])
        let outcome = try await place.joulemark(Self.wasteful)
        #expect(outcome.exitCode == 64, "\(outcome.errors)")
        #expect(outcome.errors.contains("own/swiglu/wasteful/strategy.json"), "\(outcome.errors)")
        #expect(outcome.errors.contains("a value stands twice among the values"), "\(outcome.errors)")
    }

    @Test(
        "what cannot be tuned is told in one line",
        arguments: [
            (["swiglu"], "expected FAMILY/STRATEGY", 64), (["swiglu/fused"], "has no tunables or variants", 64),
            (["attention/none"], "its strategies are unfused, flash", 64),
            (["attention/flash"], "choose with --device among", 64),
            (["attention/flash", "--device", "cpu", "--objective", "energy", "--sysfs", "."], "no power source", 6),
            (["attention/flash", "--device", "cpu", "--objective", "edp", "--energy", "off"], "--energy off", 64),
        ])
    func refused(arguments: [String], words: String, code: Int32) async throws {
        let place = try Workplace()
        let outcome = try await place.joulemark(["tune"] + arguments)
        #expect(outcome.exitCode == code, "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1 && outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.output.isEmpty && place.files == [])
    }
}
