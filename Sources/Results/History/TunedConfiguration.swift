import FoundationEssentials

/// The configuration of a strategy that a search found best for one workload on one device.
public struct TunedConfiguration: Codable, Sendable, Equatable {
    /// What the configuration is best for. Whatever of this is another has to be searched anew.
    public struct Key: Codable, Hashable, Sendable {
        public var backend: String
        /// The device's name, and its driver with the version.
        public var device: String
        public var driver: String
        public var family: String
        public var strategy: String
        /// A digest of the definitions and sources that the strategy's programs are made from.
        public var kernels: String
        public var precision: String
        /// All of the workload's parameters.
        public var parameters: [String: Int]
        /// Inputs stayed in the caches.
        public var isHot: Bool

        public init(
            device: DeviceRecord, family: String, strategy: String, kernels: String, precision: String,
            parameters: [String: Int], isHot: Bool
        ) {
            backend = device.backend
            self.device = device.name
            driver = device.driver
            self.family = family
            self.strategy = strategy
            self.kernels = kernels
            self.precision = precision
            self.parameters = parameters
            self.isHot = isHot
        }
    }

    public var key: Key
    public var tunables: [String: Int]
    /// The variant that it forces; `nil`: the first that the device can take.
    public var variant: String?
    public var objective: TuningRecord.Objective
    /// ISO 8601, UTC.
    public var foundAt: String

    public init(key: Key, _ chosen: StrategyConfiguration, objective: TuningRecord.Objective, foundAt: String) {
        self.key = key
        tunables = chosen.tunables
        variant = chosen.variant
        self.objective = objective
        self.foundAt = foundAt
    }
}

/// What searches found stands in the history, since it is worth as long as the history is.
extension History {
    /// Keeps what a search found in place of what an earlier one found for the same; `nil`: that nothing is better than
    /// the strategy's own values.
    public func keep(_ tuned: TunedConfiguration?, for key: TunedConfiguration.Key) throws(ResultsError) {
        let name = try JSONText.compact(key)
        let json = try tuned.map { tuned throws(ResultsError) in try JSONText.compact(tuned) }
        try database.transaction { () throws(ResultsError) in
            // Histories of before have no such table, and programs of before do not look for it.
            try database.execute("CREATE TABLE IF NOT EXISTS tunings (key TEXT PRIMARY KEY, json TEXT NOT NULL)")
            if let json {
                try database.run("INSERT OR REPLACE INTO tunings VALUES (?, ?)", [.text(name), .text(json)])
            } else {
                try database.run("DELETE FROM tunings WHERE key = ?", [.text(name)])
            }
        }
    }

    /// All that is kept. An entry that this program cannot read is passed over.
    public func tunedConfigurations() throws(ResultsError) -> [TunedConfiguration] {
        guard try database.number("SELECT count(*) FROM sqlite_master WHERE name = 'tunings'") > 0 else { return [] }
        var found: [TunedConfiguration] = []
        try database.run("SELECT json FROM tunings ORDER BY key") { row in
            guard let json = row.text(0) else { return }
            if let tuned = try? JSONDecoder().decode(TunedConfiguration.self, from: Data(json.utf8)) {
                found.append(tuned)
            }
        }
        return found
    }
}
