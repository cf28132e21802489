#!/usr/bin/env python3
"""Makes the fixtures of TransformerTests: tiny random checkpoints with expected logits, and tokenizers with expected ids.

    python3 make_fixtures.py [OUTPUT_DIRECTORY]        (default: the folder of this script)

Needs torch, transformers, tokenizers, safetensors and numpy (made with torch 2.15, transformers 5.24, tokenizers 0.23).
Everything is drawn from fixed seeds, so the same versions give the same files. Nothing is downloaded: the weights are
random and the tokenizers are trained on sentences generated below. The expected numbers come from Hugging Face's own
implementations of the model families and of the tokenizers.

Checkpoints, one folder each: config.json, model.safetensors (one is sharded), and
    expected.json   tokens (the input), logits_shape, greedy (the 64 most likely next tokens, one after another; no stop)
    logits.bin      little-endian float32, all positions of `tokens`, row by row
The expected values of a bf16 checkpoint are computed in float32 from the bf16 weights.

Tokenizers, one folder each: tokenizer.json, and expected.json, a list of
    {"text", "ids" (special tokens in the text are plain text), "ids_special" (they are recognised), "decoded"}
where `decoded` is the text of `ids`: the text itself, unless the tokenizer normalises.

tokenizer-mixed.json: words, and for each tokenizer the hashes of the ids of 250 texts of 4,000 characters made of them and
of random characters by `mixed_text`, which the Swift tests repeat. tokenizer-chat.json: conversations, templates and ids.
"""
import json
import os
import random
import shutil
import sys

import numpy as np
import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM,
                          PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM)

VOCABULARY = 320
PROMPT_LENGTH = 24
GREEDY_LENGTH = 64
MINIMUM_MARGIN = 0.01  # between the two most likely tokens of each greedy step, so that rounding cannot change the choice


# ---------------------------------------------------------------- checkpoints

def decoder_config(kind, **extra):
    base = dict(vocab_size=VOCABULARY, hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
                num_key_value_heads=2, max_position_embeddings=256, rms_norm_eps=1e-5, rope_theta=10000.0,
                bos_token_id=1, eos_token_id=2, tie_word_embeddings=False)
    base.update(extra)
    return kind(**base)


LLAMA3_ROPE = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                   original_max_position_embeddings=32)

CHECKPOINTS = {
    "llama-gqa-f32": (LlamaForCausalLM, lambda: decoder_config(LlamaConfig), torch.float32, None),
    "llama-gqa-bf16": (LlamaForCausalLM, lambda: decoder_config(LlamaConfig), torch.bfloat16, None),
    "llama3-rope-tied-f32-sharded": (
        LlamaForCausalLM,
        lambda: decoder_config(LlamaConfig, tie_word_embeddings=True, rope_scaling=dict(LLAMA3_ROPE)),
        torch.float32, "200KB"),
    "llama3-rope-tied-bf16": (
        LlamaForCausalLM,
        lambda: decoder_config(LlamaConfig, tie_word_embeddings=True, rope_scaling=dict(LLAMA3_ROPE)),
        torch.bfloat16, None),
    "mistral-window-bf16": (MistralForCausalLM, lambda: decoder_config(MistralConfig, sliding_window=8),
                            torch.bfloat16, None),
    "qwen2-bias-tied-bf16": (Qwen2ForCausalLM, lambda: decoder_config(Qwen2Config, tie_word_embeddings=True),
                             torch.bfloat16, None),
    "qwen3-head-dim-bf16": (Qwen3ForCausalLM, lambda: decoder_config(Qwen3Config, head_dim=32), torch.bfloat16, None),
    "gpt2-bf16": (
        GPT2LMHeadModel,
        lambda: GPT2Config(vocab_size=VOCABULARY, n_embd=64, n_layer=2, n_head=4, n_positions=256,
                           bos_token_id=1, eos_token_id=2),
        torch.bfloat16, None),
}


