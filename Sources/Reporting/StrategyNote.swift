import Results

/// What a strategy does, from its definition: for readers who do not know its name.
public struct StrategyNote: Sendable {
    /// A file of its sources.
    public struct Source: Sendable {
        /// Its path below kernels/.
        public let path: String
        public let text: String

        public init(path: String, text: String) { (self.path, self.text) = (path, text) }
    }

    /// In a sentence or two.
    public let summary: String
    /// The paper that it is from.
    public let source: String
    /// Empty where nothing says that they are what ran.
    public let files: [Source]

    public init(summary: String, source: String, files: [Source]) {
        (self.summary, self.source, self.files) = (summary, source, files)
    }
}

extension HTMLReport {
    func notes(_ measurement: MeasurementRecord, _ run: ReportedRun) -> StrategyNote? {
        strategyNotes(run.record, measurement.family, measurement.strategy)
    }

    /// The strategies of a family in words, each with its sources folded.
    func strategyPart(_ family: String) -> Markup {
        var seen: Set<String> = []
        let items = runs.flatMap { run in
            shown(family, in: run).compactMap { measurement -> Markup? in
                guard seen.insert(measurement.strategy).inserted, let note = notes(measurement, run) else { return nil }
                let files = hasPlaces ? note.files : []
                let sources = files.map { file -> Markup in
                    """
                    <details class="source"><summary>\(file.path)</summary>\
                    <pre tabindex="0"><code>\(file.text)</code></pre></details>
                    """
                }
                return """
                    <dt>\(measurement.strategy)</dt><dd>\(note.summary) <small>\(note.source)</small>\(sources)</dd>
                    """
            }
        }
        return items.isEmpty ? "" : "<dl class=\"facts strategies\">\(items)</dl>"
    }
}
