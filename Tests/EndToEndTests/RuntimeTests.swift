import Foundation
import Results
import TestSupport
import Testing

@Suite("A runtime of the user's")
struct RuntimeTests {
    private static let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Examples/own-runtime").path

    private func profile(
        _ place: Workplace, runtime: String, _ arguments: [String] = ["--verify-only"]
    ) async throws -> Outcome {
        try await place.joulemark(
            [
                "profile", "--runtime", "example=\(runtime)", "--kernels", "\(Self.example)/kernels", "--family",
                "swiglu", "--shape", "T=4,D=40", "--device", "cpu", "--device", "example", "--json", "-",
            ] + arguments)
    }

    /// The example with a change, as a command line.
    private func changed(_ place: Workplace, _ old: String, _ new: String) throws -> String {
        let source = try String(contentsOfFile: "\(Self.example)/runtime.py", encoding: .utf8)
        #expect(source.contains(old))
        return
            "python3 '\(place.path(try place.write("r.py", Data(source.replacingOccurrences(of: old, with: new).utf8))))'"
    }

    @Test("is a backend: its strategy is verified, timed and compared with the kernels of the same processor")
    func backend() async throws {
        let place = try Workplace()
        let outcome = try await profile(
            place, runtime: "'\(Self.example)/runtime.py'", ["--hot"] + ProfileTests.brief)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let run = try outcome.run()
        let own = try #require(run.measurements.first { $0.strategy == "listed" })
        #expect(own.device == "example:0" && own.status == .ok, "\(own.message ?? "")")
        #expect(own.verification?.reference == "float64")
        #expect(own.codePath == "a loop over lists")
        #expect(own.time?.median ?? 0 > 0)
        let record = try #require(run.devices.first { $0.id == "example:0" })
        #expect(record.isHostProcessor && record.driver.hasPrefix("the example's runtime"))
        let sides = (run.processorComparisons ?? []).map { Set([$0.strategy, $0.baseline]) }
        #expect(sides.contains { $0.contains("listed") && $0.count == 2 }, "whichever is faster")
    }

    @Test("is refused when it speaks another version of the protocol, which is said with both versions")
    func version() async throws {
        let place = try Workplace()
        let runtime = try changed(
            place, "return {\"protocolVersion\": PROTOCOL_VERSION", "return {\"protocolVersion\": 7")
        let outcome = try await profile(place, runtime: runtime)
        #expect(outcome.exitCode == 4)
        #expect(
            outcome.errors.contains("the runtime 'example' speaks version 7 of the protocol")
                && outcome.errors.contains("this build of joulemark version 1"), "\(outcome.errors)")
        let older = try changed(place, "PROTOCOL_VERSION = 1", "PROTOCOL_VERSION = 7")
        let refused = try await profile(place, runtime: older)
        #expect(refused.errors.contains("the runtime speaks version 7, not 1"), "\(refused.errors)")
    }

    @Test(
        "that is not there, or ends, is a reason; a wrong result and an error in a kernel cost that measurement alone")
    func faults() async throws {
        let place = try Workplace()
        let missing = try await profile(place, runtime: "/nowhere/runtime")
        #expect(missing.exitCode == 4)
        #expect(missing.errors.contains("the runtime 'example' exited with status 127"), "\(missing.errors)")

        for (change, status, words) in [
            ("y[index] = 1 +", MeasurementStatus.incorrect, "normalised"),
            ("y[99999] =", .failed, "IndexError"), ("os._exit(5); y[index] =", .failed, "exited with status 5"),
        ] {
            let run = try await profile(place, runtime: try changed(place, "y[index] =", change)).run()
            let own = try #require(run.measurements.first { $0.strategy == "listed" })
            #expect(own.status == status && own.message?.contains(words) ?? true, "\(change): \(own.message ?? "")")
            #expect(run.measurements.filter { $0.device == "cpu:0" }.allSatisfy { $0.status == .ok })
        }
    }

    @Test("Python's interpreter and frameworks are named by doctor, with what would let more strategies run")
    func doctor() async throws {
        let place = try Workplace()
        let found = try await place.joulemark(["doctor"]).text
        #expect(found.contains("RUNTIMES") && found.contains("python:0") && found.contains("numpy "))
        // What needs a GPU's packages is missing on every machine that runs this.
        #expect(found.contains("would let run attention/flash-attn") && found.contains("pip install flash-attn"))
        let none = try await place.joulemark(["doctor", "--python", "/nowhere/python3"])
        #expect(none.exitCode == 0 && none.text.contains("'/nowhere/python3' is not a program"), "\(none.text)")
    }

    @Test("is named where it is missing, and its name is checked")
    func names() async throws {
        let place = try Workplace()
        let without = try await place.joulemark([
            "profile", "--kernels", "\(Self.example)/kernels", "--family", "swiglu", "--strategy", "listed", "--device",
            "cpu", "--verify-only", "--json", "-",
        ])
        #expect(without.exitCode == 4)
        #expect(without.errors.contains("--runtime example=COMMAND starts it"), "\(without.errors)")
        for name in ["cpu", "My Own", "python"] {
            let outcome = try await place.joulemark(["devices", "--runtime", "\(name)=true"])
            #expect(
                outcome.exitCode == 64 && outcome.errors.contains("'\(name)' cannot be its name"), "\(outcome.errors)")
        }
        let twice = try await place.joulemark(["devices", "--runtime", "a=true", "--runtime", "a=true"])
        #expect(twice.exitCode == 64)
    }
}
