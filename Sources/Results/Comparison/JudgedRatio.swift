import Glibc
import Statistics

/// A ratio of two runs on its way to a verdict: of times or of energies, which differ in how they come about and not in how
/// they are judged.
struct JudgedRatio {
    private enum Effect {
        case time(RelativeEffect)
        case energy(EnergyEffect)
    }

    /// With fewer measurements on a device, their spread says too little.
    private static let leastForSpread = 5

    private let effect: Effect
    private var allowance = 0.0

    init(_ effect: RelativeEffect) { self.effect = .time(effect) }
    init(_ effect: EnergyEffect) { self.effect = .energy(effect) }

    private var shift: Double {
        switch effect {
        case .time(let effect): log(effect.ratio)
        case .energy(let effect): log(effect.ratio)
        }
    }

    private var error: Double {
        switch effect {
        case .time(let effect): effect.logarithmicError
        case .energy(let effect): effect.logarithmicError
        }
    }

    /// Widens the ratios at `places`, which belong to one device, by what that device did unevenly from run to run.
    ///
    /// With enough ratios this is their spread about their common shift (median distance from the median, as a standard
    /// deviation), less what their own errors explain: fewer than half may really have changed without moving it much. With
    /// fewer it is `control`, where there is one.
    ///
    /// - Returns: remarks on what moved in common.
    static func allowForUnevenness(
        _ ratios: inout [JudgedRatio?], at places: [Int], control: Double?, quantity: Verdict.Quantity, margin: Double,
        device: String
    ) -> [String] {
        let known = places.compactMap { ratios[$0] }
        guard known.count >= leastForSpread, let common = median(known.map(\.shift)),
            let distance = median(known.map { abs($0.shift - common) }), let own = median(known.map(\.error))
        else {
            for place in places { ratios[place]?.allowance = control ?? 0 }
            return []
        }
        let spread = 1.4826 * distance
        let unexplained = max(0, spread * spread - own * own).squareRoot()
        for place in places { ratios[place]?.allowance = unexplained }
        guard abs(common) > log(1 + margin) else { return [] }
        let change = NumberFormat.percentage(abs(exp(-common) - 1))
        let word = common > 0 ? "less" : "more"
        return [
            "\(device): half of all measurements take \(change) \(word) \(quantity.rawValue) or beyond: "
                + "the machine, or a change that all have in common"
        ]
    }

    /// Verdicts with p values corrected for the number of ratios.
    static func verdicts(
        _ ratios: [JudgedRatio?], _ rule: VerdictRule, _ quantity: Verdict.Quantity
    ) -> [JudgedVerdict?] {
        let allowed = ratios.map { $0?.widened }
        let corrected = holmCorrected(allowed.compactMap { $0?.pValue })
        var place = 0
        return allowed.map { ratio in
            guard let ratio else { return nil }
            defer { place += 1 }
            let judgement = rule.judge(
                ratio: ratio.ratio, interval: ratio.interval, correctedPValue: corrected[place], second: ratio.second)
            return JudgedVerdict(
                ratio: ratio.ratio, interval: ratio.interval, correctedPValue: corrected[place],
                verdict: judgement.verdict.word(for: quantity), reason: judgement.reason)
        }
    }

    private struct Widened {
        let ratio: Double
        let interval: Interval
        let pValue: Double
        let second: (ratio: Double, interval: Interval)?
    }

    private var widened: Widened {
        switch effect {
        case .time(let effect):
            let effect = effect.allowing(for: allowance)
            return Widened(
                ratio: effect.ratio, interval: effect.interval, pValue: effect.pValue,
                second: (effect.secondRatio, effect.secondInterval))
        case .energy(let effect):
            let effect = effect.allowing(for: allowance)
            return Widened(ratio: effect.ratio, interval: effect.interval, pValue: effect.pValue, second: nil)
        }
    }
}

/// A ratio that has been judged.
struct JudgedVerdict {
    let ratio: Double
    let interval: Interval
    let correctedPValue: Double
    let verdict: String
    let reason: String?

    func quantity(base: Double, candidate: Double, provenance: EnergyProvenance?) -> ComparedQuantity {
        var quantity = ComparedQuantity(
            base: base, candidate: candidate, ratio: ratio, interval: interval, correctedPValue: correctedPValue,
            verdict: verdict)
        quantity.reason = reason
        quantity.provenance = provenance
        return quantity
    }
}
