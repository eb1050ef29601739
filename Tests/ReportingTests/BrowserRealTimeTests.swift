import Reporting
import Results
import Testing

@Suite("In a browser", .enabled(if: Browser.path != nil, "chromium is not installed; ./test installs it"), .serialized)
struct BrowserRealTimeTests {
    @Test("every chart is drawn, each mark with a shape, and the console stays silent")
    func charts() throws {
        for runs in PageTests.sampleSets {
            let page = HTMLReport(runs: runs).render()
            let probe = """
                document.querySelectorAll('.chart').forEach((chart) => { chart.style.contentVisibility = 'visible'; });
                const all = [...document.querySelectorAll('svg.plot')];
                const drawn = all.filter((plot) => { const box = plot.getBoundingClientRect();
                  const marks = [...plot.querySelectorAll('use, rect.part')];
                  return box.width > 100 && box.height > 40 && marks.length > 0
                    && marks.every((mark) => mark.getBoundingClientRect().height > 3); });
                return [all.length, drawn.length];
                """
            let (document, log) = try Browser.dump(Browser.probed(page, probe))
            let plots = PageText(page).count(of: "<svg class=\"plot\"")
            #expect(plots >= 3)
            #expect(document.contains("<title>[\(plots),\(plots)]</title>"), "\(document.prefix(900))")
            #expect(!log.contains("CONSOLE"), "\(log)")
        }
    }

    @Test("the markup is well-formed: the browser neither adds nor drops a table, a row or a cell")
    func wellFormed() throws {
        let page = HTMLReport(runs: PageTests.sampleSets[1]).render()
        let text = PageText(page)
        let names = ["table", "tr", "td", "th", "section", "li", "dd", "details", "small", "p"]
        let probe = "return [\(names.map { "document.querySelectorAll('\($0)').length" }.joined(separator: ","))];"
        let (document, log) = try Browser.dump(Browser.probed(page, probe))
        let counts = names.map { name in
            text.count(of: "<\(name)>") + text.count(of: "<\(name) ")
        }
        #expect(
            document.contains("<title>[\(counts.map { "\($0)" }.joined(separator: ","))]</title>"),
            "\(counts) \(document.prefix(900))")
        #expect(!log.contains("CONSOLE"), "\(log)")
    }

    @Test(
        "a long table shows its first rows and more as it is scrolled; sorting and filtering know all; an address shows its row"
    )
    func longTables() throws {
        let page = HTMLReport(runs: [PageTests.large(60)]).render()
        let probe = """
            const table = document.getElementById('results-table');
            const rows = () => [...table.tBodies[0].rows], shown = () => rows().filter((row) => !row.hidden);
            const first = shown().length;
            table.tHead.querySelectorAll('button')[2].click();
            const all = rows().map((row) => row.cells[2].dataset.v).filter(Boolean).map(Number);
            const sorted = all.every((value, index) => index === 0 || all[index - 1] <= value) && shown().length === first;
            const last = rows().at(-1), id = last.cells[0].id;
            const before = last.hidden;
            location.hash = id; dispatchEvent(new Event('hashchange'));
            const after = last.hidden;
            const input = document.getElementById('results-filter');
            input.value = 'prefill-512-59 flash'; input.dispatchEvent(new Event('input'));
            const found = shown().every((row) => /512-59/.test(row.textContent)) && shown().length;
            return [rows().length, first, sorted, before, after, found, new URL(location.href).searchParams.get('show')];
            """
        let (document, log) = try Browser.dump(Browser.probed(page, probe))
        #expect(
            document.contains("<title>[1080,200,true,true,false,6,\"prefill-512-59 flash\"]</title>"),
            "\(document.prefix(900))")
        #expect(!log.contains("CONSOLE"), "\(log)")
    }

    @Test("sorting puts rows without a value last and filtering hides what does not match")
    func sortingAndFiltering() throws {
        let page = HTMLReport(runs: PageTests.sampleSets[1]).render()
        let probe = """
            const table = document.getElementById('results-table');
            const values = () => [...table.tBodies[0].rows].map((row) => row.cells[2].dataset.v).map((v) => v === undefined ? null : Number(v));
            const buttons = table.tHead.querySelectorAll('button');
            const ordered = (list, sign) => list.every((v, i) => i === 0 || v === null || (list[i - 1] !== null && sign * (v - list[i - 1]) >= 0));
            buttons[2].click(); const up = ordered(values(), 1);
            buttons[2].click(); const down = ordered(values(), -1);
            const input = document.getElementById('results-filter');
            input.value = 'flash vulkan:0'; input.dispatchEvent(new Event('input'));
            const shown = [...table.tBodies[0].rows].filter((row) => !row.hidden);
            return [up, down, shown.length, shown.every((row) => /vulkan:0/.test(row.textContent) && /flash/.test(row.textContent))];
            """
        let (document, _) = try Browser.dump(Browser.probed(page, probe))
        #expect(document.contains("<title>[true,true,3,true]</title>"), "\(document.prefix(900))")
    }
}
