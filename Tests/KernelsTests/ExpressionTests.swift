import Kernels
import Statistics
import Testing

private func value(_ source: String, _ variables: [String: Int] = [:]) throws -> ScalarValue {
    try Expression(source).value(variables)
}

@Suite("Expressions")
struct ExpressionTests {
    static let sound: [(source: String, value: ScalarValue)] = [
        ("2 + 3 * 4", .integer(14)), ("(2 + 3) * 4", .integer(20)), ("2 - 3 - 4", .integer(-5)),
        ("100 / 7 / 2", .integer(7)), ("7 % 4 * 2", .integer(6)), ("-2 * 3", .integer(-6)), ("--2", .integer(2)),
        ("2 - -3", .integer(5)), ("-7 / 2", .integer(-3)), ("-7 % 4", .integer(-3)), ("1 + 1 == 2", .integer(1)),
        ("1 < 2 == 1", .integer(1)), ("0 || 0 && 1", .integer(0)), ("1 || 0 && 0", .integer(1)),
        ("!0 && !5 == 0", .integer(1)), ("3 >= 3", .integer(1)), ("3 > 3", .integer(0)), ("2 != 2", .integer(0)),
        ("a * b.c", .integer(42)), ("ceilDiv(7, 2)", .integer(4)), ("ceilDiv(8, 2)", .integer(4)),
        ("ceilDiv(0, 5)", .integer(0)), ("roundUp(33, 16)", .integer(48)), ("roundUp(32, 16)", .integer(32)),
        ("min(3, 2) + max(3, 2)", .integer(5)), ("max(1, 0.5)", .real(1)), ("1 / sqrt(16)", .real(0.25)),
        ("0.5 * a", .real(3)), ("a / 4", .integer(1)), ("a / 4.0", .real(1.5)), ("0.5 < 1", .integer(1)),
        ("ceilDiv(9223372036854775807, 2)", .integer(4_611_686_018_427_387_904)), ("  1  ", .integer(1)),
        ("powerOfTwo(1, 8, 64)", .integer(8)), ("powerOfTwo(8, 8, 64)", .integer(8)),
        ("powerOfTwo(9, 8, 64)", .integer(16)),
        ("powerOfTwo(65, 8, 64)", .integer(64)), ("powerOfTwo(0, 1, 4)", .integer(1)),
        ("powerOfTwo(5, 3, 6)", .integer(6)),
        ("choose(a > 5, 2, 3)", .integer(2)), ("choose(a > 6, 2, 3)", .integer(3)),
        ("choose(0, 1 / 0, 7)", .integer(7)),
        ("choose(1, 2, 0.5)", .real(2)),
    ]

    @Test("arithmetic follows the documented precedence and types", arguments: sound)
    func values(source: String, expected: ScalarValue) throws {
        #expect(try value(source, ["a": 6, "b.c": 7]) == expected)
    }

    static let unsound: [(source: String, reason: String)] = [
        ("1 / 0", "divides by zero"), ("1 % 0", "divides by zero"), ("1.0 / 0", "divides by zero"),
        ("9223372036854775807 + 1", "overflows"), ("-9223372036854775807 - 2", "overflows"),
        ("9223372036854775807 * 2", "overflows"), ("(-9223372036854775807 - 1) / -1", "overflows"),
        ("(-9223372036854775807 - 1) % -1", "overflows"), ("-(-9223372036854775807 - 1)", "overflows"),
        ("roundUp(9223372036854775807, 16)", "overflows"), ("missing + 1", "'missing'"), ("1.5 % 2", "'%'"),
        ("ceilDiv(1, 0)", "positive step"), ("ceilDiv(-1, 2)", "positive step"), ("ceilDiv(1.5, 2)", "ceilDiv"),
        ("", "ends where a value"), ("1 +", "ends where a value"), ("(1", "lacks a ')'"), ("1)", "unexpected ')'"),
        ("1 2", "unexpected '2'"), ("a b", "unexpected 'b'"), ("sin(1)", "'sin'"), ("min(1)", "1 arguments"),
        ("sqrt(1, 2)", "'sqrt'"), ("choose(1, 2)", "'choose'"), ("powerOfTwo(4, 0, 8)", "'powerOfTwo'"),
        ("powerOfTwo(4, 8, 2)", "'powerOfTwo'"), ("powerOfTwo(1.5, 1, 2)", "'powerOfTwo'"),
        ("1.2.3", "malformed number"), ("99999999999999999999999", "malformed number"),
        ("$", "unexpected '$'"), ("½", "½"), ("min(1, 2", "lacks a ')'"), ("a = 1", "unexpected '='"),
        (String(repeating: "(", count: 500) + "1", "nested too deeply"),
        (String(repeating: "-", count: 500) + "1", "nested too deeply"),
    ]

    @Test("what cannot be read or computed is an error of one line that quotes the expression", arguments: unsound)
    func failures(source: String, reason: String) {
        let error = #expect(throws: KernelError.self) { try value(source, ["a": 1, "b": 2]) }
        #expect(error?.code == .invalidExpression)
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix("'\(source)' ") == true)
    }

    @Test("the right side of && and || is not computed when the left decides")
    func shortCircuit() throws {
        #expect(try value("0 && 1 / 0") == .integer(0))
        #expect(try value("1 || 1 / 0") == .integer(1))
    }

    @Test("a condition holds unless it is 0; an integer is refused where the value is real")
    func accessors() throws {
        #expect(try Expression("D % 8 == 0").holds(["D": 16]))
        #expect(try !Expression("D % 8 == 0").holds(["D": 20]))
        #expect(try Expression("Hq / Hkv").integer(["Hq": 32, "Hkv": 8]) == 4)
        #expect(throws: KernelError.self) { try Expression("1 / sqrt(4)").integer([:]) }
        #expect(try Expression("min(a, b) + a * device.c").variables == ["a", "b", "device.c"])
    }

    @Test("random text never traps")
    func fuzzed() {
        var generator = SeededGenerator(seed: 3)
        let alphabet = Array("0123456789abD_.()+-*/%<>=!&|, ")
        var accepted = 0
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...14, using: &generator)
            let text = String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
            if (try? value(text, ["a": 3, "b": 0, "D": -1])) != nil { accepted += 1 }
        }
        #expect(accepted > 0)
    }
}
