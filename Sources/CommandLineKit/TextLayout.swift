/// Puts words on lines.
public enum TextLayout {
    /// Columns of a help page: what a terminal has at least.
    public static let width = 80

    /// `text` in lines that fit, each begun with `indent` spaces.
    public static func wrap(_ text: String, indent: Int) -> String {
        lines(text, width: width - indent).map { spaces(indent) + $0 + "\n" }.joined()
    }

    /// Two columns: terms on the left, their explanations wrapped on the right. A term too long for its column has its
    /// explanation begin on the next line.
    public static func definitions(_ rows: [(term: String, text: String)], indent: Int = 2, limit: Int = 24) -> String {
        let column = min(limit, (rows.map { $0.term.count }.max() ?? 0) + 2)
        return rows.map { row in
            let text = lines(row.text, width: width - indent - column)
            let fits = row.term.count + 2 <= column
            let head = spaces(indent) + row.term
            let first = fits ? spaces(column - row.term.count) + (text.first ?? "") : ""
            let rest = text.dropFirst(fits ? 1 : 0).map { spaces(indent + column) + $0 + "\n" }
            return head + first + "\n" + rest.joined()
        }.joined()
    }

    /// A line break in the text stays one.
    private static func lines(_ text: String, width: Int) -> [String] {
        text.split(separator: "\n").flatMap { paragraph(String($0), width: width) }
    }

    private static func paragraph(_ text: String, width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " \(word)"
        }
        return line.isEmpty ? lines : lines + [line]
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
