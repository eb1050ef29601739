import Results

extension ModelTable {
    /// What running blocks as one chain of dispatches says of a form: a line or a few.
    func chainLines(_ point: ModelPointRecord, _ model: String, _ width: Int) -> [String] {
        guard let chain = point.chain else { return [] }
        return wrapped("  \(point.rung ?? model): \(Self.words(chain))", width, indent: 4)
    }

    static func words(_ chain: ModelChainRecord) -> String {
        let what = chain.blocks == 1 ? "a block in one go" : "\(chain.blocks) blocks in one go"
        if let problem = chain.problem { return "\(what) was not run: \(problem)" }
        guard let seconds = chain.seconds else { return "\(what) was not timed" }
        var text = "\(what) \(ModelSummary.quantity(seconds, chain.secondsInterval, .seconds)) a token"
        if let parts = chain.partsSeconds, let ratio = chain.ratio {
            text += ", its kernels one by one \(NumberFormat.quantity(parts, .seconds)): "
            text += ModelSummary.factor(ratio) + (chain.isFlagged ? ", beyond 10 %" : "")
        }
        if let joules = chain.joules, let parts = chain.partsJoules {
            let mark = chain.provenance == .modelled ? NumberFormat.modelledMark : ""
            text += "; \(mark)\(NumberFormat.quantity(joules, .joules)) for "
            text += "\(mark)\(NumberFormat.quantity(parts, .joules))"
        }
        if let error = chain.error { text += "; error against float64 \(NumberFormat.scientific(error))" }
        if let explanation = chain.explanation { text += ". \(Wording.sentence(explanation))" }
        return text
    }
}
