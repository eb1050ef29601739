import Reporting
import Statistics
import Testing

@Suite("Numbers")
struct NumberFormatTests {
    @Test(
        "carry a prefix that fits and their unit",
        arguments: [
            (0.001234, "1.23 ms"), (12.3456, "12.3 s"), (9.996e-4, "1.00 ms"), (4.2e-7, "420 ns"),
            (3.3e-12, "0.00330 ns"),
            (-0.0025, "−2.50 ms"),
        ] as [(Double, String)])
    func seconds(value: Double, text: String) { #expect(NumberFormat.quantity(value, .seconds) == text) }

    @Test("use decimal prefixes for rates and binary ones for sizes")
    func prefixes() {
        #expect(NumberFormat.quantity(152e9, .flopsPerSecond) == "152 GFLOP/s")
        #expect(NumberFormat.quantity(19.6e9, .bytesPerSecond) == "19.6 GB/s")
        #expect(NumberFormat.quantity(Double(96 << 20), .bytes) == "96.0 MiB")
        #expect(NumberFormat.quantity(12.5, .watts) == "12.5 W")
    }

    @Test("are – when they are not known, whatever the unit")
    func unknown() {
        for value in [nil, Double.nan, .infinity] {
            #expect(NumberFormat.quantity(value, .joules) == "–")
            #expect(NumberFormat.ratio(value) == "–")
            #expect(NumberFormat.percentage(value) == "–")
        }
    }

    @Test("are rounded as their interval allows, value and ends alike")
    func intervals() {
        let precise = NumberFormat.quantity(0.0012344, Interval(0.00122, 0.00125), .seconds)
        #expect(precise.value == "1.234 ms" && precise.interval == "[1.220, 1.250]")
        let rough = NumberFormat.quantity(3.21, Interval(2.4, 4.4), .joules)
        #expect(rough.value == "3.2 J" && rough.interval == "[2.4, 4.4]")
        #expect(NumberFormat.ratio(3.1, Interval(2.9, 3.3)) == "3.1 × [2.9, 3.3]")
    }
}
