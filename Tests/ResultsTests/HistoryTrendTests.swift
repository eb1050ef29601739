import Results
import Statistics
import Testing

@Suite("The trend over saved runs")
struct HistoryTrendTests {
    private func run(_ seconds: Double, seed: UInt64, model: String = "Example CPU") -> RunRecord {
        var run = SampleRuns.run(
            [SampleRuns.measurement(strategy: "flash", seconds: seconds, joules: seconds * 50, seed: seed)],
            model: model)
        run.tool.commit = "c\(seed)"
        return run
    }

    @Test("each run is a point with its interval and version, and a change is what compare finds")
    func changes() throws {
        let runs = [run(1e-3, seed: 1), run(1e-3, seed: 2), run(2e-3, seed: 3)]
        let trend = HistoryTrend(runs.enumerated().map { (id: $0.offset + 4, run: $0.element) })
        let series = try #require(trend.series.first)
        #expect(trend.series.count == 1 && series.points.map(\.run) == [4, 5, 6])
        #expect(series.points.map(\.commit) == ["c1", "c2", "c3"])
        #expect(series.points.allSatisfy { $0.interval?.contains($0.seconds) == true })
        #expect(series.points.map(\.timeVerdict)[0] == nil)
        #expect(series.changes.map(\.run) == [6] && series.points[2].timeVerdict == "slower")
        let own = RunComparison(base: (runs[1], "a"), candidate: (runs[2], "b")).measurements[0]
        #expect(series.points[2].timeRatio == own.time?.ratio && series.points[2].energyVerdict == own.energy?.verdict)
    }

    @Test("other machines and bases of pairs are no points, and a gap is bridged")
    func selection() throws {
        var base = run(5e-3, seed: 4)
        base.turns = TurnsRecord(id: "x", side: .base)
        var empty = run(1e-3, seed: 6)
        empty.measurements = []
        let runs = [run(1e-3, seed: 1), run(9e-3, seed: 2, model: "Other"), base, empty, run(1.5e-3, seed: 5)]
        let trend = HistoryTrend(runs.enumerated().map { (id: $0.offset, run: $0.element) })
        #expect(trend.series.map { $0.points.map(\.run) } == [[0, 4]])
        #expect(trend.series.first?.points[1].timeVerdict == "slower")
        #expect(HistoryTrend(runs.map { (id: 1, run: $0) }) { $0.family == "ssd" }.series.isEmpty)
    }
}
