import Foundation
import Results
import TestSupport
import Testing

@Suite("A user's own kernels")
struct OwnKernelsTests {
    private static let example = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Examples/own-kernels").path

    /// A copy of the example to change.
    private func copyExample(to place: Workplace) throws {
        try FileManager.default.copyItem(atPath: Self.example, toPath: place.path("own"))
    }

    private func profile(
        _ place: Workplace, _ arguments: [String], timed: Bool = false
    ) async throws -> (RunRecord, Outcome) {
        let outcome = try await place.joulemark(
            ["profile", "--kernels", "own", "--json", "-"] + arguments
                + (timed ? ["--hot"] + ProfileTests.brief : ["--verify-only"]))
        return (try outcome.run(), outcome)
    }

    @Test("a copied folder is a strategy, with no Swift edited: it is verified, compared, and gone with the folder")
    func strategy() async throws {
        let place = try Workplace()
        try copyExample(to: place)
        let (run, outcome) = try await profile(place, ["--family", "swiglu", "--shape", "T=5,D=70"], timed: true)
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        let own = run.measurements.filter { $0.strategy == "fused-pairs" }
        #expect(Set(own.map { $0.device.prefix { $0 != ":" } }) == ["cpu", "opencl", "vulkan"])
        #expect(own.allSatisfy { $0.status == .ok && $0.verification?.reference == "float64" })
        #expect(run.comparisons.contains { $0.strategy == "fused-pairs" })

        try FileManager.default.removeItem(atPath: place.path("own/swiglu"))
        let listing = try await place.joulemark(["kernels", "--kernels", "own", "--json", "-"])
        #expect(listing.exitCode == 0 && !listing.text.contains("fused-pairs") && listing.text.contains("row-softmax"))
    }

    @Test("a page has the sources that ran, and none any more that have changed since")
    func sources() async throws {
        let place = try Workplace()
        try copyExample(to: place)
        let made = try await place.joulemark([
            "profile", "--kernels", "own", "--family", "swiglu", "--strategy", "fused-pairs", "--strategy", "unfused",
            "--device", "cpu", "--shape", "T=5,D=70", "--verify-only", "--json", "run.json", "--html", "page.html",
        ])
        #expect(made.exitCode == 0, "\(made.errors)")
        let run = try RunFile.read(place.path("run.json"))
        #expect(run.measurements.allSatisfy { $0.kernelDigest?.isEmpty == false })
        func page(_ name: String) throws -> String { try String(contentsOfFile: place.path(name), encoding: .utf8) }
        let source = "own/swiglu/fused-pairs/pairs.c"
        let text = try String(contentsOfFile: place.path(source), encoding: .utf8)
        let (own, builtIn) = ("<summary>swiglu/fused-pairs/", "<summary>swiglu/unfused/")
        #expect(try page("page.html").contains(own) && page("page.html").contains(builtIn))
        #expect(try page("page.html").contains("<dd class=\"sources\"><a href=\"#source-"))
        try Data((text + "\n").utf8).write(to: place.url.appendingPathComponent(source))
        let again = try await place.joulemark(["report", "run.json", "--kernels", "own", "--html", "again.html"])
        #expect(again.exitCode == 0, "\(again.errors)")
        #expect(try !page("again.html").contains(own) && page("again.html").contains(builtIn))
    }

    @Test("a new family is held against the strategy that it names, on another device where there is one")
    func family() async throws {
        let place = try Workplace()
        try copyExample(to: place)
        let (run, outcome) = try await profile(place, ["--family", "row-softmax", "--shape", "T=3,D=1001"])
        #expect(outcome.exitCode == 0, "\(outcome.errors)")
        for measurement in run.measurements where measurement.strategy == "online" {
            #expect(measurement.status == .ok, "\(measurement.device): \(measurement.message ?? "")")
            #expect(measurement.verification?.reference == "three-pass on cpu:0")
            #expect(measurement.work?.flops == 12_012.0)
        }
        let plain = try #require(run.measurements.first { $0.strategy == "three-pass" && $0.device == "cpu:0" })
        #expect(plain.verification?.reference == "itself: it is the reference")
    }

