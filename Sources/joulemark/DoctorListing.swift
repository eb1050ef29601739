import CommandLineKit
import Power
import Reporting
import Results

/// The findings as `doctor` shows them.
struct DoctorListing: Encodable {
    let schemaVersion = 1
    let accounting: EnergyAccounting
    let findings: [Finding]
    private let isMeasurable: Bool

    private enum CodingKeys: CodingKey { case schemaVersion, accounting, findings }

    init(_ examination: Examination, runtimes: [Finding]) {
        accounting = examination.accounting
        findings = examination.findings + runtimes
        isMeasurable = examination.isMeasurable
    }

    /// For people: first what matters most, then an area after the other, in the order of the findings.
    var text: String {
        var areas: [Finding.Area] = []
        for finding in findings where !areas.contains(finding.area) { areas.append(finding.area) }
        return summary
            + areas.map { area in
                "\n" + area.rawValue.uppercased() + "\n" + findings.filter { $0.area == area }.map(Self.lines).joined()
            }.joined()
    }

    private var summary: String {
        let verdict =
            isMeasurable
            ? "Joules can be measured here. How the total is made:"
            : "Joules cannot be measured here: 'joulemark profile' models them, marked ≈. Why:"
        return "ENERGY\n" + TextLayout.wrap(verdict, indent: 2)
            + TextLayout.wrap(TerminalText.harmless(accounting.rule), indent: 4)
    }

    /// State and what was found, and why. A fix is there to be copied: it is not broken into lines.
    private static func lines(_ finding: Finding) -> String {
        // Of what is not there, only why it is not is worth a line.
        let isAbsent = finding.state == .missing && finding.found == "none"
        let words =
            isAbsent
            ? ["\(finding.state.rawValue): \(finding.why ?? "none")"]
            : ["\(finding.state.rawValue): \(finding.found)", finding.why].compactMap(\.self)
        let rows = [(finding.id, words.map(TerminalText.harmless).joined(separator: "\n"))]
        let fix = finding.fix.map { "      fix: \(TerminalText.harmless($0))\n" } ?? ""
        return TextLayout.definitions(rows, indent: 2, limit: 4) + fix
    }
}

/// A fitted model as `doctor --fit` shows it: coefficients, and every measurement beside what the model says of it.
struct FitListing {
    let fits: EnergyModelFits

    var text: String {
        fits.fits.map(Self.text).joined(separator: "\n")
            + fits.refusals.map { "\nnot fitted: \(TerminalText.harmless($0))\n" }.joined()
    }

    private static func text(_ fit: EnergyModelFit) -> String {
        let coefficients = fit.coefficients
        let spread = NumberFormat.percentage(coefficients.relativeResidual)
        var lines = [
            TerminalText.harmless(fit.device),
            "  joules a FLOP   ≈ " + NumberFormat.quantity(coefficients.joulesPerFlop, .joules),
            "  joules a byte   ≈ " + NumberFormat.quantity(coefficients.joulesPerByte, .joules),
            "  constant power  ≈ " + NumberFormat.quantity(coefficients.constantWatts, .watts),
            "  misses          \(spread) (root mean square), of \(fit.residuals.count) measurements", "",
        ]
        let names = fit.residuals.map { TerminalText.harmless($0.measurement) }
        let width = names.map(TerminalText.width).max() ?? 0
        for (name, residual) in zip(names, fit.residuals) {
            let padding = String(repeating: " ", count: width - TerminalText.width(name))
            let sign = residual.relative < 0 ? "" : "+"
            lines.append(
                "  \(name)\(padding)  measured \(NumberFormat.quantity(residual.measuredJoules, .joules))  "
                    + "model ≈ \(NumberFormat.quantity(residual.modelledJoules, .joules))  "
                    + "\(sign)\(NumberFormat.percentage(residual.relative))")
        }
        return lines.map { $0 + "\n" }.joined()
    }
}
