import CommandLineKit
import KernelDefinitions
import Models
import Results

/// The rows that turn joules into emissions and money.
enum FootprintOptions {
    private static let region = Option(
        "region", takes: .text, as: "CODE",
        "emissions on this region's grid, such as FR: a published average of a year; several stand side by side",
        repeats: true, group: "footprint")
    private static let intensity = Option(
        "carbon-intensity", takes: .number(0...100_000), as: "GRAMS",
        "emissions of your own electricity, CO2 equivalent a kilowatt-hour", group: "footprint")
    private static let effectiveness = Option(
        "pue", takes: .number(1...10), as: "RATIO", "what the building takes over what the machine takes",
        default: "1", group: "footprint")
    private static let price = Option(
        "price", takes: .number(0...100_000), as: "PRICE", "of a kilowatt-hour", group: "footprint")
    private static let currency = Option(
        "currency", takes: .text, as: "CODE", "of the price", default: "EUR", group: "footprint")
    private static let embodied = Option(
        "embodied", takes: .number(0...1e9), as: "KG",
        "what making the machine emitted, CO2 equivalent; needs --lifetime",
        group: "footprint")
    private static let lifetime = Option(
        "lifetime", takes: .number(0.01...100), as: "YEARS", "over which --embodied is spread", group: "footprint")

    private static let inference = Option(
        "tokens-per-inference", takes: .integer(1...(1 << 40)), as: "TOKENS",
        "emissions and money of so many tokens too, beside a million", group: "footprint")

    static let all = [region, intensity, effectiveness, price, currency, embodied, lifetime, inference]

    /// `nil` when nothing of the kind is asked for.
    ///
    /// - Throws: ``CommandFailure`` with exit code 64: a region that is not known, with near names, or one option
    ///   without another.
    static func footprint(
        _ invocation: Invocation, _ library: ModelLibrary
    ) throws(CommandFailure) -> FootprintRecord? {
        guard all.contains(where: invocation.has) else { return nil }
        let table = try CommandFailure.mapping { try library.gridIntensities() }
        var footprint = FootprintRecord()
        for name in invocation.texts(region) { footprint.grids.append(try grid(name, table)) }
        if let grams = invocation.number(intensity) {
            footprint.grids.append(
                FootprintRecord.Grid(
                    code: "given", name: "as given", gramsPerKilowattHour: grams, year: nil,
                    source: "--carbon-intensity"))
        }
        footprint.effectiveness = invocation.number(effectiveness) ?? 1
        footprint.tokensPerInference = invocation.integer(inference)
        footprint.price = invocation.number(price)
        footprint.currency = invocation.text(currency) ?? footprint.currency
        footprint.embodiedKilograms = invocation.number(embodied)
        footprint.lifetimeYears = invocation.number(lifetime)
        guard (footprint.embodiedKilograms == nil) == (footprint.lifetimeYears == nil) else {
            throw CommandFailure(.usage, "--embodied and --lifetime belong together: give both")
        }
        guard !footprint.grids.isEmpty || footprint.price != nil else {
            throw CommandFailure(.usage, "nothing to compute: give --region, --carbon-intensity or --price too")
        }
        return footprint
    }

    private static func grid(_ name: String, _ table: GridIntensities) throws(CommandFailure) -> FootprintRecord.Grid {
        if let grid = table[name] { return grid }
        let names = table.grids.map { "\($0.code) (\($0.name))" }
        let lowered = name.lowercased()
        let near = table.grids.filter { grid in
            let known = grid.name.lowercased()
            return known.hasPrefix(lowered.prefix(2)) || Suggestion.closest(to: lowered, among: [known]) != nil
                || Suggestion.closest(to: lowered, among: [grid.code.lowercased()]) != nil
        }.map { "\($0.code) (\($0.name))" }
        let list =
            near.isEmpty
            ? "the regions are \(names.joined(separator: ", "))"
            : "near it are \(near.prefix(8).joined(separator: ", "))"
        throw CommandFailure(.usage, "--region: '\(name)' is not in the table; \(list)")
    }
}
