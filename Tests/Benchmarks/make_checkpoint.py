#!/usr/bin/env python3
"""Writes a checkpoint of Qwen2.5-0.5B's shape, 494 million parameters, without any training: make_checkpoint.py DIRECTORY

The weights are random but for the last feed-forward block, which turns the embedding of token k into that of token k + 1.
So the likeliest continuation of any prompt is to count on from its last token, in every format and engine: answers can be
checked, and a prompt that holds a part of its own answer makes that answer copy it, as answers about facts do.
"""

import json
import pathlib
import sys

import numpy as np

from shape import *

# Token k is (cos(f_i k), sin(f_i k)) for random frequencies f_i: any two tokens are nearly orthogonal, and one rotation leads
# from each token to the next. The first dimension is 1 for all of them, the second 0.
PAIRS = HIDDEN // 2 - 1
# The gate that is open for every token, since the first dimension is always 1; silu(GATE) is about GATE.
GATE = 8.0
# How much more the next token weighs than the present one.
STEP = 6.0


def bfloat16(x):
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def embedding(frequencies):
    angles = np.outer(np.arange(VOCABULARY), frequencies) % (2 * np.pi)
    out = np.zeros((VOCABULARY, HIDDEN), np.float32)
    out[:, 0] = 1
    out[:, 2::2], out[:, 3::2] = np.cos(angles) * 2**0.5, np.sin(angles) * 2**0.5
    return out


def counting(name, frequencies):
    """The last layer's feed-forward block: x + STEP · rotation(x)."""
    if name == "mlp.gate_proj":
        out = np.zeros((INTERMEDIATE, HIDDEN), np.float32)
        out[:HIDDEN, 0] = GATE
    elif name == "mlp.up_proj":
        out = np.zeros((INTERMEDIATE, HIDDEN), np.float32)
        even, odd = np.arange(2, HIDDEN, 2), np.arange(3, HIDDEN, 2)
        out[even, even], out[even, odd] = np.cos(frequencies), -np.sin(frequencies)
        out[odd, even], out[odd, odd] = np.sin(frequencies), np.cos(frequencies)
    else:
        out = np.zeros((HIDDEN, INTERMEDIATE), np.float32)
        out[:, :HIDDEN] = np.eye(HIDDEN) * (STEP / GATE)
    return out


def tensors(random):
    frequencies = random.uniform(0, 2 * np.pi, PAIRS)
    yield EMBEDDING, embedding(frequencies)
    for layer in range(LAYERS):
        prefix = f"model.layers.{layer}."
        for name, rows, columns, has_bias in MATRICES:
            if layer == LAYERS - 1 and name.startswith("mlp"):
                weight = counting(name, frequencies)
            else:
                # What a layer adds stays small against the embedding.
                deviation = 0.02 / (2 * LAYERS) ** 0.5 if name.endswith(("o_proj", "down_proj")) else 0.02
                weight = random.standard_normal((rows, columns), np.float32) * np.float32(deviation)
            yield f"{prefix}{name}.weight", weight
            if has_bias:
                yield f"{prefix}{name}.bias", random.standard_normal(rows, np.float32) * np.float32(0.02)
        for name in NORMS:
            yield f"{prefix}{name}.weight", np.ones(HIDDEN, np.float32)
    yield LAST_NORM, np.ones(HIDDEN, np.float32)


def shapes():
    yield EMBEDDING, [VOCABULARY, HIDDEN]
    for layer in range(LAYERS):
        prefix = f"model.layers.{layer}."
        for name, rows, columns, has_bias in MATRICES:
            yield f"{prefix}{name}.weight", [rows, columns]
            if has_bias:
                yield f"{prefix}{name}.bias", [rows]
        for name in NORMS:
            yield f"{prefix}{name}.weight", [HIDDEN]
    yield LAST_NORM, [HIDDEN]


def header():
    entries, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in shapes():
        size = 2 * int(np.prod(shape))
        entries[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(entries).encode()
    return text + b" " * (-len(text) % 8)


def main(directory):
    directory.mkdir(parents=True, exist_ok=True)
    head = header()
    with open(directory / "model.safetensors", "wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        for _, array in tensors(np.random.default_rng(0)):
            file.write(bfloat16(array).tobytes())
    configuration = {
        "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": VOCABULARY, "hidden_size": HIDDEN,
        "intermediate_size": INTERMEDIATE, "num_hidden_layers": LAYERS, "num_attention_heads": HEADS,
        "num_key_value_heads": KEY_VALUE_HEADS, "max_position_embeddings": CONTEXT, "hidden_act": "silu",
        "rms_norm_eps": EPSILON, "rope_theta": ROPE_BASE, "tie_word_embeddings": True, "torch_dtype": "bfloat16",
        "bos_token_id": VOCABULARY - 1, "eos_token_id": VOCABULARY - 1,
    }
    (directory / "config.json").write_text(json.dumps(configuration, indent=2) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
