import Foundation
import Results
import Statistics
import Testing

@Suite("Comparison of two runs")
struct RunComparisonTests {
    /// A run of eight strategies; each comes out again with an offset of its own and one common to the run.
    private func run(
        slowed: [Int: Double] = [:], joules: Bool = false, unevenness: Double = 0.003, common: Double = 1,
        model: String = "Example CPU", provenance: EnergyProvenance = .measured, generator: inout SeededGenerator
    ) -> RunRecord {
        let measurements = (0..<8).map { index in
            let seconds = 1e-3 * Double(index + 1) * (slowed[index] ?? 1) * common
            let joules = joules ? 0.05 * Double(index + 1) * (slowed[index] ?? 1) : nil
            return SampleRuns.measurement(
                strategy: "strategy \(index)", seconds: seconds * (1 + unevenness * generator.normal()),
                joules: joules.map { $0 * (1 + 0.005 * generator.normal()) }, provenance: provenance,
                seed: generator.next())
        }
        return SampleRuns.run(measurements, model: model)
    }

    private func compare(_ base: RunRecord, _ candidate: RunRecord, allowed: Set<Objection.Kind> = []) -> RunComparison
    {
        var options = RunComparison.Options()
        options.allowed = allowed
        return RunComparison(base: (base, "base.json"), candidate: (candidate, "new.json"), options: options)
    }

    private func verdicts(_ comparison: RunComparison) -> [String] {
        comparison.measurements.compactMap(\.time?.verdict)
    }

    @Test("of 200 verdicts on a program against itself, at least 95 % are `same` or `unresolved`, for time and energy")
    func aAgainstA() {
        var generator = SeededGenerator(seed: 77)
        var times: [String] = []
        var energies: [String] = []
        for unevenness in [0.002, 0.01] {
            for _ in 0..<13 {
                let base = run(joules: true, unevenness: unevenness, generator: &generator)
                let comparison = compare(base, run(joules: true, unevenness: unevenness, generator: &generator))
                times += verdicts(comparison)
                energies += comparison.measurements.compactMap(\.energy?.verdict)
            }
        }
        #expect(times.count == 208 && energies.count == 208)
        let claims = [times, energies].map { $0.filter { !["same", "unresolved"].contains($0) }.count }
        #expect(claims.allSatisfy { $0 <= 10 }, "\(claims)")
    }

    @Test("one kernel of eight made 3 % slower is called slower in at least 9 of 10 comparisons, and no other")
    func injected() {
        var generator = SeededGenerator(seed: 5)
        var (found, others) = (0, 0)
        for _ in 0..<20 {
            let comparison = compare(run(generator: &generator), run(slowed: [3: 1.03], generator: &generator))
            let verdicts = verdicts(comparison)
            found += verdicts[3] == "slower" ? 1 : 0
            others +=
                verdicts.enumerated().filter { $0.offset != 3 && !["same", "unresolved"].contains($0.element) }.count
        }
        #expect(found >= 18 && others <= 4, "\(found) of 20, \(others) others")
    }

