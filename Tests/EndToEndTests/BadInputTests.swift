import Foundation
import Results
import Testing

@Suite("Bad input")
struct BadInputTests {
    /// A command line that must be refused.
    struct Case: Sendable, CustomTestStringConvertible {
        let line: String
        let exitCode: Int32
        /// What the message must name.
        let names: [String]

        init(_ line: String, _ exitCode: Int32, _ names: String...) {
            self.line = line
            self.exitCode = exitCode
            self.names = names
        }

        var testDescription: String { line }
    }

    /// What no processor that runs this test has.
    #if arch(x86_64)
    static let foreignInstructionSet = "neon"
    #else
    static let foreignInstructionSet = "avx2"
    #endif

    static let cases = [
        Case("", 64, "no command"),
        Case("profil", 64, "profil", "did you mean 'profile'"),
        Case("profile --famly attention", 64, "--famly", "did you mean '--family'"),
        Case("profile --family atention", 64, "atention", "attention"),
        Case("profile --family attention --strategy flsh", 64, "flsh", "flash"),
        Case("profile --workload gpt5", 64, "gpt5"),
        Case("profile --suite tiny", 64, "tiny", "quick"),
        Case("profile --precision f8", 64, "f8", "f32"),
        Case("profile --family attention --shape D=0", 64, "D=0"),
        Case("profile --family attention --shape D=-8", 64, "D=-8"),
        Case("profile --family attention --shape Q=1", 64, "'Q'", "Lq"),
        Case("profile --family attention --shape D", 64, "--shape", "'D'"),
        Case("profile --family attention --shape D=64,D=32", 64, "'D'", "twice"),
        Case("profile --family attention --shape D=sixtyfour", 64, "sixtyfour", "integer"),
        Case("profile --family attention --shape D=99999999999999999999", 64, "99999999999999999999"),
        Case("profile --family attention --shape Hq=6,Hkv=4", 64, "Hq", "Hkv"),
        Case("profile --shape D=64 --suite quick", 64, "--shape", "--suite"),
        Case("profile --shape D=64 --workload gpt2-small-prefill-512", 64, "--shape", "--workload"),
        Case("profile --verify-only --hot", 64, "--verify-only", "--hot"),
        Case("profile --verify-only --energy measured", 64, "--verify-only", "--energy"),
        Case("profile --device cpu:99", 4, "cpu:99"),
        Case("profile --device cpu:one", 4, "cpu:one"),
        Case("profile --device abacus:0", 4, "abacus:0"),
        Case("profile --isa mmx", 64, "mmx", "avx512"),
        Case("profile --device cpu --isa \(foreignInstructionSet)", 4, foreignInstructionSet, "it runs"),
        Case("profile --device cpu --threads 4096", 4, "4096 threads", "cores"),
        Case("profile --device cpu --threads 0", 64, "--threads", "'0'"),
        Case("profile --device opencl --threads 1", 64, "--threads", "cpu:0"),
        Case("profile --time-limit soon", 64, "--time-limit", "soon"),
        Case("profile --time-limit -1", 64, "--time-limit", "-1"),
        Case("profile --seed 1.5", 64, "--seed", "1.5"),
        Case("profile --energy guessed", 64, "guessed", "measured"),
        Case("profile --energy measured --sysfs empty --device cpu", 6, "power"),
        Case("profile --sysfs nowhere", 64, "--sysfs", "nowhere"),
        Case("profile --kernels nowhere", 64, "nowhere"),
        Case("profile --kernels broken", 64, "strategy.json", "strategy", "a string"),
        Case("profile --quiet=yes", 64, "--quiet", "yes"),
        Case("profile --json", 64, "--json"),
        Case("profile --json - --html -", 64, "--json", "--html"),
        Case("profile --json same --csv same", 64, "--json", "--csv", "same"),
        Case("profile --json nowhere/run.json", 1, "nowhere"),
        Case("profile --html empty", 1, "empty", "folder"),
        Case("profile --dump text.json", 1, "text.json", "folder"),
        Case("profile surplus", 64, "surplus"),
        Case("profile --family attention --input q", 64, "--input", "'q'"),
        Case("profile --family attention --input w=ok.npy", 64, "'w'", "q, k, v"),
        Case("profile --family attention --input q=none.npy", 64, "none.npy"),
        Case("profile --family attention --input q=empty", 64, "empty"),
        Case("profile --family attention --input q=truncated.npy", 64, "truncated.npy"),
        Case("profile --family attention --input q=text.json", 64, "text.json"),
        Case("profile --family attention --input q=header.npy", 64, "header.npy"),
        Case("report", 64, "RUN.json"),
        Case("report none.json", 64, "none.json"),
        Case("report empty", 64, "empty"),
        Case("report text.json", 64, "text.json"),
        Case("report newer.json", 64, "newer.json", "99"),
        Case("report newer.json --html nowhere/page.html", 1, "nowhere"),
        Case("report newer.json newer.json --markdown both.md", 64, "--markdown"),
        Case("devices --jsn -", 64, "--jsn", "did you mean '--json'"),
        Case("kernels --json empty", 1, "empty", "folder"),
        Case("doctor --sysfs text.json", 64, "--sysfs", "text.json"),
        Case("monitor --interval 0", 64, "--interval", "'0'"),
        Case("monitor -- /no/such/program", 64, "/no/such/program"),
        Case("completions tcsh", 64, "tcsh"),
        Case("help nonsense", 64, "nonsense"),
    ]

