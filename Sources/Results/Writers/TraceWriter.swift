/// A run in the Trace Event Format, which `chrome://tracing` and Perfetto open.
///
/// Two timelines, because only one has true times: the windows over which the meter integrated lie where
/// CLOCK_MONOTONIC put them; the samples, of which only lengths are recorded, are laid end to end in the order taken.
public enum TraceWriter {
    /// - Throws: ``ResultsError`` when a figure is infinite or not a number, which JSON cannot hold.
    public static func text(of run: RunRecord, metrics: [Metric] = Metric.all) throws(ResultsError) -> String {
        var trace = Trace(devices: run.devices.map(\.id) + run.measurements.map(\.device))
        for measurement in run.measurements {
            trace.addWindows(of: measurement)
            trace.addSamples(of: measurement, in: run, metrics)
        }
        for source in run.meterTrace?.sources ?? [] { trace.addPower(of: source) }
        return try JSONText.of(trace)
    }
}

private struct Trace: Encodable {
    struct Event: Encodable {
        let name: String
        /// `X` a span, `M` a name, `C` the value of a counter from here on.
        let ph: String
        /// Microseconds.
        var ts: Double?
        var dur: Double?
        let pid: Int
        let tid: Int
        var cat: String?
        var args: [String: Argument] = [:]
    }

    enum Argument: Encodable {
        case text(String)
        case number(Double)

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            }
        }
    }

    private enum CodingKeys: CodingKey {
        case traceEvents, displayTimeUnit
    }

    private static let windows = 1
    private static let samples = 2

    private(set) var traceEvents: [Event] = []
    let displayTimeUnit = "ms"
    private var threads: [String: Int] = [:]
    /// Where the samples laid end to end have come to, for each device.
    private var ends: [String: Double] = [:]

    init(devices: [String]) {
        name("windows of the meter", "process_name", Self.windows, 0)
        name("samples, laid end to end (their true times are not recorded)", "process_name", Self.samples, 0)
        for device in devices where threads[device] == nil {
            let thread = threads.count + 1
            threads[device] = thread
            for process in [Self.windows, Self.samples] { name(device, "thread_name", process, thread) }
        }
    }

    private mutating func name(_ name: String, _ kind: String, _ process: Int, _ thread: Int) {
        traceEvents.append(Event(name: kind, ph: "M", pid: process, tid: thread, args: ["name": .text(name)]))
    }

    mutating func addWindows(of measurement: MeasurementRecord) {
        guard let energy = measurement.energy, let thread = threads[measurement.device] else { return }
        let mark = energy.provenance == .modelled ? "≈ " : ""
        for window in energy.windows where window.end > window.begin {
            var arguments: [String: Argument] = [
                "iterations": .number(Double(window.iterations)), "provenance": .text(energy.provenance.rawValue),
            ]
            if let joules = window.grossJoules {
                arguments["\(mark)joules"] = .number(joules)
                arguments["\(mark)watts"] = .number(joules / (window.end - window.begin))
            }
            traceEvents.append(
                Event(
                    name: Self.title(measurement), ph: "X", ts: window.begin * 1e6,
                    dur: (window.end - window.begin) * 1e6, pid: Self.windows, tid: thread, cat: "window",
                    args: arguments))
        }
    }

    /// Watts over time from a source's raw readings, where they were kept: those of a sensor as they are, those of a
    /// counter from one reading to another at least 20 ms later, its wraps undone.
    mutating func addPower(of source: SourceTrace) {
        let moments = zip(source.before, source.after).map { ($0 + $1) / 2 }
        var last: (time: Double, value: Double)?
        for (time, value) in zip(moments, source.values) {
            guard let before = last else {
                last = (time, value)
                continue
            }
            guard time - before.time >= 0.02 else { continue }
            var units = value - before.value
            if units < 0, source.kind == .counter { units += source.modulus ?? .infinity }
            let watts = source.kind == .counter ? units * source.scale / (time - before.time) : value * source.scale
            // A counter that went back for another reason than a wrap has no power there.
            if watts.isFinite, units >= 0 || source.kind == .sensor {
                traceEvents.append(
                    Event(
                        name: "power of \(source.source)", ph: "C",
                        ts: (source.kind == .sensor ? time : before.time) * 1e6, pid: Self.windows, tid: 0,
                        args: ["watts": .number(watts)]))
            }
            last = (time, value)
        }
    }

    /// The samples, and around them a span that says all that is known of the measurement.
    mutating func addSamples(of measurement: MeasurementRecord, in run: RunRecord, _ metrics: [Metric]) {
        guard let time = measurement.time, let thread = threads[measurement.device], !time.sampleSeconds.isEmpty
        else { return }
        let start = ends[measurement.device, default: 0]
        let whole = traceEvents.count
        for (index, seconds) in time.sampleSeconds.enumerated() {
            let begin = ends[measurement.device, default: 0]
            traceEvents.append(
                Event(
                    name: Self.title(measurement), ph: "X", ts: begin * 1e6, dur: seconds * 1e6, pid: Self.samples,
                    tid: thread, cat: "sample",
                    args: ["sample": .number(Double(index)), "clock": .text(time.clock)]))
            ends[measurement.device] = begin + seconds
        }
        let end = ends[measurement.device, default: start]
        traceEvents.insert(
            Event(
                name: Self.title(measurement), ph: "X", ts: start * 1e6, dur: (end - start) * 1e6, pid: Self.samples,
                tid: thread, cat: "measurement", args: Self.facts(measurement, run, metrics)), at: whole)
    }

    private static func facts(
        _ measurement: MeasurementRecord, _ run: RunRecord, _ metrics: [Metric]
    ) -> [String: Argument] {
        let attributes = Attribute.all.compactMap { attribute in
            attribute.text(measurement, in: run).map { (attribute.key, Argument.text($0)) }
        }
        let figures = metrics.compactMap { metric in
            metric.figure(measurement).map { ($0.mark + metric.key, Argument.number($0.value)) }
        }
        return Dictionary(attributes + figures, uniquingKeysWith: { first, _ in first })
    }

    private static func title(_ measurement: MeasurementRecord) -> String {
        "\(measurement.family)/\(measurement.strategy) \(measurement.workload) \(measurement.precision)"
    }
}
