import Results

extension RunJournal {
    /// What has to be as it was for a run to be gone on with.
    public struct Header: Codable, Sendable {
        var version = RunJournal.currentVersion
        /// Of the build that began, with its command line.
        public var tool: ToolRecord
        /// Of the build that it takes turns with; `nil` without one.
        var base: ToolRecord?
        /// In which the command line was given.
        public var folder: String
        var startedAt: String
        /// Of the run and its base; `nil` without one.
        var turns: String?
        /// A digest of all kernels.
        var kernels: String
        /// A digest of the inputs that the user gave.
        var inputs: String
        /// Each with its driver.
        var devices: [String]
        /// Of strategies, where they are not the defaults.
        var tunables: [String]

        /// What differs from an earlier part of the run, in words; `nil`: nothing that matters.
        func difference(from before: Header) -> String? {
            func isSame(_ one: ToolRecord?, _ other: ToolRecord?) -> Bool {
                one?.version == other?.version && one?.commit == other?.commit
            }
            func name(_ tool: ToolRecord?) -> String {
                tool.map { "joulemark \($0.version) of \($0.commit ?? "an unknown commit")" } ?? "absent"
            }
            if !isSame(tool, before.tool) { return "the program: it was \(name(before.tool)) and is \(name(tool))" }
            if !isSame(base, before.base) { return "the base: it was \(name(before.base)) and is \(name(base))" }
            if kernels != before.kernels { return "the kernels" }
            if inputs != before.inputs { return "the files of --input" }
            if devices != before.devices {
                return "the devices: they were \(before.devices.joined(separator: ", ")) and are "
                    + devices.joined(separator: ", ")
            }
            if let changed = Set(tunables).symmetricDifference(before.tunables).min() {
                return "the tunables that 'joulemark tune' has found: \(changed)"
            }
            return nil
        }
    }
}
