import FoundationEssentials
import Platform
import Results

/// Models in files: what `doctor --fit` writes and `profile --energy-model` reads.
extension EnergyModel {
    private struct File: Codable {
        static let currentVersion = 1

        var schemaVersion = File.currentVersion
        var fitted: [String: Coefficients]
        /// Absent in files that name one processor and one accelerator for all.
        var classes: [String: Coefficients]?
        var processor: Coefficients
        var accelerator: Coefficients
    }

    /// The file's content: indented, keys sorted.
    ///
    /// - Throws: ``PowerError/Code/invalidFile`` when a coefficient is infinite or not a number.
    public func text() throws(PowerError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            let file = File(
                fitted: fitted, classes: classes.isEmpty ? nil : classes, processor: processor, accelerator: accelerator
            )
            return String(decoding: try encoder.encode(file), as: UTF8.self) + "\n"
        } catch {
            throw PowerError(.invalidFile, "the energy model cannot be written: \(error)")
        }
    }

    /// Reads a model, and refuses one that could not have been fitted.
    ///
    /// - Throws: ``PowerError/Code/invalidFile``, naming the file, the key, what was found and what was expected.
    public static func read(_ path: String) throws(PowerError) -> EnergyModel {
        let bytes: [UInt8]
        do throws(SystemFault) {
            bytes = try OperatingSystem().contents(of: path, limit: 1 << 22)
        } catch {
            throw PowerError(.invalidFile, "\(path): \(error.description)")
        }
        let file: File
        do { file = try JSONDecoder().decode(File.self, from: Data(bytes)) } catch {
            let fault = JSONFault(bytes).map { ": \($0)" } ?? ""
            throw PowerError(.invalidFile, "\(path): \(reason(error))\(fault)")
        }
        guard file.schemaVersion == File.currentVersion else {
            throw PowerError(
                .invalidFile, "\(path): schemaVersion: found \(file.schemaVersion), expected \(File.currentVersion)")
        }
        let parts = [("processor", file.processor), ("accelerator", file.accelerator)]
        let classes = (file.classes ?? [:]).sorted { $0.key < $1.key }.map { ("classes.\($0)", $1) }
        for (name, coefficients) in parts + classes
            + file.fitted.sorted(by: { $0.key < $1.key }).map({ ("fitted.\($0)", $1) })
        {
            if let complaint = coefficients.complaint {
                throw PowerError(.invalidFile, "\(path): \(name).\(complaint)")
            }
        }
        return EnergyModel(
            fitted: file.fitted, classes: file.classes ?? [:], processor: file.processor, accelerator: file.accelerator)
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "not the JSON of an energy model" }
        func path(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
            (context.codingPath + [key].compactMap(\.self)).map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(path(context, key)): missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\(path(context)): found another type, expected that of an energy model"
        case .dataCorrupted: return "not JSON, expected an energy model as 'joulemark doctor --fit' writes it"
        @unknown default: return "not the JSON of an energy model"
        }
    }
}

extension EnergyModel.Coefficients {
    /// What no fit and no publication could have given; `nil` when there is nothing.
    fileprivate var complaint: String? {
        let numbers = [
            ("joulesPerFlop", joulesPerFlop), ("joulesPerByte", joulesPerByte), ("constantWatts", constantWatts),
            ("relativeResidual", relativeResidual ?? 0),
        ]
        for (name, value) in numbers where !(value >= 0 && value.isFinite) {
            return "\(name): found \(value), expected a number that is not negative"
        }
        if let factors, ![factors.flop, factors.byte, factors.watts].allSatisfy({ $0 >= 1 && $0.isFinite }) {
            return
                "factors: found \(factors.flop), \(factors.byte) and \(factors.watts), expected numbers of at least 1"
        }
        if let residual = relativeResidual, residual > EnergyModel.largestResidual {
            return
                "relativeResidual: found \(residual), expected at most \(EnergyModel.largestResidual): a model that misses its "
                + "own measurements by more says nothing"
        }
        if joulesPerFlop + joulesPerByte + constantWatts == 0 { return "joulesPerFlop: all coefficients are 0" }
        return source.isEmpty ? "source: empty, expected where the coefficients come from" : nil
    }
}
