import Foundation
import Results
import Statistics
import Testing

/// No form for programs shows a modelled figure without its provenance, or an unknown one as a number.
@Suite("Marks of energy, in every form for programs")
struct EnergyMarksTests {
    private static func run(_ provenance: EnergyProvenance) -> RunRecord {
        let joules = provenance == .unavailable ? nil : 0.05
        let measurements = ["unfused", "flash"].map { strategy in
            var measurement = SampleRuns.measurement(
                strategy: strategy, seconds: 1e-3, joules: joules, provenance: provenance)
            if provenance != .unavailable {
                measurement.energy?.netJoules = 0.03
                measurement.energy?.averageWatts = 50
                measurement.derived?.energyDelayProduct = 5e-5
            } else {
                measurement.energy?.reason = "permission denied"
            }
            return measurement
        }
        var run = SampleRuns.run(measurements)
        run.energyAccounting = EnergyAccounting(rule: "package alone.", included: ["p"], meterCoreFraction: 0.004)
        run.comparisons = withinRunComparisons(run, baselines: ["attention": "unfused"])
        return run
    }

    private static func object(_ run: RunRecord) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(try RunFile.text(of: run).utf8)) as? [String: Any])
    }

    @Test("JSON: every energy has its provenance beside it; an unknown is an explicit null with a reason")
    func json() throws {
        for provenance in [EnergyProvenance.modelled, .unavailable] {
            let object = try Self.object(Self.run(provenance))
            for measurement in try #require(object["measurements"] as? [[String: Any]]) {
                let energy = try #require(measurement["energy"] as? [String: Any])
                let derived = try #require(measurement["derived"] as? [String: Any])
                #expect(energy["provenance"] as? String == provenance.rawValue)
                let joules = ["grossJoules", "netJoules", "idleJoules", "averageWatts", "idleWatts", "interval"].map {
                    energy[$0]
                }
                let rates = ["flopsPerJoule", "netFlopsPerJoule", "energyDelayProduct", "joulesPerToken"].map {
                    derived[$0]
                }
                #expect(joules.allSatisfy { $0 != nil } && rates.allSatisfy { $0 != nil }, "no key is left out")
                if provenance == .unavailable {
                    #expect((joules + rates).allSatisfy { $0 is NSNull })
                    #expect(energy["reason"] as? String == "permission denied")
                } else {
                    #expect(energy["resolved"] as? Bool == false || energy["grossJoules"] is Double)
                }
            }
            for comparison in try #require(object["comparisons"] as? [[String: Any]]) {
                let isKnown = comparison["energyRatio"] is Double
                #expect(isKnown == (provenance == .modelled))
                #expect(comparison["energyProvenance"] as? String == (isKnown ? "modelled" : nil))
            }
        }
    }

    @Test("CSV: the provenance beside the joules, the reason where there are none, and what metering cost")
    func csv() throws {
        for (provenance, reason) in [(EnergyProvenance.modelled, ""), (.unavailable, "permission denied")] {
            let rows = CSVWriter.text(of: Self.run(provenance)).split(separator: "\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            }
            for row in rows.dropFirst() {
                func field(_ name: String) throws -> String { row[try #require(rows[0].firstIndex(of: name))] }
                #expect(try field("energyProvenance") == provenance.rawValue)
                #expect(try field("energyReason") == reason)
                #expect(try field("meterCoreFraction") == "0.004")
                for name in ["grossJoules", "netJoules", "averageWatts", "flopsPerJoule", "energyDelayProduct"] {
                    #expect(try field(name).isEmpty == (provenance == .unavailable), "\(name)")
                }
            }
        }
    }

    @Test("Markdown: ≈ before every figure of energy, – with the reason below, and what metering cost")
    func markdown() {
        let modelled = MarkdownWriter.text(of: Self.run(.modelled))
        for row in modelled.split(separator: "\n") where row.hasPrefix("| attention/") {
            for cell in row.split(separator: "|") where cell.contains("J ") {
                #expect(cell.trimmingCharacters(in: .whitespaces).hasPrefix("≈ "), "\(cell)")
            }
            #expect(!row.contains("imprecise"))
        }
        #expect(modelled.contains("≈ 50.0 mJ") && modelled.contains("Metering took 0.40 % of one core."))
        let unknown = MarkdownWriter.text(of: Self.run(.unavailable))
        #expect(unknown.contains("| – |") && unknown.contains("Energy is not known (–) in 2: permission denied."))
        #expect(!unknown.contains("≈") && !unknown.contains(" J ") && !unknown.contains("mJ"))
    }

    @Test("Markdown: what the meter remarked stands below the table")
    func remark() {
        var run = Self.run(.measured)
        run.measurements[1].energy?.reason = "clocks were held back in 2 of 5 windows by: power limit"
        #expect(MarkdownWriter.text(of: run).contains("clocks were held back in 2 of 5 windows by: power limit."))
    }

    @Test("trace: a window names its provenance and marks modelled figures; unknown joules are left out, not 0")
    func trace() throws {
        for provenance in [EnergyProvenance.measured, .modelled, .unavailable] {
            var run = Self.run(provenance)
            let joules = provenance == .unavailable ? nil : 100.0
            run.measurements[0].energy?.windows = [WindowRecord(begin: 10, end: 12, iterations: 9, grossJoules: joules)]
            let object = try JSONSerialization.jsonObject(with: Data(try TraceWriter.text(of: run).utf8))
            let events = try #require((object as? [String: Any])?["traceEvents"] as? [[String: Any]])
            let window = try #require(events.first { $0["cat"] as? String == "window" })
            let arguments = try #require(window["args"] as? [String: Any])
            #expect(arguments["provenance"] as? String == provenance.rawValue)
            let energies = arguments.keys.filter { $0.hasSuffix("joules") || $0.hasSuffix("watts") }.sorted()
            switch provenance {
            case .modelled: #expect(energies == ["≈ joules", "≈ watts"])
            case .unavailable: #expect(energies.isEmpty)
            default: #expect(energies == ["joules", "watts"])
            }
        }
    }

    @Test("trace: the raw readings that were kept become power over time, wraps undone and resets left out")
    func power() throws {
        var run = Self.run(.measured)
        var counter = SourceTrace(
            source: "c", kind: .counter, scale: 0.5, modulus: 100, updateSeconds: 0.1, averagingSeconds: 0)
        // 5 units of half a joule in 0.1 s: 25 W, over a wrap at 100 units.
        (counter.before, counter.values) = ([0, 0.1, 0.2, 0.3], [90, 95, 0, 5])
        counter.after = counter.before
        var reset = counter
        (reset.source, reset.modulus, reset.values) = ("r", nil, [90, 95, 3, 8])
        var sensor = counter
        (sensor.source, sensor.kind, sensor.values) = ("s", .sensor, [40, 40, 60, 60])
        run.meterTrace = MeterTrace()
        run.meterTrace?.sources = [counter, reset, sensor]
        let object = try JSONSerialization.jsonObject(with: Data(try TraceWriter.text(of: run).utf8))
        let events = try #require((object as? [String: Any])?["traceEvents"] as? [[String: Any]])
        func watts(_ source: String) -> [Double] {
            events.filter { $0["ph"] as? String == "C" && $0["name"] as? String == "power of \(source)" }
                .compactMap { (($0["args"] as? [String: Any])?["watts"] as? Double).map { ($0 * 1e6).rounded() / 1e6 } }
        }
        #expect(watts("c") == [25, 25, 25])
        #expect(watts("r") == [25, 25])
        #expect(watts("s") == [20, 30, 30])
    }
}
