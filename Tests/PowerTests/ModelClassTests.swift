import Power
import Results
import Statistics
import TestSupport
import Testing

@Suite("The energy model by class of device")
struct ModelClassTests {
    private func device(_ name: String, isHost: Bool, units: Int = 4) -> DeviceRecord {
        DeviceRecord(
            id: "d", backend: "b", name: name, vendor: "", driver: "", apiVersion: "", pciAddress: nil,
            computeUnits: units, memoryBytes: 1, features: [], isHostProcessor: isHost)
    }

    @Test(
        "names tell what a device is",
        arguments: [
            ("AMD EPYC 7763 64-Core Processor", true, DeviceClass.serverProcessor),
            ("Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz", true, .serverProcessor),
            ("Neoverse-N1", true, .serverProcessor), ("AMD Ryzen 9 7950X 16-Core Processor", true, .desktopProcessor),
            ("Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz", true, .mobileProcessor),
            ("11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz", true, .mobileProcessor),
            ("Cortex-A72", true, .embeddedProcessor), ("NVIDIA H100 80GB HBM3", false, .dataCentreGPU4),
            ("NVIDIA A100-SXM4-80GB", false, .dataCentreGPU7), ("Tesla V100-SXM2-16GB", false, .dataCentreGPU16),
            ("NVIDIA GeForce RTX 4090", false, .card4), ("NVIDIA GeForce RTX 3090", false, .card7),
            ("AMD Radeon RX 6800 XT (RADV NAVI21)", false, .card7),
            ("Intel(R) UHD Graphics 620 (KBL GT2)", false, .integratedGPU),
            ("Mali-G610", false, .embeddedGPU),
        ])
    func classes(_ name: String, _ isHost: Bool, _ kind: DeviceClass) {
        #expect(DeviceClass(device(name, isHost: isHost)) == kind)
    }

    @Test("every class has coefficients with a source and a range; a name that tells nothing has the widest")
    func complete() {
        for kind in DeviceClass.allCases {
            let coefficients = EnergyModel.default.classes[kind.rawValue]
            #expect(coefficients?.source.isEmpty == false && (coefficients?.factors?.flop ?? 0) > 1)
        }
        #expect(EnergyModel.default.coefficients(for: device("?", isHost: true)) == EnergyModel.default.processor)
        #expect(EnergyModel.default.coefficients(for: device("?", isHost: false)) == EnergyModel.default.accelerator)
    }

    @Test("a guest with two threads of a server is not charged with a whole machine's idle power")
    func guest() {
        let coefficients = EnergyModel.default.coefficients(for: device("AMD EPYC 7763", isHost: true, units: 2))
        #expect(coefficients.constantWatts <= 5)
    }

    @Test("the range of the coefficients is that of the joules, and what is assumed is said")
    func propagation() throws {
        let coefficients = EnergyModel.Coefficients(
            joulesPerFlop: 10e-12, joulesPerByte: 100e-12, constantWatts: 20, source: "nobody",
            factors: .init(flop: 2, byte: 5, watts: 4))
        let model = EnergyModel(processor: coefficients, accelerator: coefficients)
        // 0.01 J of operations, 0.02 J of bytes, 0.2 J of time.
        let work = WorkRecord(flops: 1e9, minimumBytes: 1, strategyBytes: 2e8)
        let record = model.record(device: device("?", isHost: true), work: work, seconds: 0.01, because: "no counter")
        #expect(abs(try #require(record.netJoules) - 0.03) < 1e-12)
        #expect(abs(try #require(record.grossJoules) - 0.23) < 1e-12)
        let (net, gross) = (try #require(record.netInterval), try #require(record.interval))
        #expect(abs(net.lower - 0.009) < 1e-12 && abs(net.upper - 0.12) < 1e-12)
        #expect(abs(gross.lower - 0.059) < 1e-12 && abs(gross.upper - 0.92) < 1e-12)
        #expect(record.leadingJoules == record.netJoules && record.leadingInterval == net)
        #expect(record.reason?.contains("20.0 W is assumed") == true)
    }

    @Test("a file of a model with classes reads back as it was written")
    func file() throws {
        let text = try EnergyModel.default.text()
        #expect(text.contains("\"server processor\"") && text.contains("\"factors\""))
    }
}