    @Test("is named on one line with the right exit code, and leaves no trace", arguments: cases)
    func refused(_ bad: Case) async throws {
        let place = try Workplace()
        let fileManager = FileManager.default
        try fileManager.createDirectory(atPath: place.path("empty"), withIntermediateDirectories: true)
        try fileManager.createDirectory(
            atPath: place.path("broken/attention/mine"), withIntermediateDirectories: true)
        try place.write("broken/attention/mine/strategy.json", Data("{ \"strategy\": 7 }".utf8))
        try place.write("text.json", Data("notes, no JSON\n".utf8))
        try place.write("newer.json", Data(#"{"schemaVersion": 99}"#.utf8))
        try place.write("ok.npy", Self.numpy(shape: "(1, 8, 512, 64)", bytes: 4 * 8 * 512 * 64))
        try place.write("truncated.npy", Self.numpy(shape: "(1, 8, 512, 64)", bytes: 100))
        try place.write("header.npy", Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, 255, 255, 1, 2]))
        let before = place.files

        let arguments = bad.line.split(separator: " ").map(String.init)
        let outcome = try await place.joulemark(arguments)
        #expect(!outcome.isKilled)
        #expect(outcome.exitCode == bad.exitCode)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.hasPrefix("joulemark"))
        for name in bad.names { #expect(outcome.errors.contains(name), "\(outcome.errors)") }
        #expect(place.files == before)
    }

    @Test("a profile of which every measurement is skipped is a failure that says so, and its results are written")
    func allSkipped() async throws {
        let place = try Workplace()
        let outcome = try await place.joulemark([
            "profile", "--family", "selective-scan", "--strategy", "fused", "--shape", "L=8,D=4,N=65", "--device",
            "cpu",
            "--verify-only", "--no-history", "--quiet", "--json", "run.json",
        ])
        #expect(
            outcome.exitCode == 1 && outcome.errors.contains("the one measurement was skipped"), "\(outcome.errors)")
        #expect(try RunFile.read(place.path("run.json")).measurements.map(\.status) == [.skipped])
    }

    /// A version 1.0 .npy file of 32-bit floats with a header that claims `shape`, and `bytes` zeros behind it.
    static func numpy(shape: String, bytes: Int) -> Data {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"
        header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
        return Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, 118, 0]) + Data(header.utf8) + Data(count: bytes)
    }
}
