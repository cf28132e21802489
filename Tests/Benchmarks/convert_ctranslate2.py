#!/usr/bin/env python3
"""Converts the checkpoint for CTranslate2, token k being the word "k": convert_ctranslate2.py DIRECTORY DESTINATION int8|float32"""

import pathlib
import sys

from ctranslate2.converters import utils
from ctranslate2.specs import common_spec, transformer_spec

from shape import *


def main(directory, destination, quantization):
    weights = Weights(directory)
    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        LAYERS, HEADS, activation=common_spec.Activation.SWISH, pre_norm=True, ffn_glu=True, rms_norm=True, rotary_dim=0,
        rotary_interleave=False, rotary_base=ROPE_BASE, num_heads_kv=KEY_VALUE_HEADS)
    decoder = spec.decoder
    decoder.scale_embeddings = False
    decoder.embeddings.weight = weights[EMBEDDING]
    decoder.projection.weight = weights[EMBEDDING]
    decoder.layer_norm.gamma = weights[LAST_NORM]

    def linear(target, name):
        target.weight = weights[f"{name}.weight"]
        if f"{name}.bias" in weights.entries:
            target.bias = weights[f"{name}.bias"]

    for index, layer in enumerate(decoder.layer):
        prefix = f"model.layers.{index}."
        layer.self_attention.layer_norm.gamma = weights[f"{prefix}input_layernorm.weight"]
        layer.ffn.layer_norm.gamma = weights[f"{prefix}post_attention_layernorm.weight"]
        parts = [common_spec.LinearSpec() for _ in range(3)]
        for part, letter in zip(parts, "qkv"):
            linear(part, f"{prefix}self_attn.{letter}_proj")
        utils.fuse_linear(layer.self_attention.linear[0], parts)
        linear(layer.self_attention.linear[1], f"{prefix}self_attn.o_proj")
        linear(layer.ffn.linear_0, f"{prefix}mlp.gate_proj")
        linear(layer.ffn.linear_0_noact, f"{prefix}mlp.up_proj")
        linear(layer.ffn.linear_1, f"{prefix}mlp.down_proj")

    words = [str(token) for token in range(VOCABULARY)]
    spec.register_vocabulary(words)
    spec.config.bos_token = spec.config.eos_token = spec.config.unk_token = words[-1]
    spec.config.layer_norm_epsilon = EPSILON
    spec.validate()
    spec.optimize(quantization=None if quantization == "float32" else quantization)
    pathlib.Path(destination).mkdir(parents=True, exist_ok=True)
    spec.save(destination)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
