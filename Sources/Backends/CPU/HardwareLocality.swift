import CHwloc
import Platform

/// The topology as hwloc tells it. The library is opened at run time, so that a machine without it does as well.
enum HardwareLocality {
    private typealias Topology = hwloc_topology_t

    /// The topology, cores restricted to those with a processor in `allowed`; `nil` when hwloc is missing or fails.
    static func topology(allowed: Set<Int>) -> CPUTopology? {
        guard let library = try? DynamicLibrary(["libhwloc.so.15"]) else { return nil }
        return try? read(library, allowed: allowed)
    }

    private static func read(
        _ library: borrowing DynamicLibrary, allowed: Set<Int>
    ) throws(DynamicLibrary.LoadError) -> CPUTopology? {
        let create = unsafe try library.function(
            "hwloc_topology_init", as: (@convention(c) (UnsafeMutablePointer<Topology?>) -> Int32).self)
        let load = unsafe try library.function("hwloc_topology_load", as: (@convention(c) (Topology) -> Int32).self)
        let destroy = unsafe try library.function(
            "hwloc_topology_destroy", as: (@convention(c) (Topology) -> Void).self)
        let objects = try Objects(library)

        var created: Topology?
        guard unsafe create(&created) == 0, let topology = unsafe created else { return nil }
        defer { unsafe destroy(topology) }
        guard unsafe load(topology) == 0 else { return nil }

        let cores = unsafe objects.processors(of: topology).compactMap { $0.first { allowed.contains($0) } }
        let second = unsafe objects.cacheBytes(topology, HWLOC_OBJ_L2CACHE) ?? 256 << 10
        let last = unsafe objects.cacheBytes(topology, HWLOC_OBJ_L3CACHE) ?? second
        return cores.isEmpty
            ? nil
            : CPUTopology(
                cores: cores, secondLevelCacheBytes: second, lastLevelCacheBytes: max(second, last), source: "hwloc")
    }

    /// The functions that walk a loaded topology.
    @safe private struct Objects {
        private let depth: @convention(c) (Topology, hwloc_obj_type_t) -> Int32
        private let object: @convention(c) (Topology, Int32, UInt32) -> hwloc_obj_t?
        private let nextBit: @convention(c) (hwloc_const_bitmap_t, Int32) -> Int32

        init(_ library: borrowing DynamicLibrary) throws(DynamicLibrary.LoadError) {
            unsafe depth = try library.function(
                "hwloc_get_type_depth", as: (@convention(c) (Topology, hwloc_obj_type_t) -> Int32).self)
            unsafe object = try library.function(
                "hwloc_get_obj_by_depth", as: (@convention(c) (Topology, Int32, UInt32) -> hwloc_obj_t?).self)
            unsafe nextBit = try library.function(
                "hwloc_bitmap_next", as: (@convention(c) (hwloc_const_bitmap_t, Int32) -> Int32).self)
        }

        /// Logical processors of each core.
        @unsafe func processors(of topology: Topology) -> [[Int]] {
            var cores: [[Int]] = []
            let level = unsafe depth(topology, HWLOC_OBJ_CORE)
            while level >= 0, let core = unsafe object(topology, level, UInt32(cores.count)) {
                var processors: [Int] = []
                if let set = unsafe core.pointee.cpuset {
                    var bit = unsafe nextBit(set, -1)
                    while bit >= 0 {
                        processors.append(Int(bit))
                        bit = unsafe nextBit(set, bit)
                    }
                }
                cores.append(processors)
            }
            return cores
        }

        /// The size of the first cache of a type, or `nil` without one.
        @unsafe func cacheBytes(_ topology: Topology, _ type: hwloc_obj_type_t) -> Int? {
            let level = unsafe depth(topology, type)
            guard level >= 0, let cache = unsafe object(topology, level, 0), let attributes = unsafe cache.pointee.attr
            else { return nil }
            let size = Int(clamping: unsafe attributes.pointee.cache.size)
            return size > 0 ? size : nil
        }
    }
}
