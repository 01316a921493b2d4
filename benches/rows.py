#!/usr/bin/env python3
"""Runs the groups that NumPy can run too, and prints a line of JSON for each.

    python3 benches/rows.py [ONLY]
"""

import json
import sys
import time

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

ONLY = sys.argv[1] if len(sys.argv) > 1 else ""
ROUNDS = 41
TURN = 2_000_000


def row(group, operations, call):
    """Prints the median CPU time of an operation."""
    if ONLY not in group:
        return

    def timed(calls):
        start = time.thread_time_ns()
        for _ in range(calls):
            call()
        return time.thread_time_ns() - start

    calls = 1
    while (elapsed := timed(calls)) < TURN // 4:
        calls *= 2
    calls = max(1, calls * TURN // elapsed)
    times = sorted(timed(calls) for _ in range(ROUNDS))
    nanoseconds = times[ROUNDS // 2] / calls / operations
    print(json.dumps({"group": group, "nanoseconds": nanoseconds}), flush=True)


def copies(group, view):
    target = np.empty(view.shape, view.dtype)
    row(group, view.size, lambda: np.copyto(target, view))


def elements(count, dtype):
    return (np.arange(count) % 251).astype(dtype)


for name, dtype, sides in [
    ("f32", np.float32, [3, 4, 8, 10, 64, 256, 1000, 1024, 4000, 4096]),
    ("u8", np.uint8, [64, 1024]),
    ("u16", np.uint16, [64, 1024]),
    ("[u8; 3]", np.dtype("V3"), [64, 1024]),
    ("f64", np.float64, [64, 1024, 2048]),
    ("[f64; 2]", np.complex128, [64, 1024]),
]:
    for side in sides:
        count = side * side
        source = np.zeros(count, dtype) if dtype == np.dtype("V3") else elements(count, dtype)
        copies(f"transposed copy, {name}, {side} x {side}", source.reshape(side, side).T)

numbers = elements(256 << 14, np.float32)
copies("256 transposed squares, f32, 128 x 128", numbers.reshape(256, 128, 128).transpose(0, 2, 1))
cube = numbers[: 160**3].reshape(160, 160, 160)
copies("axes turned, f32, 160 x 160 x 160", cube.transpose(2, 0, 1))
copies("axes reversed, f32, 160 x 160 x 160", cube.T)
square = numbers[:1_000_000].reshape(1000, 1000)
copies("rows flipped, f32, 1000 x 1000", square[::-1])
copies("columns flipped, f32, 1000 x 1000", square[:, ::-1])
image = elements(1080 * 5824, np.uint8)
pixels = as_strided(image, (1080, 1920, 3), (5824, 3, 1))
copies("pixels to planes, u8, 1080p with padded rows", pixels.transpose(2, 0, 1))
copies("padding removed, u8, 1080p with padded rows", pixels)

numbers = (np.arange(1 << 24) % 8).astype(np.float32)


def sums(name, view):
    row(f"sum of f32, {name}", view.size, view.sum)


for count in [10, 1000, 4096, 100_000, 1 << 24]:
    sums(f"{count} side by side", numbers[:count])
sums("rows of 1000 with gaps", as_strided(numbers, (1000, 1000), (4096, 4)))
sums("256 x 256 x 256 transposed", numbers.reshape(256, 256, 256).T)
sparse = numbers[:1_000_000].reshape(100, 100, 100)[::2, ::3, ::4]
sums("every second, third, fourth of 100 x 100 x 100", sparse)
picture = elements(1 << 20, np.float32).reshape(1024, 1024)
windows = sliding_window_view(picture, (3, 3))
row("sums of 3 x 3 windows, f32, 1024 x 1024", 1022 * 1022, lambda: windows.sum(axis=(2, 3)))

state = 1


def below(end):
    """The generator of benches/checks.rs, so that both judge the same pairs."""
    global state
    state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % (1 << 64)
    return (state >> 33) % end


buffer = np.zeros(1 << 16, np.uint8)


def view():
    shape = (2 + below(19), 2 + below(19))
    column, gap = 1 + below(4), below(8)
    strides = (column * shape[1] + gap, column)
    return as_strided(buffer[below(2000) :], shape, strides)


pairs = [(view(), view()) for _ in range(256)]


def share():
    for one, other in pairs:
        np.shares_memory(one, other)


row("two views that may share memory", len(pairs), share)
