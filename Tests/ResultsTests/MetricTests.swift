import Results
import Testing

@Suite("The table of metrics")
struct MetricTests {
    @Test("each has a key of its own, beside those of attributes, a name and an explanation")
    func entries() {
        let keys = Metric.all.map(\.key) + Attribute.all.map(\.key)
        #expect(Set(keys).count == keys.count)
        for metric in Metric.all {
            #expect(!metric.short.isEmpty && !metric.heading.isEmpty && metric.formula.hasSuffix("."), "\(metric.key)")
            if case .below(let key) = metric.page {
                #expect(Metric.all.contains { $0.key == key && $0.page == .column }, "\(metric.key) below \(key)")
            }
        }
    }

    @Test("a strategy that fails verification has no figure of time or energy, but its errors")
    func incorrect() throws {
        var measurement = SampleRuns.measurement(strategy: "flash", seconds: 1e-3, joules: 0.05)
        #expect(Metric.seconds.figure(measurement) != nil && Metric.grossJoules.figure(measurement) != nil)
        (measurement.status, measurement.message) = (.incorrect, "17 of 32 elements differ")
        for metric in Metric.all where [.time, .energy].contains(metric.basis) {
            #expect(metric.figure(measurement) == nil, "\(metric.key)")
            #expect(metric.reasonWithout(measurement).contains("17 of 32 elements differ"))
        }
        #expect(Metric.all.count { $0.basis == .verification && $0.figure(measurement) != nil } == 4)
    }

    @Test("what follows from joules is as trustworthy as they are; what is counted from shapes has no provenance")
    func provenance() {
        var measurement = SampleRuns.measurement(strategy: "flash", seconds: 1e-3, joules: 0.05, provenance: .modelled)
        #expect(Metric.flopsPerJoule.figure(measurement)?.words == "≈ 20.0 GFLOP/J")
        #expect(Metric.seconds.figure(measurement)?.mark == "" && Metric.seconds.provenance(measurement) == .measured)
        #expect(Metric.intensity.figure(measurement)?.words == "1000 FLOP/B")
        #expect(Metric.intensity.provenance(measurement) == nil)
        measurement.energy?.grossJoules = nil
        measurement.energy?.reason = "permission denied"
        #expect(Metric.flopsPerJoule.figure(measurement) == nil)
        #expect(Metric.flopsPerJoule.reasonWithout(measurement) == "permission denied")
    }

    @Test("two runs: the gain says which is better, whichever way that is; ≈ and measured joules are not weighed")
    func compared() throws {
        let before = SampleRuns.measurement(strategy: "flash", seconds: 2e-3, joules: 0.1)
        let after = SampleRuns.measurement(strategy: "flash", seconds: 1e-3, joules: 0.05, strategyBytes: 4e6)
        func metrics(_ new: MeasurementRecord) throws -> [String: ComparedMetric] {
            let comparison = RunComparison(
                base: (SampleRuns.run([before]), "base"), candidate: (SampleRuns.run([new]), "new"))
            let found = try #require(comparison.measurements.first?.metrics)
            return Dictionary(uniqueKeysWithValues: found.map { ($0.key, $0) })
        }
        let found = try metrics(after)
        #expect(found["flopsPerJoule"]?.gain == 2 && found["strategyBytes"]?.gain == 0.5)
        #expect(found["flopsPerSecond"]?.gain == 2 && found["flopsPerJoule"]?.provenance == .measured)
        for key in ["seconds", "grossJoules", "intensity", "relativeNoise"] { #expect(found[key] == nil, "\(key)") }
        var modelled = after
        modelled.energy?.provenance = .modelled
        let unweighed = try metrics(modelled)
        #expect(unweighed["flopsPerJoule"] == nil && unweighed["flopsPerSecond"] != nil)
    }
}
