import Reporting
import Results
import Statistics
import Testing

@Suite("Charts of two quantities")
struct CurveTests {
    @Test("a run over sizes has a line a strategy with every size on it, and where they cross as the record has it")
    func sizes() throws {
        let run = SampleRun().lengths()
        let page = PageText(HTMLReport(runs: [run]).render())
        let section = PageText(try #require(page.between("<section id=\"scaling\">", "</section>")))
        let chart = try #require(section.between("id=\"chart-sizes-time-0\"", "</figure>"))
        for measurement in run.measurements {
            let words = try #require(Metric.seconds.figure(measurement)).words
            let size = try #require(measurement.parameters["Lk"])
            #expect(chart.contains("\(measurement.strategy): \(words) at Lk = \(size)"))
        }
        let crossings = ShapeCrossing.all(run)
        #expect(crossings.count == 1 && chart.split(separator: "class=\"reference\"").count == 2)
        for crossing in crossings { #expect(section.visible.holds(crossing.words)) }
    }

    @Test("without several sizes of one parameter there is no such section")
    func none() {
        #expect(!PageText(HTMLReport(runs: [SampleRun().record()]).render()).holds("id=\"scaling\""))
    }

    @Test("time against energy: the front is what nothing beats in both, modelled marks are hollow")
    func front() throws {
        let run = SampleRun(energy: .modelled).record()
        let page = PageText(HTMLReport(runs: [run]).render())
        let list = try #require(page.between("<ul class=\"fronts\">", "</ul>")).split(separator: "<li>")
        for (item, workload) in zip(list, SampleRun.workloads.map(\.name)) {
            let own = run.measurements.filter { $0.workload == workload }
            let places = own.map { ($0, $0.time?.median ?? 0, $0.energy?.leadingJoules ?? 0) }
            for (measurement, seconds, joules) in places {
                let isBeaten = places.contains {
                    $0.1 <= seconds && $0.2 <= joules && ($0.1 < seconds || $0.2 < joules)
                }
                #expect(item.contains("\(measurement.strategy) on \(measurement.device) (") == !isBeaten)
            }
        }
        let chart = try #require(page.between("id=\"chart-tradeoff-attention-0\"", "</figure>"))
        #expect(chart.split(separator: " hollow\">").count == 7)
    }

    @Test("measured and modelled energies share a chart and no front")
    func mixed() throws {
        let runs = [SampleRun().record(), SampleRun(energy: .modelled, seed: 8).record()]
        let list = try #require(PageText(HTMLReport(runs: runs).render()).between("<ul class=\"fronts\">", "</ul>"))
        #expect(list.contains("not weighed against each other") && !list.contains("nothing beats"))
    }
}
