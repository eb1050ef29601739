import Kernels
import TestSupport
import Testing

@Suite("Configurations of a strategy")
struct ConfigurationTests {
    private func strategy(_ name: String) throws -> Strategy {
        let catalogue = try Catalogue.shared()
        return try catalogue.strategy(name, of: try catalogue.family("attention"))
    }

    @Test("every combination of values has one number")
    func enumeration() throws {
        let strategy = try strategy("flash-split-kv")
        let sizes = strategy.tunables.mapValues(\.values.count)
        #expect(strategy.configurationCount == sizes.values.reduce(1, *))
        let all = (0..<strategy.configurationCount).map(strategy.configuration)
        #expect(Set(all).count == all.count)
        for configuration in all {
            #expect(Set(configuration.keys) == Set(sizes.keys))
            #expect(configuration.allSatisfy { strategy.tunables[$0.key]?.values.contains($0.value) == true })
        }
        // The last by name varies fastest.
        #expect(all[0]["BLOCK_M"] == all[1]["BLOCK_M"] && all[0]["WAVES"] != all[1]["WAVES"])
    }

    @Test("a strategy without tunables has one configuration, and its name")
    func none() throws {
        let strategy = try strategy("unfused")
        #expect(strategy.configurationCount == 1 && strategy.configuration(0) == [:] && strategy.label == "unfused")
    }

    @Test("chosen values are in the label, sorted by name")
    func label() throws {
        let chosen = try strategy("flash-split-kv").choosing(["WAVES": 4, "BLOCK_M": 8, "MINIMUM_SHARE": 16])
        #expect(chosen.label == "flash-split-kv BLOCK_M=8,MINIMUM_SHARE=16,WAVES=4" && chosen.name == "flash-split-kv")
    }
}
