import Backends
import CommandLineKit
import Profiling
import Reporting
import Results

/// `joulemark devices`
enum DevicesCommand: Subcommand {
    static let command = Command(
        "devices", "every backend's devices, and why a backend has none",
        discussion: [
            "Each backend is asked in a process of its own, so that a driver that crashes is named here instead of ending "
                + "the program. The ids are what --device takes."
        ],
        options: [ProfileOptions.python, ProfileOptions.runtime, Options.json, Options.noColor],
        examples: [
            Example("what kernels can run on here", "joulemark devices"),
            Example("the same for a script", "joulemark devices --json -"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        let outputs = try Outputs(invocation, [Options.json])
        let settings = try ProfileOptions.backends(invocation)
        let survey = try CommandFailure.mapping {
            try DeviceSurvey(executable: Joulemark.executable, settings: settings)
        }
        let listing = DevicesListing(devices: survey.devices, unavailableBackends: survey.unavailable)
        try outputs.write(Options.json) { () throws(CommandFailure) in try Outputs.json(listing) }
        if !outputs.takesStandardOutput { try StandardStream.output.write(listing.text.harmless) }
        return .ok
    }
}

/// The devices as `devices` shows them.
struct DevicesListing: Encodable {
    let schemaVersion = 1
    let devices: [DeviceRecord]
    let unavailableBackends: [UnavailableBackend]

    private enum CodingKeys: CodingKey { case schemaVersion, devices, unavailableBackends }

    /// For people.
    var text: String {
        let found = devices.map { device in
            let place =
                device.pciAddress.map { "PCI \($0)" }
                ?? (device.isHostProcessor ? "the host's processor" : "not on PCI")
            return (
                device.id,
                TerminalText.harmless(
                    "\(device.name) (\(device.vendor)); \(device.driver), \(device.apiVersion); \(device.sizeInWords); \(place)"
                )
                    + "\nfeatures: "
                    + (device.features.isEmpty ? "none named" : device.features.joined(separator: ", "))
            )
        }
        let missing = unavailableBackends.map { ($0.backend, "no device: \($0.reason)") }
        return TextLayout.definitions(found + missing, indent: 0)
    }
}
