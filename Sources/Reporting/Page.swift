import FoundationEssentials

/// The frame of every page: head, style, the sections, and at the end the scripts with their data.
struct Page {
    let title: String
    /// What the page opens with.
    let header: Markup
    let sections: [Markup]
    let scripts: Scripts

    /// What a page does beyond being read.
    enum Scripts {
        /// Nothing: the page holds no script, and allows none.
        case none
        /// Its tables can be sorted.
        case tables
    }

    /// The page, as HTML 5.
    func render() -> String {
        let page: Markup = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \(allowed)\
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
            \(scriptElements)
            </body>
            </html>

            """
        return page.html
    }

    private var allowed: Markup {
        if case .none = scripts { return "" }
        return "script-src 'unsafe-inline'; "
    }

    private var scriptElements: Markup {
        switch scripts {
        case .none: return ""
        case .tables: return Self.script(PageResource.script)
        }
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
}
