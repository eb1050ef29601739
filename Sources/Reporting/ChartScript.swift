import FoundationEssentials

/// Chart.js as the system's package installs it. It is read when a report is written and put into the page, so that the page needs
/// no network; nothing of it is part of this project.
public enum ChartScript {
    /// Where distributions put the minified version 3 (Debian and Ubuntu: package `libjs-chart.js`).
    static let paths = [
        "/usr/share/javascript/chart.js/chart.min.js",
        "/usr/share/nodejs/chart.js/dist/chart.min.js",
        "/usr/lib/node_modules/chart.js/dist/chart.min.js",
    ]

    /// Chart.js, or the reason why there is none; a page without it reads by its tables.
    public static func locate() -> (text: String?, reason: String?) { locate(in: paths) }

    /// The first of `paths` that holds Chart.js version 3.
    package static func locate(in paths: [String]) -> (text: String?, reason: String?) {
        for path in paths {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { continue }
            guard let version = version(of: text) else {
                return (nil, "\(path) does not name itself Chart.js; install the package libjs-chart.js")
            }
            guard version.hasPrefix("3.") else {
                return (
                    nil, "\(path) is Chart.js \(version), charts need version 3; install the package libjs-chart.js"
                )
            }
            return (text, nil)
        }
        return (
            nil, "Chart.js was not found at \(paths.first ?? "any path"); install it with: apt install libjs-chart.js"
        )
    }

    /// The version that the file's first comment states.
    private static func version(of text: String) -> String? {
        let mark = "Chart.js v"
        guard let range = text.prefix(400).firstRange(of: mark) else { return nil }
        return String(text[range.upperBound...].prefix { $0.isNumber || $0 == "." })
    }
}
