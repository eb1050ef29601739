import Profiling
import Testing

@Suite("Kernels as short as the clock's steps")
struct ClockResolutionTests {
    @Test("what lasts a thousand steps is timed by itself, what is shorter in batches that do")
    func batches() {
        #expect(ClockResolution.batch(seconds: 1e-3, clockStep: 1e-6) == 1)
        #expect(ClockResolution.batch(seconds: 0.99e-3, clockStep: 1e-6) == 2)
        #expect(ClockResolution.batch(seconds: 10e-6, clockStep: 30e-9) == 3)
        #expect(ClockResolution.batch(seconds: 2e-6, clockStep: 1e-6) == 500)
        for (seconds, step) in [(3e-6, 1e-6), (7.7e-6, 25e-9), (4e-5, 4.1e-8)] {
            let batch = ClockResolution.batch(seconds: seconds, clockStep: step)
            #expect(seconds * Double(batch) >= 1000 * step * (1 - 1e-9), "\(seconds) s, \(step) s")
        }
    }

    @Test("a batch has an end, and an unknown step asks for none")
    func limits() {
        #expect(ClockResolution.batch(seconds: 0, clockStep: 1e-6) == 1024)
        #expect(ClockResolution.batch(seconds: 1e-6, clockStep: 0) == 1)
        #expect(ClockResolution.batch(seconds: 1e-6, clockStep: .infinity) == 1)
        #expect(ClockResolution.batch(seconds: .nan, clockStep: 1e-6) == 1)
    }

    @Test("a clock's step is the smallest difference that its times show")
    func step() throws {
        let found = try #require(ClockResolution.step([5.12e-6, 3.072e-6, 4.096e-6, 3.072e-6, 7.168e-6]))
        #expect(abs(found - 1.024e-6) < 1e-12)
        #expect(ClockResolution.step([1e-6, 1e-6]) == nil)
        #expect(ClockResolution.hostClockStep() > 0)
    }
}
