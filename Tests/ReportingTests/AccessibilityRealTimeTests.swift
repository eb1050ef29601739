import Foundation
import Reporting
import Results
import Testing

/// axe-core, the rules that accessibility is commonly tested by; ./test installs it.
private enum Axe {
    static let script: String? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try? String(contentsOf: root.appending(path: ".build/axe/axe_core_python/axe.min.js"), encoding: .utf8)
    }()
}

@Suite(
    "The page for everybody",
    .enabled(if: Browser.path != nil && Axe.script != nil, "chromium or axe-core is missing; ./test installs both"),
    .serialized)
struct AccessibilityRealTimeTests {
    private struct Finding: Decodable, CustomStringConvertible {
        let rule: String
        let html: String
        let summary: String

        var description: String { "\(rule): \(html)\n\(summary)" }
    }

    private struct Findings: Decodable {
        let rules: Int
        let violations: [Finding]
        /// What axe-core leaves to be looked at, without the contrasts.
        let open: [Finding]
        /// Contrasts that axe-core leaves open: how many, and those that are too low when they are measured.
        let contrasts: Int
        let low: [String]
        let requests: [String]
    }

    /// What axe-core cannot see through, such as a gradient or text over a drawing, is measured here: the colour of the
    /// text against the nearest background that is painted.
    private static let probe = """
        document.querySelectorAll('details').forEach((details) => { details.open = true; });
        const style = document.createElement('style');
        style.textContent = 'main > section, .chart, .place { content-visibility: visible !important; }';
        document.head.append(style);
        const found = await axe.run(document, { resultTypes: ['violations', 'incomplete'] });
        const list = (rules) => rules.flatMap((rule) => rule.nodes.map((node) => ({
          rule: rule.id, html: node.html.slice(0, 300), summary: node.failureSummary ?? '' })));
        const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
        const light = (colour) => parts(colour).slice(0, 3).map((value) => value / 255)
          .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
          .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
        const ground = (element) => { for (let part = element; part; part = part.parentElement) {
          const colour = parts(getComputedStyle(part).backgroundColor);
          if (colour.length < 4 || colour[3] === 1) return getComputedStyle(part).backgroundColor; }
          return getComputedStyle(document.body).backgroundColor; };
        const open = found.incomplete.filter((rule) => rule.id === 'color-contrast')
          .flatMap((rule) => rule.nodes.map((node) => document.querySelector(node.target[0])));
        const low = open.filter(Boolean).map((element) => {
          const style = getComputedStyle(element);
          const isDrawn = element instanceof SVGElement;
          const pair = [light(isDrawn ? style.fill : style.color), light(ground(element))].sort((a, b) => b - a);
          return [(pair[0] + 0.05) / (pair[1] + 0.05), element.outerHTML.slice(0, 200)];
        }).filter((entry) => entry[0] < 4.5).map((entry) => entry.join(' '));
        return { rules: found.passes.length, violations: list(found.violations),
          open: list(found.incomplete.filter((rule) => rule.id !== 'color-contrast')),
          contrasts: open.length, low, requests: performance.getEntriesByType('resource').map((entry) => entry.name) };
        """

    @Test(
        "axe-core finds nothing, no contrast that it leaves open is too low, the console stays silent, nothing is asked for",
        arguments: [
            Browser.View(), Browser.View(isDark: true), Browser.View(width: 380),
            Browser.View(width: 380, isDark: true),
        ])
    func axe(view: Browser.View) throws {
        let script = try #require(Axe.script)
        let runs = [SampleRun(energy: .modelled, hasProblems: true).record(), SampleRun(seed: 8).lengths()]
        for page in [HTMLReport(runs: runs).render(), TrendPage(TrendPageTests.trend()).render()] {
            try expectSound(page, view, script)
        }
    }

    private func expectSound(_ page: String, _ view: Browser.View, _ script: String) throws {
        // A page that allows no scripts would not let the rules run.
        let page = page.replacing(
            "default-src 'none'; style-src", with: "default-src 'none'; script-src 'unsafe-inline'; style-src")
        let (found, log) = try Browser.ask(page + "<script>\(script)</script>", view, by: Self.probe, as: Findings.self)
        #expect(found.violations.isEmpty, "\(found.violations)")
        #expect(found.open.isEmpty, "\(found.open)")
        #expect(found.low.isEmpty, "of \(found.contrasts): \(found.low)")
        #expect(found.rules > 20 && found.requests.isEmpty, "\(found.requests)")
        #expect(!log.contains("CONSOLE"), "\(log)")
    }
}
