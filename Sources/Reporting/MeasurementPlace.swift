import Results
import Statistics

/// All that is known of one measurement, fact by fact, each with a class that it is found by.
struct MeasurementPlace {
    let measurement: MeasurementRecord
    let run: ReportedRun
    /// What the strategy does; `nil` where this program does not know what ran.
    let note: StrategyNote?

    var facts: Markup {
        let all: [(key: Markup, name: String, text: Markup?)] = [
            ("strategy", "Strategy", note.map { "\($0.summary) <small>\($0.source)</small>" }),
            ("shape", "Shape", shape), ("ran", "What ran", "\(ran)"), ("sources", "Sources", sources),
            ("command", "Repeat it", command),
            ("time", "Time", "\(time)"), ("stages", "Stages", StageGraphic(measurement.validTime)?.markup),
            ("energy", "Energy", "\(energy)"),
            ("power", "Power", PowerGraphic(measurement, run.record)?.markup), ("bytes", "Bytes", "\(bytes)"),
            ("limit", "Limited by", "\(limit)"), ("compiled", "The compiler tells", compiled),
            ("verification", "Verification", "\(verification)"),
            ("samples", "Samples", SampleHistogram(measurement.validTime)?.markup),
        ]
        return all.map { key, name, text -> Markup in
            text.map { "<dt>\(name)</dt><dd class=\"\(key)\">\($0)</dd>" } ?? ""
        }.joined()
    }

    // MARK: What was asked, what ran

    /// The sizes in words, then every parameter with what it means.
    private var shape: Markup {
        let parameters = measurement.parameters.sorted { $0.key < $1.key }.map { key, value -> String in
            "\(key) = \(value)" + (note?.parameters[key].map { " (\($0))" } ?? "")
        }
        let all = "\(parameters.joined(separator: ", ")); \(measurement.precision); seed \(measurement.seed)"
        return note?.sizes.map { sizes -> Markup in "\(sizes) <small>\(all)</small>" } ?? "\(all)"
    }

    private var ran: String {
        let words = Attribute.all.filter { ["codePath", "variants", "tunables"].contains($0.key) }.compactMap {
            attribute in
            attribute.text(measurement, in: run.record).map { text in
                attribute.places.isEmpty ? "\(attribute.heading) \(text)" : text
            }
        }
        return words.isEmpty ? "the device does not tell" : words.joined(separator: ", ")
    }

    /// Where the page has the files that it was made from.
    private var sources: Markup? {
        guard let files = note?.files, !files.isEmpty else { return nil }
        return files.map { file -> Markup in "<a href=\"#\(file.anchor)\">\(file.path)</a>" }.joined(separator: ", ")
    }

    private var command: Markup {
        run.record.commandRepeating(measurement).map { "<code>\($0)</code>" }
            ?? "it came from <code>joulemark \(run.record.tool.arguments.joined(separator: " "))</code>"
    }

    // MARK: What it took

    private var time: String {
        guard let time = measurement.validTime, let figure = Metric.seconds.figure(measurement) else {
            return measurement.reasonWithoutTime
        }
        return
            "\(figure.words), median of \(time.samples) samples by the \(time.clock)'s clock after \(time.warmups) warm-ups, "
            + "caches \(time.cold ? "cold" : "hot"), ended by \(time.stopReason)"
    }

    private var energy: String {
        let figures = Metric.all.filter {
            ["grossJoules", "netJoules", "averageWatts", "joulesPerToken"].contains($0.key)
        }
        let known = figures.compactMap { metric in
            metric.figure(measurement).map { "\(Wording.uncapitalized(metric.heading)) \($0.words)" }
        }
        guard !known.isEmpty, let energy = measurement.validEnergy else { return measurement.reasonWithoutEnergy }
        return known.joined(separator: ", ") + "; \(energy.provenance.rawValue)"
            + (energy.reason.map { ": \($0)" } ?? "")
    }

