import FoundationEssentials
import Glibc
import Testing

/// Chromium without a window, as a person's browser would read the page.
enum Browser {
    /// How a page is looked at.
    struct View: Sendable, CustomTestStringConvertible {
        var width = 1280
        var isDark = false

        var testDescription: String { "\(width) px, \(isDark ? "dark" : "light")" }
    }

    static let path = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// The page with a script that says what it came to, a promise too, as JSON in the document's title.
    static func probed(_ page: String, _ script: String) -> String {
        """
        \(page)<script>(async () => { \(script) })().catch((error) => String(error)).then((found) => {
          document.title = JSON.stringify(found);
          if (parent !== window) parent.postMessage(document.title, "*");
        });</script>
        """
    }

    /// The document after its scripts ran, and what the browser logged.
    static func dump(_ page: String, _ view: View = View()) throws -> (document: String, log: String) {
        let path = try #require(path)
        let folder = "/tmp/joulemark-page-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try page.write(toFile: "\(folder)/page.html", atomically: false, encoding: .utf8)
        // A window is at least 500 pixels wide; a frame in it is as narrow as is wanted.
        let frame = """
            <!DOCTYPE html><title></title><meta name="color-scheme" content="light dark">
            <script>addEventListener("message", (event) => { document.title = event.data; });</script>
            <iframe src="page.html" width="\(view.width)" height="1000"></iframe>
            """
        try frame.write(toFile: "\(folder)/frame.html", atomically: false, encoding: .utf8)
        let command = """
            timeout 240 '\(path)' --headless --no-sandbox --disable-gpu --user-data-dir='\(folder)/profile' \
            --enable-logging=stderr --virtual-time-budget=20000 --window-size=1280,1000 \
            --blink-settings=preferredColorScheme=\(view.isDark ? 0 : 1) --dump-dom \
            'file://\(folder)/\(view.width < 500 ? "frame" : "page").html' > '\(folder)/document' 2> '\(folder)/log'
            """
        let status = unsafe system(command)
        #expect(status == 0, "chromium ended with status \(status)")
        return (
            try String(contentsOfFile: "\(folder)/document", encoding: .utf8),
            String(decoding: try Data(contentsOf: URL(filePath: "\(folder)/log")), as: UTF8.self)
        )
    }

    /// What the script came to, and what the browser logged.
    static func ask<Answer: Decodable>(
        _ page: String, _ view: View = View(), by script: String, as type: Answer.Type
    ) throws -> (answer: Answer, log: String) {
        let (document, log) = try dump(probed(page, script), view)
        let title = try #require(PageText(document).between("<title>", "</title>"))
        let entities = [("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\u{A0}"), ("&amp;", "&")]
        let json = entities.reduce(title) { $0.replacing($1.0, with: $1.1) }
        do {
            return (try JSONDecoder().decode(type, from: Data(json.utf8)), log)
        } catch {
            Issue.record("the page came to \(json.prefix(2000))")
            throw error
        }
    }
}
