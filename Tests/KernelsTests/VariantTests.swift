import Kernels
import Testing

/// The sample with a ladder in front of its first stage: two rungs that ask something of the device, the second also of
/// the shape.
private struct Ladder {
    var kernels = SampleKernels().changing(
        "sample/plain/strategy.json", "\"workGroups\": [\"ceilDiv(N, TILE)\"]",
        """
        "variants": [
          {"name": "matrix", "when": ["device.has.matrixF16F32", "N % M == 0"], "why": "tiles", "rate": "matrixF16F32",
           "constants": {"M": "device.matrixF16F32.M", "TWICE": "N / M"}, "workGroups": ["N / M", 2],
           "traffic": {"x": "8 * N"}},
          {"name": "subgroup", "when": ["device.has.subgroupArithmetic", "N >= 32"], "why": "no barriers",
           "workGroupSize": ["device.subgroupSize"], "vulkan": {"workGroups": [7]}}],
        "workGroups": ["ceilDiv(N, TILE)"]
        """)
    var sources = ["first.cl", "first.matrix.cl", "first.subgroup.cl", "second.cl"]
    var features: Set<DeviceFeature> = []
    var shapes: [MatrixShape] = []

    func plan(
        _ parameters: [String: Int] = [:], backend: String = "opencl", forcing variant: String? = nil
    ) throws -> StrategyPlan {
        var kernels = kernels
        for source in sources { kernels.files["sample/plain/\(source)"] = "" }
        return try kernels.withCatalogue { catalogue, _ in
            #expect(catalogue.problems.map(\.description) == [])
            let family = try catalogue.family("sample")
            var limits = sampleLimits(backend: backend)
            limits.features = features
            limits.matrixShapes = shapes
            return try catalogue.strategy("plain", of: family).forcing(variant: variant).plan(
                family: family, parameters: try family.parameters(overriding: parameters), precision: .f32,
                limits: limits)
        }
    }
}

@Suite("Variants of a stage")
struct VariantTests {
    private let tile = MatrixShape(.matrixF16F32, m: 16, n: 16, k: 16)

    @Test("the first rung that the device and the shape allow is taken, the stage itself where none is")
    func ladder() throws {
        var ladder = Ladder()
        #expect(try ladder.plan().stages.map(\.variant) == [nil, nil])
        ladder.features = [.subgroupArithmetic]
        #expect(try ladder.plan().stages[0].variant == "subgroup")
        #expect(try ladder.plan(["N": 16]).stages[0].variant == nil)
        ladder.shapes = [tile]
        #expect(try ladder.plan().stages[0].variant == "matrix")
        #expect(try ladder.plan(["N": 72]).stages[0].variant == "subgroup")
    }