    private var bytes: String {
        guard let work = measurement.work else { return "not known" }
        func size(_ value: Double) -> String { NumberFormat.quantity(value, .bytes) }
        let parts = work.writtenBytes.map {
            " (it reads \(size(work.strategyBytes - $0)) and writes \(size($0)))"
        }
        let share = work.minimumBytes > 0 ? work.strategyBytes / work.minimumBytes : 1
        let factor = share > 1.005 ? ", so \(NumberFormat.ratio(share)) the least" : ""
        return "the strategy moves \(size(work.strategyBytes))\(parts ?? ""), of which \(size(work.minimumBytes)) must "
            + "move at least\(factor)"
    }

    /// Which of the two roofs is the lower one at the workload's intensity.
    private var limit: String {
        let peaks = run.device(measurement.device)?.peaks
        guard let work = measurement.work, work.minimumBytes > 0, work.flops > 0 else { return "its work is not known" }
        guard let flops = peaks?.operationsPerSecond(of: work.rate), let bytes = peaks?.bytesPerSecond, bytes > 0 else {
            return "not known: the peaks of \(measurement.device) were not measured"
        }
        let intensity = work.flops / work.minimumBytes
        let (isMemory, ridge) = (intensity < flops / bytes, NumberFormat.quantity(flops / bytes, .flopsPerByte))
        let roof =
            isMemory
            ? "memory, \(NumberFormat.quantity(bytes, .bytesPerSecond))"
            : "arithmetic, \(NumberFormat.quantity(flops, .flopsPerSecond))"
        return
            "\(roof): its \(NumberFormat.quantity(intensity, .flopsPerByte)) are \(isMemory ? "below" : "not below") the "
            + "\(ridge) at which the device's two roofs meet\(reached)"
    }

    private var reached: String {
        guard let figure = Metric.fractionOfRoofline.figure(measurement), figure.value > 0 else { return "" }
        let left = figure.value < 1 ? ", \(NumberFormat.ratio(1 / figure.value)) is left to gain" : ""
        return "; \(figure.texts.value) of that roof is reached\(left)"
    }

    // MARK: What others say of it

    /// A line a stage: what the compiler told, without what it does not tell.
    private var compiled: Markup? {
        guard let compiled = measurement.compiled, !compiled.isEmpty else { return nil }
        let items = compiled.sorted { $0.key < $1.key }.map { stage, figures -> Markup in
            let known = CompilerFigures.all.compactMap { entry -> String? in
                let figure = figures[keyPath: entry.path]
                guard let value = figure.value else { return nil }
                let text = NumberFormat.significant(value, digits: 6).trimmingFraction
                let unit = figure.unit.map { " \($0)" } ?? ""
                return "\(entry.title) \(text)\(unit)\(figure.provenance == .computed ? " (computed)" : "")"
            }
            let words = known.isEmpty ? "nothing: \(figures.registers.reason ?? "no reason is known")" : ""
            return "<li><b>\(stage)</b>: \(words)\(known.joined(separator: ", "))</li>"
        }
        return "<ul>\(items)</ul>"
    }

    private var verification: String {
        guard let found = measurement.verification else { return measurement.message ?? "not verified" }
        let figures = Metric.all.filter { $0.page == .verification }.compactMap { metric in
            metric.figure(measurement).map { "\(Wording.uncapitalized(metric.heading)) \($0.words)" }
        }
        let reference = found.reference == "float64" ? "a float64 reference" : found.reference
        return "\(found.passed ? "passed" : "wrong") against \(reference): \(figures.joined(separator: ", "))"
    }
}

extension String {
    /// `64` for `64.0000`.
    fileprivate var trimmingFraction: String {
        guard contains("."), !contains("e") else { return self }
        let digits = self.reversed().drop { $0 == "0" }
        return String(digits.drop { $0 == "." }.reversed())
    }
}