    @Test("golden files are the reference of a family that names them, right or wrong")
    func golden() async throws {
        let place = try Workplace()
        try copyExample(to: place)
        let dump = try await place.joulemark(
            [
                "profile", "--kernels", "own", "--family", "row-softmax", "--shape", "T=64,D=32000", "--strategy",
                "three-pass", "--device", "cpu", "--dump", "d", "--json", "-", "--verify-only",
            ])
        #expect(dump.exitCode == 0, "\(dump.errors)")
        try FileManager.default.createDirectory(
            atPath: place.path("own/row-softmax/golden"), withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            atPath: place.path("d/row-softmax/three-pass/cpu:0"),
            toPath: place.path("own/row-softmax/golden/vocabulary-32k"))
        let definition = try String(contentsOfFile: place.path("own/row-softmax/family.json"), encoding: .utf8)
            .replacingOccurrences(of: "{\"strategy\": \"three-pass\"}", with: "{\"golden\": \"golden\"}")
        try place.write("own/row-softmax/family.json", Data(definition.utf8))

        let arguments = ["--family", "row-softmax", "--workload", "vocabulary-32k", "--device", "cpu"]
        let (right, _) = try await profile(place, arguments)
        #expect(right.measurements.allSatisfy { $0.status == .ok && $0.verification?.reference == "golden files" })

        let file = place.path("own/row-softmax/golden/vocabulary-32k/y.npy")
        var bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        bytes[bytes.count - 1] = 0x41  // the last element becomes about 8
        try bytes.write(to: URL(fileURLWithPath: file))
        let (wrong, outcome) = try await profile(place, arguments)
        #expect(outcome.exitCode == 3)
        #expect(wrong.measurements.allSatisfy { $0.status == .incorrect && $0.time == nil })
    }

    @Test("operations that cannot be counted are refused; they would be a speed of 0")
    func uncountable() async throws {
        let place = try Workplace()
        try copyExample(to: place)
        let file = "own/row-softmax/family.json"
        let definition = try String(contentsOfFile: place.path(file), encoding: .utf8)
        let pattern = try Regex("\"flops\": \"[^\"]*\"")
        let changed = definition.replacing(pattern, with: "\"flops\": \"T / (D - 7)\"")
        try #require(changed != definition)
        try place.write(file, Data(changed.utf8))
        let outcome = try await place.joulemark(
            [
                "profile", "--kernels", "own", "--family", "row-softmax", "--shape", "T=3,D=7", "--device", "cpu",
                "--verify-only",
            ])
        #expect(outcome.exitCode == 64 && outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("row-softmax: flops: 'T / (D - 7)' divides by zero"))
    }

    @Test(
        "what does not compile fails alone, with the compiler's log and the user's own path",
        arguments: [
            ("pairs.c", "jm_load(up", "cpu"), ("pairs.comp", " up[i]", "vulkan"), ("pairs.cl", " up[i]", "opencl"),
        ])
    func compileError(file: String, text: String, backend: String) async throws {
        let place = try Workplace()
        try copyExample(to: place)
        let path = "own/swiglu/fused-pairs/\(file)"
        let source = try String(contentsOfFile: place.path(path), encoding: .utf8)
        let broken = source.replacingOccurrences(of: text, with: text.replacingOccurrences(of: "up", with: "mistake"))
        try #require(broken != source)
        try place.write(path, Data(broken.utf8))
        let (run, outcome) = try await profile(
            place, ["--family", "swiglu", "--shape", "T=5,D=70", "--device", "\(backend):0"])
        #expect(outcome.exitCode == 1, "\(outcome.errors)")
        for measurement in run.measurements {
            #expect(measurement.status == (measurement.strategy == "fused-pairs" ? .failed : .ok))
        }
        let message = try #require(run.measurements.first { $0.strategy == "fused-pairs" }?.message)
        #expect(message.contains("mistake") && message.contains("error"), "\(message)")
        #expect(message.contains(backend == "opencl" ? "swiglu/fused-pairs/pairs.cl" : path), "\(message)")
    }

    @Test(
        "a missing source is skipped on that backend, an unknown key is a warning that names it, and the others go on")
    func defects() async throws {
        let place = try Workplace()
        try copyExample(to: place)
        try FileManager.default.removeItem(atPath: place.path("own/swiglu/fused-pairs/pairs.c"))
        let (run, _) = try await profile(
            place, ["--family", "swiglu", "--shape", "T=5,D=70", "--device", "cpu"])
        let own = try #require(run.measurements.first { $0.strategy == "fused-pairs" })
        #expect(own.status == .skipped && own.message?.contains("swiglu/fused-pairs/pairs.c") == true)
        let list = try await place.joulemark(["kernels", "--kernels", "own"])
        let words = list.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(words.contains("on not cpu (no pairs.c in its folder), opencl, vulkan"))

        let definition = try String(contentsOfFile: place.path("own/swiglu/fused-pairs/strategy.json"), encoding: .utf8)
        try place.write(
            "own/swiglu/fused-pairs/strategy.json",
            Data(definition.replacingOccurrences(of: "\"requires\"", with: "\"requiers\"").utf8))
        let listing = try await place.joulemark(["kernels", "--kernels", "own"])
        #expect(listing.exitCode == 0)
        #expect(listing.errors.contains("own/swiglu/fused-pairs/strategy.json: unknown key 'requiers'"))
        #expect(listing.text.contains("row-softmax") && !listing.text.contains("fused-pairs"))
    }

    private static let ownAlone = [
        "profile", "--kernels", "own", "--json", "-", "--verify-only", "--family", "swiglu", "--strategy",
        "fused-pairs",
        "--shape", "T=5,D=70", "--device", "cpu",
    ]