def randomise(model, seed):
    """Weights large enough that logits differ clearly and every part of a layer matters."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            draw = torch.randn(parameter.shape, generator=generator)
            if "norm" in name or ".ln_" in name:
                parameter.copy_((1 if name.endswith("weight") else 0) + 0.2 * draw)
            elif name.endswith("bias"):
                parameter.copy_(0.3 * draw)
            elif "embed" in name or ".wte" in name or ".wpe" in name:
                parameter.copy_(0.5 * draw)
            else:
                parameter.copy_(draw * 1.5 / parameter.shape[-1] ** 0.5)


def greedy(model, tokens):
    """The greedy continuation, by recomputing the whole sequence each step, and the smallest margin seen."""
    ids, margin = list(tokens), float("inf")
    for _ in range(GREEDY_LENGTH):
        best = torch.topk(model(torch.tensor([ids]), use_cache=False).logits[0, -1], 2)
        margin = min(margin, float(best.values[0] - best.values[1]))
        if margin < MINIMUM_MARGIN:
            break
        ids.append(int(best.indices[0]))
    return ids[len(tokens):], margin


def write_classic_config(path):
    """The keys that most published checkpoints have: rope_theta, rope_scaling and torch_dtype.

    The sharded checkpoint keeps what transformers 5 writes instead: rope_parameters and dtype."""
    with open(path) as file:
        config = json.load(file)
    config["torch_dtype"] = config.pop("dtype")
    rope = config.pop("rope_parameters", None)
    if rope:
        config["rope_theta"] = rope.pop("rope_theta")
        config["rope_scaling"] = rope if rope["rope_type"] != "default" else None
    with open(path, "w") as file:
        json.dump(config, file, indent=2)
        file.write("\n")


def make_checkpoint(folder, model_class, config, dtype, shard):
    for seed in range(1, 1000):
        model = model_class(config())
        model.config._attn_implementation = "eager"
        randomise(model, seed)
        with torch.no_grad():  # the weights alone are rounded: rotary frequencies stay in float32
            for parameter in model.parameters():
                parameter.copy_(parameter.to(dtype))
        model.eval()
        tokens = random.Random(seed).sample(range(3, VOCABULARY), PROMPT_LENGTH)
        with torch.no_grad():
            continuation, margin = greedy(model, tokens)
            logits = model(torch.tensor([tokens]), use_cache=False).logits[0]
        if margin >= MINIMUM_MARGIN and len(set(continuation)) > 8:
            break
    else:
        raise SystemExit(f"{folder}: no seed gives a clear greedy continuation")
    model.to(dtype).save_pretrained(folder, **({"max_shard_size": shard} if shard else {}))
    generation = os.path.join(folder, "generation_config.json")
    if os.path.exists(generation):
        os.remove(generation)
    if not shard:
        write_classic_config(os.path.join(folder, "config.json"))
    for name in os.listdir(folder):
        os.chmod(os.path.join(folder, name), 0o644)
    logits.numpy().astype("<f4").tofile(os.path.join(folder, "logits.bin"))
    expected = {"seed": seed, "tokens": tokens, "logits_shape": list(logits.shape), "greedy": continuation}
    with open(os.path.join(folder, "expected.json"), "w") as file:
        json.dump(expected, file)
        file.write("\n")
    print(f"{os.path.basename(folder)}: seed {seed}, smallest greedy margin {margin:.3f}")


# ---------------------------------------------------------------- tokenizers

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def sentences(seed, count=6000):
    """Training text: generated English, Chinese and a little of other scripts, numbers, code and layout."""
    r = random.Random(seed)
    who = "customer teller bank account balance payment merchant market teacher river mountain garden engine".split()
    verb = "opens closes reviews holds sends keeps finds moves checks shows isn't doesn't can't they're we've I'll".split()
    how = "today yesterday slowly again tomorrow without warning every month in 2026 at 3.14 percent".split()
    zh_who = "客户 银行 账户 余额 商户 市场 老师 河流 花园 股票 债券 基金".split()
    zh_verb = "查看 打开 关闭 持有 转出 比较 更新 报告 发现 移动".split()
    other = ["Привет мир", "γειά σου κόσμε", "שלום עולם", "مرحبا بالعالم", "안녕하세요 세계", "こんにちは世界", "naïve café résumé",
             "for (int i = 0; i < n; ++i) { sum += a[i]; }", "{\"id\": 42, \"ok\": true}", "🙂 👍🏽 🎉", "x\n\n\ty   z\r\n"]
    for _ in range(count):
        k = r.random()
        if k < 0.5:
            yield (f"The {r.choice(who)} {r.choice(verb)} the {r.choice(who)} {r.choice(how)}"
                   f"{r.choice(['.', '!', '?', ', and', '; then', '...'])} {r.randrange(10 ** r.randrange(1, 7)):,}")
        elif k < 0.9:
            yield f"{r.choice(zh_who)}{r.choice(zh_verb)}{r.choice(zh_who)}，{r.randrange(1, 13)}月{r.randrange(1, 29)}日共{r.randrange(100000)}元。"
        else:
            yield r.choice(other)


def bpe(vocabulary, specials, pre_tokenizer, normalizer=None):
    tokenizer = Tokenizer(models.BPE())
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, min_frequency=2, show_progress=False,
                                  initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.train_from_iterator(sentences(7), trainer)
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in specials])
    return tokenizer


def split_then_bytes(pattern):
    return pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), behavior="isolated", invert=False),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)])


def gpt2_tokenizer():
    """GPT-2: ByteLevel's own pattern; merges written as "a b" strings, as older files have them."""
    tokenizer = bpe(1000, ["<|endoftext|>"], pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True))
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    data = json.loads(tokenizer.to_str())
    data["model"]["merges"] = [merge if isinstance(merge, str) else " ".join(merge) for merge in data["model"]["merges"]]
    return data


