/// Finds the word that somebody probably meant.
public enum Suggestion {
    /// The candidate closest to `word`, if one is close enough to be worth naming.
    public static func closest(to word: String, among candidates: [String]) -> String? {
        let limit = max(1, word.count / 3)
        let scored = candidates.map { (candidate: $0, distance: distance(word, $0)) }
        if let best = scored.filter({ $0.distance <= limit }).min(by: { $0.distance < $1.distance }) {
            return best.candidate
        }
        let completions = candidates.filter { word.count >= 3 && $0.hasPrefix(word) }
        return completions.count == 1 ? completions.first : nil
    }

    /// `; did you mean 'x'?`, or nothing.
    public static func phrase(for word: String, among candidates: [String], prefix: String = "") -> String {
        closest(to: word, among: candidates).map { "; did you mean '\(prefix)\($0)'?" } ?? ""
    }

    /// How many letters must be changed, added, left out or swapped with their neighbour to make one word of the other
    /// (Damerau's distance in its restricted form: no letter is touched twice).
    ///
    /// - Complexity: O(*n*·*m*) for words of *n* and *m* letters.
    static func distance(_ first: String, _ second: String) -> Int {
        let a = Array(first)
        let b = Array(second)
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var rows = [Array(0...b.count)]
        for i in 1...a.count {
            var row = [i]
            for j in 1...b.count {
                let substitution = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                var best = min(substitution, rows[i - 1][j] + 1, row[j - 1] + 1)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, rows[i - 2][j - 2] + 1) }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
