/// Names and messages come from files, drivers and compilers: what would be obeyed where they are shown is made inert.
extension String {
    /// The text with control characters made visible.
    package var harmless: String {
        var result = ""
        result.unicodeScalars.append(contentsOf: unicodeScalars.map { $0.isHarmless ? $0 : "\u{FFFD}" })
        return result
    }

    /// The text as a spreadsheet shows it: what it would take for a formula begins with an apostrophe (OWASP, CSV
    /// injection). Numbers stay numbers.
    package var inertCell: String {
        let text = harmless
        let content = text.drop { $0 == " " }
        guard let first = content.unicodeScalars.first, "=+-@\t\n＝＋－＠".unicodeScalars.contains(first) else {
            return text
        }
        let isNumber = content.allSatisfy { "0123456789+-.eE".contains($0) } && Double(content)?.isFinite == true
        return isNumber ? text : "'" + text
    }
}

extension Unicode.Scalar {
    /// False for control characters other than tab and newline, and for characters that change the direction of text.
    package var isHarmless: Bool {
        switch value {
        case 0x09, 0x0A: true
        case 0..<0x20, 0x7F..<0xA0, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: false
        default: true
        }
    }
}
