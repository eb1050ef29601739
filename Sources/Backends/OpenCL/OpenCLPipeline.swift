import COpenCL
import Kernels

/// A stage's kernel object, its scalar arguments set, with the grid that it is dispatched over.
final class OpenCLPipeline {
    private let library: OpenCLLibrary
    /// Keeps the program in the device's cache alive as long as its kernels.
    private let program: OpenCLProgram
    let kernel: OpenCLObject<KernelKind>
    private let globalSize: [Int]
    private let localSize: [Int]
    private var boundBuffers: [BufferID]
    let stageName: String
    let bufferCount: Int

    init(_ stage: StagePlan, program: OpenCLProgram, library: OpenCLLibrary, device: OpaquePointer)
        throws(BackendError)
    {
        let functions = library.functions
        self.library = library
        self.program = program
        stageName = "\(stage.family)/\(stage.strategy) '\(stage.name)'"
        bufferCount = stage.buffers.count
        boundBuffers = []
        localSize = stage.workGroupSize
        globalSize = zip(stage.workGroups, stage.workGroupSize).map { $0 * $1 }
        kernel = unsafe try OpenCLObject(
            library, releasedBy: functions.releaseKernel, asked: "\(stageName): clCreateKernel '\(stage.name)'"
        ) { status in
            let name = OpenCLBindings.kernelName(ofStage: stage.name)
            let kernel = unsafe functions.createKernel(program.object.pointer, name, status)
            guard unsafe status.pointee == CL_INVALID_KERNEL_NAME else { return unsafe kernel }
            // A source that says `__kernel` itself calls its kernel like the stage.
            return unsafe functions.createKernel(program.object.pointer, stage.name, status)
        }
        guard globalSize.allSatisfy({ $0 > 0 }) else {
            throw BackendError(.limit, "\(stageName): a grid of \(stage.workGroups) work-groups has nothing to run")
        }
        try checkArgumentCount(stage)
        unsafe try checkWorkGroupSize(stage, device: device)
        try setScalars(stage.arguments)
    }

    private func checkArgumentCount(_ stage: StagePlan) throws(BackendError) {
        var count: cl_uint = 0
        let status = unsafe library.functions.getKernelInfo(
            kernel.pointer, cl_uint(CL_KERNEL_NUM_ARGS), MemoryLayout<cl_uint>.size, &count, nil)
        try OpenCLStatus.check(status, "\(stageName): CL_KERNEL_NUM_ARGS")
        let names = stage.buffers + stage.arguments.map(\.name)
        guard Int(count) == names.count else {
            throw BackendError(
                .compilation,
                "\(stageName): the kernel takes \(count) arguments; expected \(names.count): "
                    + names.joined(separator: ", "))
        }
        // Where the source says its arguments itself, they may come in another order.
        for (index, name) in names.enumerated() {
            guard let found = argumentName(index), found != name else { continue }
            throw BackendError(
                .compilation,
                "\(stageName): the kernel's argument \(index + 1) is '\(found)'; the definitions give '\(name)' there")
        }
    }

    /// `nil` where the driver keeps no names.
    private func argumentName(_ index: Int) -> String? {
        var bytes = [UInt8](repeating: 0, count: 256)
        let status = unsafe library.functions.getKernelArgInfo(
            kernel.pointer, cl_uint(index), cl_kernel_arg_info(CL_KERNEL_ARG_NAME), bytes.count, &bytes, nil)
        let name = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        return status == CL_SUCCESS && !name.isEmpty ? name : nil
    }

    private func checkWorkGroupSize(_ stage: StagePlan, device: OpaquePointer) throws(BackendError) {
        var largest = 0
        let status = unsafe library.functions.getKernelWorkGroupInfo(
            kernel.pointer, device, cl_kernel_work_group_info(CL_KERNEL_WORK_GROUP_SIZE), MemoryLayout<Int>.size,
            &largest, nil)
        try OpenCLStatus.check(status, "\(stageName): CL_KERNEL_WORK_GROUP_SIZE")
        let wanted = stage.workGroupSize.reduce(1, *)
        guard wanted <= largest else {
            throw BackendError(
                .limit,
                "\(stageName) wants \(wanted) work-items a work-group; the device runs this kernel with at most \(largest)"
            )
        }
    }

    private func setScalars(_ arguments: [NamedValue]) throws(BackendError) {
        for (offset, argument) in arguments.enumerated() {
            let status: cl_int
            let index = cl_uint(bufferCount + offset)
            switch argument.value {
            case .integer(let integer):
                guard var value = Int32(exactly: integer) else {
                    throw BackendError(.limit, "\(stageName): \(argument.name) = \(integer) does not fit 32 bits")
                }
                status = unsafe library.functions.setKernelArg(kernel.pointer, index, 4, &value)
            case .real(let real):
                var value = Float(real)
                status = unsafe library.functions.setKernelArg(kernel.pointer, index, 4, &value)
            }
            try OpenCLStatus.check(status, "\(stageName): argument \(argument.name)")
        }
    }

    /// Sets the buffers as arguments, unless they are set already, and enqueues the kernel.
    ///
    /// - Parameter event: where the driver puts a new event, or `nil` for none.
    func enqueue(
        on queue: OpaquePointer, buffers: [BufferID], memory: [BufferID: OpenCLBuffer], event: OpenCLFunctions.EventOut?
    ) throws(BackendError) {
        if buffers != boundBuffers { try bind(buffers, memory) }
        let status = unsafe library.functions.enqueueNDRangeKernel(
            queue, kernel.pointer, 3, nil, globalSize, localSize, 0, nil, event)
        try OpenCLStatus.check(status, "\(stageName): clEnqueueNDRangeKernel")
    }

    private func bind(_ buffers: [BufferID], _ memory: [BufferID: OpenCLBuffer]) throws(BackendError) {
        boundBuffers = []
        for (index, id) in buffers.enumerated() {
            guard let buffer = memory[id] else {
                throw BackendError(.driver, "\(stageName): buffer \(id.rawValue) is not this device's")
            }
            var pointer: OpaquePointer? = unsafe buffer.object.pointer
            let status = unsafe library.functions.setKernelArg(
                kernel.pointer, cl_uint(index), MemoryLayout<OpaquePointer?>.size, &pointer)
            try OpenCLStatus.check(status, "\(stageName): buffer \(index)")
        }
        boundBuffers = buffers
    }
}

/// Memory on a device.
final class OpenCLBuffer {
    let object: OpenCLObject<MemoryKind>
    let byteCount: Int

    init(byteCount: Int, library: OpenCLLibrary, context: OpaquePointer) throws(BackendError) {
        let functions = library.functions
        self.byteCount = byteCount
        object = unsafe try OpenCLObject(
            library, releasedBy: functions.releaseMemObject, asked: "a buffer of \(byteCount) bytes"
        ) { status in
            unsafe functions.createBuffer(context, cl_mem_flags(CL_MEM_READ_WRITE), max(byteCount, 1), nil, status)
        }
    }
}
