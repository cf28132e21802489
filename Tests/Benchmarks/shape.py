"""The shape that all benchmarks use: that of Qwen2.5-0.5B, and the weights' names in each format."""

import json
import mmap

import numpy as np

HIDDEN, LAYERS, HEADS, KEY_VALUE_HEADS, HEAD = 896, 24, 14, 2, 64
INTERMEDIATE, VOCABULARY, CONTEXT = 4864, 151936, 32768
ROPE_BASE, EPSILON = 1_000_000.0, 1e-6

QUERY, KEY_VALUE = HEADS * HEAD, KEY_VALUE_HEADS * HEAD

# A layer's matrices: name, rows, columns, whether there is a bias.
MATRICES = [
    ("self_attn.q_proj", QUERY, HIDDEN, True),
    ("self_attn.k_proj", KEY_VALUE, HIDDEN, True),
    ("self_attn.v_proj", KEY_VALUE, HIDDEN, True),
    ("self_attn.o_proj", HIDDEN, QUERY, False),
    ("mlp.gate_proj", INTERMEDIATE, HIDDEN, False),
    ("mlp.up_proj", INTERMEDIATE, HIDDEN, False),
    ("mlp.down_proj", HIDDEN, INTERMEDIATE, False),
]
NORMS = ["input_layernorm", "post_attention_layernorm"]

EMBEDDING, LAST_NORM = "model.embed_tokens.weight", "model.norm.weight"


class Weights:
    """The float32 arrays of a bfloat16 safetensors file, by name."""

    def __init__(self, directory):
        file = open(f"{directory}/model.safetensors", "rb")
        self.memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        length = int.from_bytes(self.memory[:8], "little")
        self.entries = json.loads(self.memory[8 : 8 + length])
        self.start = 8 + length

    def __getitem__(self, name):
        entry = self.entries[name]
        first, end = entry["data_offsets"]
        bits = np.frombuffer(self.memory, np.uint16, (end - first) // 2, self.start + first)
        return (bits.astype(np.uint32) << 16).view(np.float32).reshape(entry["shape"])
