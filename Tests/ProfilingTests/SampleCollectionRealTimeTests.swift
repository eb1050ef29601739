import Foundation
import Power
import Profiling
import Results
import Testing

@Suite("Samples and what disturbed them")
struct SampleCollectionRealTimeTests {
    private func times(
        _ seconds: [Double], waits: [Double]? = nil, steal: Double? = nil
    ) -> SampleTimes {
        var times = SampleTimes()
        times.hostSeconds = seconds
        times.deviceSeconds = nil
        times.waitSeconds = waits ?? seconds.map { _ in 0 }
        times.stealSeconds = steal
        return times
    }

    /// Ten rounds of four samples; `change` alters a round before it is taken in.
    private func collection(
        countsWaiting: Bool = true,
        _ change: (_ round: Int, _ times: inout SampleTimes, _ rate: inout Double, _ condition: inout ConditionChange)
            -> Void
    ) -> SampleCollection {
        var collection = SampleCollection()
        for round in 0..<10 {
            var times = times([1e-3, 1.1e-3, 1.2e-3, 1.3e-3].map { $0 + 1e-5 * Double(round) }, steal: 0)
            var rate = 1e11
            var condition = ConditionChange()
            change(round, &times, &rate, &condition)
            collection.add(
                times, controls: [rate], pass: round / 5, batch: 1, condition: condition,
                countsWaiting: countsWaiting)
        }
        return collection
    }

    @Test("nothing disturbed, nothing left out, and the rounds tell pass, samples and controls")
    func calm() {
        let (seconds, rounds, found) = collection { _, _, _, _ in }.judged(
            slowRate: 0.9e11, unknown: ["clock: none"])
        #expect(seconds.count == 40 && found.disturbed == 0 && found.dropped == 0 && !found.isBeyondLimit)
        #expect(rounds.pass == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1] && rounds.samples.allSatisfy { $0 == 4 })
        #expect(rounds.controls == [Array(repeating: 1e11, count: 10)])
        #expect(found.unknown == ["clock: none"] && found.clockHertz == nil && found.stealSeconds == 0)
    }

    @Test("each kind of disturbance is counted by itself, once in the whole, and left out within the limit")
    func kinds() {
        let (seconds, rounds, found) = collection { round, times, rate, condition in
            if round == 1 { condition = ConditionChange(isThrottled: true, newEvents: 3) }
            if round == 4 {
                times.stealSeconds = 0.01
                times.waitSeconds = [4e-5, 1e-5, 0, 0]
            }
        }.judged(slowRate: 0.9e11, unknown: [])
        #expect(found.throttled == 4 && found.stolen == 4 && found.preempted == 1 && found.slowed == 0)
        #expect(found.disturbed == 8 && found.dropped == 8 && !found.isBeyondLimit && found.taken == 40)
        #expect(found.throttleEvents == 3 && found.stealSeconds == 0.01 && abs((found.waitSeconds ?? 0) - 5e-5) < 1e-12)
        #expect(seconds.count == 32 && rounds.samples == [4, 0, 4, 4, 0, 4, 4, 4, 4, 4])
    }

    @Test("a device clock that stands still gives way to the host's")
    func standingClock() {
        let stuck = collection { round, times, _, _ in times.deviceSeconds = [7e-4, 8e-4, 9e-4, round == 5 ? 0 : 1e-3] }
        #expect(stuck.clockDoubt == "the device's clock saw no time pass" && stuck.seconds == stuck.hostSeconds)
        #expect(stuck.judged(slowRate: nil, unknown: []).seconds == stuck.hostSeconds)
        let running = collection { _, times, _, _ in times.deviceSeconds = [7e-4, 8e-4, 9e-4, 1e-3] }
        #expect(running.clockDoubt == nil)
        #expect(running.judged(slowRate: nil, unknown: []).seconds.prefix(2) == [7e-4, 8e-4])
    }

