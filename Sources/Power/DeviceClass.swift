import Results

/// What a device is, as far as its name tells: energies an operation lie within a factor of a few in a class, and
/// hundredfold apart between classes.
public enum DeviceClass: String, Sendable, CaseIterable {
    case serverProcessor = "server processor"
    case desktopProcessor = "desktop processor"
    case mobileProcessor = "mobile processor"
    case embeddedProcessor = "embedded processor"
    case dataCentreGPU16 = "data-centre GPU, 12 to 16 nm"
    case dataCentreGPU7 = "data-centre GPU, 6 to 8 nm"
    case dataCentreGPU4 = "data-centre GPU, 4 to 5 nm"
    case card16 = "graphics card, 12 to 16 nm"
    case card7 = "graphics card, 6 to 8 nm"
    case card4 = "graphics card, 4 to 5 nm"
    case integratedGPU = "integrated GPU"
    case embeddedGPU = "embedded GPU"

    /// True where the constant power of the class is that of one hardware thread: a guest has a share of its server.
    var isByThread: Bool { self == .serverProcessor }

    /// The words of names, from the most telling to the least. A word that ends in `*` is the beginning of one.
    private static let processors: [(DeviceClass, [String])] = [
        (
            .serverProcessor,
            [
                "xeon", "epyc", "opteron", "neoverse*", "graviton*", "ampere*", "altra", "power8", "power9", "power10",
                "qemu", "kvm",
            ]
        ),
        (.embeddedProcessor, ["cortex*", "atom", "celeron", "tegra*", "bcm*", "raspberry", "carmel", "snapdragon"]),
        (.mobileProcessor, ["apple", "m1", "m2", "m3", "m4"]),
        (.desktopProcessor, ["core", "ryzen", "threadripper", "pentium", "athlon"]),
    ]

    private static let graphics: [(DeviceClass, [String])] = [
        (
            .dataCentreGPU4,
            [
                "h100", "h200", "h800", "h20", "gh200", "b100", "b200", "gb200", "l4", "l40", "l40s", "mi300*",
                "mi325*", "gfx942",
            ]
        ),
        (
            .dataCentreGPU7,
            ["a100*", "a800*", "a30", "a40", "a10", "a10g", "a16", "mi100", "mi210", "mi250*", "gfx908", "gfx90a"]
        ),
        (.dataCentreGPU16, ["v100*", "p100*", "p40", "p4", "t4", "tesla", "mi25", "mi50", "mi60", "gfx906"]),
        (
            .embeddedGPU,
            ["mali*", "adreno*", "powervr", "tegra*", "orin", "xavier", "videocore", "v3d", "vivante", "panfrost"]
        ),
        (.integratedGPU, ["uhd", "iris", "hd", "apple", "vega"]),
    ]

    public init?(_ device: DeviceRecord) {
        let words = device.name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        let table = device.isHostProcessor ? Self.processors : Self.graphics
        let match = table.first { _, names in words.contains { word in names.contains { Self.matches(word, $0) } } }
        if device.isHostProcessor {
            guard let found = match?.0 else { return nil }
            self = found == .desktopProcessor && Self.isMobile(words) ? .mobileProcessor : found
        } else if let found = match?.0 {
            self = found
        } else if let card = Self.card(words) {
            self = card
        } else {
            return nil
        }
    }

    private static func matches(_ word: String, _ name: String) -> Bool {
        name.hasSuffix("*") ? word.hasPrefix(name.dropLast()) : word == name
    }

    /// Model numbers of processors for notebooks end in U, H, P, Y or G and a digit: 8650U, 12800H, 5800HS, 1165G7.
    private static func isMobile(_ words: [String]) -> Bool {
        words.contains { word in
            let number = word.prefix { $0.isNumber }
            guard number.count >= 4 else { return false }
            let rest = word.dropFirst(number.count)
            return ["u", "h", "hs", "hx", "hq", "hk", "p", "y"].contains(rest) || (rest.first == "g" && rest.count == 2)
        }
    }

    /// By the series of GeForce, Radeon and Arc.
    private static func card(_ words: [String]) -> DeviceClass? {
        let series = words.compactMap { word in Int(word.prefix { $0.isNumber }) }.first { $0 >= 400 }
        guard let series else { return nil }
        if words.contains("geforce") || words.contains("rtx") || words.contains("gtx") || words.contains("quadro") {
            return series >= 4000 ? .card4 : series >= 3000 ? .card7 : series >= 1000 ? .card16 : nil
        }
        if words.contains("radeon") {
            return series >= 7000 ? .card4 : series >= 5000 ? .card7 : series >= 400 ? .card16 : nil
        }
        return words.contains("arc") ? .card7 : nil
    }
}

extension EnergyModel {
    private typealias Factors = Coefficients.Factors

    // Energies an operation lie below what the stated power of a part is over its stated peak rate, since a part of
    // that power goes elsewhere, and above a fifth of it. So the table gives half of it, within a factor. Energies a
    // byte lie between what the memory alone takes (O'Connor and others, MICRO 2017, doi:10.1145/3123939.3124545: HBM2
    // 3.9 pJ a bit; Malladi and others, ISCA 2012, doi:10.1109/ISCA.2012.6237004: DDR3 70 pJ a bit, LPDDR2 40) and
    // stated power over stated bandwidth.

