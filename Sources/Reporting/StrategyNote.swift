import Platform
import Results

/// What a strategy does, from its definition: for readers who do not know its name.
public struct StrategyNote: Sendable {
    /// A file of its sources.
    public struct Source: Sendable, Hashable {
        /// Its path below kernels/.
        public let path: String
        public let text: String

        public init(path: String, text: String) { (self.path, self.text) = (path, text) }
    }

    /// In a sentence or two.
    public let summary: String
    /// The paper that it is from.
    public let source: String
    /// Of what ran; empty where nothing says that they are the same.
    public let files: [Source]
    /// What the family's parameters mean, by their names.
    public let parameters: [String: String]
    /// The measurement's sizes in words; `nil` where there are none for them.
    public let sizes: String?

    public init(
        summary: String, source: String, files: [Source], parameters: [String: String] = [:], sizes: String? = nil
    ) {
        (self.summary, self.source, self.files) = (summary, source, files)
        (self.parameters, self.sizes) = (parameters, sizes)
    }
}

extension HTMLReport {
    func notes(_ measurement: MeasurementRecord, _ run: ReportedRun) -> StrategyNote? {
        strategyNotes(run.record, measurement)
    }

    /// The strategies of a family in words, each with the sources that ran, folded.
    func strategyPart(_ family: String) -> Markup {
        let measured = runs.flatMap { run in shown(family, in: run).map { (run: run, measurement: $0) } }
        let items = measured.grouped(by: \.measurement.strategy).compactMap { strategy, own -> Markup? in
            let notes = own.prefix(hasPlaces ? own.count : 1).compactMap { self.notes($0.measurement, $0.run) }
            guard let first = notes.first else { return nil }
            let files = hasPlaces ? notes.flatMap(\.files).uniqued() : []
            return """
                <dt>\(strategy)</dt><dd>\(first.summary) <small>\(first.source)</small>\(files.map(\.markup))</dd>
                """
        }
        return items.isEmpty ? "" : "<dl class=\"facts strategies\">\(items)</dl>"
    }
}

extension StrategyNote.Source {
    /// The id of its place on the page, where each stands once: two builds may have two files of a path.
    var anchor: String {
        var digest = ContentDigest()
        digest.add(text)
        return "source-\(Wording.anchor(path))-\(digest.hexadecimal.prefix(8))"
    }

    fileprivate var markup: Markup {
        """
        <details class="source" id="\(anchor)"><summary>\(path)</summary><pre tabindex="0"><code>\(text)</code></pre></details>
        """
    }
}
