import Foundation
import Reporting
import Results
import Testing

@Suite("The page of a comparison")
struct ComparisonPageTests {
    /// As its JSON is read, for nothing but a comparison makes one.
    private func compared(
        _ strategy: String, _ verdict: String, ratio: Double, half: Double = 0.01, machine: Double? = nil
    ) throws -> ComparedMeasurement {
        let json = """
            {"key": {"family": "attention", "strategy": "\(strategy)", "workload": "llama3", "parameters": {},
                     "device": "cpu:0", "precision": "f32"},
             "baseStatus": "ok", "candidateStatus": "ok", "energyReason": "energy was switched off", "remarks": [],
             "time": {"base": 1e-3, "candidate": \(1e-3 / ratio), "ratio": \(ratio),
                      "interval": [\(ratio * (1 - half)), \(ratio * (1 + half))], "correctedPValue": 0.001,
                      "verdict": "\(verdict)", "machineRatio": \(machine.map { "\($0)" } ?? "null")}}
            """
        return try JSONDecoder().decode(ComparedMeasurement.self, from: Data(json.utf8))
    }

    private func page(_ measurements: [ComparedMeasurement]) -> PageText {
        var comparison = RunComparison(
            base: (SampleRun().record(), "before.json"), candidate: (SampleRun().record(), "after.json"))
        comparison.measurements = measurements
        return PageText(ComparisonPage(comparison).render())
    }

    @Test("the worst comes first, and every ratio is drawn with its words for those who do not see it")
    func order() throws {
        let page = page([
            try compared("calm", "same", ratio: 1.001), try compared("doubtful", "unresolved", ratio: 1.02),
            try compared("quicker", "faster", ratio: 1.4), try compared("lazier", "slower", ratio: 0.9, machine: 0.8),
        ])
        let places = ["lazier", "quicker", "doubtful", "calm"].map { page.position(of: "attention/\($0)") ?? -1 }
        #expect(places == places.sorted() && !places.contains(-1), "\(places)")
        #expect(page.count(of: "<svg") == 4 && page.count(of: "role=\"img\"") == 4)
        #expect(page.holds("aria-label=\"0.9"))
        #expect(page.visible.holds("besides the machine's own 0.8"))
        #expect(page.holds("energy was switched off") && !page.holds("<script"))
    }

    @Test("drawings lie within their axis, in the right half, however far out a ratio is")
    func drawings() throws {
        let page = page([
            try compared("near", "same", ratio: 1.0, half: 0.002), try compared("far", "faster", ratio: 40, half: 0.3),
            try compared("low", "slower", ratio: 0.97),
        ])
        let centres = page.string.split(separator: "<circle cx=\"").dropFirst().compactMap {
            Double($0.prefix { $0 != "\"" })
        }
        // In the page's order: slower, faster, same; the axis is 240 wide with 1 in its middle.
        try #require(centres.count == 3)
        #expect(centres[0] < 120 && centres[1] > 120 && abs(centres[2] - 120) < 1, "\(centres)")
        #expect(centres.allSatisfy { (0...240).contains($0) })
    }
}
