import Results

/// Reasons that stand below a table: each distinct reason once, with a number that the table's cells refer to, and a
/// way back.
struct Footnotes {
    private let prefix: String
    private var reasons: [String] = []
    private var numbers: [String: Int] = [:]

    /// - Parameter prefix: makes the notes' ids unique on the page.
    init(prefix: String) { self.prefix = prefix }

    var isEmpty: Bool { reasons.isEmpty }

    /// The reference to a reason, adding it when it is new. The note leads back to the first of its references.
    mutating func reference(_ reason: String) -> Markup {
        if let number = numbers[reason] { return "<sup><a href=\"#\(prefix)-\(number)\">\(number)</a></sup>" }
        reasons.append(reason)
        let number = reasons.count
        numbers[reason] = number
        return "<sup><a href=\"#\(prefix)-\(number)\" id=\"\(prefix)-\(number)-at\">\(number)</a></sup>"
    }

    /// An unknown figure with the reference to its reason.
    mutating func unknown(_ reason: String) -> Markup {
        "<span class=\"unknown\">\(NumberFormat.unknown)</span>\(reference(reason))"
    }

    /// The notes, to be put below the table.
    var list: Markup {
        guard !reasons.isEmpty else { return "" }
        let items = reasons.enumerated().map { index, reason -> Markup in
            """
            <li id="\(prefix)-\(index + 1)">\(reason) <a class="back" href="#\(prefix)-\(index + 1)-at" \
            aria-label="back to where note \(index + 1) is referred to">↩</a></li>
            """
        }
        return "<ol class=\"notes\">\(items)</ol>"
    }
}