    private static func entry(
        _ flop: Double, _ byte: Double, _ watts: Double, _ factors: Factors, _ parts: String
    ) -> Coefficients {
        Coefficients(
            joulesPerFlop: flop * 1e-12, joulesPerByte: byte * 1e-12, constantWatts: watts,
            source: "\(parts), by half of stated power over stated peak rates", factors: factors)
    }

    /// What a class of devices takes: pJ a FLOP (single precision, vector units), pJ a byte, watts. Good for telling
    /// strategies apart; of joules an order of magnitude.
    private static let table: [DeviceClass: Coefficients] = [
        // 280 W over 64 cores × 2.45 GHz × 32 FLOPs; 1 W a thread: 95 W idle of 128 threads, and memory.
        .serverProcessor: entry(
            28, 300, 1, Factors(flop: 2.5, byte: 3, watts: 4),
            "a server processor (such as EPYC 7763: 280 W, 5.0 TFLOP/s)"),
        // From 74 pJ (Ryzen 9 7950X, 170 W over 2.3 TFLOP/s) down by half; up to the 371 pJ of a Core i7-950 as
        // measured in 2013.
        .desktopProcessor: entry(
            60, 300, 25, Factors(flop: 6, byte: 3, watts: 4),
            "a desktop processor (Ryzen 9 7950X: 170 W, 2.3 TFLOP/s; up to the Core i7-950 of doi:10.1109/IPDPS.2013.77)"
        ),
        .mobileProcessor: entry(
            25, 200, 5, Factors(flop: 4, byte: 3, watts: 4),
            "a mobile processor (such as Ryzen 7 6800U: 28 W, 0.8 TFLOP/s)"),
        .embeddedProcessor: entry(
            60, 200, 2, Factors(flop: 4, byte: 4, watts: 4),
            "an embedded processor (such as BCM2711: about 5 W, 48 GFLOP/s)"),
        .dataCentreGPU16: entry(
            12, 100, 45, Factors(flop: 3, byte: 3, watts: 3),
            "a data-centre GPU of 12 to 16 nm (P100: 300 W, 10.6 TFLOP/s; V100: 300 W, 15.7 TFLOP/s)"),
        .dataCentreGPU7: entry(
            10, 90, 60, Factors(flop: 3, byte: 3, watts: 3),
            "a data-centre GPU of 6 to 8 nm (A100: 400 W, 19.5 TFLOP/s; MI250X: 560 W, 47.9 TFLOP/s)"),
        .dataCentreGPU4: entry(
            5, 90, 80, Factors(flop: 3, byte: 3, watts: 3),
            "a data-centre GPU of 4 to 5 nm (H100: 700 W, 67 TFLOP/s; MI300X: 750 W, 163 TFLOP/s)"),
        .card16: entry(
            10, 200, 15, Factors(flop: 3, byte: 3, watts: 4),
            "a graphics card of 12 to 16 nm (RTX 2080 Ti: 250 W, 13.4 TFLOP/s)"),
        .card7: entry(
            6, 180, 20, Factors(flop: 3, byte: 3, watts: 4),
            "a graphics card of 6 to 8 nm (RTX 3090: 350 W, 35.6 TFLOP/s)"),
        .card4: entry(
            3, 180, 20, Factors(flop: 3, byte: 3, watts: 4),
            "a graphics card of 4 to 5 nm (RTX 4090: 450 W, 82.6 TFLOP/s)"),
        .integratedGPU: entry(
            15, 250, 5, Factors(flop: 4, byte: 3, watts: 4),
            "an integrated GPU (such as Iris Xe: 15 W, 2.2 TFLOP/s at most)"),
        .embeddedGPU: entry(
            20, 200, 2, Factors(flop: 5, byte: 4, watts: 4),
            "an embedded GPU (such as Jetson AGX Orin's: 50 W, 5.3 TFLOP/s)"),
    ]

    /// By class where the device's name tells it; else what spans the classes. The ends are measured: Intel's Core
    /// i7-950 (371 pJ a FLOP, 795 a byte) and NVIDIA's GTX 580 (99.7 and 513) in Choi and others, IPDPS 2013,
    /// doi:10.1109/IPDPS.2013.77.
    public static let `default` = EnergyModel(
        classes: Dictionary(uniqueKeysWithValues: table.map { ($0.key.rawValue, $0.value) }),
        processor: Coefficients(
            joulesPerFlop: 60e-12, joulesPerByte: 300e-12, constantWatts: 20,
            source: "a processor of which no more is known; up to the Core i7-950 of Choi and others, IPDPS 2013, "
                + "doi:10.1109/IPDPS.2013.77",
            factors: Factors(flop: 6, byte: 4, watts: 6)),
        accelerator: Coefficients(
            joulesPerFlop: 20e-12, joulesPerByte: 200e-12, constantWatts: 30,
            source: "a device of which no more is known; up to the GTX 580 of Choi and others, IPDPS 2013, "
                + "doi:10.1109/IPDPS.2013.77",
            factors: Factors(flop: 6, byte: 4, watts: 6)))
}
