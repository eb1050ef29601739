/// A run in the Trace Event Format, which `chrome://tracing` and Perfetto open.
///
/// Time starts at zero with the first thing that is shown, and is CLOCK_MONOTONIC's. Windows of the meter lie where
/// they were. The rounds of samples lie where they began, and the samples of a round end to end from there: a round is
/// as long as its samples, but for its control kernels. Files of versions that did not record when rounds began have
/// all samples laid end to end, on a timeline that says so.
public enum TraceWriter {
    /// - Throws: ``ResultsError`` when a figure is infinite or not a number, which JSON cannot hold.
    public static func text(of run: RunRecord, metrics: [Metric] = Metric.all) throws(ResultsError) -> String {
        var trace = Trace(
            devices: run.devices.map(\.id) + run.measurements.map(\.device),
            hasTimes: run.measurements.allSatisfy { $0.time == nil || $0.time?.rounds?.begins != nil },
            name: run.label)
        for measurement in run.measurements {
            trace.addWindows(of: measurement)
            trace.addSamples(of: measurement, in: run, metrics)
            trace.addConditions(of: measurement)
        }
        if let readings = run.meterTrace {
            for source in readings.sources { trace.addPower(of: source) }
        } else {
            for measurement in run.measurements { trace.addPower(of: measurement) }
        }
        trace.startAtZero()
        return try JSONText.of(trace)
    }
}

private struct Trace: Encodable {
    struct Event: Encodable {
        var name: String
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
    private let hasTimes: Bool

    /// - Parameters:
    ///   - hasTimes: every round of samples says when it began.
    ///   - name: of the run.
    init(devices: [String], hasTimes: Bool, name run: String?) {
        self.hasTimes = hasTimes
        let prefix = run.map { "\($0): " } ?? ""
        name("\(prefix)windows of the meter", "process_name", Self.windows, 0)
        name(
            hasTimes
                ? "\(prefix)samples" : "\(prefix)samples, laid end to end (their true times are not recorded)",
            "process_name", Self.samples, 0)
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

    /// The mean watts of each window, for runs that did not keep the readings; after it those of the idle machine,
    /// where they are known.
    mutating func addPower(of measurement: MeasurementRecord) {
        guard let energy = measurement.energy else { return }
        let name = "\(energy.provenance == .modelled ? "≈ " : "")power while \(measurement.device) runs"
        for window in energy.windows where window.end > window.begin {
            guard let joules = window.grossJoules else { continue }
            let known = [(window.begin, joules / (window.end - window.begin)), (window.end, energy.idleWatts)]
            for case (let time, let watts?) in known where watts.isFinite {
                traceEvents.append(
                    Event(
                        name: name, ph: "C", ts: time * 1e6, pid: Self.windows, tid: 0, args: ["watts": .number(watts)])
                )
            }
        }
    }

    /// The samples, and before them, or around them, a span that says all that is known of the measurement.
    mutating func addSamples(of measurement: MeasurementRecord, in run: RunRecord, _ metrics: [Metric]) {
        guard let time = measurement.time, let thread = threads[measurement.device], !time.sampleSeconds.isEmpty
        else { return }
        let facts = Self.facts(measurement, run, metrics)
        func add(_ category: String, _ begin: Double, _ end: Double, _ arguments: [String: Argument]) {
            traceEvents.append(
                Event(
                    name: Self.title(measurement), ph: "X", ts: begin * 1e6, dur: (end - begin) * 1e6,
                    pid: Self.samples,
                    tid: thread, cat: category, args: arguments))
        }
        guard hasTimes, let rounds = time.rounds, let begins = rounds.begins else {
            let start = ends[measurement.device, default: 0]
            let end = start + time.sampleSeconds.reduce(0, +)
            add("measurement", start, end, facts)
            var begin = start
            for (index, seconds) in time.sampleSeconds.enumerated() {
                add("sample", begin, begin + seconds, ["sample": .number(Double(index)), "clock": .text(time.clock)])
                begin += seconds
            }
            ends[measurement.device] = end
            return
        }
        // Rounds of strategies alternate, so that no span could hold all of one: what is known of it stands with its
        // first round.
        var index = 0
        let batch = Double(max(time.batch ?? 1, 1))
        for (number, samples) in rounds.split(time.sampleSeconds).enumerated() where !samples.isEmpty {
            guard number < begins.count else { return }
            var begin = begins[number]
            // A nanosecond more than its samples, so that rounding leaves them inside.
            let length = samples.reduce(0, +) * batch + 1e-9
            add(
                index == 0 ? "measurement" : "round", begin, begin + length,
                index == 0 ? facts : ["pass": .number(Double(number < rounds.pass.count ? rounds.pass[number] : 0))])
            for seconds in samples {
                add(
                    "sample", begin, begin + seconds * batch,
                    ["sample": .number(Double(index)), "seconds": .number(seconds), "clock": .text(time.clock)])
                begin += seconds * batch
                index += 1
            }
        }
    }

    /// Clock and temperature of the device, where they were told: at the end of each round.
    mutating func addConditions(of measurement: MeasurementRecord) {
        guard hasTimes, let time = measurement.time, let rounds = time.rounds, let begins = rounds.begins
        else { return }
        let batch = Double(max(time.batch ?? 1, 1))
        let ends = zip(begins, rounds.split(time.sampleSeconds)).map { $0 + $1.reduce(0, +) * batch }
        for (name, unit, values) in [
            ("clock", "hertz", rounds.clockHertz), ("temperature", "celsius", rounds.celsius),
        ] {
            for (end, value) in zip(ends, values ?? []) {
                guard let value else { continue }
                traceEvents.append(
                    Event(
                        name: "\(name) of \(measurement.device)", ph: "C", ts: end * 1e6, pid: Self.samples, tid: 0,
                        args: [unit: .number(value)]))
            }
        }
    }

    /// Moves everything so that the first event is at 0, in order of time. What is laid end to end begins there by
    /// itself.
    mutating func startAtZero() {
        func isLaid(_ event: Event) -> Bool { !hasTimes && event.pid == Self.samples }
        let origin = traceEvents.filter { !isLaid($0) }.compactMap(\.ts).min() ?? 0
        for index in traceEvents.indices where !isLaid(traceEvents[index]) {
            traceEvents[index].ts = traceEvents[index].ts.map { $0 - origin }
        }
        // Perfetto takes events in any order; who reads the file, and older viewers, do not. A span comes before what
        // it holds.
        let order = traceEvents.enumerated().sorted { one, other in
            let (first, second) = (one.element, other.element)
            return (first.ts ?? -1, -(first.dur ?? 0), one.offset) < (second.ts ?? -1, -(second.dur ?? 0), other.offset)
        }
        traceEvents = order.map(\.element)
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
