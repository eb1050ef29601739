import FoundationEssentials
import Results

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

    /// The text with a small first letter, to stand within a sentence.
    static func uncapitalized(_ text: String) -> String { (text.first?.lowercased() ?? "") + text.dropFirst() }

    /// The text with signs kept beside their numbers where lines break.
    static func unbroken(_ text: String) -> String {
        text.replacing(" ×", with: "\u{A0}×").replacing("× [", with: "×\u{A0}[").replacing("≈ ", with: "≈\u{A0}")
    }

    /// What disturbed the samples of some measurements: `3 throttled, 12 with processors lost to other work`.
    static func disturbances(_ records: [InterferenceRecord]) -> String {
        let kinds: [(Int, String)] = [
            (total(records.map(\.throttled)), "throttled"),
            (total(records.map(\.stolen)), "with processor time withheld by the hypervisor"),
            (total(records.map(\.preempted)), "with processors lost to other work"),
            (total(records.map(\.slowed)), "while the device ran its control kernel slower than usual"),
        ]
        return kinds.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    /// What an open verdict probably comes to: `, probably slower: 9 of 11 rounds`.
    static func tendency(_ quantity: ComparedQuantity) -> String? {
        quantity.tendency == nil ? nil : quantity.reason.map { ", \($0)" }
    }

    /// Why a verdict is open, and what would decide it; `nil` where it is not open.
    static func open(_ reason: String?, _ command: String?) -> String? {
        guard let command else { return reason }
        return (reason.map { "\($0); " } ?? "") + "to decide it: \(command)"
    }

    /// The names, as many as are allowed, and the count of the others.
    static func list(_ names: [String], atMost count: Int) -> String {
        guard names.count > count else { return names.joined(separator: ", ") }
        return names.prefix(count).joined(separator: ", ") + " and \(names.count - count) more"
    }

    /// The sum, or the largest number there is: a file may claim any count.
    static func total(_ counts: [Int]) -> Int {
        counts.reduce(0) { sum, count in
            let (next, overflows) = sum.addingReportingOverflow(count)
            return overflows ? .max : next
        }
    }

    /// `2026-11-21T01:02:03Z` as `2026-11-21 01:02:03 UTC`; anything else as it is.
    static func readable(_ instant: String) -> String {
        guard instant.hasSuffix("Z"), instant.contains("T") else { return instant }
        return instant.dropLast().replacing("T", with: " ") + " UTC"
    }
}
