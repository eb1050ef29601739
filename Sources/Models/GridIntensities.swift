import KernelDefinitions
import Results

/// What the grids of regions emit, as published: averages of a year.
public struct GridIntensities: Sendable {
    public let grids: [FootprintRecord.Grid]

    /// Reads `grid-intensities.json`.
    ///
    /// - Throws: ``KernelError`` naming file and key.
    init(_ reader: DefinitionReader) throws(KernelError) {
        try reader.checkKeys(["summary", "source", "licence", "regions"])
        let source = "\(try reader.required("source").string()), \(try reader.required("licence").string())"
        grids = try reader.required("regions").array().map { entry throws(KernelError) in
            try entry.checkKeys(["code", "name", "year", "gramsPerKilowattHour"])
            return FootprintRecord.Grid(
                code: try entry.required("code").string(), name: try entry.required("name").string(),
                gramsPerKilowattHour: try PlacedExpression(try entry.required("gramsPerKilowattHour")).real([:]),
                year: try entry.required("year").integer(), source: source)
        }
    }

    /// The grid of a region, by its code or its name, in any case; `nil` for regions that are not in the table.
    public subscript(_ region: String) -> FootprintRecord.Grid? {
        grids.first { [$0.code.lowercased(), $0.name.lowercased()].contains(region.lowercased()) }
    }
}

extension ModelLibrary {
    /// - Throws: ``KernelError`` naming file and key.
    public func gridIntensities() throws(KernelError) -> GridIntensities {
        try GridIntensities(try reader("grid-intensities.json"))
    }
}
