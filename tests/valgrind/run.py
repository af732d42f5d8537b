"""The end-to-end tests with the engine under valgrind: run.py [PYTEST ARGUMENTS...]

Prints the table for docs/reliability.md; on standard error, each kind of error once, with how often it
came. Exits with 1 when there is any. That a test fails because the engine is slow is no error of memory.
"""

import collections
import os
import pathlib
import re
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
E2E = REPOSITORY / "tests" / "e2e"

# What cannot be as it should be when the engine is twenty times slower.
LEFT_OUT = {
    "reload_storm_test.py": "its load is 2,000 messages a second",
    "faults_test.py": "its load is 400 messages a second",
}

SUMMARY = re.compile(r"ERROR SUMMARY: (\d+) errors")
LOST = re.compile(r"definitely lost: ([\d,]+) bytes")
NUMBERS = re.compile(r"0x[0-9A-F]+|\b[\d,]+\b")


def read(log):
    """(ended, blocks that are lost in bytes, [error]) of one process."""
    text = re.sub(r"^==\d+== ?", "", log.read_text(errors="replace"), flags=re.MULTILINE)
    paragraphs = re.split(r"\n\s*\n", text)
    errors = [p for p in paragraphs if re.search(r"^\s+at 0x", p, re.MULTILINE)
              and not p.startswith("Process terminating")]  # By a signal, where it was.
    lost = LOST.search(text)
    return SUMMARY.search(text) is not None, int(lost[1].replace(",", "")) if lost else 0, errors


def run_tests(folder, arguments):
    env = {**os.environ, "ENGINE_BIN": str(HERE / "engine"), "VALGRIND_FOLDER": str(folder),
           "VALGRIND_ENGINE": os.environ["ENGINE_BIN"], "E2E_PATIENCE": "8",
           "E2E_LET_END": "1"}
    ignored = [f"--ignore={E2E / name}" for name in LEFT_OUT]
    done = subprocess.run([sys.executable, "-m", "pytest", *(arguments or [str(E2E)]), *ignored],
                          env=env, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout, file=sys.stderr)
    passed = re.search(r"(\d+) passed", done.stdout.splitlines()[-1])
    failed = re.findall(r"^(?:FAILED|ERROR) tests/e2e/(\S+)", done.stdout, re.MULTILINE)
    return int(passed[1]) if passed else 0, sorted(set(failed))


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        passed, failed = run_tests(folder, sys.argv[1:])
        found = [read(log) for log in folder.glob("*.log")]
    kinds = collections.Counter()
    examples = {}
    for _, _, errors in found:
        for error in errors:
            kind = NUMBERS.sub("N", error)
            kinds[kind] += 1
            examples.setdefault(kind, error)
    for kind, times in kinds.most_common():
        print(f"---- {times} times:\n{examples[kind]}\n", file=sys.stderr)
    lost = sum(lost for _, lost, _ in found)
    ended = sum(ended for ended, _, _ in found)
    print("| valgrind memcheck over the end-to-end tests | |\n|---|---:|\n"
          f"| tests passed | {passed} |\n"
          f"| tests failed, where a slow engine is a wrong one | {len(failed)} |\n"
          f"| engines that ran, to their end / killed by the tests | {ended} / {len(found) - ended} |\n"
          f"| kinds of errors (invalid or uninitialised memory) | {len(kinds)} |\n"
          f"| bytes definitely lost | {lost} |\n\n"
          f"Over {' '.join(map(os.path.basename, sys.argv[1:])) or 'all'}. Left out: " +
          "; ".join(f"`{name}` ({why})" for name, why in LEFT_OUT.items()) + ".")
    print("failed:", *failed, sep="\n  ", file=sys.stderr)
    if kinds or lost:
        sys.exit("valgrind: see above")


if __name__ == "__main__":
    main()
