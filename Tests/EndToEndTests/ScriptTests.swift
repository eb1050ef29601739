import Foundation
import Results
import TestSupport
import Testing

@Suite("Strategies in a script, and the package for Python")
struct ScriptTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    private static let script = """
        import numpy
        from joulemark import strategy
        from beside import silu

        @strategy("swiglu", framework="numpy", reads=["gate", "up"], writes=["y"])
        def my_own(gate, up):
            "What a script does."
            return silu(gate) * up

        @strategy("swiglu", framework="numpy", reads=["gate", "up"], writes=["y"], name="ready", prepares=True)
        def prepared(gate, up, y, D):
            return lambda: numpy.multiply(silu(gate), up, out=y)

        @strategy("swiglu", framework="numpy", reads=["gate", "up"], writes=["y"])
        def raises(gate, up):
            return gate[99]
        """

    private func write(_ place: Workplace, _ script: String) throws -> String {
        try place.write("beside.py", Data("import numpy\ndef silu(x): return x / (1 + numpy.exp(-x))\n".utf8))
        return try place.write("mine.py", Data(script.utf8))
    }

    @Test("functions under joulemark.strategy are strategies: verified, and a fault names the script's line")
    func declared() async throws {
        let place = try Workplace()
        let environment = ProcessInfo.processInfo.environment.merging(["XDG_CACHE_HOME": place.path("cache")]) { $1 }
        let outcome = try await place.joulemark(
            [
                "profile", "--kernels", try write(place, Self.script), "--family", "swiglu", "--shape", "T=3,D=40",
                "--device", "python:0", "--strategy", "my-own", "--strategy", "ready", "--strategy", "raises",
                "--verify-only", "--json", "-",
            ], environment: environment)
        let run = try outcome.run()
        let found = Dictionary(uniqueKeysWithValues: run.measurements.map { ($0.strategy, $0) })
        #expect(found["my-own"]?.status == .ok && found["ready"]?.status == .ok, "\(outcome.errors)")
        #expect(found["raises"]?.status == .failed)
        let message = found["raises"]?.message ?? ""
        #expect(message.hasPrefix("IndexError") && message.hasSuffix("/mine.py:16)"), "\(message)")
        let listing = try await place.joulemark(["kernels", "--kernels", "mine.py"], environment: environment)
        #expect(listing.text.contains("What a script does."))
    }

    @Test("a script that declares nothing, twice the same or does not load ends the run with its line")
    func faults() async throws {
        let place = try Workplace()
        for (script, words) in [
            ("x = 1", "declares no strategy"), ("import no_such_module", "no_such_module' (mine.py:1)"),
            (Self.script + "\n" + Self.script, "swiglu/my-own is declared twice"),
            (
                "from joulemark import strategy\n@strategy('swiglu', framework='numpy', reads=['gates'], writes=['y'])\ndef f(g): pass",
                "'gates' is no tensor"
            ),
        ] {
            let outcome = try await place.joulemark(["profile", "--kernels", try write(place, script), "--verify-only"])
            #expect(outcome.exitCode == 64 && outcome.errors.contains(words), "\(outcome.exitCode) \(outcome.errors)")
        }
    }

    /// An interpreter that makes wheels without a network; `nil`: there is none.
    private static let packager: String? = ["/usr/bin/python3", "python3"].lazy.compactMap { name -> String? in
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name, "-c", "import setuptools, wheel, pip"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? name : nil
    }.first

    @Test(
        "the package installs without a network, has the program's version, and reads its results",
        .enabled(if: packager != nil))
    func package() async throws {
        let place = try Workplace()
        // Building writes beside the sources.
        for folder in ["python", "kernels/python"] {
            let target = place.url.appendingPathComponent("clone/\(folder)")
            try FileManager.default.createDirectory(
                at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.copyItem(at: URL(fileURLWithPath: "\(Self.root)/\(folder)"), to: target)
        }
        let python = try #require(Self.packager)
        let installed = try await place.start(
            [
                python, "-m", "pip", "install", "--no-build-isolation", "--no-index", "--no-deps", "--quiet",
                "--target",
                "site", "./clone/python",
            ], program: "/usr/bin/env"
        ).outcome()
        #expect(installed.exitCode == 0, "\(installed.errors)")
        let result = try await place.joulemark([
            "profile", "--family", "swiglu", "--shape", "T=3,D=40", "--device", "cpu", "--verify-only", "--json",
            "run.json",
            "--quiet",
        ])
        #expect(result.exitCode == 0)
        let read = try await place.start(
            [
                "PYTHONPATH=site", python, "-c",
                """
                import importlib.metadata, joulemark, joulemark_runtime.conversation
                print(importlib.metadata.version("joulemark"))
                for row in joulemark.rows("run.json"):
                    print(row["strategy"], row["status"], row["parameters.D"], row["verification.passed"])
                try: joulemark.rows({"schemaVersion": 2, "measurements": []})
                except ValueError as error: print(error)
                """,
            ], program: "/usr/bin/env"
        ).outcome()
        let version = try await place.joulemark(["--version"]).text.split(separator: " ").last.map(String.init) ?? ""
        let lines = read.text.split(separator: "\n").map(String.init)
        #expect(lines.first == version.trimmingCharacters(in: .whitespacesAndNewlines), "\(read.errors)")
        #expect(lines.dropFirst().prefix(2).elementsEqual(["unfused ok 40 True", "fused ok 40 True"]), "\(read.text)")
        #expect(lines.last?.hasSuffix("schemaVersion is 2") == true)
    }
}
