/// What a device has and how much of it: what strategies are planned with, under one spelling for all backends.
///
/// Expressions see the numbers as `device.<name>`, the features as `device.has.<name>`, the vendor as
/// `device.is.<name>`.
public struct DeviceLimits: Codable, Sendable, Equatable {
    public var backend: String
    public var computeUnits: Int
    /// Bytes of work-group local (shared) memory.
    public var sharedMemoryBytes: Int
    public var maxWorkGroupSize: Int
    /// Largest grid in each of three dimensions.
    public var maxWorkGroups: [Int]
    /// Largest single buffer that a kernel can bind.
    public var maxBufferBytes: Int
    /// Memory for all buffers together.
    public var memoryBytes: Int
    /// Lanes that execute together, as kernels are compiled unless they ask otherwise; 1 when the device does not say.
    public var subgroupSize: Int
    /// Sizes that a kernel can ask for; both are ``subgroupSize`` where it cannot.
    public var subgroupSizes: ClosedRange<Int>
    /// Size of the largest cache that all compute units share; inputs rotate through more than this when timing cold.
    public var lastLevelCacheBytes: Int
    /// Storage precisions that a kernel can read and write.
    public var precisions: [Precision]
    public var features: Set<DeviceFeature>
    /// Python modules that functions can import there; empty where kernels are no functions.
    public var frameworks: [String] = []
    public var vendor: DeviceVendor?
    /// Products that matrix units do, in the driver's order.
    public var matrixShapes: [MatrixShape]

    public init(
        backend: String, computeUnits: Int, sharedMemoryBytes: Int, maxWorkGroupSize: Int, maxWorkGroups: [Int],
        maxBufferBytes: Int, memoryBytes: Int, subgroupSize: Int, lastLevelCacheBytes: Int, precisions: [Precision],
        subgroupSizes: ClosedRange<Int>? = nil, features: Set<DeviceFeature> = [], vendor: DeviceVendor? = nil,
        matrixShapes: [MatrixShape] = []
    ) {
        self.backend = backend
        self.computeUnits = computeUnits
        self.sharedMemoryBytes = sharedMemoryBytes
        self.maxWorkGroupSize = maxWorkGroupSize
        self.maxWorkGroups = maxWorkGroups
        self.maxBufferBytes = maxBufferBytes
        self.memoryBytes = memoryBytes
        self.subgroupSize = subgroupSize
        self.subgroupSizes = subgroupSizes ?? subgroupSize...subgroupSize
        self.lastLevelCacheBytes = lastLevelCacheBytes
        self.precisions = precisions
        self.features = features
        self.vendor = vendor
        self.matrixShapes = matrixShapes
    }

    /// What the last-level cache of a GPU is taken for where nothing larger is known: none exceeds it by much (an H200
    /// has 50 MiB, an RX 7900 96 MiB). OpenCL's figure is often one unit's first level. Too large a value only makes
    /// inputs rotate through more memory than they need to.
    public static let assumedLastLevelCacheBytes = 128 << 20

    /// The names that expressions may use: those of ``variables``.
    static let variableNames = Set(
        DeviceLimits(
            backend: "", computeUnits: 0, sharedMemoryBytes: 0, maxWorkGroupSize: 0, maxWorkGroups: [],
            maxBufferBytes: 0, memoryBytes: 0, subgroupSize: 1, lastLevelCacheBytes: 0, precisions: []
        ).variables(for: .f32).keys)

    /// The variables that expressions see.
    package var variables: [String: Int] {
        var variables = [
            "device.computeUnits": computeUnits, "device.sharedMemoryBytes": sharedMemoryBytes,
            "device.maxWorkGroupSize": maxWorkGroupSize, "device.maxBufferBytes": maxBufferBytes,
            "device.subgroupSize": subgroupSize, "device.lastLevelCacheBytes": lastLevelCacheBytes,
            "device.smallestSubgroupSize": subgroupSizes.lowerBound,
            "device.largestSubgroupSize": subgroupSizes.upperBound,
        ]
        for feature in DeviceFeature.allCases {
            variables["device.has.\(feature.rawValue)"] = features.contains(feature) ? 1 : 0
        }
        for vendor in DeviceVendor.allCases {
            variables["device.is.\(vendor.rawValue)"] = vendor == self.vendor ? 1 : 0
        }
        for rate in ArithmeticRate.matrixRates {
            let shape = matrixShape(of: rate)
            variables["device.has.\(rate.rawValue)"] = shape == nil ? 0 : 1
            variables["device.\(rate.rawValue).M"] = shape?.m ?? 0
            variables["device.\(rate.rawValue).N"] = shape?.n ?? 0
            variables["device.\(rate.rawValue).K"] = shape?.k ?? 0
        }
        return variables
    }

    /// Those, and what depends on the precision: bytes an element, and the product that matrix units do of such
    /// elements, all 0 where none does.
    package func variables(for precision: Precision) -> [String: Int] {
        let shape = precision.matrixRate.flatMap { matrixShape(of: $0) }
        return variables.merging([
            "elementBytes": precision.byteCount, "matrix.M": shape?.m ?? 0, "matrix.N": shape?.n ?? 0,
            "matrix.K": shape?.k ?? 0,
        ]) { $1 }
    }

    /// The product that kernels use for a kind of arithmetic: 16 × 16 × 16 where there is one, else the largest.
    public func matrixShape(of rate: ArithmeticRate) -> MatrixShape? {
        let own = matrixShapes.filter { $0.rate == rate }
        return own.first { ($0.m, $0.n, $0.k) == (16, 16, 16) } ?? own.max { $0.m * $0.n * $0.k < $1.m * $1.n * $1.k }
    }
}

