/// Which columns of a table a terminal has room for, in which form and how wide.
///
/// Figures lose their intervals first, then what is of less weight goes, then names are cut in their middle; only then
/// do the last columns go. No name, however long, takes the room of a figure.
struct ColumnFit {
    private struct Place {
        let column: Int
        /// Of the forms; beyond a cell's last form, that one.
        var form: Int
        var width: Int
    }

    private static let margin = "  "
    private static let gap = "  "
    /// What a name keeps while there are figures to show.
    private static let leastName = 10
    /// What a name keeps in the end.
    private static let stub = 6

    private let columns: [TerminalColumn]
    private let width: Int
    private var places: [Place]

    /// True when figures are in their short form.
    var isShortened: Bool { places.contains { $0.form > 0 } }

    /// - Parameter cells: by row and column, the forms of each.
    init(_ columns: [TerminalColumn], _ cells: [[[String]]], width: Int) {
        self.columns = columns
        self.width = width
        let widths = columns.indices.map { column in
            (0..<2).map { form in
                ([columns[column].headings] + cells.map { $0[column] }).map {
                    TerminalText.width(Self.form(form, of: $0))
                }.max() ?? 0
            }
        }
        places = columns.indices.map { column in
            let whole = widths[column][0]
            return Place(column: column, form: 0, width: columns[column].isName ? min(whole, width / 3) : whole)
        }
        shorten(widths)
        drop { $0 > TerminalColumn.lastToGo }
        cutNames(to: Self.leastName)
        drop { $0 > 0 }
        cutNames(to: Self.stub)
    }

    /// A line of the table.
    func line(_ texts: [[String]]) -> String {
        let parts = places.map { place in
            let text = Self.form(place.form, of: texts[place.column])
            let shown = columns[place.column].isName ? TerminalText.cut(text, to: place.width) : text
            let padding = String(repeating: " ", count: max(0, place.width - TerminalText.width(shown)))
            return columns[place.column].alignsRight ? padding + shown : shown + padding
        }
        var line = Self.margin + parts.joined(separator: Self.gap)
        while line.last == " " { line.removeLast() }
        return TerminalText.truncated(line, to: width)
    }

    private static func form(_ form: Int, of texts: [String]) -> String {
        texts.isEmpty ? "" : texts[min(form, texts.count - 1)]
    }

    private var total: Int {
        places.map(\.width).reduce(Self.margin.count, +) + Self.gap.count * (places.count - 1)
    }

    private mutating func shorten(_ widths: [[Int]]) {
        while total > width {
            let candidates = places.indices.filter {
                places[$0].form == 0 && widths[places[$0].column][1] < widths[places[$0].column][0]
            }
            guard let next = candidates.max(by: { weight($0) < weight($1) }) else { return }
            places[next].form = 1
            places[next].width = widths[places[next].column][1]
        }
    }

    private mutating func drop(while isDroppable: (Int) -> Bool) {
        while total > width {
            let candidates = places.indices.filter { isDroppable(weight($0)) }
            guard let next = candidates.max(by: { weight($0) < weight($1) }) else { return }
            places.remove(at: next)
        }
    }

    /// The widest name first.
    private mutating func cutNames(to least: Int) {
        while total > width {
            let names = places.indices.filter { columns[places[$0].column].isName && places[$0].width > least }
            guard let widest = names.max(by: { places[$0].width < places[$1].width }) else { return }
            places[widest].width -= 1
        }
    }

    private func weight(_ place: Int) -> Int { columns[places[place].column].givesWay }
}
