import Foundation

/// Figures of SciPy, NumPy and arch; `Tests/Fixtures/statistics/reference.py` makes the file.
struct Reference: Decodable {
    struct Summary: Decodable {
        let median: Double
        let mean: Double
        let standardDeviation: Double
        let quantiles: [String: Double]
        let optimalBlockLength: Double?
        /// Of resamples drawn one by one, by the quantile.
        let standardErrors: [String: Double]
    }

    struct Student: Decodable {
        let probability: Double
        let degrees: Double
        let quantile: Double
    }

    struct Beta: Decodable {
        let x: Double
        let a: Double
        let b: Double
        let value: Double
    }

    struct Normal: Decodable {
        let probability: Double
        let quantile: Double
    }

    let series: [String: [Double]]
    let summaries: [String: Summary]
    let student: [Student]
    let beta: [Beta]
    let normal: [Normal]

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/statistics/reference.json")
        self = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
    }
}

func isClose(_ found: Double, _ expected: Double, relative: Double = 1e-6, absolute: Double = 1e-12) -> Bool {
    abs(found - expected) <= max(relative * abs(expected), absolute)
}
