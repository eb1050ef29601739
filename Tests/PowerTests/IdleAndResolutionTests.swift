import Power
import Results
import Statistics
import TestSupport
import Testing

@Suite("Resolution and idle power")
struct IdleAndResolutionTests {
    @Test("1 J steps and a 10 ms kernel: windows grow until a step is less than 1 % of them")
    func coarseQuantum() throws {
        let machine = SimulatedMachine()
        let counter = SimulatedCounter(unit: 1, update: 0.001, power: machine.loadFollowing(idle: 20, busy: 80))
        machine.addZone("intel-rapl:0", name: "psys", counter: counter)
        let energy = try machine.measure(request(minimumWindow: 0.5, limit: 300))
        #expect(energy.resolved)
        for window in energy.windows { #expect(try #require(window.grossJoules) > 100) }
        let interval = try #require(energy.interval)
        #expect(interval.contains(1))
        #expect(abs(try #require(energy.grossJoules) - 1) <= 0.01)
    }

    @Test("the same under a time limit that allows no such windows is imprecise, and says what it would take")
    func coarseQuantumShortLimit() throws {
        let machine = SimulatedMachine()
        let counter = SimulatedCounter(unit: 1, update: 0.001, power: machine.loadFollowing(idle: 20, busy: 80))
        machine.addZone("intel-rapl:0", name: "psys", counter: counter)
        let began = machine.clock.now()
        let energy = try machine.measure(request(minimumWindow: 0.2, limit: 2))
        #expect(!energy.resolved)
        #expect(energy.reason?.contains("imprecise") == true)
        #expect(energy.reason?.contains("time limit") == true)
        if let interval = energy.interval { #expect(interval.contains(1)) }
        // Characterisation comes before the limit begins to run.
        #expect(machine.clock.now() - began < 2 + 1.5 + 1)
    }

    @Test("a counter that is updated every 100 ms is resolved by aligning the edges with its updates")
    func slowUpdates() throws {
        let machine = SimulatedMachine()
        let counter = SimulatedCounter(unit: 1e-3, update: 0.1, power: machine.loadFollowing(idle: 20, busy: 80))
        machine.addZone("intel-rapl:0", name: "package-0", counter: counter)
        let energy = try machine.measure(request(minimumWindow: 1, limit: 120))
        #expect(energy.resolved)
        #expect(abs(try #require(energy.grossJoules) - 1) <= 0.01)
        #expect(try #require(energy.interval).contains(1))
    }

    @Test("20 W idle and 80 W of load: gross 100 W, net 80 W; 60 W of load: net 60 W, each ± 1 %")
    func net() throws {
        for busy in [80.0, 60.0] {
            let machine = SimulatedMachine()
            machine.addZone(
                "intel-rapl:0", name: "package-0", counter: .rapl(power: machine.loadFollowing(idle: 20, busy: busy)))
            let energy = try machine.measure(request())
            let seconds = try #require(energy.windowSeconds) / Double(try #require(energy.iterations))
            #expect(abs(try #require(energy.grossJoules) / seconds - (20 + busy)) <= 0.01 * (20 + busy))
            #expect(abs(try #require(energy.netJoules) / seconds - busy) <= 0.01 * busy)
            #expect(abs(try #require(energy.idleWatts) - 20) <= 0.2)
            #expect(energy.reason == nil)
        }
    }

    @Test("idle power of 20 W and total power of 80 W under load: net 60 W ± 1 %")
    func netOfTotal() throws {
        let machine = SimulatedMachine()
        machine.addZone(
            "intel-rapl:0", name: "package-0", counter: .rapl(power: machine.loadFollowing(idle: 20, busy: 60)))
        let energy = try machine.measure(request())
        let seconds = try #require(energy.windowSeconds) / Double(try #require(energy.iterations))
        #expect(abs(try #require(energy.netJoules) / seconds - 60) <= 0.6)
    }

    @Test("idle power that drifts from 20 W to 25 W is flagged with both figures")
    func drift() throws {
        let machine = SimulatedMachine()
        let load = machine.loadFollowing(idle: 0, busy: 60)
        machine.addZone(
            "intel-rapl:0", name: "package-0",
            counter: .rapl { time in load(time) + 20 + 5 * min(max((time - 1004) / 20, 0), 1) })
        let energy = try machine.measure(request(target: 0.05))
        let reason = try #require(energy.reason)
        #expect(reason.contains("idle power drifted from 20"))
        #expect(reason.contains("25"))
    }

    @Test("an A/A comparison of 200 seeded runs gives at most 5 % false verdicts; a true 3 % is found in 90 %")
    func verdicts() throws {
        // No run is in two pairs, so that the verdicts are independent.
        let runs = try (UInt64(0)..<400).map { try noisyEnergy(watts: 100, seed: $0) }
        let falseVerdicts = try stride(from: 0, to: runs.count, by: 2).filter {
            ["cheaper", "costlier"].contains(try verdict(runs[$0], runs[$0 + 1]))
        }.count
        #expect(falseVerdicts <= 10, "\(falseVerdicts) of 200")
        let found = try (UInt64(0)..<100).filter { index in
            let cheaper = try noisyEnergy(watts: 100 / 1.03, seed: 1000 + index)
            return try verdict(runs[Int(index)], cheaper) == "cheaper"
        }.count
        #expect(found >= 90, "\(found) of 100")
    }

    /// A measurement in which every window draws its own 1 % of noise.
    private func noisyEnergy(watts: Double, seed: UInt64) throws -> EnergyRecord {
        let machine = SimulatedMachine()
        let factors = NormalDeviates(seed: seed)
        machine.addZone(
            "intel-rapl:0", name: "package-0",
            counter: SimulatedCounter(unit: SimulatedCounter.raplUnit, modulus: 4_294_967_296, update: 0.002) {
                [weak machine] time in
                machine?.workBegan(at: time).map { watts * (1 + 0.01 * factors.normal(for: $0)) } ?? 10
            })
        return try machine.measure(request(minimumWindow: 0.5, limit: 7, seed: seed))
    }

    /// As in a run that compares these two alone.
    private func verdict(_ baseline: EnergyRecord, _ candidate: EnergyRecord) throws -> String {
        let effect = try #require(EnergyEffect(baseline: baseline, candidate: candidate))
        return VerdictRule().judge(effect.estimate, among: 1, .energy).verdict.word(for: .energy)
    }
}
