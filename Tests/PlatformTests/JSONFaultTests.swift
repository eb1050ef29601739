import Foundation
import Platform
import Testing

@Suite("Where a text stops being JSON")
struct JSONFaultTests {
    @Test(
        "line, column, what stands there and what was expected",
        arguments: [
            ("{\n  \"a\": nope\n}", "line 2, column 9: found 'o', expected 'null'"),
            ("{\"a\": 1,}", "line 1, column 9: found '}', expected a key in quotation marks"),
            ("{\"a\" 1}", "line 1, column 6: found '1', expected ':'"),
            ("[1 2]", "line 1, column 4: found '2', expected ',' or ']'"),
            ("{\"é\": 1} x", "line 1, column 10: found 'x', expected nothing more"),
            ("{\"a\": \"b", "line 1, column 9: found the end of the file, expected '\"' at the end of the text"),
            ("[1,]", "line 1, column 4: found ']', expected a value"),
            ("[01]", "line 1, column 3: found '1', expected ',' or ']'"),
            ("", "line 1, column 1: found the end of the file, expected a value"),
        ])
    func place(text: String, message: String) {
        #expect(JSONFault(Array(text.utf8))?.description == message)
    }

    @Test("what Foundation reads has no fault, and the other way round, but for a comma at the end, which it lets pass")
    func agreement() {
        let texts = [
            "{}", "[]", "[1, -2.5e+10, 0, 0.1, true, false, null]", "{\"a\": {\"b\": [\"\\u00e9\\n\"]}}", " 1 ",
            "\"x\"",
            "[", "{\"a\"}", "[.5]", "[1.]", "[1e]", "\"\\x\"", "\"\\u12\"", "nul", "[-]", "{1: 2}", "\"\t\"",
        ]
        for text in texts {
            let isJSON =
                (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil
            #expect((JSONFault(Array(text.utf8)) == nil) == isJSON, "\(text)")
        }
    }

    @Test("a text of a thousand brackets is refused, not followed until the stack ends")
    func depth() {
        #expect(JSONFault(Array(String(repeating: "[", count: 100_000).utf8))?.reason.contains("less depth") == true)
    }
}
