import Kernels
import TestSupport
import Testing

@Suite("Strategy planning")
struct StrategyPlanningTests {
    @Test("every expression is computed: grids, arguments in order, constants by name, tensors")
    func computed() throws {
        let plan = try SampleKernels().plan(["N": 100])
        let first = try #require(plan.stages.first)
        #expect(first.workGroups == [25, 1, 1] && first.workGroupSize == [4, 1, 1])
        #expect(first.constants == [NamedValue("TILE", .integer(4)), NamedValue("TWICE", .integer(8))])
        #expect(
            first.arguments == [
                NamedValue("N", .integer(100)), NamedValue("half", .integer(50)), NamedValue("root", .real(10)),
            ])
        #expect(first.buffers == ["x", "t"])
        #expect(plan.stages[1].workGroups == [100, 100, 100])
        #expect(plan.inputs == [TensorPlan(name: "x", shape: [100], type: .f32)])
        #expect(plan.intermediates == [TensorPlan(name: "t", shape: [100], type: .f32)])
        // x read, t written and read, y written.
        #expect(plan.bytes == 4 * 400)
    }

    @Test("a backend's own grid and tunables replace the general ones there and nowhere else")
    func overrides() throws {
        let cpu = try SampleKernels().plan(backend: "cpu")
        #expect(cpu.stages[0].workGroups == [1, 1, 1] && cpu.stages[0].workGroupSize == [1, 1, 1])
        #expect(cpu.stages[1].workGroups == [64, 64, 64])
        let vulkan = try SampleKernels().plan(backend: "vulkan")
        #expect(vulkan.stages[0].workGroupSize == [8, 1, 1] && vulkan.stages[0].workGroups == [8, 1, 1])
    }

    @Test("a tuner's choice goes before a backend's default; names that are no tunables are ignored")
    func choosing() throws {
        let plan = try SampleKernels().plan(backend: "vulkan", choosing: ["TILE": 4, "OTHER": 9])
        #expect(plan.stages[0].constants == [NamedValue("TILE", .integer(4)), NamedValue("TWICE", .integer(8))])
    }

    @Test("an unmet requirement says what was found, of the strategy, a backend, and of the device's memory")
    func requirements() {
        #expect(refusal { try SampleKernels().plan(["N": 4]) } == "sample/plain requires N >= 8, found N=4")
        #expect(
            refusal { try SampleKernels().plan(["N": 8192], backend: "vulkan") }
                == "sample/plain requires N <= 4096, found N=8192")
        #expect(
            refusal { try SampleKernels().plan(sharedMemory: 16000) }
                == "sample/plain needs TILE * 4096 <= device.sharedMemoryBytes, found 16384 and 16000"
                + " (TILE=4, device.sharedMemoryBytes=16000)")
    }

    @Test("limits of the device are refusals with both numbers")
    func limits() {
        #expect(
            refusal { try SampleKernels().plan { $0.maxWorkGroupSize = 2 } }
                == "stage 'first' wants 4 work-items a work-group; the device takes at most 2")
        #expect(
            refusal { try SampleKernels().plan { $0.maxWorkGroups = [65535, 65535, 63] } }
                == "stage 'second' wants 64 work-groups along axis 2; the device takes at most 63")
        #expect(
            refusal { try SampleKernels().plan { $0.maxBufferBytes = 255 } }
                == "'x' takes 256 bytes; the device binds at most 255 in one buffer")
        #expect(refusal { try SampleKernels().plan { $0.memoryBytes = 767 } }?.contains("768") == true)
        #expect(refusal { try SampleKernels().plan { $0.precisions = [] } } == "the device does not store f32")
    }

    @Test("sizes that no machine holds are errors, never traps")
    func huge() throws {
        let wide = SampleKernels().changing(
            "sample/plain/strategy.json", "{\"shape\": [\"N\"]", "{\"shape\": [\"N * N * N * N\"]")
        #expect(throws: KernelError.self) { try wide.plan(["N": 1 << 20]) }
        let cubes = SampleKernels().changing(
            "sample/plain/strategy.json", "{\"shape\": [\"N\"]", "{\"shape\": [\"N\", \"N\", \"N\"]")
        #expect(throws: KernelError.self) { try cubes.plan(["N": 1 << 20]) }
        let negative = SampleKernels().changing(
            "sample/plain/strategy.json", "{\"shape\": [\"N\"]", "{\"shape\": [\"0 - N\"]")
        #expect(throws: KernelError.self) { try negative.plan() }
    }

    private func attention(_ strategy: String, _ parameters: [String: Int]) throws -> StrategyPlan {
        let catalogue = try Catalogue.shared()
        let family = try catalogue.family("attention")
        return try catalogue.strategy(strategy, of: family).plan(
            family: family, parameters: try family.parameters(overriding: parameters), precision: .f32,
            limits: sampleLimits(backend: "opencl"))
    }

    @Test("unfused attention moves its scores four times, flash moves nothing but inputs and outputs")
    func traffic() throws {
        let parameters = ["B": 2, "Hq": 4, "Hkv": 2, "Lq": 48, "Lk": 96, "D": 32]
        // Written by the scores, read and written by the softmax, read by the values: 4 passes of 2·4·48·96 float32.
        let scores = Double(4 * 2 * 4 * 48 * 96 * 4)
        let inputsAndOutput = Double(2 * (4 * 48 * 2 + 2 * 96 * 2) * 32 * 4)
        #expect(try attention("unfused", parameters).bytes == inputsAndOutput + scores)
        #expect(try attention("flash", parameters).bytes == inputsAndOutput)
        // Half of the four passes write, and the output is written once.
        let output = Double(2 * 4 * 48 * 32 * 4)
        #expect(try attention("unfused", parameters).writtenBytes == output + scores / 2)
        #expect(try attention("flash", parameters).writtenBytes == output)
        let family = try Catalogue.shared().family("attention")
        let values = try family.parameters(overriding: parameters)
        let reference = try Catalogue.shared().reference(of: family)
        #expect(reference.minimumBytes(values, precision: .f32) == Double(2 * (4 * 48 * 2 + 2 * 96 * 2) * 32 * 4))
        #expect(reference.flops(values) == 4 * 2 * 4 * 48 * 96 * 32)
        #expect(reference.flops(values.merging(["causal": 1, "Lk": 48]) { $1 }) == 4 * 2 * 4 * (48 * 49 / 2) * 32)
    }
}
