#!/usr/bin/env python3
"""Makes the GGUF fixtures of TransformerTests: tiny random models with the logits of Hugging Face's own implementations.

    python3 make_gguf_fixtures.py [OUTPUT_DIRECTORY]        (default: the folder gguf beside this script)

Needs gguf, torch, transformers and numpy (made with gguf 0.17, torch 2.15, transformers 5.24). Seeds are fixed and nothing
is downloaded. Tensors are named and laid out as llama.cpp's convert_hf_to_gguf.py does, and quantised by the package gguf
(blocks of Q4_K and Q6_K, which it cannot make, are drawn at random). The expected logits come from the weights as gguf's
own `dequantize` reads them back.

For each NAME: NAME.gguf and NAME.json (tokens) and NAME.bin (logits of all positions, little-endian float32).
"""
import json
import os
import sys

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Type
from gguf.quants import dequantize, quantize
from transformers import (GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM,
                          Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM)

VOCABULARY = 160
LENGTH = 24
HALF = dict(vocab_size=VOCABULARY, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=128, rms_norm_eps=1e-5, rope_theta=10000.0, bos_token_id=1,
            eos_token_id=2, tie_word_embeddings=False)
WIDE = dict(HALF, hidden_size=256, intermediate_size=64, num_hidden_layers=1, head_dim=32, num_attention_heads=2,
            num_key_value_heads=1, tie_word_embeddings=True)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32)

