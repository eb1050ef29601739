import Statistics

extension Metric {
    /// Every metric, in the order in which people read them. Adding one = one entry here.
    public static let all: [Metric] = [
        seconds,
        relativeNoise,
        Metric(
            "samples", "samples", "Samples", unit: .count, basis: .time, polarity: .neutral,
            formula: "How many were kept: those that the machine disturbed are left out, unless they are too many.",
            page: .below(relativeNoise.key), terminal: 8, value: { ($0.time?.samples).map(Double.init) }),
        flopsPerSecond,
        Metric(
            "bytesPerSecond", "bytes moved", "Bandwidth", unit: .bytesPerSecond, basis: .time, polarity: .moreIsBetter,
            formula: "The bytes that the strategy moves over the median time.", page: .below(flopsPerSecond.key),
            terminal: nil, isInMarkdown: false, value: { $0.derived?.bytesPerSecond }),
        fractionOfRoofline,
        intensity,
        strategyIntensity,
        grossJoules,
        leadingJoules,
        Metric(
            "idleJoules", "idle energy", "Idle energy", unit: .joules, basis: .energy, polarity: .neutral,
            formula: "What the idle machine would have drawn in the time of one execution.", page: .none,
            terminal: nil, isInMarkdown: false, value: { $0.energy?.idleJoules }),
        Metric(
            "netJoules", "net energy", "Net energy", note: "idle taken off", unit: .joules, basis: .energy,
            polarity: .lessIsBetter, formula: "Gross energy less the idle power over the same time.",
            missing: "net energy needs the idle power, which is not known", terminal: nil, isInMarkdown: false,
            interval: { $0.energy?.netInterval }, value: { $0.energy?.netJoules }),
        Metric(
            "averageWatts", "power", "Power", note: "average", unit: .watts, basis: .energy, polarity: .neutral,
            formula: "Gross watts over the windows.", missing: "average power was not recorded", terminal: 7,
            isInMarkdown: false, value: { $0.energy?.averageWatts }),
        idleWatts,
        flopsPerJoule,
        Metric(
            "netFlopsPerJoule", "net", "Net performance per watt", unit: .flopsPerJoule, basis: .energy,
            polarity: .moreIsBetter, formula: "FLOPs over net energy.", page: .below(flopsPerJoule.key), terminal: nil,
            isInMarkdown: false, value: { $0.hasOperations ? $0.derived?.netFlopsPerJoule : nil }),
        Metric(
            "energyDelayProduct", "energy × delay", "Energy × delay", unit: .jouleSeconds, basis: .energy,
            polarity: .lessIsBetter, formula: "Gross joules × seconds.", terminal: nil, isInMarkdown: false,
            value: { $0.derived?.energyDelayProduct }),
        joulesPerToken,
        work(
            "flops", "Operations", unit: .flops, polarity: .neutral,
            formula: """
                The operations of the mathematics, counted once: a multiply and an add are two, only visible pairs count under a mask, and \
                what a strategy computes twice is not counted twice. All strategies of a workload share one count, so FLOP/s compare like \
                time.
                """, \.flops),
        work(
            "minimumBytes", "Least bytes", unit: .bytes, polarity: .neutral,
            formula: "Each input read once, each output written once. From shapes, not from counters.", \.minimumBytes),
        strategyBytes,
        error(
            "normalizedMeanSquaredError", "Normalised mean squared error",
            formula: "The sum of squared errors over the sum of squares of the reference.",
            \.normalizedMeanSquaredError),
        error(
            "tolerance", "Tolerance", polarity: .neutral,
            formula: "The largest normalised mean squared error that passes.", { $0.tolerance }),
        error(
            "relativeL2", "Relative L2 error", formula: "The length of the error over the length of the reference.",
            \.relativeL2),
        error(
            "maxAbsoluteError", "Largest absolute error", formula: "The largest |output − reference|.",
            \.maxAbsoluteError),
    ]

    // MARK: Those that sections ask for by name

    public static let seconds = Metric(
        "seconds", "time", "Time", note: "median", unit: .seconds, basis: .time, polarity: .lessIsBetter,
        formula: """
            The median of the samples, per execution; its interval is a 95 % one of the median, Student's with the bootstrap's variance (Maritz and Jarrett \
            1993, chapter 13). Where the device's clock is used, the host's median, from submission to completion, stands beside it.
            """,
        terminal: 0, chartTitle: "Median time per execution", interval: { $0.time?.interval },
        value: { $0.time?.median })

    public static let relativeNoise = Metric(
        "relativeNoise", "noise", "Noise", unit: .fraction, basis: .time, polarity: .neutral,
        formula: "The samples' standard deviation over their mean.", missing: "noise needs two samples at least",
        terminal: nil, value: { $0.time?.relativeNoise })

    public static let flopsPerSecond = Metric(
        "flopsPerSecond", "rate", "Rate", unit: .flopsPerSecond, basis: .time, polarity: .moreIsBetter,
        formula: "FLOPs over the median time.", terminal: 5,
        value: { $0.hasOperations ? $0.derived?.flopsPerSecond : nil })

