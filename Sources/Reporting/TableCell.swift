import Results

/// Cells of the page's tables. A cell that can be sorted by carries its value in `data-v`, and is set as a figure for
/// that. A page may have a hundred thousand cells: what all would repeat is left to the style sheet, and end tags that
/// HTML does not need are left out.
enum TableCell {
    /// The head of a column: its name, what stands in the second line of its cells, and on which side they are set.
    struct Heading {
        let markup: Markup

        static func text(_ name: Markup, _ detail: Markup = "") -> Heading {
            Heading(markup: "<th scope=\"col\">\(name)\(when: !detail.isEmpty, "<small>\(detail)</small>")</th>")
        }

        static func figure(_ name: Markup, _ detail: Markup = "") -> Heading {
            Heading(
                markup:
                    "<th scope=\"col\" class=\"figure\">\(name)\(when: !detail.isEmpty, "<small>\(detail)</small>")</th>"
            )
        }
    }

    /// A figure with an optional second line, such as its interval.
    static func figure(_ main: Markup, detail: Markup = "", value: Double?, modelled: Bool = false) -> Markup {
        let small: Markup = detail.isEmpty ? "" : "<small>\(detail)</small>"
        let mark: Markup = modelled ? "\(NumberFormat.modelledMark)" : ""
        let order = order(value)
        return "<td\(order)\(when: order.isEmpty, " class=\"figure\"")>\(mark)\(main)\(small)"
    }

    /// A metric of a measurement with its interval, and below it a detail.
    static func metric(
        _ metric: Metric, _ measurement: MeasurementRecord, detail: Markup = "", notes: inout Footnotes
    ) -> Markup {
        guard let figure = metric.figure(measurement) else {
            let unknown = notes.unknown(metric.reasonWithout(measurement))
            return self.figure(unknown, detail: detail, value: nil)
        }
        let lines = [figure.texts.interval.map { "\($0)" } ?? "", detail].filter { !$0.isEmpty }
        return self.figure(
            "\(figure.texts.value)", detail: lines.joined(separator: "<br>"), value: figure.value,
            modelled: figure.isModelled)
    }

    /// A quantity that is no metric of a measurement.
    static func quantity(
        _ value: Double?, _ unit: NumberFormat.Unit, reason: @autoclosure () -> String, notes: inout Footnotes
    ) -> Markup {
        guard let value, value.isFinite else { return unknown(reason(), &notes) }
        return figure("\(NumberFormat.quantity(value, unit))", value: value)
    }

    /// A cell for what is not known, with the reference to the reason.
    static func unknown(_ reason: String, _ notes: inout Footnotes) -> Markup {
        "<td class=\"figure\">\(notes.unknown(reason))"
    }

    /// The same in a column of words.
    static func unknownText(_ reason: String, _ notes: inout Footnotes) -> Markup {
        "<td>\(notes.unknown(reason))"
    }

    static func text(_ main: Markup, detail: Markup = "") -> Markup {
        "<td>\(main)\(when: !detail.isEmpty, "<small>\(detail)</small>")"
    }

    /// A table in a frame that scrolls by itself on narrow screens.
    static func table(
        caption: Markup, headings: [Heading], rows: [Markup], attributes: Markup = "", notes: Footnotes? = nil
    ) -> Markup {
        let head: Markup = "<tr>\(headings.map(\.markup))</tr>"
        return table(caption: caption, head: head, rows: rows, attributes: attributes, notes: notes)
    }

    /// The same with a head of several rows.
    static func table(
        caption: Markup, head: Markup, rows: [Markup], attributes: Markup = "", notes: Footnotes? = nil
    ) -> Markup {
        """
        <div class="scroll" tabindex="0" role="group" aria-label="Table, may scroll sideways"><table\(attributes)>
        <caption>\(caption)</caption>
        <thead>\(head)</thead>
        <tbody>
        \(rows.map { row -> Markup in "<tr>\(row)" }.joined(separator: "\n"))
        </tbody>
        </table></div>
        \(notes?.list ?? "")
        """
    }

    /// The value that a column is sorted by, to the seven digits that sorting needs: the record has all of them. Only
    /// finite values have one: unknown ones come last in either direction.
    private static func order(_ value: Double?) -> Markup {
        guard let value, value.isFinite else { return "" }
        let short = Float(value)
        let isInRange = short.isFinite && (short != 0 || value == 0)
        return " data-v=\(isInRange ? String(short) : String(value))"
    }
}
