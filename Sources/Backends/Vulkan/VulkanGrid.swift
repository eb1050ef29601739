/// A grid of work-groups as dispatches that a device takes: one, or parts of the grid with the place where each begins.
///
/// Vulkan promises no more than 65535 work-groups along an axis, and some drivers keep to that. To a shader, the parts
/// are one grid: its work-groups' numbers include the base (`vkCmdDispatchBase`). How many there are it would be told
/// of its part alone, so a module that asks is not divided.
package struct VulkanGrid {
    package typealias Size = (x: UInt32, y: UInt32, z: UInt32)

    package let parts: [(base: Size, size: Size)]

    /// - Parameter largest: work-groups along an axis that a dispatch may have.
    package init(_ size: Size, largest: Size) {
        func ranges(_ count: UInt32, _ largest: UInt32) -> [(base: UInt32, size: UInt32)] {
            stride(from: 0, to: count, by: Int(max(largest, 1))).map { ($0, min(count - $0, largest)) }
        }
        let (columns, rows) = (ranges(size.x, largest.x), ranges(size.y, largest.y))
        parts = ranges(size.z, largest.z).flatMap { z in
            rows.flatMap { y in columns.map { x in ((x.base, y.base, z.base), (x.size, y.size, z.size)) } }
        }
    }

    /// Pipelines of divided grids are made for it.
    var isDivided: Bool { parts.count > 1 }
}