    @Test("a device clock that sees more time pass than the host, or next to none of it, gives way to the host's")
    func impossibleClock() {
        // 1 to the largest number of a counter: one reading is enough.
        let wrapped = collection { round, times, _, _ in
            times.deviceSeconds = [7e-4, 8e-4, 9e-4, round == 5 ? 18_446_744_074 : 1e-3]
        }
        #expect(wrapped.clockDoubt == "the device's clock saw more time pass than the host's")
        let fast = collection { _, times, _, _ in times.deviceSeconds = times.hostSeconds.map { 1.2 * $0 } }
        #expect(fast.clockDoubt == "the device's clock runs ahead of the host's")
        for collection in [wrapped, fast] { #expect(collection.seconds == collection.hostSeconds) }
        // Launching may be most of a millisecond; of 100 ms it is not.
        func slow(_ factor: Double) -> SampleCollection {
            collection { _, times, _, _ in
                times.hostSeconds = times.hostSeconds.map { factor * $0 }
                times.deviceSeconds = times.hostSeconds.map { $0 / 10 }
            }
        }
        #expect(slow(1).clockDoubt == nil)
        #expect(slow(100).clockDoubt == "the device's clock saw a small part of the time that the host waited")
    }

    @Test("a sample that other work interrupted is left out alone, its round stays")
    func preempted() {
        let collection = collection { round, times, _, _ in
            if round == 2 { times.waitSeconds = [0, 3e-5, 0, 0] }
        }
        let (seconds, rounds, found) = collection.judged(slowRate: nil, unknown: [])
        #expect(found.preempted == 1 && seconds.count == 39 && rounds.samples[2] == 3)
        #expect(!seconds.contains { abs($0 - 1.12e-3) < 1e-9 })
    }

    @Test("a control that runs slower than usual marks its round")
    func slowed() {
        let collection = collection { round, _, rate, _ in rate = round == 7 ? 0.8e11 : round == 8 ? 0.97e11 : 1e11 }
        let found = collection.judged(slowRate: 0.9e11, unknown: []).interference
        #expect(found.slowed == 4 && found.dropped == 4)
    }

    @Test("beyond the limit all samples stay, and it is said")
    func beyondLimit() {
        let collection = collection { round, _, _, condition in condition.isThrottled = round < 3 }
        let (seconds, _, found) = collection.judged(slowRate: nil, unknown: [])
        #expect(found.throttled == 12 && found.disturbed == 12 && found.dropped == 0 && found.isBeyondLimit)
        #expect(seconds.count == 40)
    }

    @Test("waiting does not disturb a device of its own, nor does the little that long kernels always meet")
    func unharmed() {
        let ownDevice = collection(countsWaiting: false) { _, times, _, _ in
            times.waitSeconds = [1e-3, 1e-3, 1e-3, 1e-3]
        }
        #expect(ownDevice.judged(slowRate: nil, unknown: []).interference.preempted == 0)
        let long = collection { _, times, _, _ in
            times.hostSeconds = [1, 1, 1, 1]
            times.waitSeconds = [0.001, 0.001, 0.002, 0.022]
        }
        #expect(long.judged(slowRate: nil, unknown: []).interference.preempted == 10)
        // A dispatch that wakes threads waits in every sample; one that waits longer than that was disturbed.
        let waking = collection { round, times, _, _ in
            times.waitSeconds = [1.5e-4, 1.5e-4, 1.6e-4, round == 3 ? 2.5e-4 : 1.5e-4]
        }
        #expect(waking.judged(slowRate: nil, unknown: []).interference.preempted == 1)
        // What waits long in every sample is other work that never rests.
        let busy = collection { _, times, _, _ in times.waitSeconds = [4e-4, 5e-4, 4e-4, 5e-4] }
        #expect(busy.judged(slowRate: nil, unknown: []).interference.isBeyondLimit)
    }

    @Test("a run says what the machine shows of clock, temperature and throttling, and marks what was throttled")
    func wholeRun() throws {
        let tree = FileManager.default.temporaryDirectory.appendingPathComponent("conditions \(UUID().uuidString)")
        let processor = tree.appendingPathComponent("devices/system/cpu/cpu0")
        defer { try? FileManager.default.removeItem(at: tree) }
        for (folder, file, text) in [
            ("cpufreq", "scaling_cur_freq", "2600000\n"), ("thermal_throttle", "core_throttle_count", "5\n"),
        ] {
            let place = processor.appendingPathComponent(folder)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: place.appendingPathComponent(file))
        }
        var request = ProfileRequest()
        request.selection.families = ["attention"]
        request.selection.strategies = ["flash"]
        request.selection.shape = ["Hq": 2, "Hkv": 1, "Lq": 33, "Lk": 40, "D": 32]
        request.selection.devices = ["cpu:0"]
        request.sampling.timeLimitSeconds = 0.3
        request.energy.mode = .off
        request.sysfs = tree.path
        let calm = try run(request)
        #expect(calm.throttled == 0 && calm.throttleEvents == 0)
        #expect(calm.clockHertz == [2.6e9, 2.6e9, 2.6e9])
        #expect(calm.unknown == ["temperature: no sensor of this device"])

        let count = processor.appendingPathComponent("thermal_throttle/core_throttle_count")
        // A process of its own: a task would wait for those that the other tests block.
        let heating = Process()
        heating.executableURL = URL(fileURLWithPath: "/bin/sh")
        heating.arguments = [
            "-c", "i=6; while sleep 0.002; do echo $i >\"$0.new\" && mv \"$0.new\" \"$0\"; i=$((i + 1)); done",
            count.path,
        ]
        try heating.run()
        let hot = try run(request)
        kill(heating.processIdentifier, SIGKILL)
        heating.waitUntilExit()
        #expect(hot.throttled > hot.taken / 2 && hot.isBeyondLimit && hot.dropped == 0)
        #expect((hot.throttleEvents ?? 0) > 0)
    }

    private func run(_ request: ProfileRequest) throws -> InterferenceRecord {
        let run = try request.run()
        let time = try #require(run.measurements.first?.time)
        let rounds = try #require(time.rounds)
        #expect(Set(rounds.pass) == [0, 1, 2, 3, 4] && rounds.controls.count == 2)
        #expect(rounds.samples.reduce(0, +) == time.sampleSeconds.count && time.samples == time.sampleSeconds.count)
        #expect(run.devices.first?.dispatch?.hostSeconds ?? 0 > 0)
        return try #require(time.interference)
    }
}
