import Reporting
import Results
import Statistics
import Testing

/// No form for people shows a modelled figure without its mark, or an unknown one as a number.
@Suite("Marks of energy, in every form for people")
struct EnergyMarksTests {
    /// Figures of energy or power in a text that no ≈ precedes: a number and behind it J, W, J·s, FLOP/J or J/token.
    static func unmarked(_ text: String) -> [String] {
        let words = text.split { $0.isWhitespace || "()[],;".contains($0) }.map(String.init)
        let units = ["J", "W", "J·s", "FLOP/J", "J/token"]
        return words.indices.compactMap { index in
            let isUnit = units.contains { unit in
                words[index] == unit
                    || (words[index].hasSuffix(unit) && "pnµmkMGT".contains(words[index].first ?? " ")
                        && words[index].dropFirst() == unit)
            }
            guard isUnit, index > 0, Double(words[index - 1]) != nil else { return nil }
            let isMarked = index > 1 && words[index - 2] == "≈"
            return isMarked ? nil : words[max(index - 2, 0)...index].joined(separator: " ")
        }
    }

    @Test("the rule of this test finds what is not marked")
    func rule() {
        #expect(Self.unmarked("flash 1.2 mJ ± 3 % ≈ 4 W, 5.0 GFLOP/J") == ["flash 1.2 mJ", "W 5.0 GFLOP/J"])
        #expect(Self.unmarked("≈ 1.2 mJ ± 3 % ≈ 4 W, 5.0 GFLOP/s of J").isEmpty)
    }

    private static let modelled = SampleRun(energy: .modelled, hasProblems: true).record()
    private static let unknown = SampleRun(energy: .unavailable).record()

    @Test("modelled: the table on a terminal, wide and narrow", arguments: [60, 90, 120, 200])
    func terminal(width: Int) {
        let text = TerminalTable().render(run: Self.modelled, width: width, color: false)
        #expect(Self.unmarked(text) == [])
        #expect(text.contains("≈"))
    }

    @Test("modelled: the page, alone and beside another run")
    func page() {
        for runs in [[Self.modelled], [Self.modelled, SampleRun(energy: .modelled, seed: 8).record()]] {
            let page = PageText(HTMLReport(runs: runs).render())
            #expect(Self.unmarked(page.visible.string) == [])
            #expect(page.visible.count(of: "≈ ") > 90)
        }
    }

    @Test("modelled: verdicts on joules on the page, however the file came to have them")
    func verdicts() {
        let page = PageText(HTMLReport(runs: [Self.modelled]).render())
        let count = ["cheaper", "costlier"].map { word in
            #expect(!page.holds("\">\(word)</span>"), "\(word) without ≈")
            return page.count(of: "\">≈ \(word)</span>")
        }
        #expect(count.reduce(0, +) > 3)
        let measured = PageText(HTMLReport(runs: [SampleRun().record()]).render())
        #expect(measured.holds("\">cheaper</span>") && !measured.holds("≈ cheaper"))
    }

    @Test("modelled: what the charts say of a mark that is pointed at")
    func charts() {
        let page = HTMLReport(runs: [Self.modelled]).render()
        let titles = page.split(separator: "<title>").dropFirst().map { $0.prefix { $0 != "<" } }
        let joules = titles.filter { $0.contains(" mJ") || $0.contains(" J ") }
        #expect(!joules.isEmpty && joules.allSatisfy { $0.contains(": ≈ ") })
    }

    private static func comparison(_ base: SampleRun.Energy, _ candidate: SampleRun.Energy) -> RunComparison {
        var options = RunComparison.Options()
        options.allowed = [.seed]
        return RunComparison(
            base: (SampleRun(energy: base).record(), "base.json"),
            candidate: (SampleRun(energy: candidate, seed: 8).record(), "new.json"), options: options)
    }

    @Test("modelled: a comparison of two runs, as a table and as a page")
    func compared() {
        let comparison = Self.comparison(.modelled, .modelled)
        let table = ComparisonTable().render(comparison, width: 100, color: false)
        #expect(Self.unmarked(table) == [])
        #expect(table.contains("energy  ≈ "))
        let page = PageText(ComparisonPage(comparison).render()).visible.string
        #expect(Self.unmarked(page) == [])
        #expect(page.contains("→ ≈ "))
    }