    /// A folder with the example's kernels, and an environment that a test may change.
    private func ownPlace() throws -> (Workplace, [String: String]) {
        let place = try Workplace()
        try copyExample(to: place)
        return (place, ProcessInfo.processInfo.environment)
    }

    @Test("a compiled kernel that was damaged on the disk is made anew")
    func damagedCache() async throws {
        let place: Workplace
        var environment: [String: String]
        (place, environment) = try ownPlace()
        environment["XDG_CACHE_HOME"] = place.path("cache")
        let first = try await place.joulemark(Self.ownAlone, environment: environment)
        #expect(first.exitCode == 0, "\(first.errors)")
        let libraries = place.files.filter { $0.hasSuffix("stages.so") }
        let library = try #require(libraries.first)
        #expect(libraries.count == 1)
        let whole = try Data(contentsOf: place.url.appendingPathComponent(library))
        var flipped = whole
        flipped[whole.count / 2] ^= 0xFF
        for damaged in [whole.prefix(whole.count / 2), whole.prefix(0), flipped] {
            try place.write(library, Data(damaged))
            let outcome = try await place.joulemark(Self.ownAlone, environment: environment)
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
            #expect(try outcome.run().measurements.allSatisfy { $0.status == .ok })
            #expect(try Data(contentsOf: place.url.appendingPathComponent(library)).count == whole.count)
        }
    }

    @Test("a cache that others can write to is not used, and without a home there is one for all workers")
    func ownersOfCaches() async throws {
        let place: Workplace
        var environment: [String: String]
        (place, environment) = try ownPlace()
        for name in ["XDG_CACHE_HOME", "HOME"] { environment[name] = nil }
        environment["TMPDIR"] = place.path("temporary")
        try FileManager.default.createDirectory(atPath: place.path("temporary"), withIntermediateDirectories: true)
        for _ in 0..<2 {
            let outcome = try await place.joulemark(Self.ownAlone, environment: environment)
            #expect(outcome.exitCode == 0, "\(outcome.errors)")
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: place.path("temporary"))
        #expect(left == ["joulemark-kernels-\(geteuid())"])
        let entries = place.files.filter { $0.hasSuffix("stages.so") }
        #expect(entries.count == 1)

        let cache = place.path("temporary/joulemark-kernels-\(geteuid())")
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: cache)
        let refused = try await place.joulemark(Self.ownAlone, environment: environment)
        #expect(refused.exitCode == 1)
        #expect(
            try refused.run().measurements.first?.message?.contains("set XDG_CACHE_HOME")
                == true)
    }

    @Test("CC may have options, as make takes it, and one that is no program is named")
    func compilerOfTheUser() async throws {
        let place: Workplace
        var environment: [String: String]
        (place, environment) = try ownPlace()
        environment["XDG_CACHE_HOME"] = place.path("cache")
        environment["CC"] = "gcc -O3 -DTRIED"
        try place.append("own/swiglu/fused-pairs/pairs.c", "\n#ifndef TRIED\n#error options are lost\n#endif\n")
        let outcome = try await place.joulemark(Self.ownAlone, environment: environment)
        #expect(outcome.exitCode == 0, "\(outcome.errors) \(outcome.text.suffix(2000))")
        environment["CC"] = "no-such-compiler -O3"
        let missing = try await place.joulemark(Self.ownAlone, environment: environment)
        let message = try missing.run().measurements.first?.message ?? ""
        #expect(message.contains("no-such-compiler") && message.contains("CC names one"), "\(message)")
    }

    @Test("a few lines that ask a compiler for all memory or all time cost their strategy alone, and are named")
    func macroBomb() async throws {
        let place = try Workplace()
        try copyExample(to: place)
        // Each level ten of the one before: 10¹² tokens.
        var lines = ["#define L0 1,1,1,1,1,1,1,1,1,1,"]
        for level in 1...11 {
            lines.append("#define L\(level) " + Array(repeating: "L\(level - 1)", count: 10).joined(separator: " "))
        }
        lines.append("static const int bomb[] = { L11 };")
        try place.append("own/swiglu/fused-pairs/pairs.c", "\n" + lines.joined(separator: "\n") + "\n")
        let outcome = try await place.joulemark(
            Self.ownAlone + ["--strategy", "fused"], environment: ProcessInfo.processInfo.environment)
        #expect(outcome.exitCode == 1, "\(outcome.errors)")
        let run = try outcome.run()
        #expect(run.measurements.first { $0.strategy == "fused" }?.status == .ok)
        let bomb = try #require(run.measurements.first { $0.strategy == "fused-pairs" })
        #expect(bomb.status == .failed)
        #expect(bomb.message?.contains("does not compile") == true)
    }
}

extension Workplace {
    fileprivate func append(_ name: String, _ text: String) throws {
        let file = url.appendingPathComponent(name)
        try (try String(contentsOf: file, encoding: .utf8) + text).write(to: file, atomically: true, encoding: .utf8)
    }
}
