#!/usr/bin/env python3
"""Measures llama.cpp: one JSON row a line, as `teller model bench` has them.

Rows go through llama_decode with all sequences in one batch. The chat workload is batched continuously, as llama.cpp's server
does: requests take free slots, their prompts are read along with the others' decoding, and the shared prefix is computed once
and copied. With --draft, tokens that followed the last two earlier are verified along, as its lookup decoding does.
"""

import argparse
import ctypes

import llama_cpp
import numpy as np

import workload
from process import show, timed
from shape import VOCABULARY

BATCH = 512


class Llama:
    def __init__(self, path, threads):
        llama_cpp.llama_log_set(quiet, None)
        llama_cpp.llama_backend_init()
        self.threads = threads
        self.load_seconds, self.model = timed(
            lambda: llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params()))
        self.batch = llama_cpp.llama_batch_init(BATCH, 0, 1)

    def open(self, sequences, positions, unified=False, flash=True):
        """Starts anew with room for so many sequences of so many positions each."""
        params = llama_cpp.llama_context_default_params()
        params.n_ctx = sequences * (-(-positions // 256) * 256)
        params.n_batch = params.n_ubatch = BATCH
        params.n_seq_max = sequences
        params.n_threads = params.n_threads_batch = self.threads
        params.kv_unified = unified
        params.flash_attn_type = 1 if flash else 0
        params.no_perf = True
        self.context = llama_cpp.llama_init_from_model(self.model, params)
        self.memory = llama_cpp.llama_get_memory(self.context)

    def close(self):
        llama_cpp.llama_free(self.context)

    def step(self, entries):
        """Computes (token, position, sequence, wants logits); returns the likeliest next token of each that wants logits."""
        for index, (token, position, sequence, wanted) in enumerate(entries):
            self.batch.token[index] = token
            self.batch.pos[index] = position
            self.batch.n_seq_id[index] = 1
            self.batch.seq_id[index][0] = sequence
            self.batch.logits[index] = wanted
        self.batch.n_tokens = len(entries)
        if llama_cpp.llama_decode(self.context, self.batch) != 0:
            raise RuntimeError("llama_decode failed")
        return {index: self.best(index) for index, entry in enumerate(entries) if entry[3]}

    def best(self, index):
        logits = llama_cpp.llama_get_logits_ith(self.context, index)
        return int(np.ctypeslib.as_array(logits, (VOCABULARY,)).argmax())


@llama_cpp.llama_log_callback
def quiet(level, text, data):
    pass


def row(llama, prompt, generate, batch):
    llama.open(batch, prompt + generate)
    prompts = [workload.TokenSource().tokens(prompt) for _ in range(batch)]

    def prefill():
        last, entries = {}, []
        for sequence, tokens in enumerate(prompts):
            entries += [(token, position, sequence, position == prompt - 1) for position, token in enumerate(tokens)]
        for start in range(0, len(entries), BATCH):
            chunk = entries[start : start + BATCH]
            last |= {chunk[index][2]: token for index, token in llama.step(chunk).items()}
        return last

    def decode():
        for position in range(prompt, prompt + generate):
            found = llama.step([(last[sequence], position, sequence, True) for sequence in range(batch)])
            last.update(found)

    prefill_time, last = timed(prefill)
    decode_time, _ = timed(decode)
    llama.close()
    return batch * prompt / prefill_time, batch * generate / decode_time


class Slot:
    """A request that is being answered."""

    def __init__(self, index, own, prefix, draft):
        self.index, self.draft = index, draft
        self.tokens, self.answer = prefix + own, []
        self.computed = len(prefix)

    def pending(self, room):
        """Tokens of the prompt that are still to be read; then the last one written, and what may follow it."""
        end = len(self.tokens)
        if self.answer:
            return self.tokens[-1:] + self.drafts()
        return self.tokens[self.computed : min(end, self.computed + room)]

    def drafts(self):
        room = min(self.draft, workload.NEW_TOKENS - len(self.answer) - 1)
        for end in range(len(self.tokens) - 1, 1, -1) if room > 0 else ():
            if self.tokens[end - 2 : end] == self.tokens[-2:]:
                return self.tokens[end : end + room]
        return []


def chat(llama, slots, unified, flash, draft):
    prefix, requests = workload.chat()
    positions = len(prefix) + len(requests[0]) + workload.NEW_TOKENS + draft
    llama.open(slots + 1, positions, unified, flash)

    def answer():
        # The last sequence keeps the prefix.
        llama.step([(token, position, slots, False) for position, token in enumerate(prefix)])
        waiting, running, answers = list(enumerate(requests)), {}, {}
        while waiting or running:
            for sequence in range(slots):
                if sequence not in running and waiting:
                    llama_cpp.llama_memory_seq_rm(llama.memory, sequence, -1, -1)
                    llama_cpp.llama_memory_seq_cp(llama.memory, slots, sequence, -1, -1)
                    running[sequence] = Slot(*waiting.pop(0), prefix, draft)
            entries, parts = [], []
            for sequence, slot in sorted(running.items(), key=lambda pair: not pair[1].answer):
                tokens = slot.pending(BATCH - len(entries))
                isDecoding = bool(slot.answer)
                start = len(slot.tokens) - 1 if isDecoding else slot.computed
                for offset, token in enumerate(tokens):
                    entries.append((token, start + offset, sequence, isDecoding or start + offset == len(slot.tokens) - 1))
                parts.append((sequence, slot, start, tokens, len(entries) - len(tokens)))
            best = llama.step(entries)
            for sequence, slot, start, tokens, first in parts:
                if not slot.answer:
                    slot.computed = start + len(tokens)
                    if slot.computed < len(slot.tokens):
                        continue
                    first, tokens = first + len(tokens) - 1, tokens[-1:]
                    kept = slot.computed
                else:
                    kept = start + 1
                for offset in range(len(tokens)):
                    token = best[first + offset]
                    slot.answer.append(token)
                    slot.tokens.append(token)
                    if offset + 1 == len(tokens) or tokens[offset + 1] != token:
                        break
                    kept += 1
                llama_cpp.llama_memory_seq_rm(llama.memory, sequence, kept, -1)
                if len(slot.answer) == workload.NEW_TOKENS:
                    answers[slot.index] = slot.answer
                    del running[sequence]
        return [answers[index] for index in range(len(requests))]

    time, answers = timed(answer)
    llama.close()
    return len(requests) / time, workload.right(answers)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--generate", type=int, default=64)
    parser.add_argument("--batch", default="1,4,8")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--chat", action="store_true")
    parser.add_argument("--slots", type=int, default=16)
    parser.add_argument("--unified", action="store_true")
    parser.add_argument("--no-flash", action="store_true")
    parser.add_argument("--draft", type=int, default=0)
    options = parser.parse_args()
    llama = Llama(options.model, options.threads)
    common = {"engine": "llama.cpp", "model": options.model, "threads": options.threads, "load_seconds": llama.load_seconds}
    row(llama, 8, 2, 1)
    if options.chat:
        results = [chat(llama, options.slots, options.unified, not options.no_flash, options.draft) for _ in range(options.rounds)]
        show(**common, requests_per_second=max(rate for rate, _ in results), correct=min(right for _, right in results),
             slots=options.slots, unified=options.unified, draft=options.draft)
        return
    for batch in map(int, options.batch.split(",")):
        results = [row(llama, options.prompt, options.generate, batch) for _ in range(options.rounds)]
        show(**common, batch=batch, prompt=options.prompt, generate=options.generate,
             prefill_tokens_per_second=max(prefill for prefill, _ in results),
             decode_tokens_per_second=max(decode for _, decode in results))


if __name__ == "__main__":
    main()
