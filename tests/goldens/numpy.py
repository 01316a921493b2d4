"""Writes what NumPy prints for the views of the tests, one section a view:

    python tests/goldens/numpy.py > tests/goldens/numpy.txt

The tests read the committed output; nothing but this script needs NumPy.
"""

import os
import sys

# The script's own name would shadow the package.
sys.path.remove(os.path.dirname(os.path.abspath(__file__)))

import numpy as np
from numpy.lib.stride_tricks import as_strided


def section(name, array):
    print(f"=== {name}\n{array}")


print(f"=== made by\nNumPy {np.__version__}")

# The documents.
x = np.arange(12, dtype=np.int64)
section("overlapping rows", as_strided(x, (4, 3), (16, 16)))
section("reversed", as_strided(x[11:], (12,), (-8,)))
square = np.arange(16, dtype=np.int64).reshape(4, 4)
section("diagonal", as_strided(square, (4,), (5 * 8,)))
section("anti-diagonal", as_strided(square.ravel()[3:], (4,), (3 * 8,)))
row = as_strided(np.arange(4, dtype=np.int64), (6, 4), (0, 8))
column = as_strided(10 * np.arange(6, dtype=np.int64), (6, 4), (8, 0))
section("broadcast row", row)
section("broadcast column", column)
section("broadcast sum", row + column)
windows = as_strided(x, (3, 2, 2, 2), (24, 8, 24, 8))
section("windows", windows)
section("kernel sums", np.einsum("abij,ij->ab", windows, np.eye(2, dtype=np.int64)))
section("repeated", as_strided(np.array([2, 5], dtype=np.int64), (2, 8), (8, 0)))
lecture = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]], dtype=np.int16)
section("lecture", lecture)
section("lecture transposed", lecture.T)
section("lecture reversed", np.array([1, 2, 3, 4, 5, 6], dtype=np.int32)[::-1])
section("lecture sliced", np.arange(1000.0).reshape(10, 10, 10)[::2, ::3, ::4].astype(np.int64))
pair = np.array([[1, 3], [2, 4]], dtype=np.uint8)
section("pairs as int16, as stored", pair.view("<i2"))
section("pairs as int16, transposed copy", pair.T.copy().view("<i2"))

# The printing.
section("rank 0", np.array(-7))
section("empty", np.empty((2, 0, 3), dtype=np.int64))
section("one", np.array([5]))
section("negative", np.array([[-1, 20], [300, -4000]]))
section("rank 3", np.arange(12).reshape(2, 3, 2) - 6)
section("rank 4", np.arange(16).reshape(2, 2, 2, 2))
section("size 1 axes", np.arange(3).reshape(1, 3, 1))
section("wrapped", np.arange(60) * 7)
section("wrapped to the column", np.arange(100000, 100024))
section("wrapped rows", (np.arange(90) - 45).reshape(3, 30))
section("wrapped rank 3", np.arange(120).reshape(2, 2, 30))
section("words wider than a line", np.array([10**18, -(10**18), 1, 2, 3]).repeat(2))
section("exactly 1000", np.arange(1000).reshape(50, 20))
section("elided rank 1", np.arange(1001))
section("elided rank 2", np.arange(40 * 40).reshape(40, 40))
section("elided one way", np.arange(6 * 200).reshape(6, 200))
section("elided other way", np.arange(200 * 6).reshape(200, 6))
section("elided rank 3", np.arange(20 * 4 * 20).reshape(20, 4, 20) - 800)
section("elided and narrow", np.where(np.arange(2000) == 1000, 10**9, np.arange(2000)))
