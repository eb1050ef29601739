import Results

/// One processor, many ways to it: a table for each workload that several of its devices ran, the fastest first.
extension HTMLReport {
    func processorSection() -> Markup {
        let tables = runs.flatMap { run in
            ProcessorRanking.all(run).map { processorTable($0, run) }
        }
        guard !tables.isEmpty else { return "" }
        return """
            <section id="processors"><h2>One processor, many ways to it</h2>
            <p>These devices are the same hardware, and what they ran was sampled in the same rounds, one after the other. A ratio is \
            the time by that of the fastest, with its interval corrected for all of these comparisons.</p>
            \(tables.joined(separator: "\n"))
            </section>
            """
    }

    private func processorTable(_ ranking: ProcessorRanking, _ run: ReportedRun) -> Markup {
        let rows = ranking.entries.map { entry -> Markup in
            let measurement = entry.measurement
            return """
                <th scope="row">\(measurement.strategy)</th>\
                \(TableCell.text("\(run.name(of: measurement.device))", detail: "\(measurement.codePath ?? "")"))\
                \(TableCell.figure("\(entry.seconds)", value: measurement.validTime?.median))\
                \(TableCell.text("\(entry.ratio)", detail: "\(entry.verdict)"))\
                \(TableCell.figure("\(entry.joules)", value: Metric.leadingJoules.figure(measurement)?.value))
                """
        }
        return TableCell.table(
            caption: "\(ranking.family), \(ranking.workload), \(ranking.precision)",
            headings: [
                .text("Strategy"), .text("Device", "code path"), .figure("Time"), .text("By the fastest", "verdict"),
                .figure("Energy"),
            ], rows: rows)
    }
}