    @Test("a rung has its own grid, constants and traffic, and the stage's where it says nothing")
    func overrides() throws {
        var ladder = Ladder()
        ladder.shapes = [tile]
        let matrix = try ladder.plan().stages[0]
        #expect(matrix.workGroups == [4, 2, 1] && matrix.workGroupSize == [4, 1, 1])
        #expect(
            matrix.constants == [
                NamedValue("M", .integer(16)), NamedValue("TILE", .integer(4)), NamedValue("TWICE", .integer(4)),
            ])
        #expect(matrix.traffic.first { $0.tensor == "x" }?.bytes == 512)
        #expect(matrix.sourceName == "first.matrix" && matrix.sourcePath == "sample/plain/first.matrix")
        // The next stage keeps the strategy's own.
        #expect(try ladder.plan().stages[1].constants.contains(NamedValue("TWICE", .integer(8))))
        ladder.features = [.subgroupArithmetic]
        ladder.shapes = []
        let subgroup = try ladder.plan().stages[0]
        #expect(subgroup.workGroups == [16, 1, 1] && subgroup.workGroupSize == [8, 1, 1])
        ladder.sources = ["first.subgroup.comp", "first.comp", "second.comp"]
        #expect(try ladder.plan(backend: "vulkan").stages[0].workGroups == [7, 1, 1])
    }

    @Test("a rung without a form for the precision is passed over, and says so where it is forced")
    func precisions() throws {
        var ladder = Ladder()
        ladder.shapes = [tile]
        ladder.kernels = ladder.kernels.changing(
            "sample/plain/strategy.json", "\"why\": \"tiles\",", "\"why\": \"tiles\", \"precisions\": [\"f16\"],")
        #expect(try ladder.plan().stages[0].variant == nil)
        #expect(
            refusal { try ladder.plan(forcing: "matrix") }
                == "sample/plain: the variant 'matrix' of 'first' has no f32 form")
    }

    @Test("constants in a list may use those before them, whatever their names")
    func constantsInOrder() throws {
        var ladder = Ladder()
        ladder.shapes = [tile]
        ladder.kernels = ladder.kernels.changing(
            "sample/plain/strategy.json", "{\"M\": \"device.matrixF16F32.M\", \"TWICE\": \"N / M\"}",
            "[\"WIDTH = device.matrixF16F32.M\", \"M = WIDTH\", \"TWICE = N / M\"]")
        let constants = try ladder.plan().stages[0].constants
        #expect(constants.contains(NamedValue("M", .integer(16))))
        #expect(constants.contains(NamedValue("TWICE", .integer(4))))
    }

    @Test("a compiler's log names the extension that it does not know")
    func unknownExtension() {
        let log =
            "a.comp:3: error: '#extension' : extension not supported: GL_KHR_cooperative_matrix\n1 error generated.\n"
        #expect(GLSLCompiler.unknownExtension(in: log) == "GL_KHR_cooperative_matrix")
        #expect(GLSLCompiler.unknownExtension(in: "a.comp:3: error: 'x' : undeclared identifier") == nil)
    }

    @Test("a rung without a source for the backend is passed over")
    func missingSource() throws {
        var ladder = Ladder()
        ladder.features = [.subgroupArithmetic]
        ladder.shapes = [tile]
        ladder.sources = ["first.cl", "first.subgroup.cl", "second.cl"]
        #expect(try ladder.plan().stages[0].variant == "subgroup")
        #expect(
            refusal { try ladder.plan(forcing: "matrix") }
                == "sample/plain: the variant 'matrix' of 'first' has no source for opencl")
    }

    @Test("a forced rung is taken or refused with the reason; the others are not tried")
    func forced() throws {
        var ladder = Ladder()
        ladder.features = [.subgroupArithmetic]
        #expect(try ladder.plan(forcing: "plain").stages[0].variant == nil)
        #expect(try ladder.plan(forcing: "subgroup").stages[0].variant == "subgroup")
        #expect(
            refusal { try ladder.plan(["N": 16], forcing: "subgroup") }
                == "sample/plain: the variant 'subgroup' of 'first' needs N >= 32, found N=16")
        #expect(
            refusal { try ladder.plan(forcing: "matrix") }
                == "sample/plain: the variant 'matrix' of 'first' needs device.has.matrixF16F32, "
                + "found device.has.matrixF16F32=0")
        #expect(
            refusal { try ladder.plan(forcing: "mma") }
                == "sample/plain has no variant 'mma'; it has matrix, subgroup, plain")
    }

    @Test(
        "of the matrix shapes that a driver lists, 16 x 16 x 16 goes before larger ones, and these before smaller ones")
    func preferredShapes() {
        var limits = sampleLimits(backend: "vulkan")
        limits.matrixShapes = [
            MatrixShape(.matrixF16F32, m: 8, n: 8, k: 8), MatrixShape(.matrixF16F32, m: 32, n: 32, k: 16), tile,
            MatrixShape(.matrixS8S32, m: 8, n: 8, k: 16), MatrixShape(.matrixS8S32, m: 16, n: 8, k: 32),
        ]
        #expect(limits.matrixShape(of: .matrixF16F32) == tile)
        #expect(limits.matrixShape(of: .matrixS8S32)?.k == 32)
        #expect(limits.matrixShape(of: .matrixBF16F32) == nil)
    }

    static let defectiveLadders: [(old: String, new: String, message: String)] = [
        ("\"why\": \"tiles\", ", "", "stages[0].variants[0]: the key 'why' is missing"),
        ("\"name\": \"subgroup\"", "\"name\": \"matrix\"", "stages[0].variants[1]: the name 'matrix' is taken"),
        ("\"name\": \"subgroup\"", "\"name\": \"plain\"", "stages[0].variants[1]: the name 'plain' is taken"),
        ("N >= 32", "K >= 32", "stages[0].variants[1].when: 'K >= 32' uses 'K', which is not known"),
        (
            "device.has.subgroupArithmetic", "device.has.wings",
            "stages[0].variants[1].when: 'device.has.wings' uses 'device.has.wings'"
        ),
        ("\"rate\": \"matrixF16F32\"", "\"rate\": \"f8\"", "stages[0].variants[0].rate: expected f32, f16, int8Dot"),
        ("{\"x\": \"8 * N\"}", "{\"y\": \"8\"}", "stages[0].variants[0].traffic.y: the stage neither reads nor writes"),
    ]

    @Test("a defect of a variant names its key", arguments: defectiveLadders)
    func defects(old: String, new: String, message: String) throws {
        try Ladder().kernels.changing("sample/plain/strategy.json", old, new).withCatalogue { catalogue, folder in
            let problem = try #require(catalogue.problems.first)
            let prefix = "\(folder)/sample/plain/strategy.json: \(message)"
            #expect(problem.description.hasPrefix(prefix), "\(problem.description)")
        }
    }

    @Test(
        "a backend's constants and the family's are those of every stage, the strategy's and the backend's in their place"
    )
    func sharedConstants() throws {
        let kernels = SampleKernels()
            .changing(
                "sample/family.json", "\"workloads\"", "\"constants\": {\"ROWS\": 96, \"TWICE\": 1}, \"workloads\""
            )
            .changing(
                "sample/plain/strategy.json", "\"vulkan\": {", "\"cpu\": {\"constants\": {\"ROWS\": 32}}, \"vulkan\": {"
            )
        let names = try kernels.plan().stages[1].constants
        #expect(
            names == [
                NamedValue("ROWS", .integer(96)), NamedValue("TILE", .integer(4)), NamedValue("TWICE", .integer(8)),
            ])
        #expect(try kernels.plan(backend: "cpu").stages[1].constants.first == NamedValue("ROWS", .integer(32)))
    }
}
