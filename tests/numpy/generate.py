"""Requests at random, what NumPy makes of them, and what that says about an answer.

Each subject is a function of a seed and a number of requests. It returns cases: a question for the
driver or the command, and a check that yields what is wrong with the answer, or the name of a known
difference.
"""

import dataclasses
import itertools
import random
import typing

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

try:  # NumPy's own solver for one view; it is not public and may move.
    from numpy._core._multiarray_tests import internal_overlap
except ImportError:
    internal_overlap = None

REFUSALS = (ValueError, IndexError, TypeError, MemoryError)
LIMIT = 2**63 - 1
WORD = np.dtype(np.int64).itemsize


@dataclasses.dataclass
class Case:
    question: typing.Any
    check: typing.Callable[[typing.Any], typing.Iterator[str]]
    numpy_accepts: bool = True
    # Of a chain: each operation's name, and whether NumPy accepts it.
    operations: typing.Sequence = ()


def shape_of(rng, ranks=(0, 4), sizes=6, empty=0.1):
    shape = [rng.randint(1, sizes) for _ in range(rng.randint(*ranks))]
    return [0 if rng.random() < empty / max(1, len(shape)) else size for size in shape]


def followed(shape, strides):
    """The strides that an index ever follows."""
    return [] if 0 in shape else [s for size, s in zip(shape, strides) if size > 1]


def offset_of(view, base):
    return view.__array_interface__["data"][0] - base.__array_interface__["data"][0]


def reach(shape, strides):
    """How far a view with elements goes below and above its offset, over the integers."""
    ends = [(size - 1) * stride for size, stride in zip(shape, strides)]
    return sum(min(end, 0) for end in ends), sum(max(end, 0) for end in ends)


def stays(len_, itemsize, shape, strides, offset):
    """Whether a view stays in its buffer, over the integers, by its lowest and highest address."""
    if 0 in shape:
        return 0 <= offset <= len_
    below, above = reach(shape, strides)
    return offset + below >= 0 and offset + above + itemsize <= len_


# ---------------------------------------------------------------- bare numbers over a buffer


