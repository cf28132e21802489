extension RotaryEmbedding {
    /// Reads `rope_parameters` (transformers 5), or `rope_theta` and `rope_scaling` (earlier).
    init(_ fields: inout ConfigurationFields, contextLength: Int, source: String) throws(TransformerError) {
        let theta = try fields.positive("rope_theta")
        let legacyScaling = fields.value("rope_scaling")
        guard let parameters = fields.value("rope_parameters") ?? legacyScaling else {
            self.init(base: theta ?? 10_000, scaling: .none)
            return
        }
        var scalingFields = try ConfigurationFields(parameters, source: "\(source): the rotary embedding")
        let base = try scalingFields.positive("rope_theta") ?? theta ?? 10_000
        let scaling = try Scaling(&scalingFields, contextLength: contextLength, source: source)
        try scalingFields.require("partial_rotary_factor", "1") { $0.double == 1 }
        try scalingFields.finish(ignoring: ["original_max_position_embeddings"])
        self.init(base: base, scaling: scaling)
    }
}

extension RotaryEmbedding.Scaling {
    fileprivate init(
        _ fields: inout ConfigurationFields, contextLength: Int, source: String
    ) throws(TransformerError) {
        let legacyType = try fields.string("type")
        let type = try fields.string("rope_type") ?? legacyType ?? "default"
        switch type {
        case "default": self = .none
        case "linear": self = .linear(factor: try fields.requiredPositive("factor"))
        case "llama3":
            let originalContext = try fields.integer("original_max_position_embeddings", in: 1...1 << 24)
            let low = try fields.requiredPositive("low_freq_factor")
            let high = try fields.requiredPositive("high_freq_factor")
            guard high > low else { throw fields.malformed("high_freq_factor", "above low_freq_factor") }
            self = .llama3(
                factor: try fields.requiredPositive("factor"), low: low, high: high,
                originalContext: originalContext ?? contextLength)
        default:
            throw TransformerError(
                .unsupported,
                "\(source): the rotary embedding type \"\(type.prefix(80))\" is not supported; "
                    + "supported: default, linear, llama3.")
        }
    }
}
