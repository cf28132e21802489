"""What a peer's process prints."""

import json
import time


def peak_memory():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))


def show(**row):
    print(json.dumps(row | {"peak_resident_bytes": peak_memory()}), flush=True)


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result
