import Statistics

/// Holds a device's clock against the host's, which waits for the device and so sees at least as much time pass.
struct DeviceClockCheck {
    /// What the device may show beyond the host: rounding, and clocks that drift.
    private static let tolerableLead = (share: 0.02, seconds: 10e-6)
    /// From this duration on, seconds, launching is a small part of what the host sees, and the device is at work for
    /// most of it.
    private static let longSample = 20e-3
    private static let leastShare = 0.25

    /// Of each sample.
    let deviceSeconds: [Double]
    let hostSeconds: [Double]
    /// Seconds, all executions of a batch together.
    let durations: [Double]

    /// Why the device's times mean nothing; `nil` where they stand.
    var doubt: String? {
        if deviceSeconds.contains(where: { $0 <= 0 }) { return "the device's clock saw no time pass" }
        let isAhead = zip(deviceSeconds, hostSeconds).contains { $0 > 2 * $1 + Self.tolerableLead.seconds }
        if isAhead { return "the device's clock saw more time pass than the host's" }
        guard let device = median(deviceSeconds), let host = median(hostSeconds), let duration = median(durations)
        else {
            return nil
        }
        let lead = host * Self.tolerableLead.share + Self.tolerableLead.seconds
        if device > host + lead { return "the device's clock runs ahead of the host's" }
        if duration > Self.longSample, device < Self.leastShare * host {
            return "the device's clock saw a small part of the time that the host waited"
        }
        return nil
    }
}
