/// A page to be searched. Bytes, because a page is long and characters are slow to walk.
struct PageText {
    let bytes: [UInt8]

    init(_ page: String) { bytes = Array(page.utf8) }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    var string: String { String(decoding: bytes, as: UTF8.self) }

    func holds(_ text: String) -> Bool { position(of: text) != nil }

    /// Where `text` begins, looked for from `start`.
    func position(of text: String, from start: Int = 0) -> Int? {
        let wanted = Array(text.utf8)
        guard let first = wanted.first, bytes.count >= wanted.count else { return nil }
        var index = start
        while index <= bytes.count - wanted.count {
            if bytes[index] == first, bytes[index..<index + wanted.count].elementsEqual(wanted) { return index }
            index += 1
        }
        return nil
    }

    func count(of text: String) -> Int {
        var count = 0
        var start = 0
        while let found = position(of: text, from: start) {
            count += 1
            start = found + 1
        }
        return count
    }

    /// What lies between the first `open` and the next `close`.
    func between(_ open: String, _ close: String) -> String? {
        guard let start = position(of: open).map({ $0 + open.utf8.count }), let end = position(of: close, from: start)
        else { return nil }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    /// What the page shows: its text without tags, title, style, scripts and embedded data.
    var visible: PageText {
        var shown: [UInt8] = []
        var index = 0
        while let open = position(of: "<", from: index) {
            shown += bytes[index..<open]
            shown.append(UInt8(ascii: " "))
            var start = open
            for name in ["script", "style", "title"] where bytes[open...].starts(with: "<\(name)".utf8) {
                start = position(of: "</\(name)>", from: open) ?? open
            }
            guard let close = position(of: ">", from: start) else { return PageText(bytes: shown) }
            index = close + 1
        }
        return PageText(bytes: shown + bytes[index...])
    }
}
