import Results
import Statistics

/// Each measurement in a place of its own: what was asked, what ran, how to repeat it, what limits it, and its samples.
extension HTMLReport {
    /// Measurements up to which each has such a place; in a larger run its row is its place.
    private static let mostPlaces = 500

    var hasPlaces: Bool { runs.reduce(0) { $0 + $1.record.measurements.count } <= Self.mostPlaces }

    /// The id of a measurement's place, or where a page has none, of its row.
    func link(to row: String) -> String { hasPlaces ? "#\(row)-all" : "#\(row)" }

    func measurementsSection() -> Markup {
        guard hasPlaces else { return "" }
        let places = runs.flatMap { run in
            run.record.measurements.enumerated().map { place($1, run, row: run.anchor($0)) }
        }
        guard !places.isEmpty else { return "" }
        return """
            <section id="measurements"><h2>Each measurement</h2>
            <p>What was asked for and what ran, the command that repeats it, what limits it, and its samples.</p>
            \(places)
            </section>
            """
    }

    private func place(_ measurement: MeasurementRecord, _ run: ReportedRun, row: String) -> Markup {
        var facts: [(name: String, text: Markup)] = []
        let shape = measurement.parameters.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
        facts.append(
            ("Shape", "\(shape.joined(separator: ", ")); \(measurement.precision); seed \(String(measurement.seed))"))
        let ran = Attribute.all.filter { ["codePath", "variants"].contains($0.key) }.compactMap {
            $0.text(measurement, in: run.record)
        }
        facts.append(("What ran", ran.isEmpty ? "the device does not tell" : "\(ran.joined(separator: ", "))"))
        facts.append(
            (
                "Repeat it",
                run.record.commandRepeating(measurement).map { "<code>\($0)</code>" }
                    ?? "it came from <code>joulemark \(run.record.tool.arguments.joined(separator: " "))</code>"
            ))
        facts.append(("Time", "\(time(measurement))"))
        facts.append(("Energy", "\(energy(measurement))"))
        facts.append(("Bytes", "\(bytes(measurement))"))
        facts.append(("Limited by", "\(limit(measurement, run.device(measurement.device)?.peaks))"))
        facts.append(("Verification", "\(verification(measurement))"))
        if let histogram = SampleHistogram(measurement.validTime) { facts.append(("Samples", histogram.markup)) }
        let list = facts.map { fact -> Markup in "<dt>\(fact.name)</dt><dd>\(fact.text)</dd>" }
        return """
            <details id="\(row)-all" class="place"><summary>\(measurement.family)/\(measurement.strategy) · \(Self.caseName(measurement)) \
            · \(run.name(of: measurement.device))</summary><dl class="facts">\(list)</dl>\
            <p><a href="#\(row)">Its row in the table of results</a></p></details>
            """
    }

    // MARK: In words

    private func time(_ measurement: MeasurementRecord) -> String {
        guard let time = measurement.validTime, let figure = Metric.seconds.figure(measurement) else {
            return measurement.reasonWithoutTime
        }
        return
            "\(figure.words), median of \(time.samples) samples by the \(time.clock)'s clock after \(time.warmups) warm-ups, "
            + "caches \(time.cold ? "cold" : "hot"), ended by \(time.stopReason)"
    }

    private func energy(_ measurement: MeasurementRecord) -> String {
        let figures = Metric.all.filter {
            ["grossJoules", "netJoules", "averageWatts", "joulesPerToken"].contains($0.key)
        }
        let known = figures.compactMap { metric in
            metric.figure(measurement).map { "\(metric.heading.lowercased()) \($0.words)" }
        }
        guard !known.isEmpty, let energy = measurement.validEnergy else { return measurement.reasonWithoutEnergy }
        return known.joined(separator: ", ") + "; \(energy.provenance.rawValue)"
            + (energy.reason.map { ": \($0)" } ?? "")
    }

    private func bytes(_ measurement: MeasurementRecord) -> String {
        guard let work = measurement.work else { return "not known" }
        let moved = NumberFormat.quantity(work.strategyBytes, .bytes)
        return
            "the strategy moves \(moved), of which \(NumberFormat.quantity(work.minimumBytes, .bytes)) must move at least"
    }

    /// Which of the two roofs is the lower one at the workload's intensity.
    private func limit(_ measurement: MeasurementRecord, _ peaks: PeaksRecord?) -> String {
        guard let work = measurement.work, work.minimumBytes > 0, work.flops > 0 else { return "its work is not known" }
        guard let flops = peaks?.operationsPerSecond(of: work.rate), let bytes = peaks?.bytesPerSecond, bytes > 0 else {
            return "not known: the peaks of \(measurement.device) were not measured"
        }
        let intensity = work.flops / work.minimumBytes
        let reached =
            Metric.fractionOfRoofline.figure(measurement).map { "; \($0.texts.value) of that roof is reached" } ?? ""
        let (isMemory, ridge) = (intensity < flops / bytes, NumberFormat.quantity(flops / bytes, .flopsPerByte))
        let roof =
            isMemory
            ? "memory, \(NumberFormat.quantity(bytes, .bytesPerSecond))"
            : "arithmetic, \(NumberFormat.quantity(flops, .flopsPerSecond))"
        return
            "\(roof): its \(NumberFormat.quantity(intensity, .flopsPerByte)) are \(isMemory ? "below" : "not below") the "
            + "\(ridge) at which the device's two roofs meet\(reached)"
    }

    private func verification(_ measurement: MeasurementRecord) -> String {
        guard let found = measurement.verification else { return measurement.message ?? "not verified" }
        let figures = Metric.all.filter { $0.page == .verification }.compactMap { metric in
            metric.figure(measurement).map { "\(metric.heading.lowercased()) \($0.words)" }
        }
        let reference = found.reference == "float64" ? "a float64 reference" : found.reference
        return "\(found.passed ? "passed" : "wrong") against \(reference): \(figures.joined(separator: ", "))"
    }
}
