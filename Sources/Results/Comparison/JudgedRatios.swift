import Glibc
import Statistics

/// Ratios of times or of energies that are judged together.
enum JudgedRatios {
    /// With fewer measurements on a device, their spread says too little.
    private static let leastForSpread = 5

    /// Widens the ratios at `places`, which belong to one device, by what that device did unevenly from run to run.
    ///
    /// With enough ratios this is their spread about their common shift (median distance from the median, as a standard
    /// deviation), less what their own errors explain: fewer than half may really have changed without moving it much.
    /// With fewer it is `control`, where there is one.
    ///
    /// - Returns: remarks on what moved in common.
    static func allowForUnevenness(
        _ ratios: inout [RatioEstimate?], at places: [Int], control: Double?, quantity: Verdict.Quantity,
        margin: Double, device: String
    ) -> [String] {
        let known = places.compactMap { ratios[$0] }
        let shifts = known.map { log($0.ratio) }
        guard known.count >= leastForSpread, let common = median(shifts),
            let distance = median(shifts.map { abs($0 - common) }), let own = median(known.map(\.logarithmicError))
        else {
            for place in places { ratios[place] = ratios[place]?.allowing(for: control ?? 0) }
            return []
        }
        let spread = 1.4826 * distance
        let unexplained = max(0, spread * spread - own * own).squareRoot()
        for place in places {
            ratios[place] = ratios[place]?.allowing(for: unexplained, degrees: Double(known.count - 1))
        }
        guard abs(common) > log(1 + margin) else { return [] }
        let change = NumberFormat.percentage(abs(exp(-common) - 1))
        let word = common > 0 ? "less" : "more"
        return [
            "\(device): half of all measurements take \(change) \(word) \(quantity.rawValue) or beyond: "
                + "the machine, or a change that all have in common"
        ]
    }

    /// Each of the ratios that there are among all of them.
    static func judged(
        _ ratios: [RatioEstimate?], _ rule: VerdictRule, _ quantity: Verdict.Quantity
    ) -> [Judgement?] {
        let count = ratios.count { $0 != nil }
        return ratios.map { $0.map { rule.judge($0, among: count, quantity) } }
    }
}
