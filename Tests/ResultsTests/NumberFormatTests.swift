import Results
import Statistics
import Testing

@Suite("Numbers")
struct NumberFormatTests {
    @Test(
        "carry a prefix that fits and their unit",
        arguments: [
            (0.001234, "1.23 ms"), (12.3456, "12.3 s"), (9.996e-4, "1.00 ms"), (4.2e-7, "420 ns"),
            (3.3e-12, "0.00330 ns"),
            (-0.0025, "−2.50 ms"), (0, "0 s"), (59999.6, "60000 s"), (999.96e-3, "1.00 s"), (0.9994, "999 ms"),
            (-1e-40, "−1.00e-31 ns"), (.leastNormalMagnitude, "2.23e-299 ns"), (1.5e300, "1.50e300 s"),
        ] as [(Double, String)])
    func seconds(value: Double, text: String) { #expect(NumberFormat.quantity(value, .seconds) == text) }

    @Test("use decimal prefixes for rates and binary ones for sizes")
    func prefixes() {
        #expect(NumberFormat.quantity(152e9, .flopsPerSecond) == "152 GFLOP/s")
        #expect(NumberFormat.quantity(19.6e9, .bytesPerSecond) == "19.6 GB/s")
        #expect(NumberFormat.quantity(Double(96 << 20), .bytes) == "96.0 MiB")
        #expect(NumberFormat.quantity(12.5, .watts) == "12.5 W")
    }

    @Test("round up to the next prefix, whatever the unit's steps")
    func carry() {
        #expect(NumberFormat.quantity(999.6e9, .flopsPerSecond) == "1.00 TFLOP/s")
        #expect(NumberFormat.quantity(1023.4 * 1024, .bytes) == "1023 KiB")
        #expect(NumberFormat.quantity(1023.9 * 1024, .bytes) == "1.00 MiB")
        #expect(NumberFormat.quantity(0.9996, .fraction) == "100 %")
    }

    @Test("in units without prefixes are per cent, counts and powers of ten")
    func styles() {
        #expect(
            NumberFormat.quantity(0.342, .fraction) == "34 %" && NumberFormat.quantity(0.0034, .fraction) == "0.34 %")
        #expect(NumberFormat.quantity(24, .count) == "24" && NumberFormat.quantity(3.14e-13, .error) == "3.1e-13")
        #expect(NumberFormat.quantity(2.5, .ratio) == "2.50 ×")
    }

    @Test(
        "keep as many significant digits as they are asked for, without exponent where that stays readable",
        arguments: [
            (2.0312, "2.03"), (9.996, "10.0"), (123456, "123456"), (1e-6, "0.00000100"), (1e-7, "1.00e-7"),
            (1e15, "1.00e15"), (-0.5, "−0.500"), (.leastNonzeroMagnitude, "5e-324"), (.nan, "–"),
        ] as [(Double, String)])
    func significant(value: Double, text: String) { #expect(NumberFormat.significant(value, digits: 3) == text) }

    @Test("are – when they are not known, whatever the unit")
    func unknown() {
        for value in [nil, Double.nan, .infinity] {
            #expect(NumberFormat.quantity(value, .joules) == "–")
            #expect(NumberFormat.ratio(value) == "–")
            #expect(NumberFormat.percentage(value) == "–")
        }
    }

    @Test("of an interval of ratios without 1 are so many digits shown that it is without 1 as written")
    func excludingOne() {
        #expect(NumberFormat.ratio(1.8, Interval(1.004, 3.3)) == "1.800 × [1.004, 3.300]")
        #expect(NumberFormat.ratio(0.5, Interval(0.2, 0.99996)).hasSuffix("0.99996]"))
        #expect(NumberFormat.ratio(1.8, Interval(0.996, 3.3)) == "1.8 × [1.0, 3.3]")
    }

    @Test("are rounded as their interval allows, value and ends alike")
    func intervals() {
        let precise = NumberFormat.quantity(0.0012344, Interval(0.00122, 0.00125), .seconds)
        #expect(precise.value == "1.234 ms" && precise.interval == "[1.220, 1.250]")
        let rough = NumberFormat.quantity(3.21, Interval(2.4, 4.4), .joules)
        #expect(rough.value == "3.2 J" && rough.interval == "[2.4, 4.4]")
        #expect(NumberFormat.ratio(3.1, Interval(2.9, 3.3)) == "3.1 × [2.9, 3.3]")
        let carried = NumberFormat.quantity(999.6e-6, Interval(979.6e-6, 1019.6e-6), .seconds)
        #expect(carried.value == "1.000 ms" && carried.interval == "[0.980, 1.020]")
    }

    @Test("take the interval's prefix where they are 0 or drown in it, and survive intervals without end")
    func drowned() {
        for value in [0, 3e-9] {
            let text = NumberFormat.quantity(value, Interval(-1e-3, 1e-3), .joules)
            #expect(text.value == "0.0 mJ" && text.interval == "[−1.0, 1.0]")
        }
        let endless = NumberFormat.quantity(1e-3, Interval(-.infinity, .infinity), .joules)
        #expect(endless.value == "1.00 mJ" && endless.interval == "[−∞, ∞]")
        #expect(NumberFormat.quantity(.nan, Interval(0, 1), .joules).value == "–")
        let huge = NumberFormat.quantity(1e300, Interval(0.9e300, 1.1e300), .seconds)
        #expect(huge.value == "1.00e300 s" && huge.interval == "[9.00e299, 1.10e300]")
    }
}
