import Foundation
import Reporting
import Results
import Statistics
import Testing

@Suite("The page of a trend")
struct TrendPageTests {
    /// Three runs: another version is slower with one strategy, and the last one is the same again.
    static func trend() -> HistoryTrend {
        let first = SampleRun().record()
        var second = first
        second.tool.commit = "9e0d1f3aa"
        second.startedAt = "2026-03-05T09:12:07Z"
        // One of eighteen: what moves most of a device's measurements is the machine.
        second.measurements[1].time?.scale(by: 2)
        var third = second
        third.label = "<b>third</b>"
        return HistoryTrend([(id: 4, run: first), (id: 7, run: second), (id: 9, run: third)])
    }

    @Test("has a line for each measurement, with the times and intervals of its runs, and where the version changed")
    func lines() throws {
        let trend = Self.trend()
        let page = PageText(TrendPage(trend).render())
        #expect(page.count(of: "<svg class=\"plot trend\"") == 18 && page.count(of: "<circle") == 54)
        #expect(page.count(of: "<title>0.1.0 4f1c2ab → 0.1.0 9e0d1f3</title>") == 18)
        for (place, series) in trend.series.enumerated() {
            let part = PageText(try #require(page.between("id=\"line-\(place)\"", "</table>"))).visible
            for point in series.points {
                let texts = NumberFormat.quantity(point.seconds, try #require(point.interval), .seconds)
                #expect(part.holds("\(texts.value)") && part.holds(texts.interval))
                #expect(part.holds(NumberFormat.quantity(point.joules, .joules)))
            }
        }
        #expect(page.holds("&lt;b&gt;third&lt;/b&gt;") && !page.holds("<b>third"))
    }

    @Test("says first what changed, by the verdicts of the trend, and links to its line")
    func changes() throws {
        let trend = Self.trend()
        let changed = trend.series.enumerated().filter { !$0.element.changes.isEmpty }
        try #require(changed.count == 1)
        let page = PageText(TrendPage(trend).render())
        let section = PageText(try #require(page.between("<section id=\"changes\"", "</section>")))
        #expect(section.count(of: "<tr>") == 2 && section.count(of: "verdict loss\">slower") == 1)
        for (place, series) in changed {
            let point = try #require(series.changes.first)
            #expect(section.holds("href=\"#line-\(place)\"") && page.holds("id=\"line-\(place)\""))
            #expect(section.holds(NumberFormat.ratio(point.timeRatio, point.timeRatioInterval)))
        }
        #expect(page.between("<h1>", "</h1>")?.contains("0 faster, 1 slower") == true)
        var calm = trend
        for index in calm.series.indices { calm.series[index].points.removeLast(2) }
        #expect(PageText(TrendPage(calm).render()).holds("Nothing beyond doubt"))
    }
}

extension TimeRecord {
    /// The same samples, so many times as long.
    fileprivate mutating func scale(by factor: Double) {
        median *= factor
        sampleSeconds = sampleSeconds.map { $0 * factor }
        interval = interval.map { .init($0.lower * factor, $0.upper * factor) }
    }
}
