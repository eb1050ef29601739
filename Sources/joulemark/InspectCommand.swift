import CommandLineKit
import Kernels
import Profiling
import Reporting
import Results

/// `joulemark inspect`
enum InspectCommand: Subcommand {
    private static let disassembly = Option(
        "disassembly", "show the compiler's instructions too, where the driver gives them", group: "outputs")

    private static let everyRung = "all"
    private static let variant = Option(
        "variant", takes: .text, as: "NAME",
        "this variant of every stage that has it, 'plain' for the stage itself, or 'all' for each that the device can",
        default: "the one that would run", group: "selection")

    static let command = Command(
        "inspect", "what a device's compiler made of a strategy: registers, spills, shared memory, occupancy",
        discussion: [
            "Each stage is compiled once more, apart from what is ever timed, and the driver is asked about it: by "
                + "VK_KHR_pipeline_executable_properties in Vulkan, by the queries about kernels and NVIDIA's build log in OpenCL. "
                + "Nothing is run.",
            "What a driver does not tell is '–', with the reason. '*' marks what was computed instead.",
        ],
        options: [
            ProfileOptions.suite, ProfileOptions.workload, ProfileOptions.shape, variant,
            ProfileOptions.device, ProfileOptions.precision, Options.kernels, disassembly, Options.json,
            Options.noColor,
        ],
        operands: [
            Operand(
                "FAMILY/STRATEGY", "the strategy, as 'joulemark kernels' lists it, or a family; everything without it",
                count: 0...1)
        ],
        examples: [
            Example(
                "does the kernel spill on this GPU?",
                "joulemark inspect attention/flash --workload llama3-8b-prefill-512 --device vulkan:0"),
            Example(
                "the instructions of its half-precision form",
                "joulemark inspect attention/flash --precision f16 --device vulkan:0 --disassembly"),
        ])

    static func run(_ invocation: Invocation, arguments: [String]) throws(CommandFailure) -> ExitCode {
        var request = try ProfileOptions.request(invocation)
        try ShapeRange.checkSingle(request.selection.shapes)
        let wantsAll = request.selection.variant == everyRung
        if wantsAll { request.selection.variant = nil }
        if let operand = invocation.operands.first {
            let names = operand.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard (1...2).contains(names.count), names.allSatisfy({ !$0.isEmpty }) else {
                throw CommandFailure(
                    .usage, "found '\(operand)', expected FAMILY/STRATEGY, such as attention/flash, or FAMILY")
            }
            request.selection.families = [names[0]]
            request.selection.strategies = Array(names.dropFirst())
        }
        let outputs = try Outputs(invocation, [Options.json])
        let inspector = Inspector(
            request, catalogue: try ProfileOptions.catalogue(request), executable: Joulemark.executable,
            tool: Joulemark.toolRecord(arguments: arguments))
        let records = try CommandFailure.mapping {
            try inspector.run(everyRung: wantsAll, disassembles: invocation.has(disassembly))
        }
        try outputs.write(Options.json) { () throws(CommandFailure) in
            try Outputs.json(InspectionListing(devices: records))
        }
        if !outputs.takesStandardOutput {
            try StandardStream.output.write(records.map { InspectionTable($0).text }.joined(separator: "\n"))
        }
        let programs = records.flatMap(\.programs)
        guard programs.contains(where: { $0.compiled != nil }) else {
            throw CommandFailure(.failure, programs.compactMap(\.message).first ?? "there was nothing to compile")
        }
        return .ok
    }
}

/// What `inspect --json` writes.
private struct InspectionListing: Encodable {
    let schemaVersion = InspectionRecord.currentSchemaVersion
    let devices: [InspectionRecord]

    private enum CodingKeys: CodingKey { case schemaVersion, devices }
}