    public static let fractionOfRoofline = Metric(
        "fractionOfRoofline", "roof", "Roofline", note: "reached", unit: .fraction, basis: .time,
        polarity: .moreIsBetter,
        formula: """
            The rate over min(peak FLOP/s, intensity × peak bytes/s), with the intensity of the least bytes and the highest peaks that \
            this run found on the device, at its start, between passes and beside the samples (Williams, Waterman and Patterson 2009).
            """,
        missing: "the device's peaks were not measured", terminal: 6, isInMarkdown: false,
        value: { $0.derived?.fractionOfRoofline })

    public static let intensity = Metric(
        "intensity", "intensity", "Intensity", unit: .flopsPerByte, basis: .work, polarity: .neutral,
        formula: "FLOPs over the bytes that must move at least.", page: .below(fractionOfRoofline.key), terminal: nil,
        isInMarkdown: false, value: { $0.work?.intensity })

    public static let strategyIntensity = Metric(
        "strategyIntensity", "intensity", "Intensity of the strategy", unit: .flopsPerByte, basis: .work,
        polarity: .neutral, formula: "FLOPs over the bytes that the strategy moves.", page: .none, terminal: nil,
        isInMarkdown: false, value: { $0.work?.strategyIntensity })

    public static let grossJoules = Metric(
        "grossJoules", "energy", "Energy", note: "gross", unit: .joules, basis: .energy, polarity: .lessIsBetter,
        formula: """
            Joules per execution over windows of back-to-back repetitions; its 95 % interval comes from the windows. Measured is a \
            counter's difference, integrated a sensor's watts over time, modelled (≈) a computation from FLOPs, bytes and time.
            """,
        terminal: nil, isInMarkdown: false, interval: { $0.energy?.interval }, value: { $0.energy?.grossJoules })

    public static let leadingJoules = Metric(
        "leadingJoules", "energy", "Energy", unit: .joules, basis: .energy, polarity: .lessIsBetter,
        formula: """
            Gross joules per execution where they are measured. Modelled ones lead with the net part, for operations and bytes: the rest \
            is an assumed idle power over the time, and would only repeat the time.
            """,
        page: .none, terminal: 4, chartTitle: "Energy per execution", interval: { $0.energy?.leadingInterval },
        value: { $0.energy?.leadingJoules })

    public static let idleWatts = Metric(
        "idleWatts", "idle", "Idle power", unit: .watts, basis: .energy, polarity: .neutral,
        formula: "Watts of the idle machine, before and after the windows, or the model's constant power.",
        missing: "idle power could not be measured", page: .below("averageWatts"), terminal: nil,
        isInMarkdown: false, value: { $0.energy?.idleWatts })

    public static let flopsPerJoule = Metric(
        "flopsPerJoule", "per watt", "Performance per watt", unit: .flopsPerJoule, basis: .energy,
        polarity: .moreIsBetter,
        formula: "FLOP/s ÷ W = FLOP ÷ J, from gross energy, or from the net part where energy is modelled.",
        terminal: 2,
        value: { $0.hasOperations ? $0.derived?.flopsPerJoule : nil })

    public static let joulesPerToken = Metric(
        "joulesPerToken", "per token", "Energy per token", unit: .joulesPerToken, basis: .energy,
        polarity: .lessIsBetter, formula: "Gross joules over the tokens that one execution takes in.",
        page: .below("energyDelayProduct"), terminal: nil, isInMarkdown: false,
        value: { $0.derived?.joulesPerToken })

    public static let strategyBytes = work(
        "strategyBytes", "Bytes of the strategy", unit: .bytes, polarity: .lessIsBetter,
        formula: """
            The least bytes and every intermediate that the strategy writes and reads back. From shapes, not from counters.
            """, \.strategyBytes)

    // MARK: Kinds

    private static func work(
        _ key: String, _ heading: String, unit: NumberFormat.Unit, polarity: Polarity, formula: String,
        _ value: @escaping @Sendable (WorkRecord) -> Double
    ) -> Metric {
        Metric(
            key, heading.lowercased(), heading, unit: unit, basis: .work, polarity: polarity, formula: formula,
            page: .none, terminal: nil, isInMarkdown: false, value: { $0.work.map(value) })
    }

    private static func error(
        _ key: String, _ heading: String, polarity: Polarity = .lessIsBetter, formula: String,
        _ value: @escaping @Sendable (VerificationRecord) -> Double?
    ) -> Metric {
        Metric(
            key, heading.lowercased(), heading, unit: .error, basis: .verification, polarity: polarity,
            formula: formula, missing: "the output holds NaN or infinity, so no error can be given",
            page: .verification, terminal: nil, isInMarkdown: false, value: { $0.verification.flatMap(value) })
    }
}

extension MeasurementRecord {
    /// False for what only moves numbers: its rate would be 0 FLOP/s, which says nothing of it.
    fileprivate var hasOperations: Bool { work.map { $0.flops > 0 } ?? true }
}
