/// What can go wrong on a device.
public struct BackendError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: Sendable {
        /// The backend's loader, driver or device is not here.
        case missing
        /// A kernel does not compile; the description carries the compiler's log.
        case compilation
        /// The device has no memory left, or refuses a buffer of this size.
        case outOfMemory
        /// The work is larger than what the device takes.
        case limit
        /// The device does not do this at all.
        case unsupported
        /// A kernel raised an error of its own, after which the device goes on: a function in Python.
        case function
        /// The driver answered with an error, after which nothing that it does is to be trusted.
        case driver
        /// What drives the device is gone, with all that it held.
        case lost
    }

    public var code: Code
    public var description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
