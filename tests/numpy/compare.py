"""Asks the real NumPy and this library the same questions, and compares all answers.

    cargo build --release -p strideproof-cli -p numpy-driver
    python tests/numpy/compare.py --command target/release/strideproof

Shapes, strides, offsets, contiguity, values and verdicts must be the same. Where NumPy differs from
the specification, ALLOWED says how and why; how often that was met is printed, and nothing else may
differ. Exit status: 0 if nothing else does, else 1.

The questions are made up at random from a seed. NumPy's own arithmetic wraps, so an array is never
read unless NumPy and the library both accept it.
"""

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import generate

# Keys are given by the checks of `generate.py`, each under a condition that it verifies itself.
ALLOWED = {
    "as_strided refuses nothing": (
        "as_strided takes any numbers; np.ndarray(buffer=...) refuses the same request"
    ),
    "a buffer of no bytes": (
        "np.ndarray(buffer=b'') with strides does not know the length 0 from an unknown one, and "
        "accepts items that are not there"
    ),
    "bounds that wrap": (
        "NumPy multiplies sizes and strides in 64 bits without a check; over the integers the view "
        "leaves the buffer, or stays in it where NumPy's wrapped bounds do not"
    ),
    "counted in bytes": (
        "NumPy refuses more than 2^63 - 1 bytes of nominal size; the specification counts elements"
    ),
    "strides of nothing": (
        "along an axis of at most one element, and in an empty view, no stride is ever followed; "
        "NumPy keeps or makes up other numbers there"
    ),
    "the offset of nothing": (
        "a view derived from an empty one keeps its offset; NumPy moves the pointer of an empty array"
    ),
    "whole items": (
        "strides and offsets count whole items; NumPy keeps bytes, and takes views whose other "
        "strides or offset are no multiple of the new itemsize"
    ),
}


def ask(program, questions, *arguments):
    """One JSON line for each question, in order."""
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run(
        [program, *arguments], input=lines, capture_output=True, text=True, check=False
    )
    answers = done.stdout.splitlines()
    if done.returncode != 0 or len(answers) != len(questions):
        sys.exit(f"{program} ended with {done.returncode} after {len(answers)} answers: {done.stderr}")
    return [json.loads(answer) for answer in answers]


def run(program, arguments):
    """One run of the command: its exit status and its JSON."""
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{arguments} ended with {done.returncode}: {done.stderr}")
    return done.returncode, json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--command", default="target/release/strideproof")
    parser.add_argument("--driver", help="default: numpy-driver next to the command")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--requests", type=int, default=8000, help="for each subject")
    parser.add_argument("--runs", type=int, default=150, help="of the command, for each subject")
    options = parser.parse_args()
    driver = options.driver or pathlib.Path(options.command).with_name("numpy-driver")
    began = time.monotonic()

    met, different, shown = collections.Counter(), collections.Counter(), 0
    operations = collections.Counter()
    rows = []

    def judge(subject, cases, answers):
        nonlocal shown
        verdicts = collections.Counter()
        for case, answer in zip(cases, answers, strict=True):
            for finding in case.check(answer):
                if finding in ALLOWED:
                    met[finding] += 1
                    continue
                different[subject] += 1
                shown += 1
                if shown <= 10:
                    print(f"DIFFERENT, {subject}: {finding}\n  asked {case.question}\n  got {answer}")
            verdicts[case.numpy_accepts] += 1
            operations.update(case.operations)
        rows.append((subject, len(cases), verdicts[False], different[subject]))

    for subject, make in generate.SUBJECTS.items():
        cases = make(options.seed, options.requests)
        judge(subject, cases, ask(driver, [case.question for case in cases]))

    cases = generate.checks(options.seed, options.requests)
    judge("check --jsonl", cases, ask(options.command, [case.question for case in cases], "check", "--jsonl", "-"))
    with tempfile.TemporaryDirectory() as folder:
        for subject, make in generate.COMMANDS.items():
            cases = make(options.seed, options.runs, folder)
            judge(subject, cases, [run(options.command, case.question) for case in cases])

    print(f"NumPy {generate.np.__version__}, seed {options.seed}")
    print(f"{'subject':<28}{'asked':>8}{'refused by NumPy':>18}{'different':>11}")
    for subject, asked, refused, differ in rows:
        print(f"{subject:<28}{asked:>8}{refused:>18}{differ:>11}")
    print("\nOperations in the chains, accepted and refused by NumPy:")
    for name in sorted({name for name, _ in operations}):
        print(f"{operations[name, True]:>7}{operations[name, False]:>7}  {name}")
    print("\nKnown differences, each with the times it was met:")
    for key, reason in ALLOWED.items():
        print(f"{met[key]:>7}  {key}: {reason}")
    total = sum(different.values())
    asked = sum(row[1] for row in rows)
    print(f"\n{asked} requests, {total} different, {time.monotonic() - began:.1f} s")
    sys.exit(1 if total else 0)


if __name__ == "__main__":
    main()
