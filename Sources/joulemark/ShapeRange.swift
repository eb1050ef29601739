/// The value of `--shape`: parameters with one value each, or several of which every combination makes a workload.
///
/// `Hq=32,Lk=1k..32k` has six values of Lk, `D=64,128,Lk=4k` two of D. What has no `=` belongs to the parameter before
/// it.
enum ShapeRange {
    /// More workloads than anyone means.
    private static let most = 256

    /// - Throws: ``CommandFailure`` with exit code 64, naming the parameter and what was found.
    static func shapes(_ text: String) throws(CommandFailure) -> [[String: Int]] {
        var lists: [(key: String, values: [Int])] = []
        for entry in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 1, let last = lists.last, isValue(entry) {
                lists[lists.count - 1].values += try values(entry, of: last.key)
                continue
            }
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw CommandFailure(.usage, "--shape: found '\(entry)', expected KEY=VALUE,...")
            }
            guard !lists.contains(where: { $0.key == parts[0] }) else {
                throw CommandFailure(.usage, "--shape: '\(parts[0])' is given twice")
            }
            lists.append((parts[0], try values(parts[1], of: parts[0])))
        }
        var shapes: [[String: Int]] = [[:]]
        for (key, values) in lists {
            guard shapes.count * values.count <= most else {
                throw CommandFailure(.usage, "--shape: makes more than \(most) workloads, expected fewer values")
            }
            shapes = shapes.flatMap { shape in values.map { shape.merging([key: $0]) { $1 } } }
        }
        return shapes
    }

    /// - Throws: ``CommandFailure`` for a command that takes one workload.
    static func checkSingle(_ shapes: [[String: Int]]) throws(CommandFailure) {
        guard shapes.count > 1 else { return }
        throw CommandFailure(.usage, "--shape: makes \(shapes.count) workloads here, expected one")
    }

    private static func isValue(_ text: String) -> Bool {
        text.first.map { $0.isASCII && ($0.isNumber || $0 == "-") } ?? false
    }

    /// A number, or all from one to another in doubling steps, the last included.
    private static func values(_ text: String, of key: String) throws(CommandFailure) -> [Int] {
        guard let dots = text.firstRange(of: "..") else { return [try number(text, of: key)] }
        let first = try number(String(text[..<dots.lowerBound]), of: key)
        let last = try number(String(text[dots.upperBound...]), of: key)
        guard first >= 1, last >= first else {
            throw CommandFailure(.usage, "--shape: '\(key)' is '\(text)', expected FROM..TO with 1 ≤ FROM ≤ TO")
        }
        var values = [first]
        while let value = values.last, value < last {
            values.append(value > last / 2 ? last : value * 2)
        }
        return values
    }

    private static func number(_ text: String, of key: String) throws(CommandFailure) -> Int {
        let factor = text.hasSuffix("k") ? 1024 : text.hasSuffix("M") ? 1024 * 1024 : 1
        let digits = factor == 1 ? text : String(text.dropLast())
        guard let value = Int(digits),
            case (let product, let overflows) = value.multipliedReportingOverflow(by: factor),
            !overflows
        else {
            throw CommandFailure(
                .usage, "--shape: '\(key)' is '\(text)', expected an integer, such as 4096 or 4k, or a range, 1k..32k")
        }
        return product
    }
}
