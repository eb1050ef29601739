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

    /// Has the worker prepare it, and gives what came of it, which is to be taken in by ``adopt(_:)``.
    ///
    /// - Throws: ``ProfilingError`` when the worker refuses or dies.
    mutating func prepare(_ assignment: Assignment, within seconds: Double) throws(ProfilingError) -> Preparation {
        let found = try connection.ask { worker throws(ProfilingError) in
            try worker.prepare(id, assignment, within: seconds)
        }
        generation = connection.generation
        return found
    }

    /// Later preparations verify nothing and know nothing new, unless they fail.
    mutating func adopt(_ found: Preparation) {
        if preparation == nil || found.status != .ok { preparation = found }
    }

    /// Has the worker execute once more and hold the outputs against those that were verified, before samples are
    /// believed: how they differ, `nil` when they do not.
    func difference(within seconds: Double) throws(ProfilingError) -> String? {
        guard isHeld, isVerified, preparation?.outputSample != nil else { return nil }
        return try connection.ask { worker throws(ProfilingError) in try worker.confirm(id, within: seconds) }
    }

    mutating func reject(_ difference: String) {
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
