import Foundation
import Glibc
import Results
import TestSupport
import Testing

@Suite("A whole run")
struct ProfileTests {
    /// Short, so that the whole of the tests stays short; what is long is compiling for each device.
    static let brief = ["--time-limit", "0.2", "--min-window", "0.05", "--energy", "off"]

    @Test("a forced variant is the one that runs, and the result names it; one that nobody has is wrong usage")
    func forcedVariant() async throws {
        let place = try Workplace()
        let selection = [
            "profile", "--family", "rmsnorm-residual", "--shape", "T=3,D=77", "--verify-only", "--json", "-",
        ]
        for (variant, named) in [("subgroup", ["rmsnorm_residual": "subgroup"]), ("plain", nil)] {
            let outcome = try await place.joulemark(
                selection + ["--device", "vulkan", "--strategy", "fused", "--variant", variant])
            let run = try outcome.run()
            #expect(outcome.exitCode == 0 && run.measurements.count == 1, "\(outcome.errors)")
            #expect(run.measurements.allSatisfy { $0.status == .ok && $0.variants == named })
        }
        // The CPU's form of the stage is C, and has no sub-groups.
        let elsewhere = try await place.joulemark(selection + ["--device", "cpu", "--variant", "subgroup"]).run()
        #expect(elsewhere.measurements.count == 2)
        #expect(elsewhere.measurements.allSatisfy { $0.status == .skipped })
        #expect(elsewhere.measurements.allSatisfy { $0.message?.contains("has no source for cpu") == true })
        let unknown = try await place.joulemark(selection + ["--variant", "mma"])
        #expect(unknown.exitCode == 64)
        #expect(unknown.errors.contains("no stage has the variant 'mma'; there are subgroup, plain"))
    }

