import Results

/// A strategy as a worker holds it prepared, with what came of its preparation.
struct HeldPreparation {
    /// The number that workers hold it under.
    let id: Int
    /// To the device, through a worker of the build that the strategy is measured of.
    let connection: DeviceConnection
    /// The worker's generation that holds it; 0 for none.
    private var generation = 0
    /// `nil` before it was prepared.
    private(set) var preparation: Preparation?

    init(id: Int, connection: DeviceConnection) {
        self.id = id
        self.connection = connection
    }

    /// The worker that is there now holds it.
    var isHeld: Bool { generation > 0 && generation == connection.generation }

    var isVerified: Bool { preparation?.status == .ok }

    /// - Throws: ``ProfilingError`` when the worker refuses or dies.
    mutating func prepare(_ assignment: Assignment, within seconds: Double) throws(ProfilingError) {
        let found = try connection.ask { worker throws(ProfilingError) in
            try worker.prepare(id, assignment, within: seconds)
        }
        generation = connection.generation
        // Later preparations verify nothing and know nothing new, unless they fail.
        if preparation == nil || found.status != .ok { preparation = found }
    }

    /// Has the worker execute once more and hold the outputs against those that were verified, before samples are
    /// believed.
    mutating func confirm(within seconds: Double) throws(ProfilingError) {
        guard isHeld, isVerified, preparation?.outputSample != nil else { return }
        let difference = try connection.ask { worker throws(ProfilingError) in
            try worker.confirm(id, within: seconds)
        }
        guard let difference else { return }
        preparation?.status = .incorrect
        preparation?.message = "verified, and wrong after it was timed: \(difference)"
    }

    /// Frees what the worker holds.
    mutating func release() throws(ProfilingError) {
        guard isHeld else { return }
        generation = 0
        try connection.ask { worker throws(ProfilingError) in try worker.discard(id) }
    }
}
