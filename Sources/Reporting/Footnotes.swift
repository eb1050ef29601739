import Results

/// Reasons that stand below a table: each distinct reason once, with a number that the table's cells refer to.
struct Footnotes {
    private let prefix: String
    private var reasons: [String] = []

    /// - Parameter prefix: makes the notes' ids unique on the page.
    init(prefix: String) { self.prefix = prefix }

    var isEmpty: Bool { reasons.isEmpty }

    /// The reference to a reason, adding it when it is new.
    mutating func reference(_ reason: String) -> Markup {
        let index = reasons.firstIndex(of: reason) ?? reasons.count
        if index == reasons.count { reasons.append(reason) }
        return "<sup><a href=\"#\(prefix)-\(index + 1)\" title=\"\(reason)\">\(index + 1)</a></sup>"
    }

    /// An unknown figure with the reference to its reason.
    mutating func unknown(_ reason: String) -> Markup {
        "<span class=\"unknown\">\(NumberFormat.unknown)</span>\(reference(reason))"
    }

    /// The notes, to be put below the table.
    var list: Markup {
        guard !reasons.isEmpty else { return "" }
        let items = reasons.enumerated().map { index, reason -> Markup in
            "<li id=\"\(prefix)-\(index + 1)\">\(reason)</li>"
        }
        return "<ol class=\"notes\">\(items)</ol>"
    }
}
