/// A text of JSON, or nearly, as its words: brackets, commas, colons, texts, numbers and names, without what stands
/// between.
enum JSONWords {
    static func split(_ text: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        var isText = false, isEscaped = false
        func end() {
            if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
            word = []
        }
        for byte in text.utf8 {
            if isText {
                word.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                    end()
                }
            } else if isOfName(byte) {
                word.append(byte)
            } else {
                end()
                if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") { continue }
                word.append(byte)
                isText = byte == UInt8(ascii: "\"")
                if !isText { end() }
            }
        }
        end()
        return words
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), 0x80...:
            true
        default: false
        }
    }
}
