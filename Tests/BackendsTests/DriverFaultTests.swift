import Backends
import Results
import Testing

@Suite("The table of drivers' faults")
struct DriverFaultTests {
    @Test("every entry says what is done or what fails, and why")
    func entries() {
        #expect(!DriverFault.all.isEmpty)
        for fault in DriverFault.all {
            #expect(!fault.reason.isEmpty)
            #expect(fault.link?.hasPrefix("https://") != false, "\(fault.reason)")
            // What is passed over and what is set in the environment are different remedies.
            #expect(fault.variants == nil || fault.environment == nil, "\(fault.reason)")
        }
    }

    @Test("a fault is one of a device by driver, version and name")
    func devices() throws {
        let fault = try #require(DriverFault.all.first { $0.reason.contains("rusticl") })
        for (backend, driver, name, isConcerned) in [
            ("opencl", "rusticl 26.2.6-1", "llvmpipe (LLVM 22.1.8, 256 bits)", true),
            ("opencl", "rusticl 26.2.6-1", "AMD Radeon RX 7900 XTX", false),
            ("vulkan", "rusticl 26.2.6-1", "llvmpipe", false),
            ("opencl", "Portable Computing Language 7.1", "cpu", false),
        ] {
            let device = DeviceRecord(
                id: "\(backend):0", backend: backend, name: name, vendor: "", driver: driver, apiVersion: "",
                pciAddress: nil, computeUnits: nil, memoryBytes: nil, features: [], isHostProcessor: true)
            #expect(fault.concerns(device) == isConcerned, "\(driver) \(name)")
        }
        #expect(fault.concerns(family: "attention", strategy: "flash"))
        #expect(!fault.concerns(family: "attention", strategy: "unfused"))
    }
}
