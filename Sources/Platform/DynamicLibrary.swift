import Glibc

/// A shared library opened at run time, closed when the value goes away.
@safe public struct DynamicLibrary: ~Copyable, @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer

    /// Why a library or a symbol is not there, as the loader says it.
    public struct LoadError: Error, Sendable, Equatable, CustomStringConvertible {
        public let description: String
    }

    /// Opens the first of `names` that can be opened.
    public init(_ names: [String]) throws(LoadError) {
        var reasons: [String] = []
        for name in names {
            if let handle = unsafe dlopen(name, RTLD_NOW | RTLD_LOCAL) {
                unsafe self.handle = handle
                return
            }
            reasons.append(unsafe dlerror().map { unsafe String(cString: $0) } ?? "\(name): cannot be opened")
        }
        throw LoadError(description: reasons.joined(separator: "; "))
    }

    deinit { unsafe _ = dlclose(handle) }

    /// The function `name`, cast to `type`, which must be its C type.
    public func function<Function>(_ name: String, as type: Function.Type) throws(LoadError) -> Function {
        guard let symbol = unsafe dlsym(handle, name) else {
            throw LoadError(description: "the library has no function '\(name)'")
        }
        return unsafe unsafeBitCast(symbol, to: type)
    }
}
