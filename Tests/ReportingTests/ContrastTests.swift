import Glibc
import Reporting
import Testing

@Suite("Colours of the page")
struct ContrastTests {
    /// The custom properties of a block of the style sheet: names and their red, green and blue, 0 to 1.
    private static func colours(_ block: Substring) -> [String: [Double]] {
        var result: [String: [Double]] = [:]
        for part in block.split(separator: ";") {
            let words = part.split(separator: ":").map { $0.filter { !$0.isWhitespace } }
            guard words.count == 2, let name = words.first, let value = words.last, value.hasPrefix("#"),
                value.count == 7,
                let number = Int(value.dropFirst(), radix: 16)
            else { continue }
            result[String(name.drop { $0 != "-" })] = [16, 8, 0].map { Double((number >> $0) & 255) / 255 }
        }
        return result
    }

    /// Light and dark, each as the style sheet has it outside of print.
    private static func schemes() throws -> [[String: [Double]]] {
        let blocks = PageResource.style.split(separator: ":root {", omittingEmptySubsequences: false).dropFirst().map {
            $0.prefix { $0 != "}" }
        }
        let found = blocks.map(colours).filter { $0.count > 3 }
        try #require(found.count >= 4)
        return [0, 1].map { scheme in found[scheme].merging(found[scheme + 2]) { first, _ in first } }
    }

    /// By the Web Content Accessibility Guidelines 2.
    private static func contrast(_ one: [Double], _ other: [Double]) -> Double {
        let luminances = [one, other].map { colour in
            zip(colour, [0.2126, 0.7152, 0.0722]).map { part, weight in
                weight * (part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4))
            }.reduce(0, +)
        }.sorted()
        return (luminances[1] + 0.05) / (luminances[0] + 0.05)
    }

    @Test("texts stand out from every background 4.5 to 1, marks of charts 3 to 1, light and dark")
    func contrasts() throws {
        for (index, colours) in try Self.schemes().enumerated() {
            for ground in ["--page", "--panel", "--warn-panel"] {
                for text in ["--ink", "--muted", "--accent", "--good", "--bad", "--warn"] {
                    let ratio = Self.contrast(try #require(colours[text]), try #require(colours[ground]))
                    #expect(ratio >= 4.5, "scheme \(index): \(text) on \(ground) has \(ratio)")
                }
            }
            for mark in (0..<8).map({ "--c\($0)" }) {
                for ground in ["--page", "--panel"] {
                    let ratio = Self.contrast(try #require(colours[mark]), try #require(colours[ground]))
                    #expect(ratio >= 3, "scheme \(index): \(mark) on \(ground) has \(ratio)")
                }
            }
        }
    }
}
