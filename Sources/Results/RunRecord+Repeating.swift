import Statistics

extension RunRecord {
    /// The command that measures one of the run's measurements once more, by itself; `nil` for what is not the result
    /// of `profile`.
    package func commandRepeating(_ measurement: MeasurementRecord) -> String? {
        DecidingCommand(self, VerdictRule())?.repeating(measurement)
    }
}
