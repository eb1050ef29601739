import Glibc

/// Memory of a buffer: on pages of its own, so that a large one can have large pages.
@safe struct CPUMemory: ~Copyable {
    let start: UnsafeMutableRawPointer
    let byteCount: Int
    /// What is mapped with the pages before and behind; `nil` for memory of the allocator.
    private let guarded: (base: UnsafeMutableRawPointer, byteCount: Int)?

    private static let largePage = 2 << 20

    /// - Parameter prefersLargePages: asks for pages of 2 MiB; `nil`: when at least half of the first one is filled.
    /// - Throws: ``BackendError`` with code `outOfMemory`.
    init(byteCount: Int, prefersLargePages: Bool? = nil) throws(BackendError) {
        let largePage = Self.largePage
        // Pages of 2 MiB need as many bytes, aligned; glibc's allocator would not align them.
        let granule = prefersLargePages ?? (byteCount >= largePage / 2) ? largePage : 4096
        let (padded, overflow) = byteCount.addingReportingOverflow(granule)
        guard byteCount >= 0, !overflow else {
            throw BackendError(.outOfMemory, "a buffer of \(byteCount) bytes is not possible")
        }
        let mappedBytes = max(padded / granule, 1) * granule
        guard let memory = unsafe aligned_alloc(granule, mappedBytes) else {
            throw BackendError(.outOfMemory, "the system has no \(byteCount) bytes for a buffer")
        }
        // Fewer misses of the translation buffer, and memory that is one piece to the second-level cache too: on small
        // pages, wherever they lie, panels that fit into it displace each other in one process (23 operations a cycle
        // of a matrix product on Zen 3) and not in the next (31). A system that refuses costs speed only.
        if granule == largePage { _ = unsafe madvise(memory, mappedBytes, Int32(MADV_HUGEPAGE)) }
        unsafe start = memory
        self.byteCount = byteCount
        unsafe guarded = nil
    }

    /// The pages before and behind may not be touched, and the end is as close to the latter as an alignment to 64
    /// bytes permits: for tests, which so find the kernel that leaves its buffers.
    ///
    /// - Throws: ``BackendError`` with code `outOfMemory`.
    init(guarding byteCount: Int) throws(BackendError) {
        let page = 4096
        let inner = (max(byteCount, 1) + page - 1) / page * page
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        guard let base = unsafe mmap(nil, inner + 2 * page, PROT_NONE, flags, -1, 0), unsafe base != MAP_FAILED,
            unsafe mprotect(base + page, inner, PROT_READ | PROT_WRITE) == 0
        else {
            throw BackendError(.outOfMemory, "the system has no \(byteCount) bytes for a guarded buffer")
        }
        unsafe start = base + page + (inner - (byteCount + 63) / 64 * 64)
        self.byteCount = byteCount
        unsafe guarded = (base, inner + 2 * page)
    }

    deinit {
        if let guarded = unsafe guarded {
            unsafe munmap(guarded.base, guarded.byteCount)
        } else {
            unsafe free(start)
        }
    }

    /// - Precondition: `bytes` are no more than the buffer's.
    func write(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { source in
            if let base = source.baseAddress { unsafe start.copyMemory(from: base, byteCount: source.count) }
        }
    }

    /// - Precondition: `count` is no more than the buffer's.
    func read(byteCount count: Int) -> [UInt8] {
        unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    func fill(_ pattern: UInt32) {
        let words = byteCount / 4
        unsafe start.initializeMemory(as: UInt32.self, repeating: pattern, count: words)
        for index in words * 4..<byteCount {
            let byte = UInt8(truncatingIfNeeded: pattern >> UInt32(8 * (index % 4)))
            unsafe start.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
        }
    }
}
