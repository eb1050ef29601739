import Results
import Statistics

/// How a measurement's samples are spread, one row of bars a pass, with the quantiles in words.
struct SampleHistogram {
    private static let bins = 40
    private static let mostPasses = 6
    private static let rowHeight = 34.0

    private let passes: [[Double]]
    private let sorted: [Double]

    /// - Returns: `nil` where the record has no single samples.
    init?(_ time: TimeRecord?) {
        guard let time else { return nil }
        sorted = time.sampleSeconds.filter(\.isFinite).sorted()
        guard sorted.count > 1 else { return nil }
        var passes = [time.sampleSeconds]
        if let rounds = time.rounds, rounds.pass.count == rounds.samples.count {
            passes = zip(rounds.pass, rounds.split(time.sampleSeconds)).grouped(by: \.0).map {
                $0.elements.flatMap(\.1)
            }
        }
        let known = passes.map { $0.filter(\.isFinite) }.filter { !$0.isEmpty }
        self.passes = known.count <= Self.mostPasses ? known : [known.flatMap(\.self)]
    }

    var markup: Markup {
        // The slowest hundredth would squeeze all others into one bar.
        let (low, high) = (sorted[0], max(quantile(sorted: sorted, 0.99), sorted[0]))
        let span = high > low ? high - low : 1
        let rows = passes.enumerated().map { row, samples -> Markup in
            var counts = [Int](repeating: 0, count: Self.bins)
            for sample in samples where sample <= high {
                counts[min(max(Int((sample - low) / span * Double(Self.bins)), 0), Self.bins - 1)] += 1
            }
            let most = Double(max(counts.max() ?? 1, 1))
            let base = Int(Double(row + 1) * Self.rowHeight)
            let bars = counts.enumerated().filter { $0.element > 0 }.map { bin, count -> Markup in
                let height = Int((Double(count) / most * (Self.rowHeight - 6)).rounded(.up))
                return "M\(bin * 8) \(base)v-\(height)h7v\(height)z"
            }
            return "<path class=\"c\(row % 8)\" d=\"\(bars)\"/>"
        }
        let height = Int(Double(passes.count) * Self.rowHeight)
        let words = [0.05, 0.25, 0.5, 0.75, 0.95].map { fraction in
            "\(Int(fraction * 100)) % \(NumberFormat.quantity(quantile(sorted: sorted, fraction), .seconds))"
        }
        let title =
            "\(sorted.count) samples in \(passes.count) \(passes.count == 1 ? "pass" : "passes"), drawn from "
            + "\(NumberFormat.quantity(low, .seconds)) to \(NumberFormat.quantity(high, .seconds)), which leaves out the slowest hundredth"
        return """
            <svg class="histogram" width="320" height="\(height)" role="img" aria-label="\(title)">\(rows)</svg>\
            <small>\(title). Quantiles: \(words.joined(separator: ", "))</small>
            """
    }
}
