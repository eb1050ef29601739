import FoundationEssentials
import Kernels
import Testing

/// A family with one strategy, as files that a test changes.
struct SampleKernels {
    var files = [
        "sample/family.json": """
        { "family": "sample", "summary": "y = 2x", "baseline": "plain",
          "reference": {"strategy": "plain"}, "flops": "N",
          "parameters": [{"name": "N", "summary": "elements", "default": 64}],
          "requires": ["N % 4 == 0"],
          "inputs": [{"name": "x", "shape": ["N"]}],
          "outputs": [{"name": "y", "shape": ["N"]}],
          "workloads": [{"name": "small", "suites": ["quick"], "parameters": {"N": 128}}] }
        """,
        "sample/plain/strategy.json": """
        { "strategy": "plain", "summary": "two steps", "precisions": ["f32"],
          "requires": ["N >= 8"],
          "tunables": {"TILE": {"values": [4, 8], "default": 4}},
          "constants": {"TWICE": "TILE * 2"},
          "constraints": ["TILE * 4096 <= device.sharedMemoryBytes"],
          "intermediates": {"t": {"shape": ["N"], "type": "f32"}},
          "stages": [
            {"name": "first", "reads": ["x"], "writes": ["t"], "scalars": ["half = N / 2", "root = sqrt(N)"],
             "workGroups": ["ceilDiv(N, TILE)"], "workGroupSize": ["TILE"],
             "cpu": {"workGroups": [1], "workGroupSize": [1]}},
            {"name": "second", "reads": ["t"], "writes": ["y"], "workGroups": ["N", "N", "N"], "workGroupSize": [1]}],
          "vulkan": {"tunables": {"TILE": 8}, "requires": ["N <= 4096"]} }
        """,
        "sample/plain/first.cl": "#include \"../shared.h\"\nkernel void first() {}\n",
        "sample/shared.h": "#define SHARED 1\n",
    ]

    func changing(_ path: String, _ old: String, _ new: String) -> SampleKernels {
        var copy = self
        #expect(files[path]?.contains(old) == true, "'\(old)' is not in \(path)")
        copy.files[path] = files[path]?.replacing(old, with: new)
        return copy
    }