    @Test("products of 8-bit integers are held against the peak of their own arithmetic, which they do not pass")
    func integerPeak() async throws {
        let place = try Workplace()
        let outcome = try await place.joulemark(
            [
                "profile", "--family", "matmul", "--shape", "M=256,N=1024,K=1024,bits=8", "--device", "cpu", "--json",
                "-",
            ]
                + Self.brief)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let run = try outcome.run()
        let peaks = try #require(run.devices.first?.peaks)
        let rate = try #require(peaks.rates?["int8Dot"])
        #expect(rate > 0 && peaks.operationsPerSecond(of: nil) == peaks.flopsPerSecond)
        for measurement in run.measurements where measurement.status == .ok {
            let isInteger = measurement.strategy == "q8"
            #expect(measurement.work?.rate == (isInteger ? "int8Dot" : nil))
            let (derived, work) = (try #require(measurement.derived), try #require(measurement.work))
            let roof = min(
                try #require(isInteger ? rate : peaks.flopsPerSecond),
                work.flops / work.minimumBytes * (try #require(peaks.bytesPerSecond)))
            let fraction = try #require(derived.fractionOfRoofline)
            #expect(abs(fraction * roof / derived.flopsPerSecond - 1) < 1e-9)
            // Neighbours take the machine for moments: the peak is looked for several times, and here for a short one.
            #expect(fraction < 1.1, "\(measurement.strategy)")
        }
        #expect(run.measurements.contains { $0.strategy == "q8" && $0.status == .ok })
    }

    @Test("an odd shape is right on every backend, by NumPy's count too, and standard output is the result file alone")
    func oddShape() async throws {
        let place = try Workplace()
        let outcome = try await place.joulemark(
            [
                "profile", "--family", "attention", "--shape", "B=1,Hq=6,Hkv=2,Lq=77,Lk=131,D=72,causal=1", "--dump",
                "d", "--verify-only", "--json", "-",
            ])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let run = try outcome.run()
        #expect(Set(run.devices.map(\.backend)) == ["cpu", "opencl", "vulkan"])
        #expect(run.measurements.count >= 6)
        #expect(run.tool.arguments.first == "profile")
        // Asked to verify only, nothing was timed, metered or compared, not even what the devices can do at best.
        #expect(run.measurements.allSatisfy { $0.verification != nil && $0.time == nil && $0.energy == nil })
        #expect(run.devices.allSatisfy { $0.peaks == nil } && run.comparisons.isEmpty)
        for measurement in run.measurements {
            let name = "\(measurement.strategy) on \(measurement.device)"
            #expect(measurement.status == .ok, "\(name): \(measurement.message ?? "")")
        }
        try await place.expectRecomputed(run, by: "check_attention.py", ["1", "0"])
        #expect(place.files.allSatisfy { $0.hasPrefix("d") })
    }

    @Test("a mask of the user's own is what every strategy attends through, by NumPy's count too")
    func ownMask() async throws {
        let place = try Workplace()
        // Ten rows of blocks of eight; one sees nothing, and those of the last are cut off by the lengths.
        let blocks = (1...10).flatMap { (row: Int) -> [(Int, Int)] in
            (1...17).filter { row != 4 && ($0 == 1 || $0 == row + 7 || (row * $0) % 7 == 3) }.map { (row, $0) }
        }
        let text =
            "%%MatrixMarket matrix coordinate pattern general\n10 17 \(blocks.count)\n"
            + blocks.map { "\($0.0) \($0.1)\n" }.joined()
        try place.write("mask.mtx", Data(text.utf8))
        let outcome = try await place.joulemark(
            [
                "profile", "--family", "sparse-attention", "--shape",
                "B=1,Hq=6,Hkv=2,Lq=77,Lk=131,D=40,block=8,causal=1,window=90", "--input", "mask=mask.mtx", "--dump",
                "d", "--verify-only", "--json", "-",
            ])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let run = try outcome.run()
        #expect(Set(run.measurements.map(\.strategy)).isSuperset(of: ["dense-mask", "block-skip", "block-list"]))
        for measurement in run.measurements {
            let name = "\(measurement.strategy) on \(measurement.device)"
            #expect(measurement.status == .ok, "\(name): \(measurement.message ?? "")")
        }
        try await place.expectRecomputed(
            run, by: "check_sparse_attention.py", [place.path("mask.mtx"), "8", "1", "90"])
    }

    @Test("without an output the results go to reports/latest, and every other form is written where it was asked for")
    func outputs() async throws {
        let place = try Workplace()
        let shape = ["--family", "attention", "--shape", "Hq=2,Hkv=1,Lq=24,Lk=24,D=16", "--device", "cpu"] + Self.brief
        let plain = try await place.joulemark(["profile"] + shape)
        #expect(plain.exitCode == 0, "\(plain.errors)")
        #expect(place.files == ["reports", "reports/latest.html", "reports/latest.json"])
        #expect(plain.errors.contains("reports/latest.json") && plain.errors.contains("reports/latest.html"))
        #expect(plain.text.contains("flash") && !plain.text.contains("\u{1B}"))

        let report = try await place.joulemark(
            [
                "report", "reports/latest.json", "--html", "again.html", "--csv", "a b.csv", "--markdown", "run.md",
                "--trace", "run.trace", "--json", "-",
            ])
        #expect(report.exitCode == 0, "\(report.errors)")
        #expect(try report.output == Data(contentsOf: place.url.appendingPathComponent("reports/latest.json")))
        let page = try String(contentsOf: place.url.appendingPathComponent("again.html"), encoding: .utf8)
        #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("unfused"))
        #expect(try String(contentsOf: place.url.appendingPathComponent("a b.csv"), encoding: .utf8).contains("flash"))
        #expect(try String(contentsOf: place.url.appendingPathComponent("run.md"), encoding: .utf8).contains("| "))
        #expect(
            try JSONSerialization.jsonObject(with: Data(contentsOf: place.url.appendingPathComponent("run.trace")))
                is [String: Any])
    }

    @Test("the code path and the threads that were asked for are those that ran, and the result says so")
    func codePath() async throws {
        let place = try Workplace()
        let shape = ["--family", "attention", "--shape", "Hq=2,Hkv=1,Lq=24,Lk=24,D=16", "--device", "cpu"] + Self.brief
        let devices = try await place.joulemark(["devices", "--json", "-"])
        let features = try #require(try Self.features(of: "cpu:0", in: devices.output))
        for isa in features {
            let outcome = try await place.joulemark(["profile", "--isa", isa, "--threads", "1", "--json", "-"] + shape)
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
            let run = try outcome.run()
            #expect(run.devices.map(\.computeUnits) == [1])
            #expect(!run.measurements.isEmpty)
            for measurement in run.measurements {
                #expect(measurement.status == .ok)
                #expect(measurement.codePath == isa)
            }
        }
    }

    @Test("a worker that nobody asks for anything sleeps")
    func idleWorker() async throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "idle_worker.py")
        let place = try Workplace()
        let outcome = try await place.start([script.path, ProgramUnderTest.path], program: Workplace.python).outcome()
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let share = try #require(Double(outcome.text.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(share < 0.05)
    }

