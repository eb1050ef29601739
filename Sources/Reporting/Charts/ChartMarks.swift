/// The marks of series: shapes that can be filled (measured) or hollow (modelled), and colours. Their counts have no
/// common divisor, so that a shape comes back in another colour.
enum ChartMarks {
    /// Outlines about the origin.
    private static let outlines = [
        "M-4.5-4.5h9v9h-9z",  // square
        "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z",  // circle
        "M0-5.5L5.5 4.5h-11z",  // triangle
        "M0-6L6 0L0 6L-6 0z",  // diamond
        "M0 5.5L5.5-4.5h-11z",  // triangle upside down
        "M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z",  // plus
        "M-5.5-3.2L0-6.3L5.5-3.2V3.2L0 6.3L-5.5 3.2z",  // hexagon
        "M0-6L1.6-2L6-2L2.5.8L3.8 5L0 2.5L-3.8 5L-2.5.8L-6-2L-1.6-2z",  // star
        "M-3-6L0-3L3-6L6-3L3 0L6 3L3 6L0 3L-3 6L-6 3L-3 0L-6-3z",  // cross
    ]
    private static let colourCount = 8
    private static let stageCount = 7

    static func id(_ style: Int) -> String { "mark\(max(style, 0) % outlines.count)" }
    static func colour(_ style: Int) -> String { style < 0 ? "none" : "c\(style % colourCount)" }
    static func stage(_ style: Int) -> String { style < 0 ? "none" : "s\(style % stageCount)" }

    /// The shapes, once a page: every mark refers to one of them.
    static var definitions: Markup {
        let shapes = outlines.enumerated().map { index, outline -> Markup in
            "<path id=\"mark\(index)\" d=\"\(outline)\"/>"
        }
        return "<svg class=\"definitions\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>\(shapes)</defs></svg>"
    }
}
