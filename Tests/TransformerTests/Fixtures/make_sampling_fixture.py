"""Writes sampling.json: what Hugging Face's logits processors make of random logits.

    python make_sampling_fixture.py sampling.json        (transformers 5, torch)
"""

import json
import sys

import torch
from transformers import (
    LogitsProcessorList,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

CASES = [
    {},
    {"temperature": 0.7},
    {"temperature": 1.8, "topK": 5},
    {"topP": 0.9},
    {"topP": 0.3},
    {"temperature": 0.6, "topK": 12, "topP": 0.8},
    {"minP": 0.1},
    {"temperature": 1.5, "minP": 0.05},
    {"temperature": 1.2, "topK": 20, "topP": 0.95, "minP": 0.08},
    {"repetitionPenalty": 1.3},
    {"repetitionPenalty": 0.8, "temperature": 0.9},
    {"repetitionPenalty": 1.1, "temperature": 0.7, "topK": 10, "topP": 0.9, "minP": 0.02},
]


def processors(case):
    """In the order in which `generate` applies them."""
    made = LogitsProcessorList()
    if "repetitionPenalty" in case:
        made.append(RepetitionPenaltyLogitsProcessor(case["repetitionPenalty"]))
    if case.get("temperature", 1) != 1:
        made.append(TemperatureLogitsWarper(case["temperature"]))
    if "topK" in case:
        made.append(TopKLogitsWarper(case["topK"]))
    if "topP" in case:
        made.append(TopPLogitsWarper(case["topP"]))
    if "minP" in case:
        made.append(MinPLogitsWarper(case["minP"]))
    return made


def main(path):
    generator = torch.Generator().manual_seed(11)
    rows = []
    for case in CASES:
        logits = torch.randn((1, 40), generator=generator) * 3
        prompt = torch.randint(0, 40, (1, 9), generator=generator)
        scores = processors(case)(prompt, logits.clone())
        rows.append(
            {
                "sampling": case,
                "prompt": prompt[0].tolist(),
                "logits": logits[0].tolist(),
                "probabilities": torch.softmax(scores, dim=-1)[0].tolist(),
            }
        )
    with open(path, "w") as file:
        json.dump(rows, file)


main(sys.argv[1])
