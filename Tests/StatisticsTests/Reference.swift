import Foundation

/// Figures of SciPy, NumPy, statsmodels and arch; `Tests/Fixtures/statistics/reference.py` makes the file.
struct Reference: Decodable {
    struct Summary: Decodable {
        let median: Double
        let mean: Double
        let standardDeviation: Double
        let quantiles: [String: Double]
        let optimalBlockLength: Double?
        let bootstrap: [Double]
    }

    struct MannWhitney: Decodable {
        let first: String
        let second: String
        let statistic: Double
        let pValue: Double
    }

    struct SignedRank: Decodable {
        let name: String
        let differences: [Double]
        let statistic: Double
        let pValue: Double
    }

    struct Ratio: Decodable {
        let first: String
        let second: String
        let ratio: Double
        let interval: [Double]
    }

    struct Holm: Decodable {
        let pValues: [Double]
        let corrected: [Double]
    }

    struct Normal: Decodable {
        let probability: Double
        let quantile: Double
    }

    let series: [String: [Double]]
    let summaries: [String: Summary]
    let mannWhitney: [MannWhitney]
    let signedRank: [SignedRank]
    let ratios: [Ratio]
    let holm: Holm
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
