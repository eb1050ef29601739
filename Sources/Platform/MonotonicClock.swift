import CPlatform

/// CLOCK_MONOTONIC: the clock that the meter and every worker read, so that their windows line up.
public enum MonotonicClock {
    /// Seconds since an arbitrary moment.
    public static func now() -> Double { joulemark_monotonic_seconds() }
}
