import Power
import Profiling
import Results
import Testing

@Suite("What does not fit its suite")
struct DurationEstimatorRealTimeTests {
    @Test("an execution is expected to take as long for each operation as the one of the most similar shape")
    func nearest() throws {
        var estimator = DurationEstimator(longestSeconds: 1)
        #expect(estimator.limit("attention/flash", parameters: ["Lq": 1]) == nil, "nothing is known yet")
        let prefill = ["Lq": 512, "Lk": 512, "causal": 1]
        let decode = ["Lq": 1, "Lk": 1024, "causal": 1]
        estimator.learn("attention/flash", workload: "prefill", parameters: prefill, flops: 1e9, seconds: 0.5)
        estimator.learn("attention/flash", workload: "decode", parameters: decode, flops: 1e6, seconds: 0.1)
        let longPrefill = try #require(
            estimator.limit("attention/flash", parameters: ["Lq": 1024, "Lk": 1024, "causal": 1]))
        #expect(longPrefill.workload == "prefill")
        #expect(longPrefill.complaint(flops: 1.9e9) == nil)
        let complaint = try #require(longPrefill.complaint(flops: 4e9))
        #expect(
            complaint.contains("about 2.0 s here (4.00 GFLOP at the 2.00 GFLOP/s of prefill)")
                && complaint.contains("up to 1.0 s"), "\(complaint)")
        let longDecode = try #require(
            estimator.limit("attention/flash", parameters: ["Lq": 1, "Lk": 16384, "causal": 1]))
        #expect(longDecode.workload == "decode")
        #expect(longDecode.complaint(flops: 16e6) != nil)
        #expect(estimator.limit("attention/unfused", parameters: prefill) == nil, "another strategy has its own speed")
    }

    @Test("without a limit everything fits, and what has no operations tells nothing")
    func unlimited() {
        var estimator = DurationEstimator(longestSeconds: nil)
        estimator.learn("s", workload: "w", parameters: [:], flops: 1, seconds: 1000)
        #expect(estimator.limit("s", parameters: [:]) == nil)
        estimator = DurationEstimator(longestSeconds: 1)
        estimator.learn("s", workload: "w", parameters: [:], flops: 0, seconds: 1)
        #expect(estimator.limit("s", parameters: [:]) == nil)
    }

    @Test("a workload that would take too long is skipped with the reason, and the smaller ones are measured")
    func skipping() throws {
        var request = ProfileRequest()
        request.selection.suite = "standard"
        request.selection.families = ["rmsnorm-residual"]
        request.selection.strategies = ["fused"]
        request.selection.devices = ["cpu:0"]
        request.sampling.timeLimitSeconds = 0.1
        request.energy.mode = .off
        request.sampling.longestExecutionSeconds = 1e-9
        let run = try request.run()
        try #require(run.measurements.count > 1)
        #expect(run.measurements[0].status == .ok)
        for measurement in run.measurements.dropFirst() {
            #expect(measurement.status == .skipped && measurement.time == nil)
            #expect(measurement.message?.contains("FLOP/s of \(run.measurements[0].workload))") == true)
        }
    }
}
