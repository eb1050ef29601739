extension MeasurementRecord {
    /// The time, only where the result is right.
    package var validTime: TimeRecord? { status == .ok ? time : nil }

    /// The energy, only where the result is right and some figure exists.
    package var validEnergy: EnergyRecord? {
        guard status == .ok, let energy, energy.provenance != .unavailable, energy.grossJoules != nil else {
            return nil
        }
        return energy
    }

    package var energyIsModelled: Bool { energy?.provenance == .modelled }

    /// Why there is no time.
    package var reasonWithoutTime: String {
        switch status {
        case .ok: "no time was recorded"
        case .incorrect: "the result is wrong, so it has no speed" + (message.map { ": \($0)" } ?? "")
        case .failed: "failed" + (message.map { ": \($0)" } ?? "")
        case .skipped: "skipped" + (message.map { ": \($0)" } ?? "")
        }
    }

    /// Why there is no energy.
    package var reasonWithoutEnergy: String {
        guard status == .ok else { return reasonWithoutTime }
        return energy?.reason ?? "energy was not recorded"
    }
}
