import Backends
import Kernels
import Results
import Testing

@Suite("The CPU backend")
struct CPUBackendTests {
    @Test("is a device like any other, with each instruction set", arguments: InstructionSet.supported)
    func conformance(isa: InstructionSet) throws {
        try expectConformance(of: CPUBackend(isa: isa).open(index: 0))
    }

    @Test("runs the instruction set that was asked for, and says so", arguments: InstructionSet.supported)
    func codePath(isa: InstructionSet) throws {
        #expect(try CPUBackend(isa: isa).open(index: 0).codePath == isa.rawValue)
    }

    @Test("takes the widest instruction set unless told otherwise")
    func widest() throws {
        #expect(try CPUBackend().open(index: 0).codePath == InstructionSet.widest.rawValue)
    }

    @Test("refuses an instruction set that the processor does not have, and names those that it has")
    func missingInstructionSet() throws {
        let missing = try #require(InstructionSet.allCases.first { !$0.isSupported })
        let error = #expect(throws: BackendError.self) { try CPUBackend(isa: missing).open(index: 0) }
        #expect(error?.code == .missing)
        #expect(error?.description.contains(InstructionSet.widest.rawValue) == true)
    }

    @Test("starts as many threads as it is told, on cores that there are")
    func threads() throws {
        let one = try CPUBackend(ProcessorSettings(threadCount: 1)).open(index: 0)
        #expect(one.record.computeUnits == 1)
        #expect(one.limits.computeUnits == 1)
        try expectConformance(of: one)
        let most = try #require(try CPUBackend().open(index: 0).record.computeUnits)
        for count in [0, -1, most + 1] {
            let error = #expect(throws: BackendError.self) {
                try CPUBackend(ProcessorSettings(threadCount: count)).open(index: 0)
            }
            #expect(error?.code == .missing)
            #expect(error?.description.contains("1 to \(most)") == true)
        }
    }

    @Test("has one device, which is the host's processor")
    func record() throws {
        let records = try CPUBackend().devices().get()
        let record = try #require(records.first)
        #expect(records.count == 1)
        #expect(record.id == "cpu:0")
        #expect(record.isHostProcessor)
        #expect(try #require(record.computeUnits) >= 1)
        #expect(record.features.contains(InstructionSet.widest.rawValue))
        #expect(throws: BackendError.self) { try CPUBackend().open(index: 1) }
    }
}
