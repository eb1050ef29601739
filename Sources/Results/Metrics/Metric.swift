import Statistics

/// A quantity of a measurement, and all that an output has to know to show it.
///
/// One entry of ``all`` is a column of every output: the page, the terminal's table, CSV, Markdown, the trace and,
/// where one of two values is the better one, the comparison of runs.
public struct Metric: Sendable {
    /// What a metric follows from. That decides where it is valid, how it came to be, and why it is missing.
    public enum Basis: Sendable {
        /// The comparison of outputs with their reference.
        case verification
        /// Shapes: the work of the workload and of the strategy, counted and not measured.
        case work
        /// Time: only where the result is right.
        case time
        /// Joules: only where the result is right, and as trustworthy as their provenance.
        case energy
    }

    /// Which of two values is the better one.
    public enum Polarity: String, Sendable, Codable {
        case moreIsBetter, lessIsBetter, neutral
    }

    /// Where the page's table of results has it.
    public enum PagePlace: Sendable, Equatable {
        case column
        /// In the second line of the column of the metric with this key.
        case below(String)
        /// In the table of verification.
        case verification
        /// Where a section of the page asks for it, or nowhere.
        case none
    }

    /// Its name in files: a column of CSV, a key in JSON and in the trace.
    public let key: String
    /// A word or two: for terminals, for Markdown, and for what stands below another metric.
    public let short: String
    /// Its name as the head of a column, and where it is explained.
    public let heading: String
    /// What the head says of it besides, such as `median`.
    public let note: String?
    public let unit: NumberFormat.Unit
    public let basis: Basis
    public let polarity: Polarity
    /// How it is computed, in words, as sentences.
    public let formula: String
    /// Why it is not known although what it follows from is.
    let missing: String?
    public let page: PagePlace
    /// How soon its column gives way on a narrow terminal: 0 never, the highest first; `nil` when terminals do not show
    /// it.
    public let terminal: Int?
    public let isInMarkdown: Bool
    /// What the chart of its values by strategy is called; `nil` without such a chart.
    public let chartTitle: String?
    let value: @Sendable (MeasurementRecord) -> Double?
    /// `nil` for metrics that have no interval of their own.
    let interval: (@Sendable (MeasurementRecord) -> Interval?)?

    /// Without places it is shown everywhere, and gives way first.
    public init(
        _ key: String, _ short: String, _ heading: String, note: String? = nil, unit: NumberFormat.Unit, basis: Basis,
        polarity: Polarity, formula: String, missing: String? = nil, page: PagePlace = .column, terminal: Int? = 9,
        isInMarkdown: Bool = true, chartTitle: String? = nil,
        interval: (@Sendable (MeasurementRecord) -> Interval?)? = nil,
        value: @escaping @Sendable (MeasurementRecord) -> Double?
    ) {
        self.key = key
        self.short = short
        self.heading = heading
        self.note = note
        self.unit = unit
        self.basis = basis
        self.polarity = polarity
        self.formula = formula
        self.missing = missing
        self.page = page
        self.terminal = terminal
        self.isInMarkdown = isInMarkdown
        self.chartTitle = chartTitle
        self.interval = interval
        self.value = value
    }

    /// True for metrics that have an interval where enough was measured.
    public var hasInterval: Bool { interval != nil }

    /// What a measurement says of it; `nil` where that is not known, for ``reasonWithout(_:)``.
    public func figure(_ measurement: MeasurementRecord) -> Figure? {
        guard isValid(measurement), let value = value(measurement), value.isFinite else { return nil }
        return Figure(
            value: value, interval: interval?(measurement), unit: unit, provenance: provenance(measurement))
    }

    /// How the figure came to be; `nil` for what is counted from shapes.
    public func provenance(_ measurement: MeasurementRecord) -> EnergyProvenance? {
        switch basis {
        case .work: nil
        case .verification, .time: .measured
        case .energy: measurement.energy?.provenance
        }
    }

    /// Why there is no figure.
    public func reasonWithout(_ measurement: MeasurementRecord) -> String {
        let other = missing ?? "the figure was not recorded: \(heading.lowercased())"
        switch basis {
        case .verification: return measurement.verification == nil ? measurement.message ?? "not verified" : other
        case .work:
            guard measurement.work == nil else { return other }
            return measurement.status == .ok ? "the work was not recorded" : measurement.reasonWithoutTime
        case .time: return measurement.validTime == nil ? measurement.reasonWithoutTime : other
        case .energy: return measurement.validEnergy == nil ? measurement.reasonWithoutEnergy : other
        }
    }

    private func isValid(_ measurement: MeasurementRecord) -> Bool {
        switch basis {
        case .verification, .work: true
        case .time: measurement.status == .ok
        case .energy: measurement.validEnergy != nil
        }
    }
}

/// A metric of one measurement, with what has to be said of it wherever it is shown.
public struct Figure: Sendable {
    /// In the unit without prefix.
    public let value: Double
    /// 95 %; `nil` where there is none.
    public let interval: Interval?
    public let unit: NumberFormat.Unit
    /// How it came to be; `nil` for what is counted from shapes.
    public let provenance: EnergyProvenance?

    public var isModelled: Bool { provenance == .modelled }

    /// `≈ ` where the figure was modelled, otherwise empty.
    public var mark: String { isModelled ? NumberFormat.modelledMark : "" }

    /// The value and its interval, both without the mark: `3.2 J` and `[2.4, 4.4]`.
    public var texts: (value: String, interval: String?) {
        guard let interval else { return (NumberFormat.quantity(value, unit), nil) }
        return NumberFormat.quantity(value, interval, unit)
    }

    /// `≈ 3.2 J [2.4, 4.4]`.
    public var words: String { mark + [texts.value, texts.interval].compactMap(\.self).joined(separator: " ") }
}
