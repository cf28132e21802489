import Foundation

/// The small bilingual model that comes with the program.
public enum EmbeddedModel {
    /// The checkpoint's directory, with `config.json`, `tokenizer.json` and `model.safetensors`.
    ///
    /// It is empty when the program was built without its resources.
    public static var directory: String {
        Bundle.module.resourceURL?.appendingPathComponent("EmbeddedModel").path ?? ""
    }
}
