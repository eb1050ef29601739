import Results

/// Text as a terminal shows it: how wide it is, cut or wrapped to fit, and without what a terminal would obey.
package enum TerminalText {
    /// Columns that the text takes; East Asian wide characters and emoji take two.
    package static func width(_ text: String) -> Int {
        text.reduce(0) { $0 + columns($1) }
    }

    /// Names and messages come from drivers and files: escape sequences in them must not reach the terminal.
    package static func harmless(_ text: String) -> String {
        String(text.harmless.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    }

    /// The text, cut with an ellipsis where it is wider than `limit`.
    static func truncated(_ text: String, to limit: Int) -> String {
        guard width(text) > limit else { return text }
        var result = ""
        var used = 1
        for character in text {
            used += columns(character)
            if used > limit { break }
            result.append(character)
        }
        return result + "…"
    }

    /// The text, cut in its middle where it is wider than `limit`: names differ at their ends.
    static func cut(_ text: String, to limit: Int) -> String {
        guard width(text) > limit else { return text }
        guard limit > 2 else { return truncated(text, to: max(limit, 1)) }
        let tail = (limit - 1) / 2
        var end = ""
        var used = 0
        for character in text.reversed() {
            used += columns(character)
            if used > tail { break }
            end.append(character)
        }
        return truncated(text, to: limit - width(end)) + String(end.reversed())
    }

    /// The text in lines of at most `width` columns, broken at spaces; later lines are indented.
    static func wrapped(_ text: String, width limit: Int, indent: Int = 0) -> [String] {
        let margin = String(repeating: " ", count: indent)
        let lead = String(text.prefix { $0 == " " })
        var lines: [String] = []
        var line = lead
        var isEmpty = true
        for word in text.split(separator: " ") {
            let needed = width(line) + width(String(word)) + (isEmpty ? 0 : 1)
            if needed > limit, !isEmpty {
                lines.append(line)
                line = margin
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        lines.append(line)
        return lines.map { truncated($0, to: limit) }
    }

    private static func columns(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}
