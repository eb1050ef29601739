import COpenCL
import Kernels

/// A program built for one device, with the text that it was built from.
final class OpenCLProgram {
    /// What decides a program: two stages with the same share one.
    struct Source: Hashable {
        let text: String
        var options: String

        init(_ stage: StagePlan, sources: KernelLibrary, isHostProcessor: Bool) throws(BackendError) {
            let path = "\(stage.sourcePath).cl"
            guard sources.contains(path) else {
                throw BackendError(
                    .unsupported,
                    "\(stage.family)/\(stage.strategy) has no OpenCL form of the stage '\(stage.name)' (\(path))")
            }
            let bindings = OpenCLBindings(
                stage.interface, constants: stage.constants, workGroupSize: stage.workGroupSize,
                precision: stage.precision, isHostProcessor: isHostProcessor)
            do { text = bindings.text + "#line 1 \"\(path)\"\n" + (try sources.textResolvingIncludes(path)) } catch {
                throw BackendError(.compilation, error.description)
            }
            // Headers of compilers have this extension's functions from OpenCL C 2.0 on only.
            let version = text.contains("cl_khr_integer_dot_product") ? "CL3.0" : "CL1.2"
            options = "-cl-std=\(version) -cl-mad-enable -cl-kernel-arg-info"
        }
    }

    let object: OpenCLObject<ProgramKind>

    /// Compiles and links.
    ///
    /// - Throws: ``BackendError`` with code `compilation`, with the compiler's log.
    init(_ source: Source, library: OpenCLLibrary, context: OpaquePointer, device: OpaquePointer) throws(BackendError) {
        let functions = library.functions
        let text = source.text.utf8CString
        object = unsafe try OpenCLObject(
            library, releasedBy: functions.releaseProgram, asked: "clCreateProgramWithSource"
        ) { status in
            unsafe text.withUnsafeBufferPointer { characters in
                var start = characters.baseAddress
                var length = characters.count - 1
                return unsafe functions.createProgramWithSource(context, 1, &start, &length, status)
            }
        }
        var device: OpaquePointer? = unsafe device
        let status = unsafe functions.buildProgram(object.pointer, 1, &device, source.options, nil, nil)
        guard status != CL_SUCCESS else { return }
        let log = unsafe Self.log(functions, object.pointer, device)
        do { try OpenCLStatus.check(status, "clBuildProgram \(source.options)") } catch {
            throw BackendError(error.code, error.description + (log.isEmpty ? "" : "\n" + log))
        }
    }

    /// What the compiler said.
    static func log(
        _ functions: OpenCLFunctions, _ program: OpaquePointer, _ device: OpaquePointer?
    ) -> String {
        var byteCount = 0
        let parameter = cl_program_build_info(CL_PROGRAM_BUILD_LOG)
        guard unsafe functions.getProgramBuildInfo(program, device, parameter, 0, nil, &byteCount) == CL_SUCCESS,
            byteCount > 0
        else { return "" }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        guard
            unsafe functions.getProgramBuildInfo(program, device, parameter, byteCount, &bytes, nil) == CL_SUCCESS
        else { return "" }
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    /// What the driver would keep of the program; empty where it gives nothing. Made for one device.
    func binary(_ functions: OpenCLFunctions) -> [UInt8] {
        var byteCount = 0
        let word = MemoryLayout<Int>.size
        guard
            unsafe functions.getProgramInfo(object.pointer, cl_uint(CL_PROGRAM_BINARY_SIZES), word, &byteCount, nil)
                == CL_SUCCESS, byteCount > 0
        else { return [] }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        let status = unsafe bytes.withUnsafeMutableBytes { bytes in
            var target = bytes.baseAddress
            return unsafe functions.getProgramInfo(
                object.pointer, cl_uint(CL_PROGRAM_BINARIES), MemoryLayout<UnsafeMutableRawPointer?>.size, &target, nil)
        }
        return status == CL_SUCCESS ? bytes : []
    }
}
