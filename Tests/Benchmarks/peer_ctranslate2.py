#!/usr/bin/env python3
"""Measures CTranslate2: one JSON row a line, as `teller model bench` has them.

The chat workload goes through generate_batch with the shared prefix as its static prompt, which it computes once, and with
batches of equal requests, which suits it best.
"""

import argparse

import ctranslate2

import workload
from process import show, timed


def words(tokens):
    return [str(token) for token in tokens]


def row(generator, prompt, generate, batch):
    prompts = [words(workload.TokenSource().tokens(prompt)) for _ in range(batch)]

    def run(length):
        return timed(lambda: generator.generate_batch(
            prompts, max_length=length, min_length=length, include_prompt_in_result=False))[0]

    prefill = run(1)
    return batch * prompt / prefill, batch * generate / (run(generate + 1) - prefill)


def chat(generator, slots):
    prefix, requests = workload.chat()
    time, results = timed(lambda: generator.generate_batch(
        [words(own) for own in requests], static_prompt=words(prefix), cache_static_prompt=False, max_batch_size=slots,
        max_length=workload.NEW_TOKENS, min_length=workload.NEW_TOKENS, include_prompt_in_result=False))
    return len(requests) / time, workload.right([result.sequences_ids[0] for result in results])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--compute-type", default="int8")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--generate", type=int, default=64)
    parser.add_argument("--batch", default="1,4,8")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--chat", action="store_true")
    parser.add_argument("--slots", type=int, default=32)
    options = parser.parse_args()
    load_seconds, generator = timed(lambda: ctranslate2.Generator(
        options.model, device="cpu", compute_type=options.compute_type, intra_threads=options.threads, inter_threads=1))
    common = {"engine": "CTranslate2", "model": options.model, "threads": options.threads, "load_seconds": load_seconds}
    row(generator, 8, 2, 1)
    if options.chat:
        results = [chat(generator, options.slots) for _ in range(options.rounds)]
        show(**common, requests_per_second=max(rate for rate, _ in results), correct=min(right for _, right in results),
             slots=options.slots)
        return
    for batch in map(int, options.batch.split(",")):
        results = [row(generator, options.prompt, options.generate, batch) for _ in range(options.rounds)]
        show(**common, batch=batch, prompt=options.prompt, generate=options.generate,
             prefill_tokens_per_second=max(prefill for prefill, _ in results),
             decode_tokens_per_second=max(decode for _, decode in results))


if __name__ == "__main__":
    main()
