import Results

/// What a million tokens emit and cost, for terminal and page.
extension ModelView {
    /// The points that have joules, with what these come to for so many tokens.
    func footprints(
        _ footprint: FootprintRecord, for tokens: Double
    ) -> [(point: ModelPointRecord, tokens: TokenFootprint)] {
        points.compactMap { point in
            guard let joules = point.joules, let seconds = point.seconds else { return nil }
            return (point, TokenFootprint(footprint, joules: joules, seconds: seconds, tokens: tokens))
        }
    }

    /// `≈ ` where a point's joules are modelled, and so all that follows from them.
    static func mark(_ point: ModelPointRecord) -> String {
        point.provenance == .modelled ? NumberFormat.modelledMark : ""
    }

    /// E · I + M of each grid, in the order of the grids: `12.3 g = 11.9 + 0.4`.
    static func terms(_ tokens: TokenFootprint) -> [String] {
        zip(tokens.intensities, tokens.operationalGrams).map { whole, operation in
            guard let embodied = tokens.embodiedGrams else { return NumberFormat.quantity(operation, .grams) }
            return
                "\(NumberFormat.quantity(whole, .grams)) = \(NumberFormat.quantity(operation, .grams)) + \(NumberFormat.quantity(embodied, .grams))"
        }
    }
}

extension FootprintRecord {
    /// R and its name: a million tokens, and what the user calls an inference.
    var quantities: [(tokens: Double, name: String)] {
        [(TokenFootprint.million, "a million tokens")]
            + (tokensPerInference.map { [(Double($0), "an inference of \($0) \($0 == 1 ? "token" : "tokens")")] } ?? [])
    }

    /// What the figures rest on, a sentence each.
    var assumptions: [String] {
        var result = [
            "Software carbon intensity by ISO/IEC 21031:2024: (E · I + M) per R, R being \(quantities.map(\.name).joined(separator: " or ")) in a row on a machine that does nothing else."
        ]
        result += grids.map { grid in
            let year = grid.year.map { ", \($0)" } ?? ""
            return
                "I of \(grid.name): \(NumberFormat.significant(grid.gramsPerKilowattHour, digits: 3)) g CO₂e/kWh\(year) (\(grid.source))."
        }
        result.append("E holds a power usage effectiveness of \(NumberFormat.significant(effectiveness, digits: 3)).")
        if let embodiedKilograms, let lifetimeYears {
            result.append(
                "M: \(NumberFormat.significant(embodiedKilograms, digits: 3)) kg CO₂e of making the machine, over \(NumberFormat.significant(lifetimeYears, digits: 2)) years."
            )
        } else {
            result.append("M, making the machine, is not known and left out: --embodied and --lifetime give it.")
        }
        if let price {
            result.append("A kilowatt-hour costs \(NumberFormat.significant(price, digits: 3)) \(currency).")
        }
        return result
    }
}

extension ModelTable {
    func footprintLines(_ model: ModelRecord, _ footprint: FootprintRecord, _ width: Int) -> [String] {
        footprint.quantities.flatMap { footprintLines(model, footprint, $0.tokens, $0.name, width) }
            + footprint.assumptions.flatMap { wrapped("  \($0)", width, indent: 4) }
    }

    private func footprintLines(
        _ model: ModelRecord, _ footprint: FootprintRecord, _ tokens: Double, _ name: String, _ width: Int
    ) -> [String] {
        var lines = ["", "  emissions and money for \(name)"]
        for view in ModelView.all(model) {
            let rows = view.footprints(footprint, for: tokens).map { point, tokens in
                let mark = ModelView.mark(point)
                let money =
                    tokens.money.map { ["\(mark)\(NumberFormat.significant($0, digits: 3)) \(footprint.currency)"] }
                    ?? []
                return [
                    point.rung ?? view.situation, mark + NumberFormat.quantity(tokens.kilowattHours, .kilowattHours),
                ]
                    + ModelView.terms(tokens).map { mark + $0 } + money
            }
            let header = ["", "E"] + footprint.grids.map(\.name) + (footprint.price == nil ? [] : ["price"])
            lines +=
                ["  \(view.situation), \(view.device)"]
                + (rows.isEmpty ? ["    no joules are known"] : table([header] + rows, width))
        }
        return lines
    }
}

extension HTMLReport {
    func footprintTable(_ view: ModelView, _ footprint: FootprintRecord, _ id: String) -> Markup {
        footprint.quantities.map { footprintTable(view, footprint, $0.tokens, $0.name) }.joined()
    }

    private func footprintTable(
        _ view: ModelView, _ footprint: FootprintRecord, _ tokens: Double, _ name: String
    ) -> Markup {
        let rows = view.footprints(footprint, for: tokens).map { point, tokens -> Markup in
            let isModelled = point.provenance == .modelled
            var cells: [Markup] = [
                "<th scope=\"row\">\(point.rung ?? view.model.name)</th>",
                TableCell.figure(
                    "\(NumberFormat.quantity(tokens.kilowattHours, .kilowattHours))", value: tokens.kilowattHours,
                    modelled: isModelled),
            ]
            for (grams, words) in zip(tokens.intensities, ModelView.terms(tokens)) {
                cells.append(TableCell.figure("\(words)", value: grams, modelled: isModelled))
            }
            if let money = tokens.money {
                cells.append(
                    TableCell.figure(
                        "\(NumberFormat.significant(money, digits: 3)) \(footprint.currency)", value: money,
                        modelled: isModelled))
            }
            return cells.joined()
        }
        guard !rows.isEmpty else { return "<p>What tokens emit is not known: no joules are.</p>" }
        let headings: [TableCell.Heading] =
            [.text("Form"), .figure("E")] + footprint.grids.map { .figure("\($0.name)", "E · I + M, CO₂e") }
            + (footprint.price == nil ? [] : [.figure("Price")])
        return TableCell.table(
            caption:
                "Emissions and money for \(name), \(view.situation), \(view.device). \(footprint.assumptions.joined(separator: " "))",
            headings: headings, rows: rows)
    }
}
