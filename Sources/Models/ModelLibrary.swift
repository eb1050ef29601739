import FoundationEssentials
import KernelDefinitions

/// The files of models/: those inside the binary, and those of folders that the user adds.
///
/// `<name>/model.json` is a model, `ladders/<name>.json` a ladder, `strategies.json` what computes a family unless a
/// ladder says otherwise, `grid-intensities.json` what electricity emits.
public struct ModelLibrary: Sendable {
    private enum Content: Sendable {
        case embedded(StaticString)
        case onDisk(String)
    }

    private static let ladders = "ladders"
    private var files: [String: Content]

    /// The files that were embedded when the program was built.
    public static let builtIn = ModelLibrary(
        files: Dictionary(uniqueKeysWithValues: EmbeddedModels.files.map { ($0.path, Content.embedded($0.text)) }))

    /// This library and the models and ladders of a folder in the same layout. Nothing is ever replaced.
    ///
    /// - Throws: ``KernelError`` with code `invalidDefinition`: the folder cannot be read, holds no models, or names
    ///   clash.
    public func adding(directory: String) throws(KernelError) -> ModelLibrary {
        let names: [String]
        do { names = try FileManager.default.subpathsOfDirectory(atPath: directory) } catch {
            throw KernelError(.invalidDefinition, "\(directory): is not a folder that can be read")
        }
        var result = self
        let paths = names.filter { Self.modelName($0) != nil || Self.ladderName($0) != nil }.sorted()
        guard !paths.isEmpty else {
            throw KernelError(
                .invalidDefinition,
                "\(directory): holds no models; expected <name>/model.json or ladders/<name>.json below it")
        }
        for path in paths {
            let file = directory.hasSuffix("/") ? directory + path : "\(directory)/\(path)"
            guard files[path] == nil else {
                throw KernelError(
                    .invalidDefinition,
                    "\(file): '\(path)' is already there (\(location(path))); choose another name, nothing is replaced")
            }
            result.files[path] = .onDisk(file)
        }
        return result
    }

    public var modelNames: [String] { files.keys.compactMap(Self.modelName).sorted() }
    public var ladderNames: [String] { files.keys.compactMap(Self.ladderName).sorted() }

    /// - Throws: ``KernelError`` with code `unknownName`, or `invalidDefinition` that names file and key.
    public func model(_ name: String) throws(KernelError) -> ModelDefinition {
        guard modelNames.contains(name) else {
            throw KernelError(
                .unknownName, "unknown model '\(name)'; the models are \(modelNames.joined(separator: ", "))")
        }
        return try ModelDefinition(try reader("\(name)/model.json"), folder: name)
    }

    /// - Throws: ``KernelError`` with code `unknownName`, or `invalidDefinition` that names file and key.
    public func ladder(_ name: String) throws(KernelError) -> Ladder {
        guard ladderNames.contains(name) else {
            throw KernelError(
                .unknownName, "unknown ladder '\(name)'; the ladders are \(ladderNames.joined(separator: ", "))")
        }
        return try Ladder(try reader("\(Self.ladders)/\(name).json"), file: name)
    }

    /// What computes each family unless a ladder says otherwise.
    func defaultRules() throws(KernelError) -> [KernelRule] {
        try KernelRule.all(try reader("strategies.json"))
    }

    func reader(_ path: String) throws(KernelError) -> DefinitionReader {
        switch files[path] {
        case .embedded(let text):
            return try DefinitionReader(file: location(path), bytes: text.withUTF8Buffer { unsafe Array($0) })
        case .onDisk(let file):
            guard let data = FileManager.default.contents(atPath: file) else {
                throw KernelError(.invalidDefinition, "\(file): cannot be read")
            }
            return try DefinitionReader(file: file, bytes: [UInt8](data))
        case nil: throw KernelError(.invalidDefinition, "models/\(path): no such file")
        }
    }

    private func location(_ path: String) -> String {
        if case .onDisk(let file)? = files[path] { return file }
        return "models/\(path)"
    }

    private static func modelName(_ path: String) -> String? {
        let parts = path.split(separator: "/")
        guard parts.count == 2, parts[1] == "model.json", parts[0] != ladders, !parts[0].hasPrefix(".") else {
            return nil
        }
        return String(parts[0])
    }

    private static func ladderName(_ path: String) -> String? {
        let parts = path.split(separator: "/")
        guard parts.count == 2, parts[0] == ladders, parts[1].hasSuffix(".json"), !parts[1].hasPrefix(".") else {
            return nil
        }
        return String(parts[1].dropLast(5))
    }
}
