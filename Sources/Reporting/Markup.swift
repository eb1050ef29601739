import Results

/// A piece of HTML that is safe by construction: the literal parts are ours, every interpolated string is escaped.
///
/// ```swift
/// let cell: Markup = "<td>\(measurement.message)</td>"   // the message may contain anything
/// ```
struct Markup: Sendable, ExpressibleByStringInterpolation {
    private(set) var html: String

    init(stringLiteral value: String) { html = value }

    init(stringInterpolation: Interpolation) { html = stringInterpolation.html }

    /// Text from anywhere, escaped.
    init(text: String) { html = Markup.escape(text) }

    /// HTML from this module's own files.
    init(trusted html: String) { self.html = html }

    static func + (left: Markup, right: Markup) -> Markup { Markup(trusted: left.html + right.html) }

    static func += (left: inout Markup, right: Markup) { left.html += right.html }

    var isEmpty: Bool { html.isEmpty }

    /// Collects the parts of a literal.
    struct Interpolation: StringInterpolationProtocol {
        fileprivate var html = ""

        init(literalCapacity: Int, interpolationCount: Int) { html.reserveCapacity(literalCapacity * 2) }

        mutating func appendLiteral(_ literal: String) { html += literal }

        mutating func appendInterpolation(_ text: String) { html += Markup.escape(text) }

        mutating func appendInterpolation(_ number: Int) { html += String(number) }

        mutating func appendInterpolation(_ markup: Markup) { html += markup.html }

        /// Markup that is there only under a condition.
        mutating func appendInterpolation(when condition: Bool, _ markup: @autoclosure () -> Markup) {
            if condition { html += markup().html }
        }

        mutating func appendInterpolation(_ parts: [Markup]) { for part in parts { html += part.html } }
    }

    /// Escapes what has a meaning in HTML text and in quoted attributes, and makes control and direction-changing
    /// characters visible, which could otherwise hide or reorder what is read.
    private static func escape(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar.isHarmless ? scalar : "\u{FFFD}")
            }
        }
        return result
    }
}

extension [Markup] {
    func joined(separator: Markup = "") -> Markup {
        var result: Markup = ""
        for (index, part) in enumerated() {
            if index > 0 { result += separator }
            result += part
        }
        return result
    }
}
