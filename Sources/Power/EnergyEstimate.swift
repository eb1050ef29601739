/// Joules over an interval, with a bound on what edges, quantum and staleness can have done to them.
package struct EnergyEstimate: Sendable, Equatable {
    package var joules: Double
    /// The truth lies within ± this many joules as far as the edges are concerned; noise between windows is not in it.
    package var bound: Double

    package init(joules: Double, bound: Double) {
        self.joules = joules
        self.bound = bound
    }
}

/// Why an interval has no joules.
package struct InvalidInterval: Error, Sendable, Equatable {
    package var reason: String
    package init(_ reason: String) { self.reason = reason }
}
