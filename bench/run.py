#!/usr/bin/python3
"""Measures what the README promises; writes docs/bench.md and the rows that the README quotes.

    bench/run.py [--quick] [--only NAME]... [--out FILE]

Each bench_<idea>.py here is a section (support.py says how one looks). A wrong answer ends the run, and
nothing is written. --only prints and writes nothing unless --out says where.
"""
import argparse
import importlib
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import support  # noqa: E402

INTRODUCTION = """\
# Figures

`make bench` writes this page. Times are medians, of a warm cache; a ratio is of two commands that took
turns in one run. A bench that gets a wrong answer ends the run, so no figure stands for work that was not
done. `bench/run.py --only NAME` runs one section.
"""


# The rows that the README quotes, by how their names begin.
QUOTED = (
    "file tool (before), 32 KB, 10,000 files",
    "file tool (after), 32 KB, 10,000 files",
    "shell tool (after), 10,000 files, against git status",
    "a turn (prompt, one edit",
    "handoff, a session of 1,000 steps",
    "blame, 10,000 lines, 1,000 versions",
    "`baton rewind`, 10 of 100,000 files",
    "store after 2,000 edits",
)
README_BEGIN, README_END = "<!-- make bench writes this -->\n", "<!-- to here -->\n"


def sections():
    found = [importlib.import_module(file.stem) for file in sorted(HERE.glob("bench_*.py"))]
    return sorted(found, key=lambda section: section.ORDER)


def table(rows):
    yield "| what | measured | target | |"
    yield "| --- | --- | --- | --- |"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def quote(rows):
    """Puts the rows named by QUOTED between the marks in the README."""
    chosen = [next(row for row in rows if row[0].startswith(name)) for name in QUOTED]
    readme = HERE.parent / "README.md"
    before, rest = readme.read_text().split(README_BEGIN)
    after = rest.split(README_END)[1]
    lines = [f"Medians on {support.machine()}:", "", *table(chosen), ""]
    readme.write_text(before + README_BEGIN + "\n".join(lines) + README_END + after)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small repositories, few rounds; no figures to quote")
    parser.add_argument("--only", action="append", metavar="NAME", help="only bench_NAME.py")
    parser.add_argument("--out", help="by default docs/bench.md if everything ran at full size")
    options = parser.parse_args()
    chosen = sections()
    if options.only:
        names = [section.__name__.removeprefix("bench_") for section in chosen]
        for name in options.only:
            if name not in names:
                sys.exit(f"bench: no bench '{name}'; there are {', '.join(names)}")
        chosen = [s for s in chosen if s.__name__.removeprefix("bench_") in options.only]

    bench = support.Bench(options.quick)
    every = []
    text = [INTRODUCTION, f"Machine: {support.machine()}.", ""]
    load = os.getloadavg()[0]
    if load > 1:
        print(f"bench: other work is going on here (load {load:.1f}); the figures are not worth much", flush=True)
        text += [f"**The machine was busy (load {load:.1f}): measure again.**", ""]
    try:
        for section in chosen:
            print(section.TITLE, flush=True)
            bench.rows = []
            section.run(bench)
            text += [f"## {section.TITLE}", "", *table(bench.rows), ""]
            every += bench.rows
    except support.WrongAnswer as wrong:
        sys.exit(f"bench: wrong answer: {wrong}")
    finally:
        bench.close()

    if bench.missed:
        text += ["## Missed targets", ""]
        text += [f"- {what}: {measured}, target {target}. {cause or 'The cause is not known.'}"
                 for what, measured, target, cause in bench.missed]
        text.append("")
    out = options.out
    if out is None and not options.only and not options.quick:
        out = HERE.parent / "docs/bench.md"
        quote(every)
    if out:
        pathlib.Path(out).write_text("\n".join(text).rstrip() + "\n")


if __name__ == "__main__":
    main()
