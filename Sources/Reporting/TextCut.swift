/// Long names made fit for a place, cut in the middle: names that differ at the end, as paths and shapes do, stay
/// different.
package enum TextCut {
    static func middle(_ text: String, to length: Int) -> String {
        // Names of ten thousand characters need not be counted to the end.
        guard text.index(text.startIndex, offsetBy: length + 1, limitedBy: text.endIndex) != nil else { return text }
        let head = (length - 1) / 2
        return text.prefix(head) + "…" + text.suffix(length - 1 - head)
    }

    /// Names cut to the length; those that would become the same carry a number.
    package static func distinct(_ texts: [String], to length: Int) -> [String] {
        var used: [String: Int] = [:]
        return texts.map { text in
            let cut = middle(text, to: length)
            guard cut != text else { return text }
            used[cut, default: 0] += 1
            guard let count = used[cut], count > 1 else { return cut }
            return middle(text, to: length - 5) + " (\(count))"
        }
    }
}
