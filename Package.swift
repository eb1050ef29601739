// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The package as one table, a row per target. Settings are applied to every row by the loop at the end.

/// Everything under kernels/ that the C compiler does not read: it reaches the program through the EmbedKernels plugin.
let embeddedKernelFiles: [String] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("kernels")
    let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    return paths.filter { path in
        let fileExtension = (path as NSString).pathExtension
        return !fileExtension.isEmpty && !["c", "h"].contains(fileExtension)
    }.sorted()
}()

/// The scripts of a folder: independent oracles, which tests start.
func pythonFiles(in folder: String) -> [String] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(folder)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
    return names.filter { $0.hasSuffix(".py") }.sorted()
}

let package = Package(
    name: "joulemark",
    products: [.executable(name: "joulemark", targets: ["joulemark"])],
    targets: [
        // Headers of libraries that are opened at run time, or (SQLite) linked from their static archive.
        .systemLibrary(name: "COpenCL"),
        .systemLibrary(name: "CVulkan"),
        .systemLibrary(name: "CHwloc"),
        .systemLibrary(name: "CSQLite"),

        // C: what Swift cannot import, and the kernels of the CPU backend.
        .target(name: "CPlatform"),
        // What stages bind is made by GenerateBindings, which runs before: C targets cannot have plugins of their own.
        .target(
            name: "CKernels", dependencies: ["KernelBindings"], path: "kernels", exclude: embeddedKernelFiles,
            publicHeadersPath: "cpu/include", cSettings: [.headerSearchPath("../.build/bindings")]),

        // Swift, each importing only targets above it.
        .target(name: "Platform", dependencies: ["CPlatform"]),
        .target(name: "Statistics"),
        .target(
            name: "Results", dependencies: ["Statistics", "Platform", "CSQLite"],
            // The static archive by its file name, so that the program asks for no libsqlite3.so.
            linkerSettings: [.linkedLibrary(":libsqlite3.a"), .linkedLibrary("m")]),
        .target(name: "Power", dependencies: ["Results", "Statistics", "Platform", "CPlatform"]),
        .target(name: "KernelDefinitions", dependencies: ["Platform"]),
        .target(name: "KernelBindings", plugins: ["GenerateBindings"]),
        .target(
            name: "Kernels", dependencies: ["KernelDefinitions", "Results", "Statistics", "Platform"],
            plugins: ["EmbedKernels"]),
        .target(
            name: "Backends",
            dependencies: ["Kernels", "Results", "Platform", "CKernels", "CPlatform", "COpenCL", "CVulkan", "CHwloc"],
            resources: [.embedInCode("Faults/faults.json")]),
        .target(
            name: "Models", dependencies: ["Kernels", "KernelDefinitions", "Results", "Statistics"],
            plugins: ["EmbedModels"]),
        .target(
            name: "Profiling", dependencies: ["Backends", "Kernels", "Power", "Results", "Statistics", "Platform"]),
        .target(
            name: "Reporting", dependencies: ["Results", "Statistics", "Platform"],
            resources: [.embedInCode("Page/report.css"), .embedInCode("Page/report.js")]),
        .target(name: "CommandLineKit"),
        .executableTarget(
            name: "joulemark",
            dependencies: [
                "CommandLineKit", "Reporting", "Profiling", "Models", "Backends", "Kernels", "Power", "Results",
                "Statistics",
                "Platform",
            ],
            // Swift's libraries are linked statically: one file to copy. With the flag here instead of on the command
            // line, the program and the tests, whose Testing library is dynamic only, share one build. The two
            // libraries are those that FoundationEssentials names only when it is compiled against as a static library.
            linkerSettings: [.unsafeFlags(["-static-stdlib", "-l_FoundationCollections", "-l_FoundationCShims"])],
            plugins: ["StampVersion"]),

        // Build time: compiles the GLSL stages and turns kernels/ into a Swift source of the target Kernels; writes the
        // headers that say what the C stages bind.
        .executableTarget(name: "embed-kernels", dependencies: ["KernelDefinitions", "Platform"]),
        .plugin(name: "EmbedKernels", capability: .buildTool(), dependencies: ["embed-kernels"]),
        .plugin(name: "EmbedModels", capability: .buildTool(), dependencies: ["embed-kernels"]),
        .plugin(name: "GenerateBindings", capability: .buildTool(), dependencies: ["embed-kernels"]),
        .plugin(name: "StampVersion", capability: .buildTool()),

        // Tests, and the live fake sysfs that they and curious people use.
        .target(
            name: "TestSupport", dependencies: ["Statistics", "Power", "Kernels", "Results", "Platform"],
            path: "Tests/Support", exclude: ["SysfsSimulator", "README.md"]),
        .testTarget(name: "PlatformTests", dependencies: ["Platform"]),
        .executableTarget(
            name: "sysfs-simulator", dependencies: ["TestSupport", "Platform"], path: "Tests/Support/SysfsSimulator"),
        .testTarget(name: "StatisticsTests", dependencies: ["Statistics", "TestSupport"]),
        .testTarget(name: "ResultsTests", dependencies: ["Results", "Statistics", "TestSupport", "record-runs"]),
        .executableTarget(name: "record-runs", dependencies: ["Results", "Statistics"], path: "Tests/RecordRuns"),
        .testTarget(name: "PowerTests", dependencies: ["Power", "Results", "Statistics", "Platform", "TestSupport"]),
        .testTarget(name: "KernelsTests", dependencies: ["Kernels", "Results", "Statistics", "TestSupport"]),
        .testTarget(
            name: "ModelsTests", dependencies: ["Models", "Kernels", "Results", "Statistics", "TestSupport"],
            exclude: pythonFiles(in: "Tests/ModelsTests")),
        .testTarget(
            name: "BackendsTests", dependencies: ["Backends", "Kernels", "Results", "Statistics", "TestSupport"]),
        .testTarget(
            name: "ProfilingTests",
            dependencies: ["Profiling", "Backends", "Kernels", "Power", "Results", "Statistics", "TestSupport"]),
        .testTarget(name: "ReportingTests", dependencies: ["Reporting", "Results", "Statistics", "TestSupport"]),
        .testTarget(name: "CommandLineKitTests", dependencies: ["CommandLineKit"]),
        .testTarget(
            name: "EndToEndTests", dependencies: ["Results", "Statistics", "TestSupport"],
            exclude: pythonFiles(in: "Tests/EndToEndTests")),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu17
)

for target in package.targets where ![.system, .plugin, .binary].contains(target.type) {
    let isC = target.name.first == "C" && target.name.dropFirst().first?.isUppercase == true
    if isC {
        target.cSettings =
            (target.cSettings ?? []) + [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)]
    } else {
        target.swiftSettings =
            (target.swiftSettings ?? []) + [
                .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
            ]
    }
}
