/// Something that outputs say of a measurement in words. One entry of ``all`` is a column of CSV and a line in the
/// trace and, where it asks for that, a column for people too.
public struct Attribute: Sendable {
    /// Outputs that show it beside what they lay out themselves: the strategy, the workload, the device and the status.
    public struct Places: OptionSet, Sendable {
        public let rawValue: Int

        public init(rawValue: Int) { self.rawValue = rawValue }

        /// Below the device.
        public static let page = Places(rawValue: 1)
        public static let terminal = Places(rawValue: 2)
        public static let markdown = Places(rawValue: 4)
    }

    /// What its text stands for, in files that tell numbers from texts.
    public enum Form: Sendable {
        case text
        case number
        /// `true` or `false`.
        case flag
    }

    /// Its name in files.
    public let key: String
    /// Its name for people.
    public let heading: String
    public let places: Places
    public let form: Form
    let text: @Sendable (MeasurementRecord, RunRecord) -> String?

    /// Without places it is shown everywhere.
    public init(
        _ key: String, _ heading: String? = nil, places: Places = [.page, .terminal, .markdown],
        form: Form = .text, _ text: @escaping @Sendable (MeasurementRecord, RunRecord) -> String?
    ) {
        self.key = key
        self.heading = heading ?? key
        self.places = places
        self.form = form
        self.text = text
    }

    /// What the run says of the measurement; `nil` where that is not known.
    public func text(_ measurement: MeasurementRecord, in run: RunRecord) -> String? { text(measurement, run) }

    /// Every attribute. Adding one = one entry here.
    public static let all: [Attribute] = [
        Attribute("family", places: []) { measurement, _ in measurement.family },
        Attribute("strategy", places: []) { measurement, _ in measurement.strategy },
        Attribute("workload", places: []) { measurement, _ in measurement.workload },
        Attribute("parameters", places: []) { measurement, _ in
            measurement.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        },
        Attribute("device", places: []) { measurement, _ in measurement.device },
        Attribute("precision", places: .page) { measurement, _ in measurement.precision },
        Attribute("seed", places: [], form: .number) { measurement, _ in "\(measurement.seed)" },
        Attribute("codePath", "code path", places: .page) { measurement, _ in measurement.codePath },
        Attribute("variants", "variant", places: .page) { measurement, _ in measurement.variantWords },
        Attribute("status", places: []) { measurement, _ in measurement.status.rawValue },
        Attribute("tunables", places: []) { measurement, _ in measurement.tunables.map(TuningRecord.words) },
        Attribute("tuned", places: [.page, .markdown]) { measurement, _ in
            measurement.isTuned == true ? measurement.tunables.map(TuningRecord.words) : nil
        },
        Attribute("message", places: []) { measurement, _ in measurement.message },
        Attribute("stopReason", places: []) { measurement, _ in measurement.time?.stopReason },
        Attribute("cold", places: [], form: .flag) { measurement, _ in measurement.time.map { "\($0.cold)" } },
        Attribute("clock", places: []) { measurement, _ in measurement.time?.clock },
        Attribute("energyProvenance", places: []) { measurement, _ in measurement.energy?.provenance.rawValue },
        Attribute("energyReason", places: []) { measurement, _ in measurement.energy?.reason },
        Attribute("energyResolved", places: [], form: .flag) { measurement, _ in
            measurement.energy.flatMap { $0.grossJoules == nil ? nil : "\($0.resolved)" }
        },
        Attribute("meterCoreFraction", places: [], form: .number) { _, run in
            run.energyAccounting?.meterCoreFraction?.finiteOrNil.map { "\($0)" }
        },
    ]
}

extension MeasurementRecord {
    /// The rungs that ran, and those that did not with the reason: `subgroup (matrix failed its self-test: …)`.
    fileprivate var variantWords: String? {
        let ran = variants.flatMap { variants in
            Set(variants.values).count == 1
                ? variants.values.first
                : variants.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        }
        guard let struckVariants else { return ran }
        let struck = struckVariants.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return "\(ran ?? "plain") (\(struck.joined(separator: "; ")))"
    }
}
