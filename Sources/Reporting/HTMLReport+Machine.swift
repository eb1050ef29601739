import Results

/// What the runs were made on: machines side by side, devices, power sources.
extension HTMLReport {
    func machineSection() -> Markup {
        guard !runs.isEmpty else { return "" }
        return """
            <section id="machine"><h2>\(runs.count > 1 ? "Machines" : "Machine")</h2>
            \(machineTable())
            <h3>Devices</h3>
            \(deviceTable())
            \(unavailableBackends())
            </section>
            """
    }

    private func machineTable() -> Markup {
        let properties: [(Markup, (RunRecord) -> Markup)] = [
            ("Processor", { "\($0.host.cpu.model)" }),
            ("Cores", { "\($0.host.cpu.physicalCores) physical, \($0.host.cpu.logicalCores) logical" }),
            ("Instruction sets", { "\($0.host.cpu.isa.joined(separator: ", "))" }),
            ("Memory", { "\(NumberFormat.quantity(Double($0.host.memoryBytes), .bytes))" }),
            ("Operating system", { "\($0.host.operatingSystem)" }),
            ("Kernel", { "\($0.host.kernel)" }),
            ("Frequency governor", { Self.orUnknown($0.host.governor, "the kernel offers none") }),
            ("Virtualisation", { Self.orUnknown($0.host.virtualization, "none detected") }),
            ("Started", { "\(Wording.readable($0.startedAt))" }),
            (
                "Finished",
                { Self.orUnknown($0.finishedAt.map(Wording.readable), $0.interrupted ? "interrupted" : "not recorded") }
            ),
        ]
        let rows = properties.map { name, value -> Markup in
            "<th scope=\"row\">\(name)</th>\(runs.map { run -> Markup in "<td>\(value(run.record))</td>" })"
        }
        let headings: [TableCell.Heading] =
            [.text("Property")] + runs.map { .text($0.label.isEmpty ? "Value" : "\($0.label)") }
        return TableCell.table(
            caption: "The machine as the run found it.", headings: headings, rows: rows,
            attributes: " class=\"compact\"")
    }

    static func orUnknown(_ text: String?, _ reason: String) -> Markup {
        guard let text, !text.isEmpty else {
            return "<span class=\"unknown\">\(NumberFormat.unknown)</span> <small>\(reason)</small>"
        }
        return "\(text)"
    }

    private static let untold = "the driver does not tell"

    private func deviceTable() -> Markup {
        var notes = Footnotes(prefix: "device-note")
        var rows: [Markup] = []
        for run in runs {
            for device in run.record.devices {
                let noPeak = device.peaksReason ?? "the peak was not measured in this run"
                var cells: [Markup] = ["<th scope=\"row\">\(run.name(of: device.id))</th>"]
                cells.append(
                    TableCell.text(
                        "\(device.name)", detail: device.isHostProcessor ? "the host's processor" : "\(device.vendor)"))
                cells.append(TableCell.text("\(device.driver)", detail: "\(device.apiVersion)"))
                cells.append(
                    TableCell.quantity(
                        device.peaks?.flopsPerSecond, .flopsPerSecond, reason: noPeak, notes: &notes))
                cells.append(
                    TableCell.quantity(
                        device.peaks?.bytesPerSecond, .bytesPerSecond, reason: noPeak, notes: &notes))
                cells.append(dispatchCell(device, &notes))
                cells.append(
                    device.computeUnits.map { TableCell.figure("\($0)", value: Double($0)) }
                        ?? TableCell.unknown(Self.untold, &notes))
                cells.append(
                    TableCell.quantity(
                        device.memoryBytes.map(Double.init), .bytes, reason: Self.untold, notes: &notes))
                cells.append(TableCell.text(Self.orUnknown(device.pciAddress, "not on PCI")))
                cells.append(
                    TableCell.text("<span class=\"features\">\(device.features.joined(separator: ", "))</span>"))
                rows.append(cells.joined())
            }
        }
        guard !rows.isEmpty else { return "<p>No device was opened.</p>" }
        return TableCell.table(
            caption: "Devices, with the peaks measured in the run; datasheet figures are never used.",
            headings: [
                .text("Device"), .text("Name"), .text("Driver", "API version"), .figure("Peak rate", "measured"),
                .figure("Peak bandwidth", "measured"), .figure("Empty dispatch", "clock step"),
                .figure("Compute units"), .figure("Memory"),
                .text("PCI address"), .text("Features"),
            ], rows: rows, notes: notes)
    }

