import Kernels
import Models
import Results

/// The models and ladders as `model --list` shows them.
struct ModelsListing: Encodable {
    struct Model: Encodable {
        let name: String
        let summary: String
        let source: String
        let parameters: Double
        let activeParameters: Double
        /// `nil` where the model reads as many tokens as it is given.
        let contextLimit: Int?
    }

    struct Ladder: Encodable {
        let name: String
        let summary: String
        let rungs: [RungRecord]
    }

    let schemaVersion = 1
    let models: [Model]
    let ladders: [Ladder]

    private enum CodingKeys: CodingKey { case schemaVersion, models, ladders }

    init(_ library: ModelLibrary, _ catalogue: Catalogue) throws(KernelError) {
        var request = ModelRequest()
        request.contexts = [1]
        models = try library.modelNames.map { name throws(KernelError) in
            let model = try library.model(name)
            let point = try ModelPlan(model, nil, request, library: library, catalogue: catalogue)
                .composed(from: nil).points.first
            return Model(
                name: name, summary: model.summary, source: model.source, parameters: point?.parameters ?? 0,
                activeParameters: point?.activeParameters ?? 0, contextLimit: model.longestContext)
        }
        ladders = try library.ladderNames.map { name throws(KernelError) in
            let ladder = try library.ladder(name)
            return Ladder(name: name, summary: ladder.summary, rungs: ladder.record.rungs)
        }
    }

    var text: String {
        let width = (models.map(\.name) + ladders.map(\.name)).map(\.count).max() ?? 0
        func line(_ name: String, _ text: String) -> String {
            "  \(name)\(String(repeating: " ", count: width - name.count))  \(text)\n"
        }
        var text = "models\n"
        for model in models {
            let active =
                model.activeParameters < model.parameters
                ? ", \(NumberFormat.quantity(model.activeParameters, .parameters)) a token" : ""
            let size = NumberFormat.quantity(model.parameters, .parameters)
            text += line(model.name, "\(size) parameters\(active). \(model.summary)")
        }
        text += "\nladders\n"
        for ladder in ladders { text += line(ladder.name, "\(ladder.rungs.count) rungs. \(ladder.summary)") }
        return text
    }
}
