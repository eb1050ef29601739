import Backends
import Kernels
import Statistics
import Testing

/// Every strategy of every family on every device of this machine, whatever is in kernels/: a new strategy is tested by being
/// there.
@Suite("Strategies of the catalogue", .serialized)
struct CatalogueStrategyTests {
    /// One device a backend. A backend that has none here is not tested here.
    private static let devices: [String] = Backends.all.compactMap { backend in
        (try? backend.devices().get()).flatMap { $0.isEmpty ? nil : backend.name }
    }
    private static let randomShapeCount = 6

    private func open(_ name: String) throws -> any Device {
        try #require(Backends.all.first { $0.name == name }).open(index: 0)
    }

    /// Runs `body` for each strategy; one that cannot run with these parameters on this device is left out.
    private func forEachStrategy(
        on name: String, _ parameters: (Family, any FamilyReference) throws -> [[String: Int]]
    ) throws {
        let device = try open(name)
        let catalogue = try Catalogue()
        // Attention has its own, longer tests.
        for family in catalogue.families where !family.isInternal && family.name != "attention" {
            let reference = try catalogue.reference(of: family)
            for values in try parameters(family, reference) {
                for strategy in catalogue.strategies(of: family) {
                    do {
                        try verify(
                            device: device, family: family.name, strategy: strategy.name, parameters: values,
                            catalogue: catalogue)
                    } catch let error as KernelError where error.code == .unavailable {
                        continue
                    }
                }
            }
        }
    }

    @Test("are right on every hard case of their family", arguments: devices)
    func hardCases(device: String) throws {
        try forEachStrategy(on: device) { _, reference in reference.hardCases.map(\.parameters) }
    }

    @Test("are right on seeded random shapes", arguments: devices)
    func randomShapes(device: String) throws {
        try forEachStrategy(on: device) { family, _ in
            var generator = SeededGenerator(seed: 7, purpose: family.name)
            return (0..<Self.randomShapeCount).compactMap { _ in
                Self.randomParameters(family, &generator)
            }
        }
    }

    /// Small values within the parameters' ranges that meet the family's requirements; `nil` after many failures.
    private static func randomParameters(_ family: Family, _ generator: inout SeededGenerator) -> [String: Int]? {
        for _ in 0..<1000 {
            var values: [String: Int] = [:]
            for parameter in family.parameters {
                let highest = max(parameter.minimum, min(parameter.maximum, parameter.minimum + 90))
                values[parameter.name] = Int.random(in: parameter.minimum...highest, using: &generator)
            }
            if let all = try? family.parameters(overriding: values) { return all }
        }
        return nil
    }
}
