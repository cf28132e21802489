import Foundation

/// The small bilingual model that comes with the program.
public enum EmbeddedModel {
    /// The checkpoint's directory, with `config.json`, `tokenizer.json` and `model.safetensors`.
    ///
    /// The program's resource folder has to lie beside the program, as the build puts it; without it the program ends.
    public static var directory: String {
        Bundle.module.resourceURL?.appendingPathComponent("EmbeddedModel").path ?? ""
    }
}
