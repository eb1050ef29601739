import COpenCL
import Kernels
import Results

extension OpenCLDevice {
    /// Builds the stage's program once more, apart from those that are timed, and asks. NVIDIA's compiler says the
    /// most, and says it in its log; the API itself knows of shared and private memory alone.
    func inspect(
        _ stage: StagePlan, sources: KernelLibrary, disassembles: Bool
    ) throws(BackendError) -> CompiledStageRecord {
        var source = try OpenCLProgram.Source(stage, sources: sources, isHostProcessor: record.isHostProcessor)
        if limits.vendor == .nvidia { source.options += " -cl-nv-verbose" }
        let program = try build(source)
        let kernel = try pipeline(stage, of: program)
        var compiled = CompiledStageRecord(
            figures: CompilerFigures(unavailable: "\(record.driver) does not tell"))
        compiled.statistics = kernel.statistics(device: self)
        compiled.figures.add(kernelStatistics: compiled.statistics)
        let log = OpenCLCompilerLog(log(of: program))
        compiled.statistics.merge(log.statistics) { $1 }
        compiled.figures.add(compilerLog: log)
        let binary = program.binary(library.functions)
        if !binary.isEmpty {
            compiled.figures.codeBytes = .told(Double(binary.count), unit: "bytes of the whole binary")
        }
        // What NVIDIA's driver calls a binary is PTX.
        if disassembles, let text = String(validating: binary, as: UTF8.self) {
            compiled.listings = [CompiledStageRecord.Listing(name: "binary", text: text)]
        }
        return compiled
    }
}

/// What NVIDIA's assembler writes into the build log with -cl-nv-verbose: `ptxas info : Used 40 registers, 4096 bytes
/// smem`.
package struct OpenCLCompilerLog {
    package let statistics: [String: Double]

    package init(_ log: String) {
        var statistics: [String: Double] = [:]
        let words = log.split { $0.isWhitespace || $0 == "," }
        func number(_ index: Int) -> Double? { words.indices.contains(index) ? Double(words[index]) : nil }
        func keep(_ name: String, _ value: Double?) {
            guard let value else { return }
            // A log may speak of several functions: what counts is the largest.
            statistics[name] = max(statistics[name] ?? 0, value)
        }
        for (index, word) in words.enumerated() {
            let next = words.indices.contains(index + 1) ? words[index + 1] : ""
            switch (word, next) {
            case ("Used", _) where words.indices.contains(index + 2) && words[index + 2].hasPrefix("register"):
                keep("registers", number(index + 1))
            case ("bytes", "stack"): keep("stack bytes", number(index - 1))
            case ("bytes", "spill"):
                let kind = words.indices.contains(index + 2) ? words[index + 2] : ""
                keep(kind == "stores" ? "spill store bytes" : "spill load bytes", number(index - 1))
            case ("bytes", "smem"): keep("shared bytes", number(index - 1))
            default: break
            }
        }
        self.statistics = statistics
    }
}

extension CompilerFigures {
    /// What the API says of a kernel, by the names of its queries.
    fileprivate mutating func add(kernelStatistics: [String: Double]) {
        if let bytes = kernelStatistics["CL_KERNEL_LOCAL_MEM_SIZE"] { sharedMemoryBytes = .told(bytes) }
        if let bytes = kernelStatistics["CL_KERNEL_PRIVATE_MEM_SIZE"] {
            scratchBytes = .told(bytes, unit: "bytes a work-item")
        }
        if let bytes = kernelStatistics["CL_KERNEL_SPILL_MEM_SIZE_INTEL"] { spills = .told(bytes, unit: "bytes") }
        if let lanes = kernelStatistics["CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE"] { subgroupSize = .told(lanes) }
    }

    fileprivate mutating func add(compilerLog log: OpenCLCompilerLog) {
        if let count = log.statistics["registers"] { registers = .told(count) }
        if let bytes = log.statistics["spill store bytes"] { spills = .told(bytes, unit: "bytes") }
        if let bytes = log.statistics["stack bytes"] { scratchBytes = .told(bytes, unit: "bytes a work-item") }
        if let bytes = log.statistics["shared bytes"] { sharedMemoryBytes = .told(bytes) }
    }
}

extension OpenCLPipeline {
    /// What the driver answers of the queries about a compiled kernel.
    fileprivate func statistics(device: OpenCLDevice) -> [String: Double] {
        let longs: [(String, Int)] = [
            ("CL_KERNEL_LOCAL_MEM_SIZE", Int(CL_KERNEL_LOCAL_MEM_SIZE)),
            ("CL_KERNEL_PRIVATE_MEM_SIZE", Int(CL_KERNEL_PRIVATE_MEM_SIZE)),
            ("CL_KERNEL_SPILL_MEM_SIZE_INTEL", 0x4109),
        ]
        let sizes: [(String, Int)] = [
            ("CL_KERNEL_WORK_GROUP_SIZE", Int(CL_KERNEL_WORK_GROUP_SIZE)),
            ("CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE", Int(CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE)),
        ]
        var statistics: [String: Double] = [:]
        for (name, query) in longs + sizes {
            // A cl_ulong and a size_t are eight bytes alike.
            if let value = device.workGroupInfo(self, query) { statistics[name] = Double(value) }
        }
        return statistics
    }
}