    /// What launching costs: kernels that are not much longer measure the launch.
    private func dispatchCell(_ device: DeviceRecord, _ notes: inout Footnotes) -> Markup {
        guard let dispatch = device.dispatch else {
            return TableCell.unknown(
                device.peaksReason ?? "the cost of a dispatch was not measured in this run", &notes)
        }
        let parts: [(Double?, String)] = [
            (dispatch.deviceSeconds, "by its own clock"), (dispatch.backToBackSeconds, "back to back"),
            (dispatch.clockStepSeconds, "clock step"),
        ]
        let lines = parts.compactMap { value, what -> Markup? in
            value.map { "\(NumberFormat.quantity($0, .seconds)) \(what)" }
        }
        let clock = dispatch.clock.map { clock -> Markup in
            if let rate = clock.rate { return "<br>rate against the host's clock \(NumberFormat.ratio(rate))" }
            return notes.reference("the device's clock was not checked: \(clock.reason ?? "not known")")
        }
        return TableCell.figure(
            "\(NumberFormat.quantity(dispatch.hostSeconds, .seconds))",
            detail: "\(lines.joined(separator: "<br>"))\(clock ?? "")", value: dispatch.hostSeconds)
    }

    private func unavailableBackends() -> Markup {
        let items = runs.flatMap { run in
            run.record.unavailableBackends.map { backend -> Markup in
                "<li><b>\(run.name(of: backend.backend))</b> has no device here: \(backend.reason)</li>"
            }
        }
        return items.isEmpty ? "" : "<h3>Backends without a device</h3><ul>\(items)</ul>"
    }

    // MARK: Power

    func powerSection() -> Markup {
        guard !runs.isEmpty else { return "" }
        let accounting = runs.map { run -> Markup in
            let label: Markup = run.label.isEmpty ? "" : "<b>\(run.label):</b> "
            guard let accounting = run.record.energyAccounting else {
                return "<p>\(label)No power source was read, so there is no accounting rule.</p>"
            }
            return """
                <p>\(label)<b>How the total is made:</b> \(accounting.rule) \(accounting.costSentence)</p>
                """
        }
        return """
            <section id="power"><h2>Power sources</h2>
            \(accounting)
            \(powerTable())
            \(meterTable())
            </section>
            """
    }

    private func powerTable() -> Markup {
        var notes = Footnotes(prefix: "power-note")
        var rows: [Markup] = []
        for run in runs {
            for source in run.record.powerSources {
                let unread = source.state == .ok ? "not characterised" : "the source could not be read"
                let used = run.record.energyAccounting?.included.contains(source.id) == true
                rows.append(
                    [
                        "<th scope=\"row\">\(run.name(of: source.id))<small>\(source.path)</small></th>",
                        TableCell.text("\(source.domain)", detail: "\(source.kind.rawValue)"),
                        TableCell.text(
                            "<span class=\"status \(source.state == .ok ? "ok" : "failed")\">\(source.state.rawValue)</span>",
                            detail: used ? "part of the total" : "not part of the total"),
                        TableCell.quantity(source.updateIntervalSeconds, .seconds, reason: unread, notes: &notes),
                        TableCell.quantity(source.quantumJoules, .joules, reason: unread, notes: &notes),
                        TableCell.quantity(source.readLatencySeconds, .seconds, reason: unread, notes: &notes),
                        TableCell.text("\(source.devices.joined(separator: ", "))"),
                        TableCell.text("<span class=\"fix\">\(source.reason ?? "")</span>"),
                    ].joined())
            }
        }
        guard !rows.isEmpty else { return "<p>No power source was found on this machine.</p>" }
        return TableCell.table(
            caption: "Every power source that was found, how it behaves, and what to do where it cannot be read.",
            headings: [
                .text("Source"), .text("Domain", "kind"), .text("State"), .figure("Updates every"), .figure("Step"),
                .figure("Read takes"), .text("Speaks for"),
                .text("Why, and the fix"),
            ], rows: rows, notes: notes)
    }
}
