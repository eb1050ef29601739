import Results
import Statistics

/// What the charts per strategy show.
enum FigureQuantity: String, CaseIterable, Sendable {
    case time, energy

    /// A value with what has to be said of it wherever it is shown.
    struct Figure: Sendable {
        let value: Double
        let interval: Interval?
        let modelled: Bool

        /// `≈ 3.2 J [2.4, 4.4]`.
        func text(_ unit: NumberFormat.Unit) -> String {
            let mark = modelled ? NumberFormat.modelledMark : ""
            guard let interval else { return mark + NumberFormat.quantity(value, unit) }
            let text = NumberFormat.quantity(value, interval, unit)
            return "\(mark)\(text.value) \(text.interval)"
        }
    }

    var title: String {
        switch self {
        case .time: "Median time per execution"
        case .energy: "Gross energy per execution"
        }
    }

    var unit: NumberFormat.Unit {
        switch self {
        case .time: .seconds
        case .energy: .joules
        }
    }

    /// The figure of a right result, where it is known.
    func figure(_ measurement: MeasurementRecord) -> Figure? {
        switch self {
        case .time:
            return measurement.validTime.map { Figure(value: $0.median, interval: $0.interval, modelled: false) }
        case .energy:
            guard let energy = measurement.validEnergy, let joules = energy.leadingJoules else { return nil }
            return Figure(value: joules, interval: energy.leadingInterval, modelled: energy.provenance == .modelled)
        }
    }

    func reasonWithout(_ measurement: MeasurementRecord) -> String {
        switch self {
        case .time: measurement.reasonWithoutTime
        case .energy: measurement.reasonWithoutEnergy
        }
    }
}
