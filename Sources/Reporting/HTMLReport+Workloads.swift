import Results

/// What workloads are called on the page: kernels of models by the layers that they compute, and shapes that a user
/// gave by what tells them apart.
extension HTMLReport {
    /// Names of layers that a place has room for.
    private static let mostLayers = 3

    /// The layers that kernels of models compute, by family and workload.
    static func layers(_ runs: [RunRecord]) -> [[String]: [String]] {
        let points = runs.flatMap { $0.models ?? [] }.flatMap(\.points)
        return points.flatMap(\.layers).reduce(into: [:]) { names, layer in
            let key = [layer.family, layer.workload]
            if names[key]?.contains(layer.name) != true { names[key, default: []].append(layer.name) }
        }
    }

    /// What a kernel computes in the models of the page, `queries, keys, values; output`, before the shape that only
    /// its author can read. Empty for what is no layer.
    func layerWords(_ measurement: MeasurementRecord) -> String {
        guard let names = layers[[measurement.family, measurement.workload]] else { return "" }
        let rest = names.count - Self.mostLayers
        return names.prefix(Self.mostLayers).joined(separator: "; ") + (rest > 0 ? " and \(rest) more" : "")
    }

    /// Of shapes like `Hq=32,Lk=1024`, the parameters in which a family's differ, by family and workload.
    static func shapeNames(_ runs: [RunRecord]) -> [[String]: String] {
        let shapes = Set(
            runs.flatMap(\.measurements).filter { $0.workload.contains("=") }.map { [$0.family, $0.workload] })
        var names: [[String]: String] = [:]
        for (_, own) in Dictionary(grouping: shapes, by: { $0[0] }) where own.count > 1 {
            let parts = own.map { $0[1].split(separator: ",") }
            let common = parts.dropFirst().reduce(Set(parts[0])) { $0.intersection($1) }
            for (key, parts) in zip(own, parts) {
                names[key] = parts.filter { !common.contains($0) }.joined(separator: ",")
            }
        }
        return names
    }

    /// A workload beside others of its family.
    func shortName(_ family: String, _ workload: String) -> String {
        shapeNames[[family, workload]].flatMap { $0.isEmpty ? nil : $0 } ?? workload
    }
}