MODELS = {
    "llama-q8_0": (LlamaForCausalLM, LlamaConfig, HALF, Type.Q8_0),
    "llama3-rope-q4_0": (LlamaForCausalLM, LlamaConfig, dict(HALF, rope_scaling=LLAMA3, tie_word_embeddings=True), Type.Q4_0),
    "llama-k-quants": (LlamaForCausalLM, LlamaConfig, WIDE, "K"),
    "mistral-window-q4_0": (MistralForCausalLM, MistralConfig, dict(HALF, sliding_window=8), Type.Q4_0),
    "qwen2-bias-q8_0": (Qwen2ForCausalLM, Qwen2Config, dict(HALF, tie_word_embeddings=True), Type.Q8_0),
    "qwen3-bf16": (Qwen3ForCausalLM, Qwen3Config, dict(HALF, num_hidden_layers=1, head_dim=32), Type.BF16),
    "gpt2-f16": (GPT2LMHeadModel, GPT2Config, dict(vocab_size=VOCABULARY, n_embd=64, n_layer=1, n_head=4, n_positions=64,
                                                   bos_token_id=1, eos_token_id=2), Type.F16),
}
LLAMA_NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output", "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm", "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}
GPT2_NAMES = {
    "transformer.wte": "token_embd", "transformer.wpe": "position_embd", "transformer.ln_f": "output_norm",
    "ln_1": "attn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "ln_2": "ffn_norm", "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down"}


def gguf_name(name):
    stem, suffix = name.rsplit(".", 1)
    for prefix, names in (("model.layers.", LLAMA_NAMES), ("transformer.h.", GPT2_NAMES)):
        if stem.startswith(prefix):
            number, rest = stem[len(prefix):].split(".", 1)
            return f"blk.{number}.{names[rest]}.{suffix}"
    return f"{(LLAMA_NAMES | GPT2_NAMES)[stem]}.{suffix}"


def permute(weights, heads, backwards=False):
    """The order in which the converter stores a Llama's query and key rows, or back."""
    half = weights.shape[0] // heads // 2
    parts = (heads, half, 2) if backwards else (heads, 2, half)
    return np.ascontiguousarray(weights.reshape(*parts, *weights.shape[1:]).swapaxes(1, 2)).reshape(weights.shape)


def random_blocks(generator, kind, rows, columns):
    """Blocks whose numbers are of a weight's size."""
    count = rows * columns // 256
    if kind == Type.Q4_K:
        parts = [(0.0006 * generator.random((count, 1)) + 0.0002), (0.004 * generator.random((count, 1)) + 0.002)]
        head = np.concatenate(parts, 1).astype("<f2").view(np.uint8)
        blocks = np.concatenate([head, generator.integers(0, 256, (count, 140), dtype=np.uint8)], 1)
    else:
        tail = (0.00004 * generator.random((count, 1)) + 0.00001).astype("<f2").view(np.uint8)
        blocks = np.concatenate([generator.integers(0, 256, (count, 208), dtype=np.uint8), tail], 1)
    return blocks.reshape(rows, -1)


def make(folder, name, model_class, config_class, settings, kind):
    torch.manual_seed(len(name))
    generator = np.random.default_rng(len(name))
    config = config_class(**settings)
    model = model_class(config).eval()
    model.config._attn_implementation = "eager"
    heads = {"q_proj": config.num_attention_heads, "k_proj": getattr(config, "num_key_value_heads", None)}
    architecture = {"mistral": "llama"}.get(config.model_type, config.model_type)
    writer = gguf.GGUFWriter(os.path.join(folder, f"{name}.gguf"), architecture)
    write_configuration(writer, config)
    with torch.no_grad():
        for tensor_name, parameter in model.named_parameters():
            shape = parameter.shape
            draw = torch.randn(shape)
            if "norm" in tensor_name or ".ln_" in tensor_name:
                values = (1 if tensor_name.endswith("weight") else 0) + 0.2 * draw
            elif tensor_name.endswith("bias"):
                values = 0.3 * draw
            elif "embed" in tensor_name or ".wte" in tensor_name or ".wpe" in tensor_name:
                values = 0.5 * draw
            else:
                values = draw * 1.5 / (shape[0] if config.model_type == "gpt2" else shape[-1]) ** 0.5
            values = values.numpy()
            transposed = config.model_type == "gpt2" and ".c_" in tensor_name and len(shape) == 2
            stored = np.ascontiguousarray(values.T) if transposed else values
            permuted = next((count for part, count in heads.items() if f".{part}." in tensor_name and architecture == "llama"), None)
            if permuted:
                stored = permute(stored, permuted)
            stored, read = encode(writer, gguf_name(tensor_name), stored, kind, generator)
            if permuted:
                read = permute(read, permuted, backwards=True)
            parameter.copy_(torch.tensor(read.T.copy() if transposed else read))
        tokens = generator.permutation(np.arange(3, VOCABULARY))[:LENGTH].tolist()
        logits = model(torch.tensor([tokens]), use_cache=False).logits[0].numpy().astype("<f4")
    if getattr(config, "rope_scaling", None) and config.rope_scaling.get("rope_type") == "llama3":
        writer.add_tensor("rope_freqs.weight", rope_factors(config))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    logits.tofile(os.path.join(folder, f"{name}.bin"))
    with open(os.path.join(folder, f"{name}.json"), "w") as file:
        json.dump({"tokens": tokens}, file)
        file.write("\n")
    print(name, os.path.getsize(os.path.join(folder, f"{name}.gguf")))


def encode(writer, name, values, kind, generator):
    """Adds the tensor, and returns what it says when it is read back."""
    if values.ndim == 1:
        writer.add_tensor(name, values)
        return values, values
    if kind == "K":
        kind = Type.Q8_0 if values.shape[1] % 256 else Type.Q6_K if "ffn_up" in name or "token_embd" in name else Type.Q4_K
    raw = random_blocks(generator, kind, *values.shape) if kind in (Type.Q4_K, Type.Q6_K) else quantize(values, kind)
    writer.add_tensor(name, raw, raw_dtype=kind)
    return raw, dequantize(raw, kind).reshape(values.shape)


def write_configuration(writer, config):
    gpt2 = config.model_type == "gpt2"
    writer.add_context_length(config.n_positions if gpt2 else config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(4 * config.hidden_size if gpt2 else config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_tokenizer_model("none")
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_vocab_size(VOCABULARY)
    if gpt2:
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
        return
    dimension = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(dimension)
    writer.add_key_length(dimension)
    writer.add_value_length(dimension)
    if config.model_type == "mistral":
        writer.add_sliding_window(config.sliding_window)


def rope_factors(config):
    """As the converter computes them for Llama 3.1."""
    dimension = config.hidden_size // config.num_attention_heads
    low, high = 32 / 1.0, 32 / 4.0
    factors = []
    for pair in range(dimension // 2):
        wavelength = 2 * np.pi * 10000.0 ** (2 * pair / dimension)
        if wavelength < high:
            factors.append(1.0)
        elif wavelength > low:
            factors.append(8.0)
        else:
            smooth = (32 / wavelength - 1.0) / (4.0 - 1.0)
            factors.append(1 / ((1 - smooth) / 8.0 + smooth))
    return np.array(factors, dtype=np.float32)


def main():
    torch.set_num_threads(1)
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "gguf")
    os.makedirs(folder, exist_ok=True)
    for name, (model_class, config_class, settings, kind) in MODELS.items():
        make(folder, name, model_class, config_class, settings, kind)


if __name__ == "__main__":
    main()
