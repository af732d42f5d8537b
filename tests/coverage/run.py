"""Runs the instrumented unit tests, the tests of the scenes and the end-to-end tests in
build/coverage, says which lines of core and bindings they reach, and writes that into
docs/reliability.md.

build/coverage/uncovered.txt lists the lines that they do not.
"""

import collections
import json
import os
import pathlib
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build" / "coverage"
ENGINE = BUILD / "engine"
TESTS = {
    "unit tests of core": [BUILD / "tests" / "core_tests"],
    "unit tests of bindings": [BUILD / "tests" / "bindings_tests"],
    "tests of the scenes": [ENGINE, "test", REPOSITORY / "scenes"],
    "end-to-end tests": ["/usr/bin/python3", "-m", "pytest", REPOSITORY / "tests" / "e2e"],
}
# What exceptions of the standard library could do is no branch of ours.
GCOVR = ["gcovr", "--root", REPOSITORY, "--filter", "core/", "--filter", "bindings/",
         "--exclude-throw-branches", "--exclude-unreachable-branches", "-j", "2", "--json", "-", BUILD]


def run_tests():
    for left in BUILD.rglob("*.gcda"):
        left.unlink()
    for name, command in TESTS.items():
        print(f"{name} ...", flush=True)
        log = BUILD / f"{name}.log"
        with log.open("w") as out:
            done = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False,
                                  cwd=REPOSITORY, env={**os.environ, "ENGINE_BIN": str(ENGINE), "E2E_LET_END": "1"})
        if done.returncode != 0:  # The engine is slower so, and may miss a time that is tested.
            print(f"  not all of them passed: see {log}", flush=True)


# By folder: [lines, of them reached, branches, of them taken].
def count(files):
    folders = collections.defaultdict(lambda: [0, 0, 0, 0])
    uncovered = []
    for file in files:
        counts = folders[str(pathlib.PurePath(file["file"]).parent)]
        for line in file["lines"]:
            if line.get("gcovr/noncode"):
                continue
            taken = [branch["count"] > 0 for branch in line["branches"]]
            counts[0] += 1
            counts[1] += line["count"] > 0
            counts[2] += len(taken)
            counts[3] += sum(taken)
            if line["count"] == 0:
                uncovered.append(f"{file['file']}:{line['line_number']}")
    return folders, uncovered


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else ""


def row(name, counts):
    lines, reached, branches, taken = counts
    return f"| {name} | {lines:,} | {share(reached, lines)} | {share(taken, branches)} |"


def total(folders, top):
    own = [counts for name, counts in folders.items() if name.split("/")[0] in top]
    return [sum(column) for column in zip(*own)]


def table(folders):
    rows = [row(f"`{name}`", folders[name]) for name in sorted(folders)]
    rows += [row(f"**{top}**", total(folders, [top])) for top in ("core", "bindings")]
    rows.append(row("**both**", total(folders, ["core", "bindings"])))
    return "\n".join(["| folder | lines | reached | branches taken |", "|---|--:|--:|--:|", *rows])


def main():
    run_tests()
    found = subprocess.run(GCOVR, text=True, capture_output=True, check=True)
    folders, uncovered = count(json.loads(found.stdout)["files"])
    (BUILD / "uncovered.txt").write_text("\n".join(uncovered) + "\n", encoding="utf-8")
    text = table(folders)
    print(text)
    subprocess.run([sys.executable, REPOSITORY / "tests" / "reliability" / "page.py", "coverage"],
                   input=text, text=True, check=True)


if __name__ == "__main__":
    main()