def request(rng):
    """Numbers in items near the point where a view begins to leave its buffer."""
    shape = shape_of(rng, sizes=5)
    strides = [rng.choice([0, 1, 1, 2, 3, -1, -2, rng.randint(-6, 6)]) for _ in shape]
    if rng.random() < 0.3:
        strides = [s // WORD for s in np.empty(shape, np.int64).strides]
    below, above = reach(shape, strides) if 0 not in shape else (0, 0)
    offset = max(0, -below + rng.choice([0, 0, 0, 1, 2, -1]))
    return max(0, offset + above + 1 + rng.choice([0, 0, 0, 1, 3, -1, -2])), shape, strides, offset


def over_buffer(data, itemsize, shape, strides, offset):
    """NumPy's checked constructor, or None where it refuses."""
    try:
        return np.ndarray(shape, f"V{itemsize}", buffer=data, offset=offset, strides=strides)
    except REFUSALS:
        return None


def as_strided_cases(seed, count):
    rng = random.Random(f"as_strided {seed}")
    for _ in range(count):
        len_, shape, strides, offset = request(rng)
        data = np.arange(len_, dtype=np.int64)
        in_bytes = [s * WORD for s in strides]
        checked = over_buffer(data, WORD, shape, in_bytes, offset * WORD)

        def check(
            answer, data=data, shape=shape, strides=strides, offset=offset, checked=checked,
            in_bytes=in_bytes,
        ):
            fits = stays(len(data), 1, shape, strides, offset)
            if "code" in answer:
                if checked is None or (len(data) == 0 and not fits):
                    yield "as_strided refuses nothing"
                else:
                    yield f"np.ndarray accepts: {answer['message']}"
                return
            if checked is None:
                yield "np.ndarray refuses"
                return
            view = as_strided(data[offset:], shape, in_bytes)
            if answer["shape"] != list(view.shape):
                yield f"shape {view.shape}"
            if answer["strides"] != [s // WORD for s in view.strides]:
                yield f"strides {view.strides}"
            # The slice of an empty tail is where its pointer says only if there are elements.
            if view.size and answer["offset"] * WORD != offset_of(view, data):
                yield f"offset {offset_of(view, data)}"
            if answer["values"] != view.ravel().tolist():
                yield f"values {view.ravel().tolist()}"
            if answer["contiguous"] != [view.flags.c_contiguous, view.flags.f_contiguous]:
                yield f"contiguous {view.flags}"

        question = dict(kind="as_strided", len=len_, shape=shape, strides=strides, offset=offset)
        yield Case(question, check, checked is not None)


EXTREMES = [2**31, 2**32, 2**61, 2**62, 2**63 - 1]


def byte_request(rng):
    itemsize = rng.choice([1, 2, 3, 4, 8, 16])
    len_, shape, strides, offset = request(rng)
    scale = rng.choice([itemsize, 1])
    strides = [s * scale for s in strides]
    below, above = reach(shape, strides) if 0 not in shape else (0, 0)
    offset = max(0, -below + rng.choice([0, 0, 0, 1, -1, itemsize]))
    len_ = max(0, offset + above + itemsize + rng.choice([0, 0, 0, 1, -1, 7, -itemsize]))
    if shape and rng.random() < 0.15:
        axis = rng.randrange(len(shape))
        if rng.random() < 0.5:
            strides[axis] = rng.choice([1, -1]) * (rng.choice(EXTREMES) - rng.randint(0, 2))
        else:
            shape[axis] = rng.choice(EXTREMES) - rng.randint(0, 2)
            if rng.random() < 0.7:
                strides[axis] = 0
    return itemsize, len_, shape, strides, offset


def verdict_of(answer, refused, accepted, itemsize, len_, shape, strides, offset):
    """Compares two verdicts; what is yielded explains every difference."""
    if refused != accepted:
        return
    count = 1
    for size in shape:
        count *= size
    fits = stays(len_, itemsize, shape, strides, offset) and count <= LIMIT
    wraps = any(
        not -LIMIT <= size * stride <= LIMIT for size, stride in zip(shape, strides)
    ) or any(not -LIMIT <= end <= LIMIT for end in reach(shape, strides))
    # NumPy multiplies the sizes that are not 0 even if one is.
    nominal = itemsize
    for size in shape:
        nominal *= size or 1
    if refused and len_ == 0 and not fits:
        yield "a buffer of no bytes"
    elif wraps and refused != fits:
        yield "bounds that wrap"
    elif not refused and fits and nominal > LIMIT:
        yield "counted in bytes"
    else:
        yield f"NumPy {'accepts' if accepted else 'refuses'}: {answer}"


def ndarray_cases(seed, count):
    rng = random.Random(f"ndarray {seed}")
    for _ in range(count):
        itemsize, len_, shape, strides, offset = numbers = byte_request(rng)
        data = np.resize(np.arange(251, dtype=np.uint8), len_)
        view = over_buffer(data, itemsize, shape, strides, offset)

        def check(answer, view=view, numbers=numbers):
            refused = "code" in answer
            yield from verdict_of(answer, refused, view is not None, *numbers)
            if not refused and view is not None:
                if answer["count"] != view.size:
                    yield f"count {view.size}"
                if bytes(answer["bytes"]) != (view.tobytes() if view.size < 1e6 else b""):
                    yield f"bytes {view.tobytes()}"

        if np.prod([float(size) for size in shape]) > 1e6 and view is not None:
            continue  # an accepted giant; `checks` asks for its verdict alone
        question = dict(
            kind="bytes", len=len_, itemsize=itemsize, shape=shape, strides=strides, offset=offset
        )
        yield Case(question, check, view is not None)


def checks(seed, count):
    """The verdicts of the command, without the values."""
    rng = random.Random(f"check {seed}")
    cases = []
    for _ in range(count):
        itemsize, len_, shape, strides, offset = numbers = byte_request(rng)
        data = np.zeros(len_, np.uint8)
        view = over_buffer(data, itemsize, shape, strides, offset)

        def check(answer, view=view, numbers=numbers):
            refused = answer["verdict"] != "accepted"
            yield from verdict_of(answer, refused, view is not None, *numbers)
            if not refused and view is not None:
                if answer["count"] != view.size:
                    yield f"count {view.size}"
                if answer["contiguous"] != view.flags.c_contiguous:
                    yield f"contiguous {view.flags.c_contiguous}"
                if view.size:
                    low, high = np.lib.array_utils.byte_bounds(view)
                    start = data_pointer(view) - offset_in(numbers)
                    if answer["lowest"] != low - start:
                        yield f"lowest {low - start}"
                    if answer["highest"] != high - start - numbers[0]:
                        yield f"highest {high - start - numbers[0]}"

        question = dict(
            unit="bytes", itemsize=itemsize, buffer_len=len_, shape=shape, strides=strides,
            offset=offset,
        )
        cases.append(Case(question, check, view is not None))
    return cases


def data_pointer(view):
    return view.__array_interface__["data"][0]


def offset_in(numbers):
    return numbers[4]


# ---------------------------------------------------------------- operations


def position(rng, size):
    return rng.choice([None, None, *range(-size - 2, size + 3)])


def an_operation(rng, view):
    """An operation as the command spells it, and NumPy's call."""
    rank = view.ndim
    axis = lambda: rng.randint(0, max(rank - 1, 0)) if rng.random() < 0.95 else rank
    name = rng.choice(
        "slice slice t reverse permute swap index insert squeeze diagonal windows broadcast "
        "reshape reshape".split()
    )
    if name == "windows" and not rank:
        # Windows of no axes are not spelled.
        name = "t"
    if name == "slice":
        slices = [
            (position(rng, n), position(rng, n), rng.choice([1, 1, 2, 3, -1, -2, -3, 7, -9, 0]))
            if rng.random() < 0.99
            else (2**62, None, -(2**62))
            for n in view.shape
        ]
        part = lambda number: "" if number is None else str(number)
        text = ",".join(f"{part(a)}:{part(b)}:{c}" for a, b, c in slices)
        call = lambda: view[(*(slice(*each) for each in slices), ...)]
        return f"slice {text}", call
    if name == "t":
        return "t", lambda: view.T
    if name == "reverse":
        a = axis()
        return f"reverse {a}", lambda: np.flip(view, a)
    if name == "permute":
        axes = rng.sample(range(rank), rank)
        if rank and rng.random() < 0.1:
            axes[0] = rng.randint(0, rank)
        text = "permute " + ",".join(map(str, axes))
        return text, lambda: np.transpose(view, axes)
    if name == "swap":
        a, b = axis(), axis()
        return f"swap {a},{b}", lambda: view.swapaxes(a, b)
    if name == "index":
        a = axis()
        i = rng.randint(0, view.shape[a]) if a < rank else 0

        def call():
            if a >= rank:
                raise IndexError(a)
            return view[(slice(None),) * a + (i, ...)]

        return f"index {a},{i}", call
    if name == "insert":
        a = rng.randint(0, rank) if rng.random() < 0.95 else rank + 1
        return f"insert {a}", lambda: np.expand_dims(view, a)
    if name == "squeeze":
        a = axis()
        ones = [k for k, size in enumerate(view.shape) if size == 1]
        if ones and rng.random() < 0.7:
            a = rng.choice(ones)
        # NumPy forgives axis 0 and -1 of an array that has none.
        call = lambda: view.squeeze(a) if rank else np.empty(0).squeeze(1)
        return f"squeeze {a}", call
    if name == "diagonal":
        offset, a, b = rng.randint(-5, 5), axis(), axis()
        return f"diagonal {offset},{a},{b}", lambda: view.diagonal(offset, a, b)
    if name == "windows":
        window = [rng.randint(0 if rng.random() < 0.1 else 1, min(4, n + 1)) for n in view.shape]
        steps = [rng.choice([1, 1, 1, 2, 3]) for _ in view.shape]
        listed = lambda numbers: ",".join(map(str, numbers))

        def call():
            windows = sliding_window_view(view, window)
            return windows[(*(slice(None, None, step) for step in steps), ...)]

        return f"windows {listed(window)} by {listed(steps)}", call
    if name == "broadcast":
        shape = [n if n != 1 or rng.random() < 0.3 else rng.randint(0, 3) for n in view.shape]
        shape = [rng.randint(1, 2) for _ in range(rng.randint(0, 1))] + shape
        if shape and rng.random() < 0.1:
            shape[rng.randrange(len(shape))] += 1
        if rng.random() < 0.05:
            shape = shape[1:]
    else:
        shape, rest = [], view.size
        if rest and rng.random() < 0.5:
            # Axes that are merged or split in place: mostly possible without a copy.
            shape = list(view.shape)
            at = rng.randint(0, len(shape))
            if rng.random() < 0.5 and len(shape) > 1:
                at = rng.randrange(len(shape) - 1)
                shape[at : at + 2] = [shape[at] * shape[at + 1]]
            elif at < len(shape):
                factor = rng.choice([d for d in range(1, 8) if shape[at] % d == 0])
                shape[at : at + 1] = [factor, shape[at] // factor]
        elif rest:
            for _ in range(rng.randint(0, 3)):
                factor = rng.choice([d for d in range(1, 13) if rest % d == 0])
                shape.append(factor)
                rest //= factor
            shape.append(rest)
        else:
            shape = rng.choice([[0], [3, 0], [0, 2, 2], [2]])
        if rng.random() < 0.3:
            shape.insert(rng.randint(0, len(shape)), 1)
        if shape and rng.random() < 0.1:
            shape[0] += 1
    text = f"{name} {','.join(map(str, shape))}"
    if name == "broadcast":
        return text, lambda: np.broadcast_to(view, tuple(shape))
    return text, lambda: view.reshape(shape, copy=False)


@dataclasses.dataclass
class Step:
    """What NumPy says after an operation: a refusal, or numbers in elements."""

    refusal: str | None
    before: tuple
    shape: list = ()
    strides: list = ()
    offset: int = 0
    contiguous: list = ()
    distinct_bytes: int = 0


def describe(view, base, before):
    return Step(
        None,
        before,
        list(view.shape),
        [s // WORD for s in view.strides],
        offset_of(view, base) // WORD,
        [view.flags.c_contiguous, view.flags.f_contiguous],
        len(np.unique(view)) * WORD,
    )


def a_chain(rng, most=6):
    shape = shape_of(rng)
    base = np.arange(int(np.prod(shape, dtype=int)), dtype=np.int64).reshape(shape)
    view, texts, steps = base, [], []
    while len(texts) < most:
        text, call = an_operation(rng, view)
        before = view.shape
        try:
            derived = call()
        except REFUSALS as refusal:
            steps.append(Step(str(refusal), before))
        else:
            if derived.size > 2000 or derived.ndim > 9:
                continue
            steps.append(describe(derived, base, before))
            view = derived
        texts.append(text)
        if rng.random() < 0.2:
            break
    return shape, base, view, texts, steps


def compare_step(step, got, operation):
    if step.refusal is not None:
        if "code" not in got:
            yield f"NumPy refuses {operation}: {step.refusal}"
        return
    if "code" in got:
        yield f"NumPy accepts {operation} on {step.before}: {got['message']}"
        return
    if got["shape"] != step.shape:
        yield f"shape {step.shape} after {operation}"
        return
    if got["strides"] != step.strides:
        if followed(step.shape, got["strides"]) == followed(step.shape, step.strides):
            yield "strides of nothing"
        else:
            yield f"strides {step.strides} after {operation}"
    if got["offset"] != step.offset:
        yield "the offset of nothing" if 0 in step.shape else f"offset {step.offset} after {operation}"
    for name in ("contiguous", "distinct_bytes"):
        if name in got and got[name] != getattr(step, name):
            yield f"{name} {getattr(step, name)} after {operation}"


def chain_cases(seed, count):
    rng = random.Random(f"chain {seed}")
    for _ in range(count):
        shape, _, view, chain, steps = a_chain(rng)

        def check(answer, view=view, chain=chain, steps=steps):
            if len(answer["steps"]) != len(steps):
                yield "the number of steps"
            for step, got, operation in zip(steps, answer["steps"], chain):
                yield from compare_step(step, got, operation)
            if answer["values"] != view.ravel().tolist():
                yield f"values {view.ravel().tolist()}"

        accepts = all(step.refusal is None for step in steps)
        said = [(each.split()[0], step.refusal is None) for each, step in zip(chain, steps)]
        yield Case(dict(kind="chain", shape=shape, chain=chain), check, accepts, said)


def reinterpret_cases(seed, count):
    rng = random.Random(f"reinterpret {seed}")
    for _ in range(count):
        old, new = rng.choice([1, 2, 4, 8]), rng.choice([1, 2, 4, 8])
        shape = shape_of(rng, ranks=(1, 3), sizes=8)
        base = np.resize(np.arange(251, dtype=np.uint8), 8 * max(1, int(np.prod(shape, dtype=int))) * 2)
        base = base[: base.size // old * old].view(f"u{old}")
        view = base[: int(np.prod(shape, dtype=int))].reshape(shape)
        for _ in range(rng.randint(0, 2)):
            operation = rng.randint(0, 3)
            if operation == 0:
                view = view[tuple(slice(rng.randint(0, 2), None, rng.choice([1, 1, 2, -1])) for _ in shape)]
            elif operation == 1:
                view = view.T
            elif operation == 2 and view.shape[-1] > 1:
                view = view[..., : rng.randint(1, view.shape[-1])]
            else:
                view = view[rng.randint(0, max(0, view.shape[0] - 1)) :]
        try:
            cast = view.view(f"u{new}")
        except REFUSALS:
            cast = None
        strides = [s // old for s in view.strides]
        # NumPy moves the pointer of an empty array, even out of its buffer.
        offset = offset_of(view, base) // old if view.size else 0

        def check(answer, view=view, cast=cast, base=base, old=old, new=new):
            empty = view.size == 0
            if "code" in answer:
                if cast is None:
                    return
                pieces = [s for n, s in zip(view.shape[:-1], view.strides) if n > 1]
                pieces.append(offset_of(view, base))
                if answer["code"] == "SP008" and any(piece % new for piece in pieces):
                    yield "whole items"
                else:
                    yield f"NumPy accepts: {cast.shape}, {answer['message']}"
                return
            if cast is None:
                yield "NumPy refuses"
                return
            if answer["shape"] != list(cast.shape):
                yield f"shape {cast.shape}"
            strides = [s * new for s in answer["strides"]]
            if strides != list(cast.strides):
                if followed(cast.shape, strides) == followed(cast.shape, cast.strides):
                    yield "strides of nothing"
                else:
                    yield f"strides {cast.strides}"
            if answer["offset"] * new != offset_of(cast, base):
                yield "the offset of nothing" if empty else f"offset {offset_of(cast, base)}"
            if bytes(answer["bytes"]) != cast.tobytes():
                yield f"bytes {cast.tobytes()}"

        question = {
            "kind": "reinterpret", "from": old, "to": new, "len": base.size,
            "shape": list(view.shape), "strides": strides, "offset": offset,
        }
        yield Case(question, check, cast is not None)


# ---------------------------------------------------------------- sharing


def bare(view, base):
    return dict(
        address=offset_of(view, base), shape=list(view.shape), strides=list(view.strides),
        itemsize=view.itemsize,
    )


def windowed(rng, data):
    """Some view of a buffer of bytes: any strides, any itemsize, overlapping or not."""
    while True:
        itemsize = rng.choice([1, 1, 2, 3, 4, 8])
        shape = shape_of(rng, ranks=(0, 4), sizes=5, empty=0.04)
        strides = [rng.randint(-20, 20) * rng.choice([1, itemsize]) for _ in shape]
        below, above = reach(shape, strides) if 0 not in shape else (0, 0)
        room = len(data) + below - above - itemsize
        if room >= 0:
            view = over_buffer(data, itemsize, shape, strides, rng.randint(-below, room - below))
            assert view is not None
            return view


def item_at(view, base, index):
    """The bytes of the buffer that an item takes, by NumPy's own indexing."""
    item = view[(*(slice(i, i + 1) for i in index), ...)]
    assert item.size == 1
    start = offset_of(item, base)
    return range(start, start + view.itemsize)


def sharing_check(a, b, data):
    shares, may_share = np.shares_memory(a, b), np.may_share_memory(a, b)

    def check(answer):
        if answer["shares"] != shares:
            yield f"shares_memory {shares}"
        if answer["may_share"] != may_share:
            yield f"may_share_memory {may_share}"
        if answer["shares"] and not set(item_at(a, data, answer["first"])) & set(
            item_at(b, data, answer["second"])
        ):
            yield "the two items share nothing"

    return check, bool(shares)


def shares_cases(seed, count):
    rng = random.Random(f"shares {seed}")
    for _ in range(count):
        data = np.zeros(rng.choice([40, 120, 400]), np.uint8)
        a, b = windowed(rng, data), windowed(rng, data)
        check, shares = sharing_check(a, b, data)
        yield Case(dict(kind="shares", a=bare(a, data), b=bare(b, data)), check, not shares)


def unique_cases(seed, count):
    rng = random.Random(f"unique {seed}")
    data = np.zeros(400, np.uint8)
    for _ in range(count):
        view = windowed(rng, data)
        first = data_pointer(view) - data_pointer(data)
        tuples = itertools.product(*(range(n) for n in view.shape))
        starts = sorted(first + sum(i * s for i, s in zip(index, view.strides)) for index in tuples)
        unique = all(b - a >= view.itemsize for a, b in itertools.pairwise(starts))

        def check(answer, view=view, unique=unique):
            if internal_overlap is not None and internal_overlap(view) != (not unique):
                yield "NumPy's solver and its addresses differ"
            if answer["unique"] != unique:
                yield f"unique {unique}"
            if not answer["unique"]:
                one, other = answer["first"], answer["second"]
                if one == other or not set(item_at(view, data, one)) & set(
                    item_at(view, data, other)
                ):
                    yield "the two items share nothing"

        question = dict(
            kind="unique", itemsize=view.itemsize, shape=list(view.shape),
            strides=list(view.strides),
        )
        yield Case(question, check, unique)


# ---------------------------------------------------------------- the command


def tuple_of(numbers):
    return ",".join(map(str, numbers))


def view_runs(seed, count, folder):
    """`strideproof view` on files, chains as a user types them, up to the first refusal."""
    rng = random.Random(f"view {seed}")
    cases = []
    while len(cases) < count:
        shape, base, view, texts, steps = a_chain(rng, most=4)
        refused = next((k for k, step in enumerate(steps) if step.refusal is not None), None)
        if refused is not None:
            texts, steps = texts[: refused + 1], steps[: refused + 1]
        path = f"{folder}/{len(cases)}.npy"
        np.save(path, base)
        arguments = ["view", "--npy", path, "--format", "json", " | ".join(texts)]

        def check(answer, step=steps[-1], texts=texts):
            status, got = answer
            if (status == 0) != (got["verdict"] == "accepted"):
                yield f"status {status}"
            if got["verdict"] == "accepted":
                got = dict(
                    shape=got["shape"],
                    strides=[s // WORD for s in got["strides"]],
                    offset=got["offset"] // WORD,
                )
            yield from compare_step(step, got, texts[-1])

        cases.append(Case(arguments, check, refused is None))
    return cases


def overlap_runs(seed, count, folder):
    rng = random.Random(f"overlap {seed}")
    cases = []
    for _ in range(count):
        data = np.zeros(rng.choice([40, 120, 400]), np.uint8)
        a, b = windowed(rng, data), windowed(rng, data)
        check_sharing, shares = sharing_check(a, b, data)

        def check(answer, check_sharing=check_sharing):
            status, got = answer
            if (status == 1) != (got["verdict"] == "shared"):
                yield f"status {status}"
            yield from check_sharing(
                dict(
                    shares=got["verdict"] == "shared", may_share=got["may_share_memory"],
                    first=got["first"], second=got["second"],
                )
            )

        arguments = ["overlap", "--unit", "bytes", "--format", "json", "--len", str(len(data))]
        for view, prefix in ((a, ""), (b, "other-")):
            arguments += [
                f"--{prefix}itemsize={view.itemsize}", f"--{prefix}shape={tuple_of(view.shape)}",
                f"--{prefix}strides={tuple_of(view.strides)}",
                f"--{prefix}offset={offset_of(view, data)}",
            ]
        cases.append(Case(arguments, check, not shares))
    return cases


SUBJECTS = {
    "as_strided": lambda *args: list(as_strided_cases(*args)),
    "np.ndarray(buffer=...)": lambda *args: list(ndarray_cases(*args)),
    "chains of operations": lambda *args: list(chain_cases(*args)),
    ".view(dtype)": lambda *args: list(reinterpret_cases(*args)),
    "shares_memory": lambda *args: list(shares_cases(*args)),
    "overlap within one view": lambda *args: list(unique_cases(*args)),
}

COMMANDS = {"view": view_runs, "overlap": overlap_runs}
