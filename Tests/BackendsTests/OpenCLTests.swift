import Backends
import Kernels
import Results
import Statistics
import Testing

/// The devices that OpenCL finds here: PoCL's, at least.
private let deviceIndices: [Int] = Array(((try? OpenCLBackend().devices().get()) ?? []).indices)

@Suite("OpenCL", .serialized)
struct OpenCLTests {
    let backend = OpenCLBackend()

    @Test("every device is described and numbered in order")
    func records() throws {
        let records = try backend.devices().get()
        #expect(!records.isEmpty)
        #expect(records.map(\.id) == records.indices.map { "opencl:\($0)" })
        for record in records {
            #expect(record.backend == "opencl")
            #expect(!record.name.isEmpty)
            #expect(try #require(record.computeUnits) > 0)
            let memoryBytes = try #require(record.memoryBytes)
            let limits = try backend.open(index: record.id == "opencl:0" ? 0 : records.count - 1).limits
            #expect(limits.sharedMemoryBytes >= 16_384)
            #expect(limits.maxBufferBytes > 0 && limits.maxBufferBytes <= memoryBytes)
        }
    }

    @Test("PoCL is the host's processor, on no PCI bus, with double precision")
    func pocl() throws {
        let record = try #require(
            try backend.devices().get().first { $0.driver.contains("Portable Computing Language") })
        #expect(record.isHostProcessor)
        #expect(record.pciAddress == nil)
        #expect(record.features.contains("fp64"))
    }

    @Test("without a loader there is one line that names the package to install")
    func noLoader() throws {
        let absent = OpenCLBackend(libraryNames: ["libjoulemark-absent.so.1"])
        guard case .failure(let error) = absent.devices() else {
            Issue.record("devices without a loader")
            return
        }
        #expect(error.code == .missing)
        #expect(error.description.contains("ocl-icd-libopencl1"))
        #expect(!error.description.contains("\n"))
        #expect(throws: BackendError.self) { try absent.open(index: 0) }
    }

    @Test("an index without a device is an error that counts them", arguments: [-1, 999])
    func noSuchDevice(index: Int) throws {
        let error = try #require(throws: BackendError.self) { try backend.open(index: index) }
        #expect(error.code == .missing)
        #expect(error.description.contains("opencl:\(index)"))
    }

    @Test("a device keeps the promises of the protocol", arguments: deviceIndices)
    func conformance(index: Int) throws { try expectConformance(of: try backend.open(index: index)) }

    @Test("a kernel that does not compile is an error with the compiler's log", arguments: deviceIndices)
    func compilerLog(index: Int) throws {
        let device = try backend.open(index: index)
        let stage = StagePlan(
            family: "peak-bandwidth", strategy: "scale", name: "scale", precision: .f32, reads: ["x"], writes: ["y"],
            arguments: [NamedValue("N", .integer(4096))], constants: [NamedValue("vload4", .integer(7))],
            workGroups: [1, 1, 1], workGroupSize: [64, 1, 1])
        let error = try #require(throws: BackendError.self) {
            try device.makePipeline(stage, sources: .builtIn)
        }
        #expect(error.code == .compilation)
        #expect(error.description.contains("error:"), "\(error.description)")
    }

    @Test("thousands of dispatches without a pause give the same as one", arguments: deviceIndices)
    func manyRepetitions(index: Int) throws {
        try verify(
            device: try backend.open(index: index), family: "peak-bandwidth", strategy: "scale",
            parameters: ["N": 4096], repetitions: 5000)
    }

    @Test("the peaks compute what they say", arguments: deviceIndices)
    func peaks(index: Int) throws {
        let device = try backend.open(index: index)
        try verify(device: device, family: "peak-flops", strategy: "fma", parameters: ["N": 12288, "R": 77])
        try verify(device: device, family: "peak-bandwidth", strategy: "scale", parameters: ["N": 3 * 4096])
    }
}
