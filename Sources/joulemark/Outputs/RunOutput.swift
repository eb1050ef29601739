import CommandLineKit
import Reporting
import Results

/// The forms in which runs are written: one row each.
struct RunOutput: Sendable {
    let option: Option
    /// False for forms that hold one run only.
    let takesSeveral: Bool
    let text: @Sendable ([RunRecord], Settings) throws -> String

    /// What the forms are told besides the runs.
    struct Settings: Sendable {
        /// How much of their data a page holds; `nil` leaves it to their size.
        var pageData: PageData?
        /// The user's kernels beside the built-in ones, of which a page shows the sources.
        var kernels: [String] = []
    }

    /// Adding a form = one row here.
    static let all: [RunOutput] = [
        RunOutput(
            option: Options.json, takesSeveral: true,
            text: { runs, _ in try runs.count == 1 ? RunFile.text(of: runs[0]) : Outputs.json(RunCollection(runs: runs))
            }),
        RunOutput(
            option: html, takesSeveral: true,
            text: { runs, settings in
                let notes = StrategyNotes(of: runs, kernels: settings.kernels)
                return HTMLReport(runs: runs, pageData: settings.pageData) { notes[$0, $1] }.render()
            }),
        RunOutput(
            option: Option("csv", takes: .file, "write one line a measurement, for spreadsheets", group: "outputs"),
            takesSeveral: true, text: { runs, _ in CSVWriter.text(of: runs) }),
        RunOutput(
            option: Option(
                "flat", takes: .file,
                "write a JSON list of one flat object a measurement, CSV's columns as keys, which pandas.read_json reads",
                group: "outputs"),
            takesSeveral: true, text: { runs, _ in try FlatWriter.text(of: runs) }),
        RunOutput(
            option: Option(
                "markdown", takes: .file, "write a table for pull requests and notebooks", group: "outputs"),
            takesSeveral: false, text: { runs, _ in runs.map { MarkdownWriter.text(of: $0) }.joined() }),
        RunOutput(
            option: Option(
                "trace", takes: .file, "write a timeline of samples and windows for Perfetto or chrome://tracing",
                group: "outputs"),
            takesSeveral: false, text: { runs, _ in try runs.map { try TraceWriter.text(of: $0) }.joined() }),
    ]

    static let html = Option(
        "html", takes: .file, "write the report, one page that needs no network", group: "outputs")

    /// What the run is called wherever it is shown: in the record, and so in every form made of it.
    static let label = Option(
        "label", takes: .text, as: "NAME",
        "what the run is called on pages, in tables and in files, such as 'laptop' or 'before'", group: "outputs")

    static let options = all.map(\.option)

    /// Writes every form that was asked for, the others also when one fails, and says where they are.
    ///
    /// - Parameters:
    ///   - settings: what the forms are told besides the runs.
    ///   - onForm: told the name of each form before it is written, and `nil` afterwards.
    /// - Throws: the first failure.
    static func write(
        _ runs: [RunRecord], to outputs: Outputs, isQuiet: Bool, settings: Settings,
        onForm: (String?) -> Void = { _ in }
    ) throws(CommandFailure) {
        var failures: [CommandFailure] = []
        for form in all {
            guard let destination = outputs.destination(form.option) else { continue }
            onForm(form.option.name)
            do throws(CommandFailure) {
                try destination.write(try CommandFailure.mapping { try form.text(runs, settings) })
                onForm(nil)
                if !isQuiet, case .file(let path) = destination { StandardStream.error.writeLine("wrote \(path)") }
            } catch {
                failures.append(error)
            }
        }
        if let first = failures.first { throw first }
    }
}

/// Several runs in one file, as `report --json` writes them.
private struct RunCollection: Encodable {
    let schemaVersion = RunRecord.currentSchemaVersion
    let runs: [RunRecord]

    private enum CodingKeys: CodingKey { case schemaVersion, runs }
}
