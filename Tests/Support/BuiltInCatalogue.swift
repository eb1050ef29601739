import Kernels

extension Catalogue {
    private static let builtIn = Result { try Catalogue() }

    /// The built-in catalogue, read once for all tests.
    public static func shared() throws -> Catalogue { try builtIn.get() }
}
