import FoundationEssentials
import Results

/// A fault of a driver, by its name and version, with what is done about it: rungs that are passed over without a
/// trial, since a small trial does not show every fault; variables that the driver reads; or nothing, where it is only
/// known that something fails.
///
/// The table is faults.json beside this file, which the trials on many drivers read too: a new fault is an entry there.
package struct DriverFault: Decodable, Sendable {
    let backend: String
    /// The driver's name and version contain one of these.
    let drivers: [String]
    /// The first version with the fault, as far as it was seen: `26.2`; `nil`: all.
    let since: String?
    /// The device's name contains one of these; `nil`: all devices.
    let devices: [String]?
    /// The device's name contains none of these.
    let exceptDevices: [String]?
    /// `nil`: all.
    let families: [String]?
    let strategies: [String]?
    /// Rungs that are passed over. One that is forced runs all the same.
    package let variants: [String]?
    /// What the driver finds in its environment, unless the user has set it.
    package let environment: [String: String]?
    package let reason: String
    /// Where it is told; `nil` where it was found here.
    package let link: String?

    /// All that are known.
    package static let all: [DriverFault] = {
        struct Table: Decodable { var faults: [DriverFault] }
        do { return try JSONDecoder().decode(Table.self, from: Data(PackageResources.faults_json)).faults } catch {
            // Part of the program, and held by a test.
            preconditionFailure("faults.json: \(error)")
        }
    }()

    package func concerns(_ device: DeviceRecord) -> Bool {
        concerns(driver: device.driver, of: device.backend) && (devices.map { contains($0, device.name) } ?? true)
            && !(exceptDevices.map { contains($0, device.name) } ?? false)
    }

    /// Whether it is one of all devices of a driver.
    func concerns(driver: String, of backend: String) -> Bool {
        backend == self.backend && contains(drivers, driver) && isSince(driver)
    }

    package func concerns(family: String, strategy: String) -> Bool {
        families?.contains(family) ?? true && strategies?.contains(strategy) ?? true
    }

    private func contains(_ parts: [String], _ text: String) -> Bool { parts.contains { text.contains($0) } }

    /// By the first word of the driver's text that is a version.
    private func isSince(_ driver: String) -> Bool {
        guard let since else { return true }
        func numbers(_ text: Substring) -> [Int] { text.split { !$0.isNumber }.compactMap { Int($0) } }
        for word in driver.split(separator: " ") where word.first?.isNumber == true && word.contains(".") {
            return !numbers(word).lexicographicallyPrecedes(numbers(since[...]))
        }
        return false
    }
}
