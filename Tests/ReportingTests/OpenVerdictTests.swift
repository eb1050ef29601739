import Reporting
import Results
import Statistics
import Testing

@Suite("What a page says of comparisons that are open")
struct OpenVerdictTests {
    private func run() -> RunRecord {
        var run = SampleRun().record()
        for index in run.comparisons.indices {
            run.comparisons[index].timeVerdict = "faster"
            run.comparisons[index].speedup = 1.4
            run.comparisons[index].speedupInterval = Interval(1.2, 1.6)
        }
        for (index, word) in [(0, "slower"), (1, "slower"), (2, "faster")] {
            run.comparisons[index].timeVerdict = "unresolved"
            run.comparisons[index].speedup = word == "slower" ? 0.9 : 1.4
            run.comparisons[index].timeTendency = word
            run.comparisons[index].timeReason = "probably \(word): 9 of 11 rounds"
            run.comparisons[index].timeCommand = "joulemark profile --family attention --time-limit 20"
            run.comparisons[index].speedupInterval = Interval(0.9, 1.6)
        }
        return run
    }

    @Test("the headline counts probable losses and wins, and they are named")
    func headline() {
        let run = run()
        let page = PageText(HTMLReport(runs: [run]).render()), text = page.visible
        let total = run.comparisons.count
        #expect(
            text.holds(
                "faster than unfused in \(total - 3) of \(total) comparisons, probably slower in 2, probably faster in 1"
            ))
        let answer = PageText(page.between("<section id=\"answer\">", "</section>") ?? "").visible
        let loss = NumberFormat.ratio(1 / 0.9), win = NumberFormat.ratio(1.4, Interval(0.9, 1.6))
        let parts = [("flash is probably \(loss) slower", 2), ("probably \(win) faster", 1)]
        for (words, count) in parts {
            let shown = words.replacing(" ×", with: "\u{A0}×").replacing("× [", with: "×\u{A0}[")
            #expect(answer.count(of: shown) == count, "\(words) in \(answer.string)")
        }
        let terminal = TerminalTable().render(run: run, width: 200, color: false)
        #expect(terminal.contains("probably slower in 2"))
    }

    @Test("beside the verdict stand the direction, its rounds and the command that would decide it")
    func direction() {
        let text = PageText(HTMLReport(runs: [run()]).render()).visible
        #expect(text.holds("probably slower: 9 of 11 rounds; to decide it: joulemark profile --family attention"))
    }

    @Test("a ratio that contradicts the medians beside it says why, and one that does not says nothing")
    func medians() throws {
        var run = run()
        let remark = "come from different moments; the ratio is the median over rounds in which both took turns"
        for index in run.comparisons.indices {
            let comparison = run.comparisons[index]
            let medians = [comparison.baseline, comparison.strategy].compactMap { strategy in
                run.measurements.first {
                    $0.strategy == strategy && $0.workload == comparison.workload && $0.device == comparison.device
                }?.time?.median
            }
            try #require(medians.count == 2)
            let ratio = medians[0] / medians[1]
            run.comparisons[index].speedup = ratio
            run.comparisons[index].speedupInterval = Interval(ratio * 0.9, ratio * 1.1)
        }
        #expect(!PageText(HTMLReport(runs: [run]).render()).visible.holds(remark))
        run.comparisons[0].speedup *= 0.7
        run.comparisons[0].speedupInterval = run.comparisons[0].speedupInterval?.scaled(by: 0.7)
        #expect(PageText(HTMLReport(runs: [run]).render()).visible.holds(remark))
    }
}
