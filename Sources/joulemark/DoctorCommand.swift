import CommandLineKit
import Power
import Reporting

/// `joulemark doctor`
enum DoctorCommand: Subcommand {
    static let command = Command(
        "doctor", "what can be measured here: power sources, permissions, clocks, virtualisation, and how to mend them",
        discussion: [
            "Each finding has a state, and where something is wrong the exact command or rule that mends it. Nothing is changed. "
                + "Each power source is watched for a second, so that its update interval and its steps are known."
        ],
        options: [Options.json, Options.sysfs],
        examples: [
            Example("what stands between you and measured joules", "joulemark doctor"),
            Example("the same for a script", "joulemark doctor --json -"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        let outputs = try Outputs(invocation, [Options.json])
        let sysfs = try ProfileOptions.existingFolder(invocation, Options.sysfs) ?? "/sys"
        let listing = DoctorListing(findings: Diagnosis(sysfs: sysfs).findings())
        try outputs.write(Options.json) { () throws(CommandFailure) in try Outputs.json(listing) }
        if !outputs.takesStandardOutput { try StandardStream.output.write(listing.text) }
        return .ok
    }
}

/// The findings as `doctor` shows them.
struct DoctorListing: Encodable {
    let schemaVersion = 1
    let findings: [Finding]

    private enum CodingKeys: CodingKey { case schemaVersion, findings }

    /// For people: an area after the other, in the order of the findings.
    var text: String {
        var areas: [Finding.Area] = []
        for finding in findings where !areas.contains(finding.area) { areas.append(finding.area) }
        return areas.map { area in
            area.rawValue.uppercased() + "\n" + findings.filter { $0.area == area }.map(Self.lines).joined()
        }.joined(separator: "\n")
    }

    /// State and what was found, and why. A fix is there to be copied: it is not broken into lines.
    private static func lines(_ finding: Finding) -> String {
        let words = ["\(finding.state.rawValue): \(finding.found)", finding.why].compactMap(\.self)
        let rows = [(finding.id, words.map(TerminalText.harmless).joined(separator: "\n"))]
        let fix = finding.fix.map { "      fix: \(TerminalText.harmless($0))\n" } ?? ""
        return TextLayout.definitions(rows, indent: 2, limit: 4) + fix
    }
}