def llama3_tokenizer():
    """Llama 3: digits in threes, `ignore_merges` (a word of the vocabulary is taken whole), a BOS post-processor."""
    specials = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    data = json.loads(bpe(1400, [], split_then_bytes(LLAMA3)).to_str())
    data["model"]["ignore_merges"] = True
    for word in ["ĠTransferables", "unmergeable", "Ġquixotry"]:  # no sequence of merges reaches these
        data["model"]["vocab"][word] = len(data["model"]["vocab"])
    tokenizer = Tokenizer.from_str(json.dumps(data))
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in specials])
    data = json.loads(tokenizer.to_str())
    begin = "<|begin_of_text|>"
    begin_id = next(token["id"] for token in data["added_tokens"] if token["content"] == begin)
    data["post_processor"] = {
        "type": "Sequence", "processors": [
            {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True},
            {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": begin, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
             "pair": [{"SpecialToken": {"id": begin, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                      {"SpecialToken": {"id": begin, "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}],
             "special_tokens": {begin: {"id": begin, "ids": [begin_id], "tokens": [begin]}}}]}
    return data


def qwen2_tokenizer():
    """Qwen 2: digits one by one, text normalised to NFC."""
    tokenizer = bpe(1400, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], split_then_bytes(QWEN2), normalizers.NFC())
    return json.loads(tokenizer.to_str())


def sentencepiece(specials):
    """SentencePiece BPE as its converters export it: bytes for the characters that the vocabulary lacks."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    trained.train_from_iterator(sentences(7), trainers.BpeTrainer(
        vocab_size=1200, min_frequency=2, show_progress=False, limit_alphabet=220))
    model = json.loads(trained.to_str())["model"]
    words = sorted(model["vocab"], key=model["vocab"].get)
    # Runs of spaces are tokens, and two letters that are equal to Swift and yet not the same.
    words += ["▁▁", "▁▁▁▁", "\u03af", "\u1f77"]
    merges = [["▁", "▁"], ["▁▁", "▁▁"]] + model["merges"]
    tokens = specials + [f"<0x{byte:02X}>" for byte in range(256)]
    vocabulary = {token: id for id, token in enumerate(dict.fromkeys(tokens + words))}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[tuple(merge) for merge in merges], byte_fallback=True,
                                     fuse_unk=True, unk_token="<unk>"))
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(" ", 1, 0)])
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in specials])
    return tokenizer


def llama2_tokenizer():
    """Llama 2: a normalizer puts `▁` before every text between control tokens."""
    tokenizer = sentencepiece(["<unk>", "<s>", "</s>"])
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    return json.loads(tokenizer.to_str())


def mistral_tokenizer():
    """Mistral: Metaspace puts `▁` before the first text only; `[INST]` and Gemma's control tokens are tokens."""
    tokenizer = sentencepiece(["<unk>", "<s>", "</s>", "[INST]", "[/INST]", "<bos>", "<start_of_turn>", "<end_of_turn>"])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)
    return json.loads(tokenizer.to_str())


TOKENIZERS = {"tokenizer-gpt2": gpt2_tokenizer, "tokenizer-llama3": llama3_tokenizer, "tokenizer-qwen2": qwen2_tokenizer,
              "tokenizer-llama2": llama2_tokenizer, "tokenizer-mistral": mistral_tokenizer}

HARD_STRINGS = [
    "", " ", "  ", "\n", "\r\n", "\t", "a", "Hello, world!", " leading and trailing ", "The customer's balance is $1,234.56.",
    "it's IT'S It'S they're THEY'RE we've I'LL i'd I'm can't 's 't ''s '' 'round 'Twas don''t", "’s it’s they’re",
    "12345678901234567890", "1 22 333 4444 55555", "v1.2.3-rc.4+build5", "3.14e-10, 0x1F, 1_000_000, ½ ² ٣ १२३ 四五 Ⅷ",
    "余额是多少？", "我上个月在星巴克花了多少钱？", "价格：¥1,234.50（含税）", "中文English混排123测试", "，。！？；：“”‘’《》",
    "こんにちは、世界。カタカナ", "안녕하세요 세계", "Привет, мир! ЁЖИК", "γειά σου, κόσμε· Ὀδυσσεύς", "שלום עולם 123 אבג", "مرحبا بالعالم ١٢٣",
    "mixed ‏RTL‎ marks אבג abc", "🙂", "👍🏽", "👨‍👩‍👧‍👦 family", "🏳️‍🌈🏴󠁧󠁢󠁥󠁮󠁧󠁿🇨🇳🇺🇸", "text🙂text 🙂🙂 🙂.", "❤️ vs ❤", "☎️1️⃣2️⃣",
    "e\u0301 \u00e9 A\u030a \u00c5 \u212b", "cafe\u0301 café", "q\u0323\u0307 q\u0307\u0323 \u1e69 s\u0323\u0307", "\u0301 lone combining",
    "ｆｕｌｌｗｉｄｔｈ １２３ ￥", "ﬁ ﬂ ligature", "\u1112\u1161\u11ab \ud55c", "\u0958 \u0915\u093c", "नमस्ते दुनिया", "สวัสดีชาวโลก", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟙𝟚𝟛", "𠀀𠮷野家",
    "a\u0000b", "\u0001\u0002\u001b[31mred\u001b[0m\u007f", "\u001c\u001d\u001e\u001f", "a\u0085b", "a\u00a0b \u00a0 c", "a\u3000b\u3000\u3000c",
    "a\u2028b\u2029c", "zero\u200bwidth\u200cnon\u200djoiner\ufeffbom", "\u00ad soft\u00adhyphen", "\ufffd \ufffd\ufffd", "ï¿½ Ã©", "\ufffe\uffff \U0010ffff",
    "a          b", "     a", "a     ", "\n\n\n", " \n \n ", "a\n\n  b\r\n\r\n\tc\r", "   \n   x", "x   \n", "\t\t\tif x:\n\t\t\t\treturn\n", " " * 50, "\n" * 20 + " x", " \t \t x",
    "end with space \n", "a . b , c ! d", "!!! ??? ... --- ***", "a!!!\n\n\nb", "$$$\n", "(parentheses) [brackets] {braces} <angles>", "https://example.com/path?q=1&r=%E4%BD%A0#frag",
    "user.name+tag@example.co.uk", "C:\\Windows\\system32\\", "`code` ```block```", "{\"id\": 42, \"list\": [1, 2, null]}", "for (int i = 0; i < n; ++i) { sum += a[i]; }",
    "SELECT * FROM t WHERE a = 'b''c'; -- comment", "<b>&amp;</b>", "snake_case camelCase PascalCase kebab-case SCREAMING_CASE", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "ĠĊĉ are letters here", "Transferables  Transferables unmergeable quixotry", "a unmergeable's", "Ünïcödé ÀÉÎ ß ẞ ı İ", "ǅ ǆ ʰ ʼn", "∑∫√∞ ≠ ≤ → ⇒ ★ ☆", "€ £ ¥ ₽ ₹ ¢", "°C µm Ω №",
    "<|endoftext|>", "a<|endoftext|>b", "<|im_start|>user\nhi<|im_end|>\n", "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|>",
    "<|endoftext|><|endoftext|>", "<|endoftext", "|endoftext|>", "< |endoftext|>", "<|ENDOFTEXT|>", "<|im_start|> <|im_end|>", " <|eot_id|> ", "余额<|im_end|>是多少<|eot_id|>",
    "<|end|><|q|>What is my balance?<|plan|>", "x" * 300, "多" * 100, "1" * 100, "ab " * 60,
]


def make_tokenizer(folder, make):
    os.makedirs(folder, exist_ok=True)
    data = make()
    path = os.path.join(folder, "tokenizer.json")
    with open(path, "w") as file:
        json.dump(data, file, ensure_ascii=False, separators=(",", ":"))
    tokenizer, plain = Tokenizer.from_file(path), Tokenizer.from_file(path)
    plain.encode_special_tokens = True
    cases = []
    for text in HARD_STRINGS:
        ids = plain.encode(text, add_special_tokens=False).ids
        cases.append({"text": text, "ids": ids, "ids_special": tokenizer.encode(text, add_special_tokens=False).ids,
                      "decoded": tokenizer.decode(ids, skip_special_tokens=False)})
    with open(os.path.join(folder, "expected.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case, ensure_ascii=True) for case in cases) + "\n]\n")
    differ = sum(case["ids"] != case["ids_special"] for case in cases)
    altered = sum(case["decoded"] != case["text"] for case in cases)
    print(f"{os.path.basename(folder)}: {tokenizer.get_vocab_size()} tokens, {len(cases)} strings, "
          f"{differ} with special tokens in them, {altered} altered by normalisation")


# ---------------------------------------------------------------- long texts

MIXED_WORDS = ("the customer's balance is teller account Transfer isn't THEY'RE 12 2026 1,234.56 0x1F naïve café "
               "余额 多少 我上个月 中文 股票 こんにちは 안녕하세요 Привет مرحبا שלום नमस्ते 🙂 👍🏽 👨‍👩‍👧‍👦 🇨🇳 ❤️ "
               "for(int if(x==1){ return; }); // def self.f(a, b): -> => != && <|im_start|> <s> </s> [INST] <|eot_id|> <0x0A> "
               "e\u0301 A\u030a \u212b \u1f77 \u03af").split(" ") + ["\n", "\r\n", "\t", "    ", "  ", " ", "\u00a0", "\u3000", "▁"]
MIXED_RANGES = [[0x00, 0x20], [0x20, 0x7F], [0x7F, 0xA0], [0xA0, 0x250], [0x300, 0x370], [0x391, 0x3CA], [0x400, 0x482],
                [0x5D0, 0x5EB], [0x620, 0x64B], [0x660, 0x66A], [0x904, 0x93A], [0x2000, 0x2070], [0x2150, 0x2180],
                [0x2190, 0x2300], [0x3041, 0x3097], [0x4E00, 0x9FA6], [0x4E00, 0x9FA6], [0xAC00, 0xD7A4], [0xF900, 0xFA00],
                [0xFF01, 0xFF5F], [0x1D400, 0x1D455], [0x1F300, 0x1F650], [0x20000, 0x2A6D7]]
MIXED_TEXTS, MIXED_LENGTH = 250, 4000
MASK = 2 ** 64 - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)


def mixed_text(seed):
    """Words, most with a space before them; digits; and runs of characters of one range."""
    r, text = SplitMix64(seed), ""
    while len(text) < MIXED_LENGTH:
        kind = r.next() % 8
        if kind < 5:
            text += (" " if r.next() % 4 else "") + MIXED_WORDS[r.next() % len(MIXED_WORDS)]
        elif kind == 5:
            text += str(r.next() % 10 ** (1 + r.next() % 9))
        else:
            low, high = MIXED_RANGES[r.next() % len(MIXED_RANGES)]
            for _ in range(1 + r.next() % 6):
                text += chr(low + r.next() % (high - low))
    return text


def fnv1a(ids):
    hash = 0xCBF29CE484222325
    for id in ids:
        hash = ((hash ^ id) * 0x100000001B3) & MASK
    return f"{hash:016x}"


def make_mixed(output):
    texts = [mixed_text(seed) for seed in range(MIXED_TEXTS)]
    hashes = {}
    for name in TOKENIZERS:
        tokenizer = Tokenizer.from_file(os.path.join(output, name, "tokenizer.json"))
        tokenizer.encode_special_tokens = True
        hashes[name] = [fnv1a(tokenizer.encode(text, add_special_tokens=False).ids) for text in texts]
    data = {"length": MIXED_LENGTH, "words": MIXED_WORDS, "ranges": MIXED_RANGES, "hashes": hashes}
    with open(os.path.join(output, "tokenizer-mixed.json"), "w") as file:
        json.dump(data, file, ensure_ascii=True)
        file.write("\n")


# ---------------------------------------------------------------- chat templates

CHATML = ("{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
          "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
CHATML_SYSTEM = ("{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nBe brief.<|im_end|>\n' }}{% endif %}"
                 + CHATML)
LLAMA3_CHAT = ("{{ bos_token }}{% for m in messages %}{{ '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n'"
               " + m['content'] | trim + '<|eot_id|>' }}{% endfor %}"
               "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}")
LLAMA3_DATES = ("{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set s = messages[0]['content'] | trim %}"
                "{% set messages = messages[1:] %}{% else %}{% set s = '' %}{% endif %}"
                "{{ '<|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n"
                "Today Date: 26 Jul 2024\n\n' + s + '<|eot_id|>' }}" + LLAMA3_CHAT.removeprefix("{{ bos_token }}"))
TAKE_SYSTEM = ("{% if messages[0]['role'] == 'system' %}{% set system_message = messages[0]['content'] %}"
               "{% set messages = messages[1:] %}{% endif %}")
LLAMA2_CHAT = (TAKE_SYSTEM + "{% for m in messages %}{% if loop.first and system_message is defined %}"
               "{% set c = '<<SYS>>\n' + system_message + '\n<</SYS>>\n\n' + m['content'] %}"
               "{% else %}{% set c = m['content'] %}{% endif %}{% if m['role'] == 'user' %}"
               "{{ bos_token + '[INST] ' + c.strip() + ' [/INST]' }}"
               "{% else %}{{ ' ' + c.strip() + ' ' + eos_token }}{% endif %}{% endfor %}")
MISTRAL_CHAT = (TAKE_SYSTEM + "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
                "{% if loop.first and system_message is defined %}"
                "{{ '[INST] ' + system_message + '\n\n' + message['content'] + ' [/INST]' }}"
                "{% else %}{{ '[INST] ' + message['content'] + ' [/INST]' }}{% endif %}"
                "{% else %}{{ ' ' + message['content'] + eos_token }}{% endif %}{% endfor %}")
NEMO_CHAT = (TAKE_SYSTEM + "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
             "{% if loop.last and system_message is defined %}"
             "{{ '[INST]' + system_message + '\n\n' + message['content'] + '[/INST]' }}"
             "{% else %}{{ '[INST]' + message['content'] + '[/INST]' }}{% endif %}"
             "{% else %}{{ message['content'] + eos_token }}{% endif %}{% endfor %}")
GEMMA_CHAT = ("{{ bos_token }}{% for m in messages %}{% set role = 'model' if m['role'] == 'assistant' else m['role'] %}"
              "{{ '<start_of_turn>' + role + '\n' + m['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
              "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}")
CHAT_TEMPLATES = [
    ("chatml", "tokenizer-qwen2", None, None, CHATML, True), ("chatml", "tokenizer-qwen2", None, None, CHATML_SYSTEM, True),
    ("llama3", "tokenizer-llama3", "<|begin_of_text|>", "<|eot_id|>", LLAMA3_CHAT, True),
    ("llama3", "tokenizer-llama3", "<|begin_of_text|>", "<|eot_id|>", LLAMA3_DATES, True),
    ("llama2", "tokenizer-llama2", "<s>", "</s>", LLAMA2_CHAT, True),
    ("mistral", "tokenizer-llama2", "<s>", "</s>", MISTRAL_CHAT, True),
    ("mistral", "tokenizer-mistral", "<s>", "</s>", MISTRAL_CHAT, True),
    ("mistral", "tokenizer-mistral", "<s>", "</s>", NEMO_CHAT, True),
    ("gemma", "tokenizer-mistral", "<bos>", "<end_of_turn>", GEMMA_CHAT, False),  # knows no system message
]
CONVERSATIONS = [
    [("user", "What is my balance?")],
    [("system", " You are a teller. "), ("user", "  余额是多少？\n")],
    [("system", "Answer in one line."), ("user", "Hi"), ("assistant", "Hello, customer!"), ("user", "12345 + 1?")],
    [("user", "a"), ("assistant", " b 🙂 "), ("user", "c\n\nd"), ("assistant", "e"), ("user", "for (int i = 0; i < n; ++i)")],
]


def make_chat(output):
    cases = []
    for family, name, bos, eos, template, takes_system in CHAT_TEMPLATES:
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=os.path.join(output, name, "tokenizer.json"), bos_token=bos,
                                            eos_token=eos)
        for conversation in CONVERSATIONS:
            messages = [{"role": role, "content": content} for role, content in conversation]
            if messages[0]["role"] == "system" and not takes_system:
                continue
            ids = tokenizer.apply_chat_template(messages, chat_template=template, add_generation_prompt=True, tokenize=True,
                                                return_dict=False)
            cases.append({"family": family, "tokenizer": name, "template": template, "messages": messages, "ids": ids})
    with open(os.path.join(output, "tokenizer-chat.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case, ensure_ascii=True) for case in cases) + "\n]\n")


def main():
    torch.set_num_threads(1)
    output = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for name, (model_class, config, dtype, shard) in CHECKPOINTS.items():
        folder = os.path.join(output, name)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        make_checkpoint(folder, model_class, config, dtype, shard)
    for name, make in TOKENIZERS.items():
        folder = os.path.join(output, name)
        shutil.rmtree(folder, ignore_errors=True)
        make_tokenizer(folder, make)
    make_mixed(output)
    make_chat(output)


if __name__ == "__main__":
    main()
