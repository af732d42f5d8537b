"""Runs the instrumented unit tests and the tests of the scenes in build/coverage, says which lines
of core and bindings they reach, and writes that into docs/reliability.md.

build/coverage/uncovered.txt lists the lines that they do not.
"""

import collections
import json
import pathlib
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build" / "coverage"
TESTS = [
    ["tests/core_tests"],
    ["tests/bindings_tests"],
    ["engine", "test", REPOSITORY / "scenes"],
]
# What exceptions of the standard library could do is no branch of ours.
GCOVR = ["gcovr", "--root", REPOSITORY, "--filter", "core/", "--filter", "bindings/",
         "--exclude-throw-branches", "--exclude-unreachable-branches", "-j", "2", "--json", BUILD]


def run_tests():
    for left in BUILD.rglob("*.gcda"):
        left.unlink()
    for command in TESTS:
        name = f"{command[0]} {' '.join(str(each) for each in command[1:])}"
        print(f"{name} ...", flush=True)
        with (BUILD / "tests.log").open("w") as log:
            done = subprocess.run([BUILD / command[0], *command[1:]], stdout=log,
                                  stderr=subprocess.STDOUT, check=False, cwd=REPOSITORY)
        if done.returncode != 0:
            sys.exit(f"{name} failed: see {BUILD / 'tests.log'}")


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
