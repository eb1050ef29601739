import Glibc

/// Finds programs as a shell does.
public enum ExecutableSearch {
    /// The path of the first of `names` that can be executed; a name with a slash in it is a path already.
    public static func firstPath(of names: [String]) -> String? {
        let variable = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        let folders = variable.split(separator: ":").map(String.init)
        for name in names {
            if name.contains("/") {
                if unsafe access(name, X_OK) == 0 { return name }
                continue
            }
            for folder in folders where unsafe access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
        }
        return nil
    }
}
