import Results

/// What one processor ran on several devices, for a terminal: a block a workload, the fastest first.
///
/// ```
/// one processor, fastest first: attention · llama3-8b-decode-1k · f32
///   cpu:0     flash        123.4 µs  1                        ≈ 3.2 mJ  avx512
///   python:1  torch-flash  801.1 µs  6.5 × [6.3, 6.7] slower  ≈ 9.8 mJ  PyTorch 2.13.0, CPU AVX512
/// ```
enum ProcessorTable {
    /// Lines without ends, headings marked.
    static func lines(_ run: ReportedRun) -> [(text: String, isHeading: Bool)] {
        ProcessorRanking.all(run).flatMap { ranking -> [(text: String, isHeading: Bool)] in
            let rows = ranking.entries.map { entry in
                [
                    entry.measurement.device, entry.measurement.strategy, entry.seconds,
                    entry.ratio + (entry.verdict.isEmpty ? "" : " \(entry.verdict)"), entry.joules,
                    entry.measurement.codePath ?? "",
                ].map(TerminalText.harmless)
            }
            let widths = rows[0].indices.map { column in rows.map { TerminalText.width($0[column]) }.max() ?? 0 }
            let texts = rows.map { row in
                let cells = zip(row, widths).map { text, width in
                    text + String(repeating: " ", count: max(0, width - TerminalText.width(text)))
                }
                return ("  " + cells.joined(separator: "  ")).trimmingTrailingSpaces
            }
            let heading = "one processor, fastest first: \(ranking.family) · \(ranking.workload) · \(ranking.precision)"
            return [(TerminalText.harmless(heading), true)] + texts.map { ($0, false) }
        }
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
