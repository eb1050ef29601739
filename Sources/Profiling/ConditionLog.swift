import Power

/// A device's condition now, and what it went through since the reading before.
package struct ConditionChange: Codable, Sendable {
    package var now = DeviceCondition()
    /// Throttled now or then, or throttle events in between.
    package var isThrottled = false
    package var newEvents: Int?

    package init(now: DeviceCondition = DeviceCondition(), isThrottled: Bool = false, newEvents: Int? = nil) {
        self.now = now
        self.isThrottled = isThrottled
        self.newEvents = newEvents
    }
}

/// Follows the condition of a device while it is sampled.
struct ConditionLog {
    private let conditions: DeviceConditions
    private var last: DeviceCondition

    init(_ conditions: DeviceConditions) {
        self.conditions = conditions
        last = conditions.read()
    }

    var unknown: [String] { conditions.unknown }

    /// Reads anew; to be called after each round.
    mutating func observe() -> ConditionChange {
        let now = conditions.read()
        defer { last = now }
        var change = ConditionChange(now: now)
        if let events = now.throttleEvents, let before = last.throttleEvents {
            change.newEvents = Int(max(events - before, 0))
        }
        change.isThrottled = now.isThrottled == true || last.isThrottled == true || (change.newEvents ?? 0) > 0
        return change
    }
}
