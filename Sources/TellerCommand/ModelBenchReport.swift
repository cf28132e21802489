import Foundation
import TellerMessages
import Transformer

/// What `teller model bench` prints.
struct ModelBenchReport: Sendable {
    /// What was measured.
    struct Model: Sendable {
        let name: String
        let revision: String
        let weights: WeightFormat
        let parameterCount: Int
        /// Bytes of weights that computing one token reads.
        let bytesPerToken: Int
        /// Multiplications, each with its addition, that computing one prompt token takes, without those of attention.
        let productsPerToken: Int

        init(_ model: LanguageModel) {
            self.name = model.name
            self.revision = model.revision
            self.weights = model.weights
            self.parameterCount = model.parameterCount
            let shape = model.configuration
            let vocabulary = shape.vocabularySize * shape.hiddenSize
            // One row of an embedding is read, and the head is left out but for the prompt's last token.
            let stored = model.memory.values.reduce(0, +)
            let embedding = shape.tiesEmbeddings ? 0 : vocabulary
            self.bytesPerToken = stored - stored * embedding / model.parameterCount
            self.productsPerToken = model.parameterCount - embedding - vocabulary
        }

        var title: String {
            "\(self.name) (\(ModelBenchReport.text(Double(self.parameterCount) / 1e6, 0)) M parameters, \(self.weights.rawValue))"
        }

        var json: JSONObject {
            var object = JSONObject()
            object["model"] = .string(self.name)
            object["revision"] = .string(self.revision)
            object["weights"] = .string(self.weights.rawValue)
            object["parameters"] = .integer(self.parameterCount)
            return object
        }
    }

    struct Row: Sendable {
        let threads: Int
        let batch: Int
        let prompt: Int
        let generate: Int
        /// For all prompts, and the first token after each.
        let prefill: Duration
        /// For all new tokens after these.
        let decode: Duration
        let peakMemory: Int

        var prefillRate: Double { Double(self.batch * self.prompt) / (self.prefill / .seconds(1)) }
        var decodeRate: Double { Double(self.batch * self.generate) / (self.decode / .seconds(1)) }
    }

    let model: Model
    let loadTime: Duration
    let rows: [Row]
    /// By threads.
    let limits: [Int: ProcessorLimits]

    /// Of the bytes that could be read in the time of decoding, the share that the weights are.
    private func bandwidthFraction(_ row: Row) -> Double {
        let steps = row.decodeRate / Double(row.batch)
        return Self.ratio(steps * Double(self.model.bytesPerToken), self.limits[row.threads]?.readBandwidth)
    }

    /// Of the operations that could be done in the time of prefill, the share that the matrix products are.
    private func peakFraction(_ row: Row) -> Double {
        Self.ratio(2 * row.prefillRate * Double(self.model.productsPerToken), self.limits[row.threads]?.peakRate)
    }

    private static func ratio(_ value: Double, _ limit: Double?) -> Double {
        guard let limit, limit > 0 else { return 0 }
        return value / limit
    }

    var json: JSONValue {
        var object = self.model.json
        object["limits"] = .array(
            self.limits.sorted { $0.key < $1.key }.map { threads, limits in
                [
                    "threads": .integer(threads), "read_bytes_per_second": .decimals(limits.readBandwidth, 0),
                    "peak_operations_per_second": .decimals(limits.peakRate, 0),
                ]
            })
        object["rows"] = .array(
            self.rows.map { row in
                [
                    "weights": .string(self.model.weights.rawValue), "threads": .integer(row.threads),
                    "batch": .integer(row.batch), "prompt": .integer(row.prompt), "generate": .integer(row.generate),
                    "prefill_tokens_per_second": .decimals(row.prefillRate, 2),
                    "decode_tokens_per_second": .decimals(row.decodeRate, 2),
                    "load_seconds": .decimals(self.loadTime / .seconds(1), 3),
                    "peak_resident_bytes": .integer(row.peakMemory),
                    "peak_fraction": .decimals(self.peakFraction(row), 3),
                    "bandwidth_fraction": .decimals(self.bandwidthFraction(row), 3),
                ]
            })
        return .object(object)
    }

    var table: String {
        var lines = [self.model.title]
        for (threads, limits) in self.limits.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "\(threads) threads read \(Self.text(limits.readBandwidth / 1e9, 1)) GB/s and do "
                    + "\(Self.text(limits.peakRate / 1e9, 0)) G operations/s")
        }
        lines.append(Self.line("threads", "batch", "prefill/s", "of peak", "decode/s", "of memory", "load s", "peak MB"))
        for row in self.rows {
            lines.append(
                Self.line(
                    "\(row.threads)", "\(row.batch)", Self.text(row.prefillRate, 1), Self.percent(self.peakFraction(row)),
                    Self.text(row.decodeRate, 1), Self.percent(self.bandwidthFraction(row)),
                    Self.text(self.loadTime / .seconds(1), 2), Self.text(Double(row.peakMemory) / 1e6, 0)))
        }
        return lines.joined(separator: "\n")
    }

    private static func line(_ cells: String...) -> String {
        cells.map { String(repeating: " ", count: max(1, 11 - $0.count)) + $0 }.joined()
    }

    private static func percent(_ fraction: Double) -> String { Self.text(fraction * 100, 0) + " %" }

    static func text(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}

extension JSONValue {
    /// A number with so many digits after the point.
    static func decimals(_ value: Double, _ digits: Int) -> JSONValue {
        .number(String(format: "%.\(digits)f", value.isFinite ? value : 0))
    }
}
