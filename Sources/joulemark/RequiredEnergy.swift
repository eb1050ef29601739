import CommandLineKit
import Power
import Reporting
import Results

/// What `--energy measured` promises: a run without a single measured joule is not what was asked for.
enum RequiredEnergy {
    /// Throws what the program ends with where joules had to be measured and none were.
    static func check(_ run: RunRecord, mode: EnergySession.Mode) throws(CommandFailure) {
        let right = run.measurements.filter { $0.status == .ok }
        let isMeasured = right.contains {
            [.measured, .integrated].contains($0.energy?.provenance) && $0.energy?.grossJoules != nil
        }
        guard mode == .measured, !right.isEmpty, !isMeasured else { return }
        let reason = right.lazy.compactMap { $0.energy?.reason }.first ?? "the meter gave no joules"
        throw CommandFailure(
            .powerUnavailable,
            "--energy measured: no measurement has joules: \(TerminalText.harmless(reason)); 'joulemark doctor' says what can be read"
        )
    }
}