extension DeviceLimits {
    private static let mostBytes = 1 << 48

    /// Another build of this program, whose kernels take turns with these, may not tell what it has no word for.
    ///
    /// What a driver says of itself may be anything: numbers beyond what any machine has are held there, so that sums
    /// and products of them exist.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func bounded(_ key: CodingKeys) throws -> Int {
            min(max(try values.decode(Int.self, forKey: key), 0), Self.mostBytes)
        }
        self.init(
            backend: try values.decode(String.self, forKey: .backend),
            computeUnits: try bounded(.computeUnits),
            sharedMemoryBytes: try bounded(.sharedMemoryBytes),
            maxWorkGroupSize: try bounded(.maxWorkGroupSize),
            maxWorkGroups: try values.decode([Int].self, forKey: .maxWorkGroups).map {
                min(max($0, 0), Self.mostBytes)
            },
            maxBufferBytes: try bounded(.maxBufferBytes),
            memoryBytes: try bounded(.memoryBytes),
            subgroupSize: try bounded(.subgroupSize),
            lastLevelCacheBytes: try bounded(.lastLevelCacheBytes),
            precisions: try values.decode([Precision].self, forKey: .precisions),
            subgroupSizes: try values.decodeIfPresent(ClosedRange<Int>.self, forKey: .subgroupSizes)?
                .clamped(to: 0...Self.mostBytes),
            features: try values.decodeIfPresent(Set<DeviceFeature>.self, forKey: .features) ?? [],
            vendor: try values.decodeIfPresent(DeviceVendor.self, forKey: .vendor),
            matrixShapes: try values.decodeIfPresent([MatrixShape].self, forKey: .matrixShapes)?.filter(\.isPossible)
                ?? [])
        frameworks = try values.decodeIfPresent([String].self, forKey: .frameworks) ?? []
    }
}

/// What a kernel may find on a device beyond OpenCL C 1.2 or Vulkan 1.1, as `device.has.<name>`.
public enum DeviceFeature: String, Codable, Sendable, CaseIterable {
    /// Arithmetic on 16-bit floating-point numbers, not only their storage.
    case f16Arithmetic
    case f64Arithmetic
    /// Sums, minima and maxima over a sub-group.
    case subgroupArithmetic
    case subgroupBallot
    /// Reading a register of another lane.
    case subgroupShuffle
    /// Sums of four products of 8-bit integers in one operation.
    case integerDotProduct
    /// The device is a processor: work-items of a work-group run one after the other, in vectors.
    case hostProcessor
    /// Host and device share their memory.
    case unifiedMemory
}

/// Who made a device: for kernels that use what only one vendor has, as `device.is.<name>`.
public enum DeviceVendor: String, Codable, Sendable, CaseIterable {
    case amd, apple, arm, intel, nvidia, qualcomm

    /// By the vendor's number on PCI, which OpenCL and Vulkan give; `nil` for others.
    public init?(pciVendor: Int) {
        switch pciVendor {
        case 0x1002, 0x1022: self = .amd
        case 0x106B: self = .apple
        case 0x13B5: self = .arm
        case 0x8086: self = .intel
        case 0x10DE: self = .nvidia
        case 0x5143: self = .qualcomm
        default: return nil
        }
    }
}

/// A kind of arithmetic with a peak of its own, lower peaks first: what bounds a kernel that computes in it.
public enum ArithmeticRate: String, Codable, Sendable, CaseIterable {
    /// Multiply-adds of float32.
    case f32
    /// Multiply-adds of packed float16.
    case f16
    /// Dot products of 8-bit integers, summed in 32 bits.
    case int8Dot
    /// Matrix units: operands, then sums.
    case matrixF16F32, matrixBF16F32, matrixS8S32

    /// The internal family that measures its peak, in the precision of ``peakPrecision``; `nil` for those that no
    /// kernel uses yet.
    public var peakFamily: String? {
        switch self {
        case .f32: "peak-flops"
        case .int8Dot: "peak-int8-dot"
        case .matrixF16F32, .matrixBF16F32: "peak-matrix"
        case .matrixS8S32: "peak-matrix-int8"
        case .f16: nil
        }
    }

    /// How the tensors of ``peakFamily`` are stored.
    public var peakPrecision: Precision {
        switch self {
        case .matrixF16F32: .f16
        case .matrixBF16F32: .bf16
        case .f32, .f16, .int8Dot, .matrixS8S32: .f32
        }
    }

    /// A stage's own where its tensors are stored in a precision: matrix units have a rate for each type of the
    /// operands.
    func operands(_ precision: Precision) -> ArithmeticRate {
        self == .matrixF16F32 ? precision.matrixRate ?? self : self
    }

    /// Those of matrix units.
    static let matrixRates: [ArithmeticRate] = [.matrixF16F32, .matrixBF16F32, .matrixS8S32]
}

extension Precision {
    /// Products of matrices whose elements are stored so, with sums in float32; `nil` where they are not 16 bits.
    package var matrixRate: ArithmeticRate? {
        switch self {
        case .f32: nil
        case .f16: .matrixF16F32
        case .bf16: .matrixBF16F32
        }
    }
}

/// A product of small matrices that a matrix unit does: m × k times k × n.
public struct MatrixShape: Codable, Sendable, Hashable {
    public var rate: ArithmeticRate
    public var m: Int
    public var n: Int
    public var k: Int

    public init(_ rate: ArithmeticRate, m: Int, n: Int, k: Int) {
        self.rate = rate
        self.m = m
        self.n = n
        self.k = k
    }

    /// Whether any matrix unit has it.
    fileprivate var isPossible: Bool { [m, n, k].allSatisfy { (1...65536).contains($0) } }
}
