import CommandLineKit
import FoundationEssentials

/// The outputs that a command line asks for, checked before anything starts.
struct Outputs {
    private var destinations: [String: Destination]

    /// - Throws: ``CommandFailure`` when two outputs go to one place, or one cannot be written.
    init(_ invocation: Invocation, _ options: [Option]) throws(CommandFailure) {
        var destinations: [String: Destination] = [:]
        for option in options {
            guard let text = invocation.text(option) else { continue }
            let destination = Destination(text)
            if let other = destinations.first(where: { $0.value == destination }) {
                throw CommandFailure(
                    .usage, "--\(other.key) and --\(option.name) both go to '\(text)'; give each a place of its own")
            }
            try destination.check()
            destinations[option.name] = destination
        }
        self.destinations = destinations
    }

    /// Adds files in a folder, by the options that they stand in for. The folder is made when it is missing.
    mutating func addDefaults(_ files: [String: String], inFolder folder: String) throws(CommandFailure) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure(
                .failure, "\(folder): the folder cannot be made; name the outputs with --json and --html")
        }
        for (option, file) in files {
            let destination = Destination.file("\(folder)/\(file)")
            try destination.check()
            destinations[option] = destination
        }
    }

    /// From now on nothing is written to files that are there already. Returns their paths.
    mutating func leaveExistingFiles() -> [String] {
        let files = destinations.compactMap { option, destination -> (option: String, path: String)? in
            guard case .file(let path) = destination, destination.isReplaceable,
                FileManager.default.fileExists(atPath: path)
            else { return nil }
            return (option, path)
        }
        for file in files { destinations[file.option] = nil }
        return files.map(\.path).sorted()
    }

    /// True when nothing was asked for.
    var isEmpty: Bool { destinations.isEmpty }

    /// True when standard output carries data, and nothing else may go there.
    var takesStandardOutput: Bool { destinations.values.contains(.standardOutput) }

    func destination(_ option: Option) -> Destination? { destinations[option.name] }

    /// The absolute path of the file that an output goes to; `nil` for standard output and for outputs not asked for.
    func path(_ option: Option) -> String? {
        guard case .file(let path)? = destinations[option.name] else { return nil }
        return Destination.absolute(path)
    }

    /// Writes `text()` to where `option` says, if it was given.
    func write(_ option: Option, _ text: () throws(CommandFailure) -> String) throws(CommandFailure) {
        try destinations[option.name]?.write(try text())
    }

    /// JSON as every `--json` writes it: indented, keys sorted, so that two files can be compared line by line.
    static func json(_ value: some Encodable) throws(CommandFailure) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
        } catch {
            throw CommandFailure(.failure, "JSON cannot be written: \(error)")
        }
    }
}
