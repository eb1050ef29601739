import Reporting
import Results
import Testing

@Suite("One processor, many ways to it")
struct ProcessorTableTests {
    /// cpu:0 and python:1 are the host's processor, vulkan:0 is a card.
    private func run() -> RunRecord {
        var run = SampleRun().record()
        let template = run.devices[0]
        func device(_ id: String, isHost: Bool, frameworks: [String]? = nil) -> DeviceRecord {
            var device = template
            device.id = id
            device.isHostProcessor = isHost
            device.pciAddress = isHost ? nil : "0000:01:00.0"
            device.frameworks = frameworks
            return device
        }
        run.devices = [
            device("cpu:0", isHost: true), device("vulkan:0", isHost: false),
            device("python:1", isHost: true, frameworks: ["torch"]),
        ]
        let right = run.measurements.first { $0.status == .ok && $0.time != nil }
        run.measurements = []
        for (place, strategy, seconds) in [
            ("cpu:0", "unfused", 4e-3), ("cpu:0", "flash", 1e-3), ("vulkan:0", "flash", 1e-4),
            ("python:1", "torch-flash", 2e-3),
        ] {
            guard var measurement = right else { continue }
            measurement.device = place
            measurement.strategy = strategy
            let factor = seconds / (measurement.time?.median ?? 1)
            measurement.time?.median = seconds
            let samples = measurement.time?.sampleSeconds ?? []
            measurement.time?.sampleSeconds = samples.map { $0 * factor }
            run.measurements.append(measurement)
        }
        run.processorComparisons = processorComparisons(run)
        return run
    }

    @Test("everything that the processor ran is ranked, the fastest first, and a card's own stays out")
    func ranking() throws {
        let run = run()
        let comparisons = try #require(run.processorComparisons)
        #expect(comparisons.map(\.strategy) == ["unfused", "torch-flash"])
        #expect(comparisons.allSatisfy { $0.baseline == "flash" && $0.timeVerdict == "slower" })
        #expect(comparisons.map(\.baselineDevice) == [nil, "cpu:0"], "named where it is another device")

        let text = TerminalTable().render(run: run, width: 160, color: false)
        let lines = text.split(separator: "\n").drop { !$0.hasPrefix("one processor, fastest first") }.dropFirst()
            .prefix(3)
        let words = lines.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
        #expect(words == ["cpu:0 flash", "python:1 torch-flash", "cpu:0 unfused"], "\(text)")
        #expect(HTMLReport(runs: [run]).render().contains("One processor, many ways to it"))
    }

    @Test("without a runtime's device nothing is ranked across devices")
    func kernelsAlone() {
        var run = run()
        for index in run.devices.indices { run.devices[index].frameworks = nil }
        #expect(run.devices.measuredTogether.map(\.count) == [1, 1, 1])
        #expect(processorComparisons(run) == nil)
        #expect(!TerminalTable().render(run: run, width: 160, color: false).contains("one processor"))
    }
}
