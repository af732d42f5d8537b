"""Runs the fuzzers that are built in build/fuzz, two side by side, and says what came of it.

run.py SECONDS [NAME...]        --page: writes the table into docs/reliability.md

New inputs gather in build/fuzz/corpus/NAME, beside those in tests/fuzz/corpus/NAME. What breaks a
fuzzer is left in build/fuzz/found and can be run again: build/fuzz/tests/fuzz/fuzz_NAME FILE.
"""

import concurrent.futures
import pathlib
import re
import resource
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SOURCES = REPOSITORY / "tests" / "fuzz"
BUILD = REPOSITORY / "build" / "fuzz"
FOUND = BUILD / "found"
SIDE_BY_SIDE = 2
LIMITS = ["-timeout=10", "-rss_limit_mb=1024", "-max_len=4096"]
# libFuzzer's weighing of rare features takes nine tenths of the time where an input has many.
MEANS = ["-entropic=0"]
STACK = 64 << 20  # Instrumented frames are several times as large as the program's.
COUNTERS = re.compile(r"#(\d+)\t.*? cov: (\d+) ft: (\d+) corp: (\d+)/(\S+)")


def names():
    return sorted(path.name.removeprefix("fuzz_")
                  for path in (BUILD / "tests" / "fuzz").glob("fuzz_*") if path.is_file())


# The first words of a fuzzer's source.
def reads(name):
    text = " ".join(line.removeprefix("// ") for line in
                    (SOURCES / f"{name}.cpp").read_text(encoding="utf-8").split("\n")[:4]
                    if line.startswith("//"))
    return re.split(r"[:;.] ", text + " ")[0]


def run(name, seconds):
    corpus = BUILD / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    FOUND.mkdir(exist_ok=True)
    log = BUILD / f"{name}.log"
    command = [BUILD / "tests" / "fuzz" / f"fuzz_{name}", *LIMITS, *MEANS, f"-max_total_time={seconds}",
               f"-artifact_prefix={FOUND}/{name}-", "-print_final_stats=1", corpus]
    seeds = SOURCES / "corpus" / name
    if seeds.is_dir():
        command.append(seeds)
    with log.open("w") as out:
        status = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, check=False).returncode
    return result_of(name, log.read_text(encoding="utf-8", errors="replace"), status)


def result_of(name, log, status):
    executed = re.search(r"stat::number_of_executed_units: (\d+)", log)
    rate = re.search(r"stat::average_exec_per_sec: +(\d+)", log)
    last = COUNTERS.findall(log)
    return {
        "name": name, "failed": status != 0, "log": log,
        "executions": int(executed.group(1)) if executed else 0,
        "rate": int(rate.group(1)) if rate else 0,
        "edges": int(last[-1][1]) if last else 0,
        "corpus": int(last[-1][3]) if last else 0,
    }


def say(result):
    print(f"{result['name']:<18}{result['executions']:>12,} executions {result['rate']:>8,}/s"
          f"{result['edges']:>7,} edges{result['corpus']:>7,} inputs   "
          f"{'FAILED' if result['failed'] else 'nothing found'}", flush=True)
    if result["failed"]:
        print(result["log"][-4000:], flush=True)


def table(results, seconds):
    lines = [f"Each ran for {seconds} s, two side by side.", "",
             "| fuzzer | what it reads | executions | a second | edges | inputs kept | found |",
             "|---|---|--:|--:|--:|--:|---|"]
    lines += [f"| {r['name']} | {reads(r['name'])} | {r['executions']:,} | {r['rate']:,} "
              f"| {r['edges']:,} | {r['corpus']:,} | {'broken' if r['failed'] else 'nothing'} |"
              for r in results]
    return "\n".join(lines)


def main(arguments):
    to_page = "--page" in arguments
    arguments = [each for each in arguments if each != "--page"]
    if not arguments or not arguments[0].isdigit():
        sys.exit(__doc__)
    seconds, chosen = int(arguments[0]), arguments[1:] or names()
    unknown = sorted(set(chosen) - set(names()))
    if unknown or not chosen:
        sys.exit(f"fuzz: there is no {', '.join(unknown) or 'fuzzer'}; there are: {' '.join(names())}")
    resource.setrlimit(resource.RLIMIT_STACK, (STACK, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    results = []
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        for result in pool.map(lambda name: run(name, seconds), chosen):
            say(result)
            results.append(result)
    bad = sum(result["failed"] for result in results)
    print(f"{len(results) - bad} passed, {bad} failed in {seconds:.1f}s each")
    if to_page:
        subprocess.run([sys.executable, REPOSITORY / "tests" / "reliability" / "page.py", "fuzz"],
                       input=table(results, seconds), text=True, check=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