    @Test("modelled joules are not weighed against measured ones, and both forms say so")
    func mixed() {
        let comparison = Self.comparison(.measured, .modelled)
        #expect(comparison.measurements.allSatisfy { $0.energy == nil })
        for text in [
            ComparisonTable().render(comparison, width: 200, color: false),
            PageText(ComparisonPage(comparison).render()).visible.string,
        ] {
            #expect(text.contains("measured joules are not weighed against modelled ones"))
            #expect(!text.contains(" mJ"))
        }
    }

    @Test("unknown: every form has – or the reason, and no figure of energy at all")
    func unknown() {
        let comparison = Self.comparison(.unavailable, .unavailable)
        let texts = [
            TerminalTable().render(run: Self.unknown, width: 200, color: false),
            PageText(HTMLReport(runs: [Self.unknown]).render()).visible.string,
            PageText(HTMLReport(runs: [Self.unknown, Self.unknown]).render()).visible.string,
            ComparisonTable().render(comparison, width: 200, color: false),
            PageText(ComparisonPage(comparison).render()).visible.string,
        ]
        for text in texts {
            #expect(Self.unmarked(text) == [])
            let words = text.split { !$0.isLetter }
            #expect(!text.contains("≈ –") && !words.contains("nan") && !words.contains("nil"))
            #expect(text.contains("energy was switched off"))
        }
        #expect(texts[0].contains("–"))
    }

    @Test(
        "a measured figure that is imprecise, or on which the meter has a remark, says so in the table and on the page"
    )
    func remarks() {
        var run = SampleRun().record()
        run.measurements[0].energy?.resolved = false
        run.measurements[1].energy?.reason = "idle power drifted from 20.0 W to 25.0 W"
        let table = TerminalTable().render(run: run, width: 160, color: false)
        let page = PageText(HTMLReport(runs: [run]).render()).visible.string
        for text in [table, page] {
            #expect(text.contains("Energy is imprecise in 1 of 18"))
            #expect(text.contains("idle power drifted from 20.0 W to 25.0 W"))
        }
        #expect(page.contains("imprecise"))
    }

    @Test("the table on a terminal says how joules came to be that were not modelled, once")
    func provenances() {
        var run = SampleRun().record()
        func sentence() -> String? {
            let table = TerminalTable().render(run: run, width: 300, color: false)
            let lines = table.split(separator: "\n").filter {
                $0.hasPrefix("Energy is measured") || $0.hasPrefix("Energy is int")
            }
            return lines.count == 1 ? String(lines[0]) : nil
        }
        #expect(sentence() == "Energy is measured (counter) in all 18 measurements.")
        for index in 0..<2 { run.measurements[index].energy?.provenance = .integrated }
        #expect(
            sentence()
                == "Energy is measured (counter) in 16 of 18 measurements, integrated from a power sensor in 2.")
        for index in run.measurements.indices { run.measurements[index].energy?.provenance = .integrated }
        #expect(sentence() == "Energy is integrated from a power sensor in all 18 measurements.")
        for run in [Self.modelled, Self.unknown] {
            let table = TerminalTable().render(run: run, width: 300, color: false)
            #expect(!table.contains("(counter)") && !table.contains("power sensor"))
        }
    }

    @Test("side by side, joules have their interval, the number of samples, and how they came to be")
    func sideBySide() throws {
        var run = SampleRun().record()
        run.measurements[0].energy?.provenance = .integrated
        let page = PageText(HTMLReport(runs: [run, SampleRun(seed: 8).record()]).render()).visible
        let table = try #require(page.between("Runs side by side", "The machine as the run found it."))
        let energy = try #require(run.measurements[1].energy)
        let text = NumberFormat.quantity(
            try #require(energy.grossJoules), try #require(energy.interval), .joules)
        #expect(table.contains("\(text.value) \(text.interval)"))
        #expect(table.contains("24 samples"))
        #expect(table.contains("integrated") && table.contains("measured"))
    }

    @Test("what metering cost is in the table and on the page, also when it is not known")
    func cost() {
        for (fraction, words) in [
            (0.0031, "Metering took 0.31 % of one core."), (0.00002, "Metering took less than 0.1 % of one core."),
            (nil, "What metering cost was not measured."),
        ] as [(Double?, String)] {
            var run = SampleRun().record()
            run.energyAccounting?.meterCoreFraction = fraction
            let table = TerminalTable().render(run: run, width: 200, color: false)
            #expect(table.contains(words))
            #expect(PageText(HTMLReport(runs: [run]).render()).visible.holds(words))
        }
    }
}
