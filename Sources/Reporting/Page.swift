import FoundationEssentials

/// The frame of every page: head, style, the sections, and at the end the scripts with their data.
struct Page {
    let title: String
    /// What the page opens with.
    let header: Markup
    let sections: [Markup]
    let charts: [ChartSpecification]
    /// Chart.js; `nil` gives a page of tables.
    let chartScript: String?

    /// The page, as HTML 5.
    func render() -> String {
        let page: Markup = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; \
            style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
            <title>\(title)</title>
            <style>
            \(Markup(trusted: PageResource.style))
            </style>
            </head>
            <body>
            <header>
            \(header)
            </header>
            <main>
            \(sections.joined(separator: "\n"))
            </main>
            \(scripts)
            </body>
            </html>

            """
        return page.html
    }

    private var scripts: Markup {
        guard let chartScript else { return Self.script(PageResource.script) }
        return """
            \(Self.chartData(charts))
            \(Self.script(chartScript))
            \(Self.script(PageResource.script))
            """
    }

    /// Script that ends only where we end it.
    private static func script(_ text: String) -> Markup {
        let inert = text.replacing("</script", with: "<\\/script").replacing("<!--", with: "<\\!--")
        return Markup(trusted: "<script>\n\(inert)\n</script>")
    }

    /// JSON inside the page. `<` is written as an escape, so that nothing in it can end the element.
    static func json(_ text: String, id: String) -> Markup {
        let inert = Markup(trusted: text.replacing("<", with: "\\u003c"))
        return "<script type=\"application/json\" id=\"\(id)\">\n\(inert)\n</script>"
    }

    private static func chartData(_ charts: [ChartSpecification]) -> Markup {
        guard let bytes = try? JSONEncoder().encode(charts.map(\.drawable)) else {
            return "<p class=\"problem\">The charts could not be written; every figure is in the tables.</p>"
        }
        return json(String(decoding: bytes, as: UTF8.self), id: "chart-data")
    }
}
