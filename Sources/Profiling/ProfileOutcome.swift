import Results

/// What came of a profile.
public struct ProfileOutcome: Sendable {
    /// Of this build.
    public var run: RunRecord
    /// Of the build that took turns with it, when there was one.
    public var base: RunRecord?
}
