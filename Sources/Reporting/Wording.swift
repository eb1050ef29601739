import FoundationEssentials

/// Texts made fit for the place where they stand.
enum Wording {
    /// A name as part of an id: letters, digits and hyphens.
    static func anchor(_ name: String) -> String {
        String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    }

    /// The text with a capital first letter and a full stop.
    static func sentence(_ text: String) -> String { capitalized(text) + (text.hasSuffix(".") ? "" : ".") }

    /// The text with a capital first letter.
    static func capitalized(_ text: String) -> String { (text.first?.uppercased() ?? "") + text.dropFirst() }

    /// The text with signs kept beside their numbers where lines break.
    static func unbroken(_ text: String) -> String {
        text.replacing(" ×", with: "\u{A0}×").replacing("× [", with: "×\u{A0}[").replacing("≈ ", with: "≈\u{A0}")
    }

    /// `2026-11-21T01:02:03Z` as `2026-11-21 01:02:03 UTC`; anything else as it is.
    static func readable(_ instant: String) -> String {
        guard instant.hasSuffix("Z"), instant.contains("T") else { return instant }
        return instant.dropLast().replacing("T", with: " ") + " UTC"
    }
}