    @Test("what all measurements share is said, and stays visible in the verdicts")
    func commonShift() {
        var generator = SeededGenerator(seed: 9)
        let comparison = compare(run(generator: &generator), run(common: 1.1, generator: &generator))
        #expect(verdicts(comparison).allSatisfy { $0 == "slower" })
        #expect(
            comparison.remarks.contains {
                $0.contains("cpu:0: half of all measurements take") && $0.contains("more time")
            })
    }

    @Test("with few measurements, peaks that differ between the runs widen the intervals")
    func peaksAsControl() throws {
        var generator = SeededGenerator(seed: 10)
        func small(_ seconds: Double, peak: Double, generator: inout SeededGenerator) -> RunRecord {
            var run = SampleRuns.run([
                SampleRuns.measurement(strategy: "flash", seconds: seconds, seed: generator.next())
            ])
            var device = DeviceRecord(
                id: "cpu:0", backend: "cpu", name: "Example CPU", vendor: "Example", driver: "1", apiVersion: "1",
                pciAddress: nil, computeUnits: 8, memoryBytes: 1 << 34, features: [], isHostProcessor: true)
            device.peaks = PeaksRecord(flopsPerSecond: peak, bytesPerSecond: peak / 10)
            run.devices = [device]
            return run
        }
        let base = small(1e-3, peak: 1e11, generator: &generator)
        let steady = compare(base, small(1.05e-3, peak: 1e11, generator: &generator))
        #expect(verdicts(steady) == ["slower"])
        let throttled = compare(base, small(1.05e-3, peak: 0.95e11, generator: &generator))
        #expect(verdicts(throttled) == ["unresolved"])
    }

    @Test("energy has its own verdicts; modelled joules are never weighed against measured ones")
    func energy() throws {
        var generator = SeededGenerator(seed: 12)
        let base = run(joules: true, generator: &generator)
        let costlier = compare(base, run(slowed: [2: 1.2], joules: true, generator: &generator))
        let quantity = try #require(costlier.measurements[2].energy)
        #expect(quantity.verdict == "costlier" && quantity.provenance == .measured)
        #expect(quantity.interval.contains(1 / 1.2) && abs(quantity.ratio - 1 / 1.2) < 0.03)
        let modelled = compare(
            base, run(joules: true, provenance: .modelled, generator: &generator),
            allowed: Set(Objection.Kind.allCases))
        #expect(modelled.measurements.allSatisfy { $0.energy == nil && $0.time != nil })
        #expect(modelled.measurements[0].energyReason == "measured joules are not weighed against modelled ones")
    }

    @Test("other machines and other seeds are refused with the reason, and compared when allowed")
    func objections() {
        var generator = SeededGenerator(seed: 13)
        let base = run(generator: &generator)
        var other = run(model: "Another CPU", generator: &generator)
        for index in other.measurements.indices { other.measurements[index].seed = 8 }
        let refused = compare(base, other)
        #expect(refused.measurements.isEmpty && refused.objections.map(\.kind) == [.machine, .seed])
        #expect(refused.objections[0].reason == "other machines: 'Example CPU' and 'Another CPU'")
        #expect(refused.objections[1].reason == "other inputs: seeds 7 and 8 in 8 measurements")
        #expect(compare(base, other, allowed: [.machine]).objections.map(\.kind) == [.seed])
        let allowed = compare(base, other, allowed: [.machine, .seed])
        #expect(allowed.objections.isEmpty && allowed.measurements.count == 8)
        #expect(allowed.remarks.contains("allowed: other inputs: seeds 7 and 8 in 8 measurements"))
    }

    @Test("measurements that only one run has, or that broke, are listed; differing conditions are not compared")
    func unmatched() throws {
        var generator = SeededGenerator(seed: 14)
        let base = run(generator: &generator)
        var new = run(generator: &generator)
        new.measurements[0].strategy = "renamed"
        new.measurements[1].status = .incorrect
        new.measurements[2].time?.cold = false
        new.measurements[3].time?.clock = "device"
        new.measurements[4].codePath = "avx512"
        new.measurements[5].parameters["L"] = 2048
        new.measurements[6].status = .skipped
        let comparison = compare(base, new)
        #expect(comparison.onlyInBase.map(\.strategy) == ["strategy 0", "strategy 5"])
        #expect(comparison.onlyInCandidate.map(\.strategy) == ["renamed", "strategy 5"])
        #expect(comparison.missing.map(\.strategy) == ["strategy 0", "strategy 5"])
        #expect(comparison.broken.map(\.strategy) == ["strategy 1", "strategy 6"])
        #expect(comparison.measurements[0].timeReason == "new run: incorrect")
        #expect(comparison.measurements[1].timeReason == "cold caches in one run, hot ones in the other")
        #expect(comparison.measurements[2].timeReason == "host clock in one run, device clock in the other")
        var wrong = base
        wrong.measurements[0].status = .incorrect
        #expect(compare(wrong, new).missing.map(\.strategy) == ["strategy 5"])
        #expect(comparison.measurements[3].remarks == ["other code ran: unknown, now avx512"])
    }

    @Test("a comparison is the same each time, and reads back from its JSON")
    func reproducible() throws {
        var generator = SeededGenerator(seed: 15)
        let (base, new) = (run(joules: true, generator: &generator), run(joules: true, generator: &generator))
        let comparison = compare(base, new)
        #expect(comparison == compare(base, new))
        let json = try JSONEncoder().encode(comparison)
        #expect(try JSONDecoder().decode(RunComparison.self, from: json) == comparison)
    }
}