    func write(to folder: String) throws {
        for (path, text) in files {
            let file = URL(filePath: folder).appending(path: path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    /// The built-in kernels with these beside them.
    func withCatalogue<Result>(_ body: (Catalogue, String) throws -> Result) throws -> Result {
        try withTemporaryFolder { folder in
            try write(to: folder)
            return try body(try Catalogue(try KernelLibrary.builtIn.adding(directory: folder)), folder)
        }
    }

    func plan(
        _ parameters: [String: Int] = [:], backend: String = "opencl", sharedMemory: Int = 32768,
        choosing: [String: Int] = [:], change: (inout DeviceLimits) -> Void = { _ in }
    ) throws -> StrategyPlan {
        try withCatalogue { catalogue, _ in
            let family = try catalogue.family("sample")
            var limits = sampleLimits(backend: backend)
            limits.sharedMemoryBytes = sharedMemory
            change(&limits)
            return try catalogue.strategy("plain", of: family).choosing(choosing).plan(
                family: family, parameters: try family.parameters(overriding: parameters), precision: .f32,
                limits: limits)
        }
    }
}

/// Why a plan cannot be had, which a device or a workload has to answer for.
func refusal(_ body: () throws -> StrategyPlan) -> String? {
    let error = #expect(throws: KernelError.self) { try body() }
    #expect(error?.code == .unavailable)
    return error?.description
}

func sampleLimits(backend: String) -> DeviceLimits {
    DeviceLimits(
        backend: backend, computeUnits: 4, sharedMemoryBytes: 32768, maxWorkGroupSize: 256,
        maxWorkGroups: [65535, 65535, 65535], maxBufferBytes: 1 << 27, memoryBytes: 1 << 30, subgroupSize: 8,
        lastLevelCacheBytes: 1 << 20, precisions: [.f32])
}

@Suite("Kernel definitions")
struct DefinitionTests {
    static let family = "sample/family.json"
    static let strategy = "sample/plain/strategy.json"

    static let defectiveFiles: [(path: String, old: String, new: String, message: String)] = [
        (family, "\"summary\": \"y = 2x\"", "\"sumary\": \"y\"", "unknown key 'sumary'; the keys are "),
        (family, "\"summary\": \"y = 2x\",", "", "the key 'summary' is missing"),
        (family, "\"y = 2x\"", "7", "summary: expected a string, found a number"),
        (family, "\"family\": \"sample\"", "\"family\": \"other\"", "family: must be the folder's name, 'sample'"),
        (family, "\"default\": 64", "\"default\": 6.5", "parameters[0].default: expected an integer, found a number"),
        (family, "\"default\": 64", "\"default\": 64, \"maximum\": 9", "parameters[0]: the default 64 is outside 1…9"),
        (
            family, "\"default\": 64}", "\"default\": 64}, {\"name\": \"N\", \"summary\": \"\", \"default\": 1}",
            "parameters[1]: the parameter 'N' stands twice"
        ),
        (family, "[\"N % 4 == 0\"]", "[\"N % % 0\"]", "requires[0]: 'N % % 0' has an unexpected '%'"),
        (family, "[\"N % 4 == 0\"]", "\"N\"", "requires: expected an array, found a string"),
        (family, "[\"quick\"]", "[\"fast\"]", "workloads[0].suites[0]: expected quick, standard or full, found 'fast'"),
        (family, "{\"N\": 128}", "{\"M\": 128}", "workloads[0].parameters: unknown key 'M'"),
        (family, "{\"N\": 128}", "{\"N\": 126}", "workloads[0]: sample requires N % 4 == 0, found 2 (N=126)"),
        (
            family, "\"shape\": [\"N\"]}]", "\"shape\": [\"N\"], \"type\": \"i64\"}]",
            "inputs[0].type: expected f16, bf16, f32, f64, i32, found 'i64'"
        ),
        (
            family, "\"reference\": {\"strategy\": \"plain\"}, \"flops\": \"N\",", "",
            "the key 'reference' is missing: the program has no oracle for this family"
        ),
        (
            family, "{\"strategy\": \"plain\"}", "{}",
            "reference: expected either {\"strategy\": NAME} or {\"golden\": FOLDER}"
        ),
        (
            family, "{\"strategy\": \"plain\"}", "{\"strategy\": \"other\"}",
            "reference.strategy: 'other' is none of the family's strategies"
        ),
        (family, "\"flops\": \"N\",", "", "the key 'flops' is missing"),
        (family, "\"flops\": \"N\",", "\"flops\": \"M\",", "flops: 'M' uses 'M'; the parameters are N"),
        (
            family, "\"baseline\": \"plain\",", "\"baseline\": \"plain\", \"quick\": [\"slow\"],",
            "quick: 'slow' is none of the family's strategies"
        ),
        (
            family, "\"baseline\": \"plain\"", "\"baseline\": \"none\"",
            "baseline: 'none' is none of the family's strategies"
        ),
        (
            family, "\"baseline\": \"plain\"", "\"baseline\": \"plain\", \"internal\": 1",
            "internal: expected true or false"
        ),
        (family, "{ \"family\"", "{{ \"family\"", "not valid JSON"),
        (strategy, "\"stages\": [", "\"steps\": [", "unknown key 'steps'"),
        (strategy, "[\"f32\"]", "[\"f8\"]", "precisions[0]: expected f32, f16, bf16, found 'f8'"),
        (strategy, "\"default\": 4", "\"default\": 5", "tunables.TILE: the default 5 is not among the values"),
        (strategy, "{\"TILE\": 8}", "{\"TILE\": 9}", "vulkan.tunables.TILE: 9 is not among the values of 'TILE'"),
        (strategy, "{\"TILE\": 8}", "{\"TILES\": 8}", "vulkan.tunables.TILES: 'TILES' is not a tunable"),
        (strategy, "\"half = N / 2\"", "\"half N / 2\"", "stages[0].scalars[0]: expected \"name = expression\""),
        (strategy, "\"half = N / 2\"", "\"half = M / 2\"", "stages[0].scalars: 'M / 2' uses 'M', which is not known"),
        (strategy, "\"TILE * 2\"", "\"TILE * BLOCK\"", "constants.TWICE: 'TILE * BLOCK' uses 'BLOCK'"),
        (
            strategy, "device.sharedMemoryBytes", "device.cache",
            "constraints: 'TILE * 4096 <= device.cache' uses 'device.cache'"
        ),
        (
            strategy, "[\"N\", \"N\", \"N\"]", "[1, 1, 1, 1]",
            "stages[1]: 'workGroups' takes one to three expressions, found 4"
        ),
        (
            strategy, "\"reads\": [\"x\"]", "\"reads\": [\"z\"]",
            "stages[0].reads: 'z' is no tensor; the tensors are x, y, t"
        ),
        (strategy, "\"writes\": [\"y\"]", "\"writes\": [\"x\"]", "stages[1].writes: 'x' cannot be written"),
        (strategy, "\"writes\": [\"y\"]", "\"writes\": [\"t\"]", "stages: no stage writes the output 'y'"),
        (strategy, "{\"t\": {", "{\"x\": {\"shape\": [1]}, \"t\": {", "intermediates.x: is already an input or output"),
        (strategy, "\"name\": \"second\"", "\"name\": \"first\"", "stages: two stages have the same name"),
        (strategy, "\"cpu\": {", "\"cpu\": {\"scalars\": [], ", "stages[0].cpu: unknown key 'scalars'"),
        (
            family, "{\"name\": \"y\"", "{\"name\": \"../../ESCAPED\"",
            "outputs[0].name: expected a name of letters, digits, _ and - that begins with a letter, found '../../ESCAPED'"
        ),
        (family, "{\"name\": \"x\"", "{\"name\": \"\"", "inputs[0].name: expected a name of letters"),
        (family, "{\"name\": \"N\"", "{\"name\": \"N \"", "parameters[0].name: expected a name of letters"),
        (
            family, "{\"name\": \"small\"", "{\"name\": \"..\"",
            "workloads[0].name: expected a name of letters, digits, _, - and ."
        ),
        (strategy, "\"name\": \"first\"", "\"name\": \"../first\"", "stages[0].name: expected a name of letters"),
        (strategy, "{\"TILE\": {", "{\"T=1 -I/etc\": {", "tunables.T=1 -I/etc: expected a name of letters"),
        (strategy, "\"TWICE\"", "\"TWICE;\"", "constants.TWICE;: expected a name of letters"),
        (strategy, "{\"t\": {", "{\"/t\": {", "intermediates./t: expected a name of letters"),
        (strategy, "\"half = N / 2\"", "\"1half = N / 2\"", "stages[0].scalars[0]: expected a name of letters"),
        (strategy, "\"strategy\": \"plain\"", "\"strategy\": null", "strategy: expected a string, found null"),
    ]

    @Test("a defect in a user's file names file and key and costs nothing else", arguments: defectiveFiles)
    func defects(path: String, old: String, new: String, message: String) throws {
        try SampleKernels().changing(path, old, new).withCatalogue { catalogue, folder in
            let problem = try #require(catalogue.problems.first)
            #expect(problem.code == .invalidDefinition)
            #expect(problem.description.hasPrefix("\(folder)/\(path): \(message)"), "\(problem.description)")
            #expect(!problem.description.contains("\n"))
            #expect(!catalogue.families.contains { $0.name == "sample" })
            #expect(catalogue.families.contains { $0.name == "attention" })
        }
    }

    @Test("a sound folder adds its family without a problem")
    func sound() throws {
        try SampleKernels().withCatalogue { catalogue, _ in
            #expect(catalogue.problems.isEmpty)
            let family = try catalogue.family("sample")
            #expect(catalogue.strategies(of: family).map(\.name) == ["plain"])
            #expect(family.workloads.map(\.name) == ["small"])
            #expect(try catalogue.reference(of: family).flops(["N": 12]) == 12)
        }
    }

    @Test("unknown names are errors that list the known ones")
    func unknownNames() throws {
        try SampleKernels().withCatalogue { catalogue, _ in
            let family = #expect(throws: KernelError.self) { try catalogue.family("atention") }
            #expect(family?.description.hasPrefix("unknown family 'atention'; the families are attention") == true)
            #expect(family?.description.contains("peak") == false)
            let strategy = #expect(throws: KernelError.self) {
                try catalogue.strategy("fast", of: try catalogue.family("sample"))
            }
            #expect(strategy?.description == "sample has no strategy 'fast'; its strategies are plain")
        }
    }

    @Test("parameters are checked one by one: unknown, out of range, unmet requirement")
    func parameters() throws {
        try SampleKernels().withCatalogue { catalogue, _ in
            let family = try catalogue.family("sample")
            #expect(try family.parameters(overriding: [:]) == ["N": 64])
            func message(_ given: [String: Int]) -> String? {
                #expect(throws: KernelError.self) { try family.parameters(overriding: given) }?.description
            }
            #expect(message(["K": 1]) == "sample has no parameter 'K'; its parameters are N")
            #expect(message(["N": 0]) == "sample: N=0 is out of range; elements goes from 1 to 16777216")
            #expect(message(["N": 6]) == "sample requires N % 4 == 0, found 2 (N=6)")
        }
    }
}
