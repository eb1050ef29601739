import Results

/// What compilers made of stages, as a table for the terminal: a program a line, then the reasons of what is missing,
/// then the listings that were asked for.
public struct InspectionTable {
    private let record: InspectionRecord

    public init(_ record: InspectionRecord) { self.record = record }

    public var text: String {
        let compiled = record.programs.filter { $0.compiled != nil }
        var text = TerminalText.harmless("\(record.device.id): \(record.device.name); \(record.device.driver)") + "\n"
        if !compiled.isEmpty { text += table(compiled) }
        text += notes(compiled)
        for program in record.programs where program.compiled == nil {
            let message = program.message ?? "nothing is known"
            text += TerminalText.harmless("\(program.name): \(message)") + "\n"
        }
        for program in compiled {
            for listing in program.compiled?.listings ?? [] {
                text += "\n\(program.name): \(TerminalText.harmless(listing.name))\n" + listing.text.harmless
                if !listing.text.hasSuffix("\n") { text += "\n" }
            }
        }
        return text
    }

    private func table(_ programs: [ProgramRecord]) -> String {
        let header = ["stage", "work-group"] + CompilerFigures.all.map(\.title)
        let rows = programs.map { program in
            let figures = CompilerFigures.all.map { figure in
                program.compiled.map { Self.cell($0.figures[keyPath: figure.path]) } ?? "–"
            }
            return [program.name, program.workGroupSize.map(String.init).joined(separator: "×")] + figures
        }
        let widths = header.indices.map { column in
            ([header] + rows).map { TerminalText.width($0[column]) }.max() ?? 0
        }
        return ([header] + rows).map { row in
            let cells = zip(row, widths).enumerated().map { column, cell in
                let padding = String(repeating: " ", count: cell.1 - TerminalText.width(cell.0))
                return column == 0 ? cell.0 + padding : padding + cell.0
            }
            return cells.joined(separator: "  ") + "\n"
        }.joined()
    }

    /// `*` marks what was computed.
    private static func cell(_ figure: CompilerFigure) -> String {
        guard let value = figure.value else { return "–" }
        let number = value.rounded() == value && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
        return figure.provenance == .computed ? "\(number)*" : number
    }

    /// Each unit, computation and reason once, with the columns that it is about.
    private func notes(_ programs: [ProgramRecord]) -> String {
        var columns: [String: [String]] = [:]
        var order: [String] = []
        for program in programs {
            for figure in CompilerFigures.all {
                guard let found = program.compiled?.figures[keyPath: figure.path] else { continue }
                let words: String?
                switch found.provenance {
                case .driver: words = found.unit.map { "counts \($0)" }
                case .computed: words = "* computed from \(found.reason ?? "what the driver tells")"
                case .unavailable: words = "– unavailable: \(found.reason ?? "nobody tells")"
                }
                guard let words else { continue }
                if columns[words] == nil { order.append(words) }
                if columns[words]?.contains(figure.title) != true { columns[words, default: []].append(figure.title) }
            }
        }
        return order.map { words in
            TerminalText.harmless("  \(columns[words]?.joined(separator: ", ") ?? ""): \(words)") + "\n"
        }.joined()
    }
}

extension ProgramRecord {
    /// `attention/flash flash (matrix) f16, llama3-8b-prefill-512`
    var name: String {
        let stage = self.stage.map { " \($0)" } ?? ""
        let rung = variant.map { " (\($0))" } ?? ""
        return "\(family)/\(strategy)\(stage)\(rung) \(precision), \(workload)"
    }
}