    private static func features(of id: String, in listing: Data) throws -> [String]? {
        let object = try JSONSerialization.jsonObject(with: listing) as? [String: Any]
        let devices = object?["devices"] as? [[String: Any]]
        return devices?.first { $0["id"] as? String == id }?["features"] as? [String]
    }

    @Test("Ctrl-C keeps what is done: exit code 130, a complete file that says it was interrupted")
    func interrupted() async throws {
        let place = try Workplace()
        let program = try place.start(
            [
                "profile", "--suite", "full", "--family", "attention", "--device", "cpu", "--energy", "off",
                "--time-limit",
                "60", "--json", "run.json",
            ])
        async let outcome = program.outcome()
        while !program.errorsSoFar.contains("measuring") { try await Task.sleep(for: .milliseconds(20)) }
        program.interrupt()
        let result = try await outcome
        #expect(result.exitCode == 130, "\(result.errors)")
        let run = try RunFile.read(place.path("run.json"))
        #expect(run.interrupted)
    }

    @Test(
        "interrupted before anything is measured, a run leaves the good file of before",
        arguments: [SIGINT, SIGTERM, SIGHUP])
    func interruptedEarly(signal: Int32) async throws {
        let place = try Workplace()
        let before = try await place.joulemark([
            "profile", "--family", "swiglu", "--shape", "T=8,D=64", "--device", "cpu:0", "--verify-only", "--json",
            "run.json",
        ])
        #expect(before.exitCode == 0, "\(before.errors)")
        let good = try Data(contentsOf: URL(fileURLWithPath: place.path("run.json")))
        // What is verified first takes seconds.
        let program = try place.start([
            "profile", "--family", "attention", "--workload", "llama3-8b-prefill-2k", "--device", "cpu:0", "--energy",
            "off",
            "--json", "run.json",
        ])
        async let outcome = program.outcome()
        while program.isRunning, !program.errorsSoFar.contains("cpu:0") { try await Task.sleep(for: .milliseconds(5)) }
        Glibc.kill(program.processID, signal)
        let result = try await outcome
        #expect(result.exitCode == 130, "\(result.errors)")
        #expect(result.errors.contains("run.json is left as it was"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: place.path("run.json"))) == good)
    }

    @Test("a pipe that nobody reads costs a run its terminal's table, and not its place in the history")
    func closedPipe() async throws {
        let place = try Workplace()
        let script =
            "\"$0\" profile --family swiglu --shape T=8,D=64 --device cpu:0 --verify-only --json r.json --history h.sqlite | true"
        let outcome = try await place.start(["-c", script, ProgramUnderTest.path], program: "/bin/sh").outcome()
        #expect(outcome.exitCode == 0)
        let listed = try await place.joulemark(["history", "list", "--history", "h.sqlite", "--json", "-"])
        #expect(listed.text.contains("swiglu"), "\(listed.text) \(listed.errors)")
    }

    @Test("a full disk is a failure that is named, not a success")
    func fullDisk() async throws {
        let place = try Workplace()
        let script = "exec \"$0\" kernels --json - > /dev/full"
        let outcome = try await place.start(
            ["-c", script, ProgramUnderTest.path], program: "/bin/sh"
        ).outcome()
        #expect(outcome.exitCode == 1)
        #expect(outcome.errors.contains("No space left on device"))
    }

    @Test("an existing link to an output stays a link, and the file that it leads to is replaced")
    func linkedOutput() async throws {
        let place = try Workplace()
        try place.write("real.json", Data("old".utf8))
        try FileManager.default.createSymbolicLink(
            atPath: place.path("link.json"), withDestinationPath: "real.json")
        let outcome = try await place.joulemark(["kernels", "--json", "link.json"])
        #expect(outcome.exitCode == 0)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: place.path("link.json")) == "real.json")
        #expect(
            try JSONSerialization.jsonObject(with: Data(contentsOf: place.url.appendingPathComponent("real.json")))
                is [String: Any])
        #expect(place.files == ["link.json", "real.json"])
    }
}
