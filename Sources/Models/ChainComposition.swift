import Glibc
import Kernels
import Results
import Statistics

extension ModelPlan {
    /// What a chain's measurement says beside those of its kernels; `nil` where none was asked for.
    func chainRecord(_ point: Point, _ measured: MeasuredKernels) -> ModelChainRecord? {
        guard let planned = point.chain else { return nil }
        guard let chain = planned.chain else {
            return ModelChainRecord(blocks: planned.blocks, problem: planned.reason)
        }
        let found = measured[planned]
        guard let measurement = found, let time = measurement.validTime else {
            let reason = found?.reasonWithoutTime ?? "it was not measured"
            return ModelChainRecord(blocks: planned.blocks, problem: reason)
        }
        var record = ModelChainRecord(blocks: planned.blocks)
        let perToken = 1 / point.tokens
        var (whole, parts) = (ComposedSum<String>(), ComposedSum<String>())
        whole.add("chain", time, times: perToken)
        record.seconds = whole.total
        record.secondsInterval = whole.knownInterval
        record.error = measurement.verification?.errorBeforeRounding
        let alone = planned.layers.map { measured[$0.kernel] }
        for (layer, part) in zip(planned.layers, alone) {
            guard let time = part?.validTime else { return record }
            parts.add(MeasuredKernels.key(layer.kernel), time, times: perToken)
        }
        record.partsSeconds = parts.total
        let ratio = whole.ratio(to: parts)
        record.ratio = ModelChangeRecord.Factor(
            factor: ratio.ratio, interval: ratio.logarithmicError > 0 ? ratio.interval() : nil)
        record.links = Self.links(chain, time, alone, perToken)
        if let energy = measurement.validEnergy, let joules = energy.leadingJoules {
            let others = alone.compactMap { $0?.validEnergy?.leadingJoules }
            record.joules = joules * perToken
            record.partsJoules = others.count == alone.count ? others.reduce(0, +) * perToken : nil
            record.provenance = energy.provenance
        }
        if record.isFlagged { record.explanation = ChainDifference(record)?.words }
        return record
    }

    /// Stages are named `<link>/<stage>`.
    private static func links(
        _ chain: Chain, _ time: TimeRecord, _ alone: [MeasurementRecord?], _ perToken: Double
    ) -> [ModelChainRecord.Link] {
        zip(chain.links, alone).compactMap { link, part in
            let own = time.stages.filter { $0.name.hasPrefix("\(link.name)/") }
            guard !own.isEmpty, let seconds = part?.validTime?.median else { return nil }
            return ModelChainRecord.Link(
                name: link.name, seconds: own.reduce(0) { $0 + $1.median } * perToken, secondsAlone: seconds * perToken)
        }
    }
}

extension ComposedSum {
    /// Adds a kernel's median with the error of its samples.
    mutating func add(_ key: Key, _ time: TimeRecord, times weight: Double) {
        let known = QuantileEstimate(time.sampleSeconds.map { log($0) })
        add(key, time.median, times: weight, error: known?.standardError ?? 0, degrees: known?.degrees ?? 1)
    }

    /// A dependence on a kernel's median, with the error of its samples.
    mutating func depend(on key: Key, _ amount: Double, _ time: TimeRecord) {
        let known = QuantileEstimate(time.sampleSeconds.map { log($0) })
        depend(on: key, amount, error: known?.standardError ?? 0, degrees: known?.degrees ?? 1)
    }

    /// `nil` where no part is known to vary.
    var knownInterval: Interval? { estimate.standardError > 0 ? estimate.interval(confidence: 0.95) : nil }
}

/// Where a chain's time differs from the sum of its parts.
struct ChainDifference {
    let words: String

    /// `nil` where the stages were not timed.
    init?(_ record: ModelChainRecord) {
        guard let seconds = record.seconds, let parts = record.partsSeconds, !record.links.isEmpty else { return nil }
        let inStages = record.links.reduce(0) { $0 + $1.seconds }
        let (whole, gaps) = (seconds - parts, seconds - inStages)
        // Timing every stage may open gaps, so that the stages add up to more than the chain took.
        if whole > 0, gaps > 0.5 * whole {
            let share = NumberFormat.percentage(gaps / seconds)
            words =
                "\(share) of the chain's time lies between its dispatches, which kernels measured alone do not wait for"
            return
        }
        let changes = record.links.filter { ($0.seconds - $0.secondsAlone) * whole > 0 }
            .sorted { abs($0.seconds - $0.secondsAlone) > abs($1.seconds - $1.secondsAlone) }.prefix(3)
        let places = changes.map { link in
            let (own, alone) = (link.seconds, link.secondsAlone)
            return "\(link.name) \(NumberFormat.quantity(own, .seconds)) for \(NumberFormat.quantity(alone, .seconds))"
        }.joined(separator: ", ")
        words =
            whole < 0
            ? "kernels find in the caches what the ones before them wrote, and alone read it from memory: \(places)"
            : "kernels take longer one after the other than each repeated alone: \(places)"
    }
}
