import Results

/// How every figure came to be, and the data itself.
extension HTMLReport {
    func provenanceSection() -> Markup {
        """
        <section id="provenance"><h2>Provenance</h2>
        \(runs.map(provenance))
        <h3>How the figures are made</h3>
        <dl class="method">
        <dt>Time</dt><dd>The median of the samples; its interval is a 95 % percentile bootstrap of the median (Efron and Tibshirani 1993, \
        chapter 13). Noise is the samples' standard deviation over their mean. Where the device's clock is used, the host's median, from \
        submission to completion, stands beside it.</dd>
        <dt>FLOPs</dt><dd>The operations of the mathematics, counted once: a multiply and an add are two, only visible pairs count under a \
        mask, and what a strategy computes twice is not counted twice. All strategies of a workload share one count, so FLOP/s compare \
        like time.</dd>
        <dt>Bytes</dt><dd>The least: each input read once, each output written once. A strategy's: the least and every intermediate that it \
        writes and reads back. Both follow from shapes, not from counters.</dd>
        <dt>Roofline</dt><dd>min(peak FLOP/s, intensity × peak bytes/s), with the intensity of the least bytes and the highest peaks \
        that this run found on the device, at its start, between passes and beside the samples (Williams, Waterman and Patterson 2009).</dd>
        <dt>Energy</dt><dd>Joules per execution over windows of back-to-back repetitions; its 95 % interval comes from the windows. <i>Measured</i> is a \
        counter's difference, <i>integrated</i> a sensor's watts over time, <i>modelled</i> (≈) a computation from FLOPs, bytes and time. \
        Net energy is gross energy less the idle power over the same time.</dd>
        <dt>Performance per watt</dt><dd>FLOP/s ÷ W = FLOP ÷ J, from gross energy; the net figure stands below it.</dd>
        <dt>Energy × delay</dt><dd>Gross joules × seconds, lower is better.</dd>
        <dt>Verdicts</dt><dd>“Unresolved” means that the intervals do not allow to say which is better. It is a result.</dd>
        </dl>
        \(chartNote())
        </section>
        """
    }

    private func provenance(_ run: ReportedRun) -> Markup {
        let record = run.record
        let heading: Markup = run.label.isEmpty ? "" : "<h3>\(run.label)</h3>"
        let seeds = record.measurements.map { String($0.seed) }.uniqued()
        let identifier = "run-data-\(run.index + 1)"
        let started = Wording.anchor(record.startedAt)
        return """
            \(heading)<dl class="facts">
            <dt>Tool</dt><dd>\(record.tool.name) \(record.tool.version)\(record.tool.commit.map { ", commit \($0)" } ?? "")</dd>
            <dt>Arguments</dt><dd><code>\(record.tool.arguments.joined(separator: " "))</code></dd>
            <dt>Seed</dt><dd>\(seeds.isEmpty ? "–" : "\(seeds.joined(separator: ", "))")</dd>
            <dt>Schema</dt><dd>\(record.schemaVersion)</dd>
            <dt>Data</dt><dd>The whole run is in this page, in the element <code>\(identifier)</code>. \
            <a class="download" hidden data-source="\(identifier)" download="joulemark-\(started).json" href="#provenance">Download \
            it as JSON</a></dd>
            </dl>
            \(Self.embedded(record, id: identifier))
            """
    }

    /// The run as `--json` writes it.
    private static func embedded(_ record: RunRecord, id: String) -> Markup {
        do {
            return Page.json(try RunFile.text(of: record), id: id)
        } catch {
            return "<p class=\"problem\">The run's data is not in this page: \(error.description)</p>"
        }
    }

    private func chartNote() -> Markup {
        chartScript == nil
            ? """
            <p class="problem" id="no-charts">This page has no charts: Chart.js was not found when it was written (Debian package \
            libjs-chart.js). Every figure is in the tables.</p>
            """
            : "<p>Charts are drawn by Chart.js, which is inside this page with its licence; every chart's figures are in a table too.</p>"
    }
}
