import Glibc

/// Why a value could not be had from a power source.
package enum ReadFault: Error, Sendable, Equatable {
    /// EACCES or EPERM.
    case permission
    /// No such file: the source is not there, or has gone.
    case absent
    /// The sensor is switched off or has no value now (ENODATA).
    case disabled
    /// Any other error of the system, in words.
    case failed(String)
    /// The file was read, and what it holds is no value of its kind.
    case nonsense(String)
    /// A number that its source cannot mean, such as an error value or a power that its domain cannot draw. It may
    /// pass.
    case implausible(String)

    init(_ fault: SystemFault) {
        switch fault.errorNumber {
        case EACCES, EPERM: self = .permission
        case ENOENT, ENOTDIR, ENODEV, ENXIO: self = .absent
        case ENODATA: self = .disabled
        default: self = .failed(fault.description)
        }
    }

    /// True for what a device in reset, or one that was just switched on, may answer for a moment.
    var mayPass: Bool {
        switch self {
        case .failed, .implausible: true
        default: false
        }
    }

    package var words: String {
        switch self {
        case .permission: "permission denied"
        case .absent: "not there"
        case .disabled: "the sensor is switched off or has no value (ENODATA)"
        case .failed(let words): words
        case .nonsense(let words), .implausible(let words): words
        }
    }
}

/// A sysfs tree: the kernel's at `/sys`, or what `--sysfs` puts in its place.
package struct SysfsTree: Sendable {
    package let root: String
    package let system: any SystemAccess

    package init(root: String, system: any SystemAccess = OperatingSystem()) {
        self.root = root.count > 1 && root.hasSuffix("/") ? String(root.dropLast()) : root
        self.system = system
    }

    /// True when the tree is the running kernel's own.
    package var isKernel: Bool { system.isKernelSysfs(root) }

    package func path(_ relative: String) -> String { root + "/" + relative }

    /// Sorted names in a folder; empty when there is no such folder.
    package func list(_ path: String) -> [String] { ((try? system.entries(of: path)) ?? []).sorted() }

    package func exists(_ path: String) -> Bool {
        do throws(SystemFault) {
            _ = try system.contents(of: path, limit: 1)
            return true
        } catch {
            return ![ENOENT, ENOTDIR].contains(error.errorNumber)
        }
    }

    package func canonical(_ path: String) -> String { (try? system.canonicalPath(of: path)) ?? path }

    /// The first line of a text file such as `name`; `nil` when it is unreadable, empty or no text.
    package func text(_ path: String) -> String? {
        guard let bytes = try? system.contents(of: path, limit: 4096) else { return nil }
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        guard !line.isEmpty, line.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
        let words = String(decoding: line, as: UTF8.self)
        let trimmed = words.drop { $0 == " " }
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    /// A whole decimal number. Anything else in the file is ``ReadFault/nonsense(_:)``.
    package func integer(_ path: String) throws(ReadFault) -> Int64 {
        let bytes: [UInt8]
        do throws(SystemFault) {
            // The longest number that fits is 20 characters; a file that holds more is not a number.
            bytes = try system.contents(of: path, limit: 64)
        } catch {
            throw ReadFault(error)
        }
        guard let value = Self.parse(bytes) else { throw .nonsense(Self.describe(bytes)) }
        return value
    }

    /// A decimal number with an optional sign and nothing around it but trailing white space.
    static func parse(_ bytes: [UInt8]) -> Int64? {
        guard bytes.count < 64 else { return nil }
        var end = bytes.count
        while end > 0, bytes[end - 1] == UInt8(ascii: "\n") || bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
        let isNegative = end > 0 && bytes[0] == UInt8(ascii: "-")
        let digits = bytes[(isNegative ? 1 : 0)..<max(end, isNegative ? 1 : 0)]
        guard !digits.isEmpty else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            // The smallest number has no positive counterpart, so the sign is there from the first digit on.
            let one = Int64(digit - UInt8(ascii: "0"))
            let (sum, carry) = product.addingReportingOverflow(isNegative ? -one : one)
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    private static func describe(_ bytes: [UInt8]) -> String {
        guard !bytes.isEmpty else { return "the file is empty; expected a decimal number" }
        let shown = bytes.prefix(24).map { (0x20..<0x7F).contains($0) ? Character(UnicodeScalar($0)) : "?" }
        return "found '\(String(shown))', expected a decimal number"
    }

    /// The PCI address in the path of a device, as `0000:03:00.0`: the last component of that form.
    package func pciAddress(ofDeviceAt path: String) -> String? {
        canonical(path).split(separator: "/").last { Self.isPCIAddress($0) }.map(String.init)
    }

    static func isPCIAddress(_ component: Substring) -> Bool {
        let parts = component.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count >= 4, parts[1].count == 2 else { return false }
        let slot = parts[2].split(separator: ".", omittingEmptySubsequences: false)
        guard slot.count == 2, slot[0].count == 2, slot[1].count == 1 else { return false }
        return (parts[0] + parts[1] + slot[0] + slot[1]).allSatisfy(\.isHexDigit)
    }
}
