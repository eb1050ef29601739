import CommandLineKit
import Testing

@Suite("Parsing")
struct ParsingTests {
    @Test("a value stands behind a blank or an equals sign")
    func valueForms() throws {
        let spaced = try #require(try Sample.run("brew", "--json", "a.json", "--time-limit", "2.5"))
        let joined = try #require(try Sample.run("brew", "--json=a.json", "--time-limit=2.5"))
        #expect(spaced == joined)
        #expect(joined.text(Sample.file) == "a.json")
        #expect(joined.number(Sample.limit) == 2.5)
        #expect(joined.command.name == "brew")
    }

    @Test("only the first equals sign divides name and value")
    func equalsInValue() throws {
        let invocation = try #require(try Sample.run("brew", "--shape=B=1,D=64", "--shape", "D=8"))
        #expect(invocation.texts(Sample.shape) == ["B=1,D=64", "D=8"])
    }

    @Test("an option that may repeat keeps every value in order")
    func repeats() throws {
        let invocation = try #require(try Sample.run("brew", "--suite", "full", "--suite=quick"))
        #expect(invocation.texts(Sample.suite) == ["full", "quick"])
        #expect(invocation.text(Sample.suite) == "quick")
    }

    @Test("what was not given is absent")
    func absent() throws {
        let invocation = try #require(try Sample.run("brew"))
        #expect(!invocation.has(Sample.quiet))
        #expect(invocation.text(Sample.file) == nil)
        #expect(invocation.texts(Sample.suite).isEmpty)
        #expect(invocation.number(Sample.limit) == nil)
        #expect(invocation.words(Sample.failOn) == nil)
        #expect(invocation.operands.isEmpty)
    }

    @Test("one-letter forms, lists with commas, whole numbers and a dash for standard output")
    func otherValues() throws {
        let invocation = try #require(
            try Sample.run("brew", "-q", "--fail-on", "slower,costlier", "--seed=7", "--json", "-", "-"))
        #expect(invocation.has(Sample.quiet))
        #expect(invocation.words(Sample.failOn) == ["slower", "costlier"])
        #expect(invocation.integer(Sample.seed) == 7)
        #expect(invocation.text(Sample.file) == "-")
        #expect(invocation.operands == ["-"])
    }

    @Test("behind -- everything is an operand, also what looks like an option")
    func terminator() throws {
        let invocation = try #require(try Sample.run("brew", "a", "--", "--quiet"))
        #expect(invocation.operands == ["a", "--quiet"])
        #expect(!invocation.has(Sample.quiet))
    }

    @Test("a command that hands on what follows -- leaves it untouched, --help included")
    func trailing() throws {
        let invocation = try #require(try Sample.run("watch", "-q", "--", "ls", "--help", "--", "-x"))
        #expect(invocation.trailing == ["ls", "--help", "--", "-x"])
        #expect(invocation.has(Sample.quiet))
    }

    @Test("help wins over mistakes, and does not need the rest to be right")
    func helpWins() throws {
        #expect(try Sample.show("brew", "--nonsense", "--help") == Sample.program.help(for: Sample.brew))
        #expect(try Sample.show("brew", "-h") == Sample.program.help(for: Sample.brew))
        #expect(try Sample.show("help", "watch") == Sample.program.help(for: Sample.watch))
        #expect(try Sample.show("--help") == Sample.program.help())
        #expect(try Sample.show("help") == Sample.program.help())
        #expect(try Sample.show("nonsense", "-h") == Sample.program.help())
    }

    @Test("--version is the name and the version on one line")
    func version() throws { #expect(try Sample.show("--version") == "sample 1.2.3\n") }

    @Test(
        "a mistake is named on one line with a pointer to the help",
        arguments: [
            ([], "no command given"),
            (["brw"], "unknown command 'brw'; did you mean 'brew'?"),
            (["help", "brwe"], "unknown command 'brwe'; did you mean 'brew'?"),
            (["xyzzy"], "unknown command 'xyzzy'; 'sample --help'"),
            (["--versoin"], "unknown option '--versoin'; did you mean '--version'?"),
            (["brew", "--jsno", "a"], "unknown option '--jsno'; did you mean '--json'?"),
            (["brew", "--verb"], "unknown option '--verb'; did you mean '--verbose'?"),
            (["brew", "-json"], "unknown option '-json'; did you mean '--json'?"),
            (["brew", "-x"], "unknown option '-x'; see"),
            (["brew", "--zzz=1"], "unknown option '--zzz'; see"),
            (["brew", "--json"], "--json needs a value, FILE"),
            (["brew", "--json", "--quiet"], "--json needs a value, FILE, found the option '--quiet'"),
            (["brew", "--json", "--"], "--json needs a value"),
            (["brew", "--json="], "--json takes the name of a file, found an empty text"),
            (["brew", "--quiet=yes"], "--quiet takes no value, found 'yes'"),
            (["brew", "-q", "--quiet"], "--quiet is given twice"),
            (["brew", "--seed", "1", "--seed=2"], "--seed is given twice"),
            (["brew", "--suite", "qick"], "found 'qick'; did you mean 'quick'?"),
            (["brew", "--fail-on", "slower,,costlier"], "with commas between them, found ''"),
            (["brew", "--time-limit", "0"], "--time-limit takes a number from 0.1 to 3600, found '0'"),
            (["brew", "--time-limit", "nan"], "found 'nan'"),
            (["brew", "--time-limit", "-5"], "--time-limit takes a number from 0.1 to 3600, found '-5'"),
            (["brew", "--seed", "-1"], "--seed takes a whole number of at least 0, found '-1'"),
            (["brew", "--seed", "99999999999999999999"], "found '99999999999999999999'"),
            (["brew", "--seed", "1.5"], "found '1.5'"),
            (["brew", "--quiet", "--verbose"], "--quiet and --verbose cannot be given together"),
            (["brew", "--shape", "B=1", "--suite", "full"], "--suite and --shape cannot be given together"),
            (["brew", "a", "b", "c"], "unexpected argument 'c'"),
            (["log"], "ACTION is missing: list or show"),
            (["log", "lisst"], "ACTION is one of list, show, found 'lisst'; did you mean 'list'?"),
        ] as [([String], String)])
    func mistakes(arguments: [String], expected: String) throws {
        let complaint = try #require(Sample.complaint(arguments))
        #expect(complaint.contains(expected))
        #expect(!complaint.contains("\n"))
        #expect(complaint.hasPrefix("sample"))
        #expect(complaint.contains("--help'"))
    }

    @Test("a suggestion is made for a slip, not for another word")
    func suggestions() {
        let words = ["devices", "kernels", "profile", "report", "monitor"]
        #expect(Suggestion.closest(to: "profle", among: words) == "profile")
        #expect(Suggestion.closest(to: "reprot", among: words) == "report")
        #expect(Suggestion.closest(to: "device", among: words) == "devices")
        #expect(Suggestion.closest(to: "mon", among: words) == "monitor")
        #expect(Suggestion.closest(to: "banana", among: words) == nil)
        #expect(Suggestion.closest(to: "", among: words) == nil)
        #expect(Suggestion.closest(to: "x", among: []) == nil)
    }
}
