"""Times cevents beside other tools at the same work, and prints a Markdown table.

    python tests/benchmarks/compare.py --peers FOLDER

FOLDER may hold ``node_modules`` (``npm install @sourcemeta/jsonschema ajv@8 ajv-formats@3``); jq is looked for on the
path, duckdb and polars beside cevents, where ``pip install -e '.[benchmark]'`` puts them. What is not there is named.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))
import family
import stream
from peers.runs import CEVENTS, runs, streams

_START = "start-up"


class Measured(NamedTuple):
    """What a run took."""

    seconds: float
    megabytes: float
    """Of the largest process."""
    cpu_seconds: float
    """Of all processes, the system's part included."""


def measure(command: list[str], modules: Path) -> Measured:
    """Run *command*, its output thrown away; what it needs of Node is in *modules*."""
    started = time.perf_counter()
    environment = os.environ | {"NODE_PATH": str(modules)}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    _, _, usage = os.wait4(process.pid, 0)
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(time.perf_counter() - started, usage.ru_maxrss / 1024, cpu)


def compare(folder: Path, events: int, tools: Path, rounds: int) -> None:
    """Run all tools alternately, *rounds* times, and print the table."""
    todo = list(runs(streams(folder, events), folder, tools))
    results: list[list[Measured]] = [[] for _ in todo]
    for _ in range(rounds):
        for run, measured in zip(todo, results, strict=True):
            if run.command:
                measured.append(measure(run.command, tools / "node_modules"))
    print("| job | tool | wall | times cevents | floor | CPU | times cevents | memory |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    first: dict[str, tuple[float, float]] = {}
    for run, measured in zip(todo, results, strict=True):
        if not measured:
            print(f"| {run.job} | {run.tool} | not installed | | | | | |")
            continue
        wall = statistics.median(one.seconds for one in measured)
        cpu = statistics.median(one.cpu_seconds for one in measured)
        of_wall, of_cpu = first.setdefault(run.job, (wall, cpu))
        memory = max(one.megabytes for one in measured)
        floor = f"{run.floor:g}{'' if wall / of_wall >= run.floor else ' MISSED'}"
        times = f"{wall / of_wall:.1f} | {floor} | {cpu:.2f} s | {cpu / of_cpu:.1f}"
        print(f"| {run.job} | {run.tool} | {wall:.2f} s | {times} | {memory:,.0f} MB |")


def odd_streams(folder: Path, events: int, rounds: int) -> None:
    """Print what streams cost in which every event is odd, beside one of valid events."""
    kinds = ("retries", *(f"every_event_{kind}" for kind in ("invalid", "faulty", "undocumented", "another")))
    files = {kind: stream.write(folder / f"{kind}-{events}.ndjson", getattr(stream, kind)(events)) for kind in kinds}
    print("| stream | validate -j 1 | times the valid one |\n| --- | ---: | ---: |")
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind, file in files.items():
            command = [*CEVENTS, "validate", "-q", "-j", "1", str(file)]
            times[kind].append(measure(command, folder).seconds)
    for kind, seconds in times.items():
        median = statistics.median(seconds)
        print(f"| {kind.replace('_', ' ')} | {median:.2f} s | {median / statistics.median(times['retries']):.1f} |")


def growth(folder: Path, megabytes: list[int]) -> None:
    """Print time and memory of each command for files of these sizes: events of all types, but no retries."""
    print(f"| size | {' | '.join(family.GROWING)} |\n| ---: |{' ---: |' * len(family.GROWING)}")
    for size in megabytes:
        file = family.mixed(folder / f"growth-{size}.ndjson", size)
        cells = []
        for arguments in family.GROWING.values():
            one = measure([*CEVENTS, *arguments, str(file)], folder)
            cells.append(f"{one.cpu_seconds:.2f} s, {one.megabytes:,.0f} MB")
        print(f"| {size:,} MB | {' | '.join(cells)} |", flush=True)
        file.unlink()


def family_table(folder: Path, megabytes: int, rounds: int) -> None:
    """Print what each command costs on each stream of the family: CPU seconds, and how many times the plain one.

    And below it the table for readers: events that one core does a second, on the best stream and on the worst, once
    the command has started.
    """
    files = family.files(folder, megabytes)
    first = stream.write(folder / "family-first.ndjson", stream.retries(1))
    taken: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for name, file in {**files, _START: first}.items():
            for command, arguments in family.COMMANDS.items():
                one = measure([*CEVENTS, *arguments, "-j", "1", str(file)], folder)
                taken.setdefault((name, command), []).append(one.cpu_seconds)
    print(f"| stream | {' | '.join(family.COMMANDS)} |\n| --- |{' ---: |' * len(family.COMMANDS)}")
    medians = {key: statistics.median(seconds) for key, seconds in taken.items()}
    for name in files:
        cells = [
            f"{medians[name, command]:.2f} ({medians[name, command] / medians['plain', command]:.1f})"
            for command in family.COMMANDS
        ]
        print(f"| {name} | {' | '.join(cells)} |")
    print("\n| events a second, one core | plain | best | worst |\n| --- | ---: | ---: | ---: |")
    events = family.events_in(megabytes)
    for command in family.COMMANDS:
        rates = {name: events / (medians[name, command] - medians[_START, command]) for name in files}
        best, worst = max(rates, key=rates.__getitem__), min(rates, key=rates.__getitem__)
        cells = [f"{rates[name]:,.0f} ({name})" for name in (best, worst)]
        print(f"| {command} | {rates['plain']:,.0f} | {' | '.join(cells)} |")


def main() -> None:
    """Read the options, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path, default=Path("peers"))
    parser.add_argument("--folder", type=Path, help="where streams are kept; else they are made again and deleted")
    parser.add_argument("--odd", action="store_true", help="streams in which every event is odd")
    parser.add_argument("--family", type=int, metavar="MB", help="a family of streams of this size")
    parser.add_argument("--growth", type=int, nargs="+", metavar="MB", help="files of these sizes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        if options.growth:
            growth(folder, options.growth)
        elif options.family:
            family_table(folder, options.family, options.rounds)
        elif options.odd:
            odd_streams(folder, options.events, options.rounds)
        else:
            compare(folder.resolve(), options.events, options.peers.resolve(), options.rounds)


if __name__ == "__main__":
    main()
