import Kernels
import Testing

@Suite("Bindings of a stage")
struct BindingsTests {
    /// The interface of one of the sample's stages, with a family constant and a tensor of integers.
    private func interface(_ stage: String, backend: String = "cpu") throws -> StageInterface {
        let kernels = SampleKernels()
            .changing(
                "sample/family.json", "\"workloads\"",
                "\"constants\": {\"ROWS\": 96, \"HALF\": \"1 / 2.0\"}, \"workloads\""
            )
            .changing("sample/plain/strategy.json", "\"type\": \"f32\"", "\"type\": \"i32\"")
            .changing("sample/plain/strategy.json", "\"root = sqrt(N)\"", "\"root = sqrt(N)\", \"seven = 7\"")
        return try kernels.withCatalogue { catalogue, _ in
            let family = try catalogue.family("sample")
            let strategy = try catalogue.strategy("plain", of: family)
            // No source of the sample is for this backend: what it would bind is asked for all the same.
            let own = try #require(strategy.stages.first { $0.name == stage })
            return StageInterface(family: family, strategy: strategy, stage: own, variant: nil, backend: backend)
        }
    }

    @Test("names, types and order follow from the definitions")
    func interface() throws {
        let interface = try interface("first")
        #expect(interface.tensors.map(\.name) == ["x", "t"])
        #expect(interface.tensors.map(\.type) == [nil, .i32])
        #expect(interface.tensors.map(\.access) == [.read, .write])
        #expect(interface.arguments.allSatisfy { $0.literal == nil })
        #expect(interface.arguments.map(\.name) == ["N", "half", "root", "seven"])
        #expect(interface.arguments.map(\.isReal) == [false, false, true, false])
        #expect(interface.constants.map(\.name) == ["HALF", "ROWS", "TILE", "TWICE"])
        #expect(interface.constants.map(\.isReal) == [true, false, false, false])
        #expect(interface.constants.map(\.literal) == [nil, 96, nil, nil])
    }

    @Test("C has a macro for each constant that depends on nothing, structures for the rest")
    func c() throws {
        let text = CBindings(try interface("first")).text
        #expect(text.contains("#define ROWS 96\n"))
        #expect(text.contains("    int N;\n    int half;\n    float root;\n    int seven;\n} jm_arguments;"))
        #expect(text.contains("    float HALF;\n    int literal_ROWS;\n    int TILE;\n    int TWICE;\n} jm_constants;"))
        #expect(text.contains("    const jm_stored *x;\n    int32_t *t;\n} JM(jm_tensors);"))
        #expect(text.contains("#define JM_STORES_f32 1\n") && text.contains("#define JM_STORES_f16 0\n"))
        #expect(CBindings.path(of: "sample/plain/first") == "sample/plain/first.bindings.h")
    }

    @Test("OpenCL C has the whole kernel behind JOULEMARK_STAGE")
    func openCL() throws {
        let text = OpenCLBindings(
            try interface("first", backend: "opencl"),
            constants: [NamedValue("TILE", .integer(4)), NamedValue("HALF", .real(0.5))],
            workGroupSize: [4, 2, 1], precision: .bf16, isHostProcessor: true
        ).text
        #expect(
            text == """
                #define TILE 4
                #define HALF 0.5f
                #define STORAGE_BF16 1
                #define WORK_GROUP_SIZE_X 4
                #define WORK_GROUP_SIZE_Y 2
                #define WORK_GROUP_SIZE_Z 1
                #define HOST_PROCESSOR 1
                #define JOULEMARK_STAGE __kernel __attribute__((reqd_work_group_size(4, 2, 1))) void \
                first_stage(__global const ushort *restrict x, __global int *restrict t, int N, int half, float root, int seven)

                """)
    }

    @Test("GLSL declares the constants that its sources name, all arguments, and a macro a tensor")
    func glsl() throws {
        let bindings = GLSLBindings(
            try interface("first", backend: "vulkan"), sources: ["void main() { x[TWICE] * HALF; } // TWICETILE"])
        #expect(
            bindings.source(including: "sample/plain/first.comp") == """
                #version 450
                #extension GL_GOOGLE_include_directive : require
                layout(local_size_x_id = 0, local_size_y_id = 1, local_size_z_id = 2) in;
                layout(constant_id = 3) const float HALF = 1.0;
                layout(constant_id = 6) const int TWICE = 64;
                layout(push_constant) uniform Arguments { int N; int half; float root; int seven; };
                #define TENSOR_x(TYPE, NAME) layout(set = 0, binding = 0, std430) readonly buffer Tensor_##NAME { TYPE NAME[]; }
                #define TENSOR_t(TYPE, NAME) layout(set = 0, binding = 1, std430) buffer Tensor_##NAME { TYPE NAME[]; }
                #include "sample/plain/first.comp"

                """)
        #expect(GLSLBindings.isComplete("// a stage\n  #version 450\nvoid main() {}"))
        #expect(!GLSLBindings.isComplete("// no #version\nvoid main() {}"))
    }

    static let reals: [(source: String, isReal: Bool)] = [
        ("1 / sqrt(N)", true), ("N / 2", false), ("0.5", true), ("N < 0.5", false), ("max(N, 0.5)", true),
        ("min(N, 2)", false), ("-(N * 1.0)", true), ("!0.5", false), ("choose(0.5, 1, 2)", false),
        ("choose(1, 1, 2.0)", true), ("ceilDiv(N, 2)", false), ("powerOfTwo(N, 1, 8)", false), ("N && 0.5", false),
    ]

    @Test("whether a number is real is known before its variables are, as its value then has it", arguments: reals)
    func realNumbers(source: String, isReal: Bool) throws {
        let kernels = SampleKernels().changing(
            "sample/plain/strategy.json", "root = sqrt(N)", "root = \(source)")
        let argument = try kernels.plan().stages[0].arguments[2]
        let plan = try kernels.plan().stages[0].interface.arguments[2]
        #expect(plan.isReal == isReal)
        if case .real = argument.value { #expect(isReal) } else { #expect(!isReal) }
    }
}
