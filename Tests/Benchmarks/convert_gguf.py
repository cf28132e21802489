#!/usr/bin/env python3
"""Converts the checkpoint for llama.cpp, without a tokenizer: convert_gguf.py DIRECTORY FILE f16|q8_0|q4_0

As llama.cpp's own tool has it for this shape, the embedding, which is the output head too, is Q8_0 in a Q4_0 file.
"""

import sys

import gguf
import numpy as np

from shape import *

NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
}
TYPES = {"f16": gguf.GGMLQuantizationType.F16, "q8_0": gguf.GGMLQuantizationType.Q8_0, "q4_0": gguf.GGMLQuantizationType.Q4_0}
FILE_TYPES = {"f16": gguf.LlamaFileType.MOSTLY_F16, "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0, "q4_0": gguf.LlamaFileType.MOSTLY_Q4_0}


def gguf_name(name):
    if name == EMBEDDING:
        return "token_embd.weight"
    if name == LAST_NORM:
        return "output_norm.weight"
    _, _, layer, rest = name.split(".", 3)
    stem, kind = rest.rsplit(".", 1)
    return f"blk.{layer}.{NAMES[stem]}.{kind}"


def main(directory, path, format):
    weights = Weights(directory)
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INTERMEDIATE)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_VALUE_HEADS)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_vocab_size(VOCABULARY)
    writer.add_file_type(FILE_TYPES[format])
    writer.add_tokenizer_model("none")
    for name in weights.entries:
        if name == "__metadata__":
            continue
        array = weights[name]
        type = TYPES[format] if array.ndim == 2 else gguf.GGMLQuantizationType.F32
        if name == EMBEDDING and format == "q4_0":
            type = TYPES["q8_0"]
        writer.add_tensor(gguf_name(name), gguf.quants.quantize(array, type), raw_dtype=type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[3] not in TYPES:
        sys.exit(__doc__)
    main(*sys.argv[1:])
